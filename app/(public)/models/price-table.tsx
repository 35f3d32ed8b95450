import { useFormatter, useTranslations } from "next-intl"
import type { ReactNode } from "react"
import { type Column, DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { CopyButton } from "#components/ui/copy-button.tsx"
import type { ListedModel, PriceSpan } from "#lib/features/price-list/index.ts"
import { type UsageUnit, usageUnits } from "#lib/kernel/usage.ts"

/** The units with a column of their own; any others stand below the model's name. */
const COLUMN_UNITS = ["input", "cacheRead", "output"] as const satisfies readonly UsageUnit[]

const otherUnits = usageUnits.filter((unit) => !(COLUMN_UNITS as readonly UsageUnit[]).includes(unit))

/** Models with their prices per million tokens. */
export function PriceTable({ models, toolbar, empty }: { readonly models: readonly ListedModel[]; readonly toolbar: ReactNode; readonly empty: ReactNode }) {
  const t = useTranslations("landing.priceList")
  const format = useFormatter()
  const tokens = (count: number | null) => (count === null ? <abbr title={t("unknown")}>{"–"}</abbr> : <span title={format.number(count)}>{format.number(count, { notation: "compact", maximumFractionDigits: 1 })}</span>)
  const columns: readonly Column<ListedModel>[] = [
    {
      id: "model",
      header: t("model"),
      cell: (model) => (
        <div className="grid gap-0.5">
          <span className="flex items-center gap-1.5">
            <span className="font-mono text-[0.8125rem] font-medium wrap-anywhere">{model.name}</span>
            <CopyButton value={model.name} name={t("copyName", { model: model.name })} className="text-muted-foreground" />
            {model.varies && (
              <Badge tone="outline" title={t("variesWhy")}>
                {t("varies")}
              </Badge>
            )}
          </span>
          <OtherPrices model={model} />
        </div>
      ),
    },
    { id: "context", header: t("context"), align: "right", wideOnly: true, cell: (model) => tokens(model.contextTokens) },
    { id: "outputMax", header: t("outputMax"), align: "right", wideOnly: true, cell: (model) => tokens(model.outputTokensMax) },
    ...COLUMN_UNITS.map((unit): Column<ListedModel> => ({ id: unit, header: t(`units.${unit}`), align: "right", wideOnly: unit === "cacheRead", cell: (model) => <Price span={model.prices[unit]} /> })),
  ]
  return <DataTable label={t("title")} columns={columns} rows={models} rowKey={(model) => model.name} empty={empty} toolbar={toolbar} />
}

function OtherPrices({ model }: { readonly model: ListedModel }) {
  const t = useTranslations("landing.priceList")
  const units = otherUnits.filter((unit) => model.prices[unit] !== undefined)
  if (units.length === 0) return null
  return (
    <ul className="flex flex-wrap gap-x-3 text-xs text-muted-foreground">
      {units.map((unit) => (
        <li key={unit}>
          {t(`units.${unit}`)} <Price span={model.prices[unit]} />
        </li>
      ))}
    </ul>
  )
}

function Price({ span }: { readonly span: PriceSpan | undefined }) {
  const t = useTranslations("landing.priceList")
  if (span === undefined) return <abbr title={t("unpriced")}>{"–"}</abbr>
  if (span.least === span.most) return <Money amount={span.least} />
  return (
    <span className="whitespace-nowrap">
      <Money amount={span.least} /> {"–"} <Money amount={span.most} />
    </span>
  )
}
