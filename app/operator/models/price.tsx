import { useTranslations } from "next-intl"
import type { PriceView } from "#lib/features/models/index.ts"
import { usageUnits, type UsageUnit, tokenUnits } from "#lib/kernel/usage.ts"

/** Input and output side by side, exact; what else there is stands in the title. */
export function PricePair({ price }: { readonly price: PriceView }) {
  const t = useTranslations("models")
  const lines = unitLines(price, t)
  const { input, output } = price.units
  const [only] = lines
  return (
    <span title={lines.map(({ label, amount }) => `${label}: $${amount}`).join("\n")} className="whitespace-nowrap tabular-nums">
      {input === undefined && output === undefined ? only === undefined ? t("price.none") : t("price.only", { amount: dollars(only.amount), unit: only.label }) : t("price.pair", { input: dollars(input), output: dollars(output) })}
      {price.variants && (
        <abbr title={t("price.variants")} className="ml-0.5 no-underline">
          +
        </abbr>
      )}
    </span>
  )
}

/** Every unit of a price with its amount. */
export function PriceTable({ price }: { readonly price: PriceView }) {
  const t = useTranslations("models")
  return (
    <dl className="grid grid-cols-[auto_auto] justify-start gap-x-4 gap-y-0.5 text-xs">
      {unitLines(price, t).map(({ label, amount, per }) => (
        <div key={label} className="col-span-2 grid grid-cols-subgrid">
          <dt className="text-muted-foreground">{label}</dt>
          <dd className="text-right whitespace-nowrap tabular-nums">
            ${amount} <span className="text-muted-foreground">{per}</span>
          </dd>
        </div>
      ))}
      {price.variants && <p className="col-span-2 text-muted-foreground">{t("price.variants")}</p>}
    </dl>
  )
}

const dollars = (amount: string | undefined) => (amount === undefined ? "–" : `$${amount}`)

function unitLines(price: PriceView, t: ReturnType<typeof useTranslations<"models">>) {
  const units = usageUnits.flatMap((unit: UsageUnit) => {
    const amount = price.units[unit]
    const perMillion = (tokenUnits as readonly string[]).includes(unit)
    return amount === undefined ? [] : [{ amount, label: t(`unit.${unit}`), per: t(perMillion ? "price.perMillion" : "price.each") }]
  })
  const images = Object.entries(price.images ?? {}).map(([variant, amount]) => ({ amount, label: `${t("unit.image")} ${variant}`, per: t("price.each") }))
  return [...units, ...images]
}
