import { useTranslations } from "next-intl"
import type { ReactNode } from "react"
import { Money } from "#components/format/amount.tsx"
import type { PlanDetail } from "#lib/features/plans/index.ts"
import { draftOf } from "./plan-draft.ts"
import { PlanPrice } from "./plan-price.tsx"

const limits = ["requestsPerMinute", "tokensPerMinute", "concurrent"] as const

/** What a plan says, where a file says it. */
export function PlanTerms({ plan }: { readonly plan: PlanDetail }) {
  const t = useTranslations("plans")
  const { markup, models } = draftOf(plan)
  const lines: readonly (readonly [string, ReactNode])[] = [
    [t("form.amount"), <PlanPrice key="price" priceNanoUsd={plan.priceNanoUsd} period={plan.period} />],
    [t("form.allowance"), plan.allowanceNanoUsd === null ? t("list.none") : <Money key="allowance" amount={plan.allowanceNanoUsd} />],
    [t("form.markup"), markup === undefined ? t("list.none") : `× ${markup}`],
    [t("form.models"), models.length === 0 ? t("list.allModels") : <span key="models" className="font-mono text-xs break-all">{models.join(", ")}</span>],
    ...limits.map((name) => [t(`form.${name}`), plan[name]?.toLocaleString("en") ?? t("list.none")] as const),
  ]
  return (
    <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      {lines.map(([label, value]) => (
        <div key={label} className="grid sm:col-span-2 sm:grid-cols-subgrid">
          <dt className="text-muted-foreground">{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
