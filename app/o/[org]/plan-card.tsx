import { useLocale, useTranslations } from "next-intl"
import { readableUsd } from "#components/format/money.ts"
import { Time } from "#components/format/time.tsx"
import { LimitBar } from "#components/limit/limit-bar.tsx"
import { Card } from "#components/ui/card.tsx"
import type { SubscriptionDetail } from "#lib/features/plans/index.ts"

const limitNames = ["requestsPerMinute", "tokensPerMinute", "concurrent"] as const

/** The plan that the organization is on, and what is left of its allowance. */
export function PlanCard({ plan: { planName, allowance, periodEnd, renews, limits, models }, timeZone }: { readonly plan: SubscriptionDetail; readonly timeZone: string }) {
  const t = useTranslations("overview.plan")
  const limitText = useTranslations("plans.limit")
  const locale = useLocale()
  const end = t.rich(renews ? "renews" : "ends", { time: () => <Time value={periodEnd} timeZone={timeZone} shape="date" /> })
  const terms = [
    ...(models.length === 0 ? [] : [t("models", { count: models.length })]),
    ...limitNames.flatMap((name) => {
      const count = limits[name]
      return count === null ? [] : [limitText(name, { count })]
    }),
  ]
  return (
    <Card className="grid gap-3 px-5 py-4">
      <div className="flex items-baseline justify-between gap-3">
        <h2 className="text-sm font-semibold">{t("title")}</h2>
        <span className="truncate text-sm">{planName}</span>
      </div>
      {allowance === null ? (
        <p className="flex justify-between gap-3 text-xs text-muted-foreground">
          <span>{t("none")}</span>
          <span>{end}</span>
        </p>
      ) : (
        <div className="grid gap-1">
          <LimitBar label={t("allowance")} used={allowance.usedNanoUsd} held={allowance.heldNanoUsd} limit={allowance.givenNanoUsd} note={end} />
          <p className="text-xs text-muted-foreground">{t("left", { left: readableUsd(allowance.leftNanoUsd, locale) })}</p>
        </div>
      )}
      {terms.length > 0 && <p className="text-xs text-muted-foreground">{terms.join(" · ")}</p>}
    </Card>
  )
}
