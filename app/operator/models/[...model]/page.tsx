import type { Metadata } from "next"
import Link from "next/link"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { cache } from "react"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Time } from "#components/format/time.tsx"
import { Page, Section } from "#components/page.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Badge, Status } from "#components/ui/badge.tsx"
import { Button } from "#components/ui/button.tsx"
import { Card, CardContent } from "#components/ui/card.tsx"
import type { ModelDetail, PriceHistoryEntry, TargetView } from "#lib/features/models/index.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { setCost, setSell } from "../actions.ts"
import { modelOfSegments } from "../model-href.ts"
import { PricePair, PriceTable } from "../price.tsx"
import { PriceDialog } from "../price-form.tsx"
import { DescribeModelForm } from "./describe-model-form.tsx"

type Params = { readonly params: Promise<{ readonly model: readonly string[] }> }

/** Decided once for the title and the page, before a byte is sent. */
const load = cache(async (name: string): Promise<ModelDetail> => {
  const model = await container().models.get(await requireOperator(), name)
  return model.ok ? model.value : notFound()
})

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: (await load(modelOfSegments((await params).model))).name }
}

export default async function ModelPage({ params }: Params) {
  await requireOperator()
  const model = await load(modelOfSegments((await params).model))
  const t = await getTranslations("models")
  const editable = model.managedBy === null
  return (
    <Page title={<span className="font-mono text-lg break-all">{model.name}</span>} crumbs={[{ label: t("title"), href: "/operator/models" }]}>
      {model.managedBy !== null && <Alert>{t("detail.managed", { file: model.managedBy })}</Alert>}
      {model.sell === null && model.targets.length > 0 && <Alert tone="warning">{t("detail.unpriced")}</Alert>}
      <Section
        title={t("detail.sell")}
        description={t("detail.sellDescription")}
        actions={
          editable && (
            <PriceDialog kind="sell" action={setSell} model={model.name} channelId={null} title={t("detail.setSell")} price={model.sell} markup={model.markup} trigger={<Button variant="outline">{t("detail.setSell")}</Button>} />
          )
        }
      >
        <Card>
          <CardContent>
            <SellPrice model={model} />
          </CardContent>
        </Card>
      </Section>
      <Section
        title={t("detail.costs")}
        description={t("detail.costsDescription")}
        actions={
          editable && (
            <PriceDialog
              kind="cost"
              action={setCost}
              model={model.name}
              channelId={null}
              title={t("detail.setCost")}
              price={model.targets.find((target) => target.costSource === "model" || target.costSource === "catalogue")?.cost ?? null}
              markup={null}
              trigger={<Button variant="outline">{t("detail.setCost")}</Button>}
            />
          )
        }
      >
        <CostTable model={model} />
      </Section>
      {editable && (
        <Section title={t("detail.about")} description={t("detail.aboutDescription")}>
          <Card className="max-w-3xl">
            <DescribeModelForm model={model} />
          </Card>
        </Section>
      )}
      <Section title={t("detail.history")} description={t("detail.historyDescription")}>
        <HistoryTable history={model.history} />
      </Section>
    </Page>
  )
}

async function SellPrice({ model }: { readonly model: ModelDetail }) {
  const t = await getTranslations("models")
  if (model.sell === null) return <Badge tone="danger">{t("list.noPrice")}</Badge>
  if (model.markup !== null) return <p className="text-sm">{t("list.aboveCost", { factor: model.markup })}</p>
  return (
    <div className="grid gap-2">
      {model.sellSource === "cost" && <p className="text-sm text-muted-foreground">{t("source.cost")}</p>}
      <PriceTable price={model.sell} />
    </div>
  )
}

async function CostTable({ model }: { readonly model: ModelDetail }) {
  const t = await getTranslations("models")
  return (
    <DataTable<TargetView>
      label={t("detail.costs")}
      rows={model.targets}
      rowKey={(target) => target.channelId}
      empty={<CardContent className="text-sm text-muted-foreground">{t("list.notServed")}</CardContent>}
      columns={[
        {
          id: "channel",
          header: t("detail.channel"),
          cell: (target) => (
            <Link href={`/operator/channels/${target.channelId}`} className="focus-ring rounded-sm hover:underline">
              {target.channelName}
            </Link>
          ),
        },
        { id: "upstream", header: t("detail.upstream"), wideOnly: true, cell: (target) => <span className="font-mono text-xs text-muted-foreground">{target.upstream}</span> },
        { id: "price", header: t("detail.price"), cell: (target) => (target.cost === null ? <Badge tone="danger">{t("list.noPrice")}</Badge> : <PriceTable price={target.cost} />) },
        { id: "source", header: t("detail.source"), wideOnly: true, cell: (target) => target.costSource !== null && <span className="text-xs text-muted-foreground">{t(`source.${target.costSource}`)}</span> },
        {
          id: "change",
          header: <span className="sr-only">{t("detail.change")}</span>,
          align: "right",
          cell: (target) =>
            target.channelManagedBy === null && (
              <PriceDialog
                kind="cost"
                action={setCost}
                model={model.name}
                channelId={target.channelId}
                title={t("detail.setCostOf", { channel: target.channelName })}
                price={target.cost}
                markup={null}
                trigger={
                  <Button variant="ghost" size="sm" aria-label={t("detail.setCostOf", { channel: target.channelName })}>
                    {t("detail.change")}
                  </Button>
                }
              />
            ),
        },
      ]}
    />
  )
}

const stateTones = { current: "success", planned: "info", past: "neutral" } as const

async function HistoryTable({ history }: { readonly history: readonly PriceHistoryEntry[] }) {
  const t = await getTranslations("models")
  return (
    <DataTable<PriceHistoryEntry>
      label={t("detail.history")}
      rows={history}
      rowKey={(entry) => entry.id}
      empty={<CardContent className="text-sm text-muted-foreground">{t("detail.noHistory")}</CardContent>}
      columns={[
        { id: "from", header: t("detail.from"), cell: (entry) => <Time value={entry.effectiveFrom} timeZone="UTC" /> },
        {
          id: "kind",
          header: t("detail.kind"),
          cell: (entry) => (
            <span className="grid">
              {t(entry.kind === "cost" ? "detail.costKind" : "detail.sellKind")}
              {entry.channelName !== null && <span className="text-xs text-muted-foreground">{entry.channelName}</span>}
            </span>
          ),
        },
        {
          id: "price",
          header: t("detail.price"),
          align: "right",
          cell: (entry) => (entry.price !== null ? <PricePair price={entry.price} /> : entry.markup === null ? <span className="text-muted-foreground">{t("detail.ended")}</span> : t("list.aboveCost", { factor: entry.markup })),
        },
        { id: "state", header: t("detail.state"), wideOnly: true, cell: (entry) => <Status tone={stateTones[entry.state]}>{t(`detail.${entry.state}`)}</Status> },
      ]}
    />
  )
}
