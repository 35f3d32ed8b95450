import type { PlanDetail } from "#lib/features/plans/index.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"

/** A plan as the fields of its form begin. */
export type PlanDraft = {
  readonly name: string
  readonly amount: string
  readonly period: PlanDetail["period"]
  readonly allowance: string | undefined
  readonly markup: string | undefined
  readonly models: readonly string[]
  readonly requestsPerMinute: number | undefined
  readonly tokensPerMinute: number | undefined
  readonly concurrent: number | undefined
}

const PPM = 1_000_000

export const draftOf = (plan: PlanDetail): PlanDraft => ({
  name: plan.name,
  amount: formatUsd(plan.priceNanoUsd),
  period: plan.period,
  allowance: plan.allowanceNanoUsd === null ? undefined : formatUsd(plan.allowanceNanoUsd),
  markup: plan.markupPpm === null ? undefined : String(plan.markupPpm / PPM),
  models: plan.models,
  requestsPerMinute: plan.requestsPerMinute ?? undefined,
  tokensPerMinute: plan.tokensPerMinute ?? undefined,
  concurrent: plan.concurrent ?? undefined,
})
