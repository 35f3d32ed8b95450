import { Building2 } from "lucide-react"
import type { Metadata } from "next"
import Link from "next/link"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { NothingFound } from "#components/data-table/nothing-found.tsx"
import { SEARCH_ROWS_MIN, SearchField } from "#components/data-table/search-field.tsx"
import { Page } from "#components/page.tsx"
import { Status } from "#components/ui/badge.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import { ORGANIZATIONS_PER_PAGE, type OrganizationSummary } from "#lib/features/organizations/index.ts"
import { isId } from "#lib/kernel/ids.ts"
import { searchOf } from "#lib/kernel/search.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { timeZones } from "#lib/server/time-zones.ts"
import { CreateOrganizationDialog } from "./create-organization-dialog.tsx"
import { OrganizationMenu } from "./organization-menu.tsx"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("organizations"))("title") }
}

type Params = { readonly searchParams: Promise<{ readonly after?: string | string[]; readonly q?: string | string[] }> }

export default async function OrganizationsPage({ searchParams }: Params) {
  const operator = await requireOperator()
  const { after, q } = await searchParams
  const search = searchOf(q)
  const cursor = typeof after === "string" && isId("organization", after) ? after : null
  const t = await getTranslations("organizations")
  const organizations = await container().organizations.listAll(operator, cursor, search)
  if (!organizations.ok) notFound()
  const rows = organizations.value
  const last = rows.at(-1)
  const href = (query: Readonly<Record<string, string>>) => `/operator/organizations?${new URLSearchParams({ ...(search !== "" && { q: search }), ...query })}`.replace(/\?$/, "")
  return (
    <Page title={t("title")} description={t("description")} actions={<CreateOrganizationDialog timeZones={timeZones()} />}>
      <DataTable<OrganizationSummary>
        label={t("title")}
        rows={rows}
        rowKey={(organization) => organization.id}
        toolbar={(search !== "" || cursor !== null || rows.length >= SEARCH_ROWS_MIN) && <SearchField action="/operator/organizations" value={search} label={t("search")} />}
        empty={search !== "" ? <NothingFound search={search} allHref="/operator/organizations" /> : <EmptyState icon={Building2} title={t("empty.title")} description={t("empty.description")} />}
        firstHref={cursor === null ? null : href({})}
        nextHref={last !== undefined && rows.length === ORGANIZATIONS_PER_PAGE ? href({ after: last.id }) : null}
        columns={[
          {
            id: "name",
            header: t("list.name"),
            cell: (organization) => (
              <div className="grid gap-0.5">
                <span className="flex flex-wrap items-center gap-2 font-medium">
                  <Link href={`/operator/organizations/${organization.id}`} className="focus-ring rounded-sm hover:underline">
                    {organization.name}
                  </Link>
                  <ManagedBadge file={organization.managedBy} />
                </span>
                <span className="text-xs wrap-anywhere text-muted-foreground">
                  {organization.slug}
                  <span className="md:hidden">
                    {" · "}
                    {t(`kinds.${organization.kind}`)}
                    {organization.disabledAt !== null && ` · ${t("list.disabled")}`}
                  </span>
                </span>
              </div>
            ),
          },
          { id: "kind", header: t("list.kind"), wideOnly: true, cell: (organization) => t(`kinds.${organization.kind}`) },
          {
            id: "wallet",
            header: t("list.wallet"),
            align: "right",
            wideOnly: true,
            cell: ({ walletNanoUsd }) => (walletNanoUsd === null ? <span className="text-muted-foreground">{t("list.noWallet")}</span> : <Money amount={walletNanoUsd} />),
          },
          { id: "spent", header: t("list.spent"), align: "right", cell: ({ spentNanoUsd }) => <Money amount={spentNanoUsd} /> },
          { id: "members", header: t("list.members"), align: "right", wideOnly: true, cell: (organization) => organization.members },
          { id: "keys", header: t("list.keys"), align: "right", wideOnly: true, cell: (organization) => organization.keys },
          {
            id: "state",
            header: t("list.state"),
            wideOnly: true,
            cell: ({ disabledAt }) => <Status tone={disabledAt === null ? "success" : "neutral"}>{t(disabledAt === null ? "list.active" : "list.disabled")}</Status>,
          },
          {
            id: "actions",
            header: <span className="sr-only">{t("list.name")}</span>,
            align: "right",
            cell: ({ id, name, kind, disabledAt, managedBy }) => <OrganizationMenu organization={{ id, name, kind, disabled: disabledAt !== null, managed: managedBy !== null }} />,
          },
        ]}
      />
    </Page>
  )
}
