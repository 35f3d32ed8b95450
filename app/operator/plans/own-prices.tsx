import { Tags } from "lucide-react"
import { useTranslations } from "next-intl"
import { PricePair } from "#app/operator/models/price.tsx"
import { type Buyer, PriceDialog } from "#app/operator/models/price-form.tsx"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Section } from "#components/page.tsx"
import { Button } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import type { OwnPriceView } from "#lib/features/models/index.ts"
import { setOwnPrice } from "./actions.ts"

type OwnPricesProps = {
  readonly buyer: Buyer
  readonly prices: readonly OwnPriceView[]
  /** Names to choose from. */
  readonly models: readonly string[]
  readonly editable: boolean
}

/** What one buyer pays for single models: whoever is on a plan, or one organization. */
export function OwnPrices({ buyer, prices, models, editable }: OwnPricesProps) {
  const t = useTranslations("plans.own")
  const list = useTranslations("models.list")
  const dialog = { kind: "sell", action: setOwnPrice, channelId: null, title: t("titleOf"), buyer } as const
  const add = editable && <PriceDialog {...dialog} model={null} models={models} price={null} markup={null} trigger={<Button variant="outline">{t("add")}</Button>} />
  return (
    <Section title={t("title")} description={t("planId" in buyer ? "planHint" : "organizationHint")} actions={prices.length > 0 && add}>
      <DataTable<OwnPriceView>
        label={t("title")}
        rows={prices}
        rowKey={({ model }) => model}
        empty={<EmptyState icon={Tags} title={t("emptyTitle")} description={t("emptyDescription")} actions={add} className="py-8" />}
        columns={[
          { id: "model", header: t("model"), cell: ({ model }) => <span className="font-mono text-xs font-medium break-all">{model}</span> },
          {
            id: "price",
            header: t("price"),
            align: "right",
            cell: ({ price, markup }) => (price === null ? <span className="whitespace-nowrap">{list("aboveCost", { factor: markup ?? "1" })}</span> : <PricePair price={price} />),
          },
          {
            id: "change",
            header: <span className="sr-only">{t("change")}</span>,
            align: "right",
            cell: ({ model, price, markup }) =>
              editable && (
                <PriceDialog
                  {...dialog}
                  model={model}
                  price={price}
                  markup={markup}
                  trigger={
                    <Button variant="ghost" size="sm" aria-label={t("changeOf", { model })}>
                      {t("change")}
                    </Button>
                  }
                />
              ),
          },
        ]}
      />
    </Section>
  )
}
