import type { OwnPriceView } from "#lib/features/models/index.ts"
import type { PlanRow, SubscriptionFound } from "./repository.ts"

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
    managedBy: subscription.managedBy,
    allowance: givenNanoUsd > 0n ? allowance : null,
    models,
    limits: { requestsPerMinute, tokensPerMinute, concurrent },
  }
}
