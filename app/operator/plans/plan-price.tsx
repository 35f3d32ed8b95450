import { useLocale, useTranslations } from "next-intl"
import { exactUsd, readableUsd } from "#components/format/money.ts"
import type { PlanPeriod } from "#lib/features/plans/index.ts"

/** What a plan costs, and for how long. */
export function PlanPrice({ priceNanoUsd, period }: { readonly priceNanoUsd: bigint; readonly period: PlanPeriod }) {
  const t = useTranslations("plans")
  const locale = useLocale()
  return (
    <span title={exactUsd(priceNanoUsd, locale)} className="whitespace-nowrap tabular-nums">
      {priceNanoUsd === 0n ? t("free") : t("per", { amount: readableUsd(priceNanoUsd, locale), period })}
    </span>
  )
}
