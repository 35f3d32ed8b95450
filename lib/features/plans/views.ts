import type { OwnPriceView } from "#lib/features/models/index.ts"
import type { Credit } from "#lib/features/usage/index.ts"
import { periodsBetween } from "./periods.ts"
import type { PlanRow, SubscriptionFound } from "./repository.ts"
import { anchorOfNext } from "./subscribing.ts"

export type PlanSummary = PlanRow & { readonly subscribers: number }
export type PlanDetail = PlanRow & { readonly prices: readonly OwnPriceView[] }

/** What everybody of an organization may know of its plan. */
export type SubscriptionDetail = {
  readonly planId: string
  readonly planName: string
  readonly priceNanoUsd: bigint
  readonly period: PlanRow["period"]
  readonly periodStart: Date
  readonly periodEnd: Date
  readonly renews: boolean
  /** What each period after this one will be given, by the plan as it is now; null: nothing, or there is no other period. */
  readonly renewal: { readonly allowanceNanoUsd: bigint; readonly period: PlanRow["period"]; readonly anchorAt: Date } | null
  readonly managedBy: string | null
  /** Null: the plan has none. What calls hold is held of the allowance first, as it is used first. */
  readonly allowance: { readonly givenNanoUsd: bigint; readonly usedNanoUsd: bigint; readonly heldNanoUsd: bigint; readonly leftNanoUsd: bigint } | null
  /** Empty: all. */
  readonly models: readonly string[]
  readonly limits: Pick<PlanRow, "requestsPerMinute" | "tokensPerMinute" | "concurrent">
}

export function viewSubscription({ subscription, plan, givenNanoUsd, leftNanoUsd, leasedNanoUsd }: SubscriptionFound): SubscriptionDetail {
  const heldNanoUsd = leasedNanoUsd < leftNanoUsd ? leasedNanoUsd : leftNanoUsd
  const allowance = { givenNanoUsd, usedNanoUsd: givenNanoUsd - leftNanoUsd, heldNanoUsd, leftNanoUsd: leftNanoUsd - heldNanoUsd }
  const { requestsPerMinute, tokensPerMinute, concurrent, models } = plan
  return {
    planId: plan.id,
    planName: plan.name,
    priceNanoUsd: subscription.priceNanoUsd,
    period: subscription.period,
    periodStart: subscription.periodStart,
    periodEnd: subscription.periodEnd,
    renews: subscription.renews,
    renewal: subscription.renews && plan.allowanceNanoUsd !== null ? { allowanceNanoUsd: plan.allowanceNanoUsd, period: plan.period, anchorAt: anchorOfNext(subscription, plan) } : null,
    managedBy: subscription.managedBy,
    allowance: givenNanoUsd > 0n ? allowance : null,
    models,
    limits: { requestsPerMinute, tokensPerMinute, concurrent },
  }
}

/** The allowances that a subscription's next periods will be given until a moment, each for its own time, as far as one can know today. */
export function allowancesAhead({ renewal, periodEnd }: SubscriptionDetail, timeZone: string, untilMs: number): readonly Credit[] {
  if (renewal === null) return []
  const { allowanceNanoUsd, period, anchorAt } = renewal
  return periodsBetween({ anchorMs: anchorAt.getTime(), period, timeZone }, periodEnd.getTime(), untilMs).map(({ startMs, endMs }) => ({ remaining: allowanceNanoUsd, startsAtMs: startMs, endsAtMs: endMs }))
}
