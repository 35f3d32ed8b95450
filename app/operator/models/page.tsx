import { Boxes, Plus } from "lucide-react"
import type { Metadata } from "next"
import Link from "next/link"
import { notFound } from "next/navigation"
import { getFormatter, getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { DataTable } from "#components/data-table/data-table.tsx"
import { NothingFound } from "#components/data-table/nothing-found.tsx"
import { SEARCH_ROWS_MIN, SearchField } from "#components/data-table/search-field.tsx"
import { Page } from "#components/page.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import { SegmentedLinks } from "#components/ui/segmented.tsx"
import type { ModelSummary } from "#lib/features/models/index.ts"
import { isFound, searchOf } from "#lib/kernel/search.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { modelHref } from "./model-href.ts"
import { PricePair } from "./price.tsx"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("models"))("title") }
}

type Props = { readonly searchParams: Promise<{ readonly q?: string | string[]; readonly price?: string | string[] }> }

const PATH = "/operator/models"

export default async function ModelsPage({ searchParams }: Props) {
  const operator = await requireOperator()
  const t = await getTranslations("models")
  const format = await getFormatter()
  const models = await container().models.list(operator)
  if (!models.ok) notFound()
  const { q, price } = await searchParams
  const search = searchOf(q)
  const unpriced = models.value.filter(isUnpriced)
  const onlyUnpriced = price === "none"
  const rows = (onlyUnpriced ? unpriced : models.value).filter((model) => isFound(search, [model.name, ...model.targets.map((target) => target.channelName)]))
  const kept: Readonly<Record<string, string>> = search === "" ? {} : { q: search }
  const add = (
    <ButtonLink href="/operator/channels/new">
      <Plus aria-hidden />
      {t("empty.action")}
    </ButtonLink>
  )
  return (
    <Page title={t("title")} description={t("description")}>
      <DataTable<ModelSummary>
        label={t("title")}
        rows={rows}
        rowKey={(model) => model.name}
        toolbar={
          (models.value.length >= SEARCH_ROWS_MIN || search !== "" || onlyUnpriced) && (
            <>
              <SegmentedLinks
                label={t("filter.label")}
                segments={[
                  { label: t("filter.all"), href: `${PATH}?${new URLSearchParams(kept)}`.replace(/\?$/, ""), current: !onlyUnpriced },
                  { label: t("filter.unpriced", { count: unpriced.length }), href: `${PATH}?${new URLSearchParams({ ...kept, price: "none" })}`, current: onlyUnpriced },
                ]}
              />
              <SearchField action={PATH} value={search} label={t("search")} keep={onlyUnpriced ? { price: "none" } : {}} />
            </>
          )
        }
        empty={<NoModels search={search} onlyUnpriced={onlyUnpriced} add={add} />}
        columns={[
          {
            id: "model",
            header: t("list.model"),
            cell: (model) => (
              <div className="grid gap-1">
                <Link href={modelHref(model.name)} className="focus-ring w-fit rounded-sm font-mono text-xs font-medium break-all hover:underline">
                  {model.name}
                </Link>
                <span className="flex flex-wrap gap-1 empty:hidden">
                  {!model.enabled && <Badge>{t("list.disabled")}</Badge>}
                  {model.nextChangeAt !== null && <Badge tone="info">{t("list.planned", { date: format.dateTime(new Date(model.nextChangeAt), { dateStyle: "medium", timeZone: "UTC" }) })}</Badge>}
                  <ManagedBadge file={model.managedBy} />
                </span>
              </div>
            ),
          },
          {
            id: "channels",
            header: t("list.channels"),
            wideOnly: true,
            cell: ({ targets }) =>
              targets.length === 0 ? <span className="text-muted-foreground">{t("list.notServed")}</span> : <span className="text-xs text-muted-foreground">{targets.map((target) => target.channelName).join(", ")}</span>,
          },
          {
            id: "cost",
            header: t("list.cost"),
            align: "right",
            wideOnly: true,
            cell: ({ targets }) => {
              const cost = targets.find((target) => target.cost !== null)?.cost
              return cost === undefined || cost === null ? <span className="text-muted-foreground">–</span> : <PricePair price={cost} />
            },
          },
          {
            id: "sell",
            header: t("list.sell"),
            align: "right",
            cell: (model) => <SellPrice model={model} />,
          },
          {
            id: "source",
            header: t("list.source"),
            wideOnly: true,
            cell: ({ targets }) => {
              const source = targets.find((target) => target.costSource !== null)?.costSource
              return source === undefined || source === null ? null : <span className="text-xs text-muted-foreground">{t(`source.${source}`)}</span>
            },
          },
        ]}
      />
    </Page>
  )
}

/** Calls of it are refused, because nobody said what it costs. */
const isUnpriced = (model: ModelSummary): boolean => model.sell === null && model.targets.length > 0

async function NoModels({ search, onlyUnpriced, add }: { readonly search: string; readonly onlyUnpriced: boolean; readonly add: ReactNode }) {
  const t = await getTranslations("models.empty")
  if (search !== "") return <NothingFound search={search} allHref={PATH} />
  if (onlyUnpriced) return <EmptyState icon={Boxes} title={t("pricedTitle")} description={t("pricedDescription")} />
  return <EmptyState icon={Boxes} title={t("title")} description={t("description")} actions={add} />
}

async function SellPrice({ model }: { readonly model: ModelSummary }) {
  const t = await getTranslations("models")
  if (model.sell === null) {
    return (
      <Badge tone="danger" title={t("list.refused")}>
        {t("list.noPrice")}
      </Badge>
    )
  }
  if (model.markup !== null) return <span className="whitespace-nowrap">{t("list.aboveCost", { factor: model.markup })}</span>
  return model.sellSource === "cost" ? <span className="text-muted-foreground">{t("source.cost")}</span> : <PricePair price={model.sell} />
}
