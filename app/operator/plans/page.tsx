import { PackageOpen, Plus } from "lucide-react"
import type { Metadata } from "next"
import Link from "next/link"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Page } from "#components/page.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import type { PlanSummary } from "#lib/features/plans/index.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { PlanPrice } from "./plan-price.tsx"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("plans"))("title") }
}

export default async function PlansPage() {
  const operator = await requireOperator()
  const [t, plans] = await Promise.all([getTranslations("plans"), container().plans.list(operator)])
  if (!plans.ok) notFound()
  const add = (
    <ButtonLink href="/operator/plans/new">
      <Plus aria-hidden />
      {t("new")}
    </ButtonLink>
  )
  const muted = (text: string) => <span className="text-muted-foreground">{text}</span>
  return (
    <Page title={t("title")} description={t("description")} actions={plans.value.length > 0 && add}>
      <DataTable<PlanSummary>
        label={t("title")}
        rows={plans.value}
        rowKey={(plan) => plan.id}
        empty={<EmptyState icon={PackageOpen} title={t("empty.title")} description={t("empty.description")} actions={add} />}
        columns={[
          {
            id: "name",
            header: t("list.name"),
            cell: ({ id, name, managedBy, archivedAt }) => (
              <span className="flex flex-wrap items-center gap-2 font-medium">
                <Link href={`/operator/plans/${id}`} className="focus-ring rounded-sm hover:underline">
                  {name}
                </Link>
                {archivedAt !== null && <Badge>{t("list.archived")}</Badge>}
                <ManagedBadge file={managedBy} />
              </span>
            ),
          },
          { id: "price", header: t("list.price"), align: "right", cell: (plan) => <PlanPrice priceNanoUsd={plan.priceNanoUsd} period={plan.period} /> },
          {
            id: "allowance",
            header: t("list.allowance"),
            align: "right",
            wideOnly: true,
            cell: ({ allowanceNanoUsd }) => (allowanceNanoUsd === null ? muted(t("list.none")) : <Money amount={allowanceNanoUsd} />),
          },
          { id: "models", header: t("list.models"), wideOnly: true, cell: ({ models }) => (models.length === 0 ? muted(t("list.allModels")) : t("list.modelCount", { count: models.length })) },
          { id: "subscribers", header: t("list.subscribers"), align: "right", cell: ({ subscribers }) => subscribers },
        ]}
      />
    </Page>
  )
}
