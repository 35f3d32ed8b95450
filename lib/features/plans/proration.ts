import type { PeriodBounds, PlanPeriod } from "./periods.ts"

/** What a plan gives and costs for a whole period. */
export type PlanTerms = { readonly period: PlanPeriod; readonly allowanceNanoUsd: bigint; readonly priceNanoUsd: bigint }

/** What a change of plan does to the period in which it happens. */
export type Proration = {
  /** True: the period goes on with the new plan. False: the old plan ends now, and what follows is a period of its own. */
  readonly continues: boolean
  /** Allowance to be given for the rest of the period; negative: to be taken back, as far as it is not used. */
  readonly allowanceNanoUsd: bigint
  /** To be collected for the rest of the period; negative: a credit, if all of the allowance can be taken back (`dueOf`). */
  readonly dueNanoUsd: bigint
}

/**
 * The rule (docs/money.md). The rest of the period, to the millisecond, is given back at the old plan's rate and taken at the new one's:
 * `(new − old) × rest / whole`, for the allowance and for the price alike. A new plan of another length does not continue the period: of
 * it only the giving back is here. `to` null: no plan follows. What does not divide is rounded in the customer's favour.
 */
export function prorate(from: PlanTerms, { startMs, endMs }: PeriodBounds, to: PlanTerms | null, atMs: number): Proration {
  const continues = to !== null && to.period === from.period
  const rest = BigInt(Math.min(Math.max(endMs - atMs, 0), endMs - startMs))
  const whole = BigInt(endMs - startMs)
  const allowance = (continues ? to.allowanceNanoUsd : 0n) - from.allowanceNanoUsd
  const price = (continues ? to.priceNanoUsd : 0n) - from.priceNanoUsd
  return { continues, allowanceNanoUsd: -floorDivide(-allowance * rest, whole), dueNanoUsd: floorDivide(price * rest, whole) }
}

/**
 * What is due in the end. A credit is given for the share of the allowance that could be taken back: whoever has used all of it gets none,
 * so that nobody takes a plan, uses its allowance and gives it back.
 */
export function dueOf({ allowanceNanoUsd, dueNanoUsd }: Proration, takenNanoUsd: bigint): bigint {
  if (dueNanoUsd >= 0n || allowanceNanoUsd >= 0n) return dueNanoUsd
  return floorDivide(dueNanoUsd * takenNanoUsd, -allowanceNanoUsd)
}

/** Toward minus infinity; `divisor` is positive. */
function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}
