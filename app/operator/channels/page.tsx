import { Cable, Plus } from "lucide-react"
import type { Metadata } from "next"
import Link from "next/link"
import { notFound } from "next/navigation"
import { getLocale, getTranslations } from "next-intl/server"
import { DataTable } from "#components/data-table/data-table.tsx"
import { NothingFound } from "#components/data-table/nothing-found.tsx"
import { SEARCH_ROWS_MIN, SearchField } from "#components/data-table/search-field.tsx"
import { Page } from "#components/page.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ChannelSummary } from "#lib/features/channels/index.ts"
import { isFound, searchOf } from "#lib/kernel/search.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { ChannelStateLabel } from "./channel-state.tsx"
import { providerName } from "./presets.ts"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("channels"))("title") }
}

const MODELS_SHOWN_MAX = 3

export default async function ChannelsPage({ searchParams }: { readonly searchParams: Promise<{ readonly q?: string | string[] }> }) {
  const operator = await requireOperator()
  const t = await getTranslations("channels")
  const locale = await getLocale()
  const channels = await container().channels.list(operator)
  if (!channels.ok) notFound()
  const search = searchOf((await searchParams).q)
  const nameOf = (providerId: string) => {
    const provider = findProvider(providerId)
    return provider === null ? providerId : providerName(provider, locale)
  }
  const rows = channels.value.filter((channel) => isFound(search, [channel.name, channel.providerId, nameOf(channel.providerId), ...channel.models.map((model) => model.name)]))
  const add = (
    <ButtonLink href="/operator/channels/new">
      <Plus aria-hidden />
      {t("new")}
    </ButtonLink>
  )
  return (
    <Page title={t("title")} description={t("description")} actions={channels.value.length > 0 && add}>
      <DataTable<ChannelSummary>
        label={t("title")}
        rows={rows}
        rowKey={(channel) => channel.id}
        toolbar={(search !== "" || rows.length >= SEARCH_ROWS_MIN) && <SearchField action="/operator/channels" value={search} label={t("search")} />}
        empty={search !== "" ? <NothingFound search={search} allHref="/operator/channels" /> : <EmptyState icon={Cable} title={t("empty.title")} description={t("empty.description")} actions={add} />}
        columns={[
          {
            id: "name",
            header: t("list.name"),
            cell: (channel) => (
              <div className="grid min-w-40 gap-0.5">
                <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <Link href={`/operator/channels/${channel.id}`} className="focus-ring rounded-sm font-medium hover:underline">
                    {channel.name}
                  </Link>
                  {channel.codingPlan && <Badge tone="info">{t("list.plan")}</Badge>}
                  {!channel.resale && <Badge tone="outline">{t("list.noResale")}</Badge>}
                  <ManagedBadge file={channel.managedBy} />
                </span>
                <span className="text-xs text-muted-foreground">{nameOf(channel.providerId)}</span>
              </div>
            ),
          },
          {
            id: "state",
            header: t("list.state"),
            cell: (channel) => (
              <div className="grid max-w-72 gap-0.5">
                <ChannelStateLabel state={channel.state} />
                {channel.state === "failing" && channel.lastError !== null && (
                  <span className="line-clamp-2 text-xs text-muted-foreground md:min-w-44" title={channel.lastError}>
                    {channel.lastError}
                  </span>
                )}
              </div>
            ),
          },
          {
            id: "models",
            header: t("list.models"),
            wideOnly: true,
            cell: ({ models }) => (
              <span className="text-xs text-muted-foreground" title={models.map((model) => model.name).join(", ")}>
                <span className="tabular-nums text-foreground">{models.length}</span>
                {" · "}
                {models
                  .slice(0, MODELS_SHOWN_MAX)
                  .map((model) => model.name)
                  .join(", ")}
                {models.length > MODELS_SHOWN_MAX && " …"}
              </span>
            ),
          },
          { id: "priority", header: t("list.priority"), align: "right", cell: (channel) => channel.priority },
          { id: "weight", header: t("list.weight"), align: "right", wideOnly: true, cell: (channel) => channel.weight },
        ]}
      />
    </Page>
  )
}
