import { PackageOpen } from "lucide-react"
import { useTranslations } from "next-intl"
import Link from "next/link"
import { PlanPrice } from "#app/operator/plans/plan-price.tsx"
import { Time } from "#components/format/time.tsx"
import { LimitBar } from "#components/limit/limit-bar.tsx"
import { Section } from "#components/page.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Card } from "#components/ui/card.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import type { PlanSummary, SubscriptionDetail, SubscriptionEventView } from "#lib/features/plans/index.ts"
import { PlanActions } from "./plan-actions.tsx"
import { PlanEventsTable } from "./plan-events-table.tsx"

type PlanSectionProps = {
  readonly organizationId: string
  readonly name: string
  /** Null: on no plan. */
  readonly subscription: SubscriptionDetail | null
  readonly events: readonly SubscriptionEventView[]
  readonly plans: readonly PlanSummary[]
  readonly timeZone: string
}

/** The plan that an organization is on, what of its allowance is used, and what became of it. */
export function PlanSection({ organizationId, name, subscription, events, plans, timeZone }: PlanSectionProps) {
  const t = useTranslations("plans.subscription")
  const managedBy = subscription?.managedBy ?? null
  const choices = plans.filter((plan) => plan.archivedAt === null && plan.id !== subscription?.planId).map((plan) => ({ id: plan.id, name: plan.name }))
  const actions = managedBy === null && <PlanActions organizationId={organizationId} name={name} choices={choices} timeZone={timeZone} isOn={subscription !== null} isLeaving={subscription?.renews === false} />
  return (
    <Section title={t("title")} description={t("hint")} actions={subscription !== null && actions}>
      {managedBy !== null && <Alert>{t("managed", { file: managedBy })}</Alert>}
      <Card>
        {subscription === null ? <EmptyState icon={PackageOpen} title={t("none")} description={t("noneHint")} actions={actions} className="py-8" /> : <Present subscription={subscription} timeZone={timeZone} />}
      </Card>
      {events.length > 0 && <PlanEventsTable events={events} timeZone={timeZone} />}
    </Section>
  )
}

function Present({ subscription: { planId, planName, priceNanoUsd, period, periodEnd, renews, allowance }, timeZone }: { readonly subscription: SubscriptionDetail; readonly timeZone: string }) {
  const t = useTranslations("plans.subscription")
  const end = t.rich(renews ? "renews" : "ends", { time: () => <Time value={periodEnd} timeZone={timeZone} /> })
  return (
    <div className="grid gap-4 px-5 py-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <Link href={`/operator/plans/${planId}`} className="focus-ring rounded-sm text-lg font-semibold tracking-tight hover:underline">
          {planName}
        </Link>
        <span className="text-sm text-muted-foreground">
          <PlanPrice priceNanoUsd={priceNanoUsd} period={period} />
        </span>
      </div>
      {allowance === null ? <p className="text-xs text-muted-foreground">{end}</p> : <LimitBar label={t("allowance")} used={allowance.usedNanoUsd} held={allowance.heldNanoUsd} limit={allowance.givenNanoUsd} note={end} />}
    </div>
  )
}
