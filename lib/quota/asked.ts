import { freeOf, grantable, type LeaseWindow } from "./lease-window.ts"
import type { Hold, HoldAmounts, QuotaDefinition, Refusal } from "./types.ts"

/** One quota of a request: what it asks of which window. */
export type Asked = {
  readonly definition: QuotaDefinition
  readonly window: LeaseWindow
  readonly worst: bigint
  readonly minimum: bigint
  /** A share will do where the worst case is more. */
  readonly fair: boolean
}

/** What may be held of it now: nothing of a lease past its deadline, nor of one whose limit somebody has changed. */
export const spendable = ({ window, definition }: Asked, now: number): bigint =>
  window.validUntil > now && window.definitionLimit === definition.limit ? freeOf(window) : 0n

/** What a request asks of each of its quotas; `windows` in the order of `quotas`. */
export function askedOf(quotas: readonly QuotaDefinition[], windows: readonly LeaseWindow[], amounts: HoldAmounts): readonly Asked[] {
  const asked: Asked[] = []
  for (let i = 0; i < quotas.length; i++) {
    const definition = quotas[i] as QuotaDefinition
    const amount = amounts[definition.unit]
    if (amount !== undefined) asked.push({ definition, window: windows[i] as LeaseWindow, worst: amount.worst, minimum: smallest(amount.minimum, amount.worst), fair: true })
  }
  return asked
}

/** What a running request asks beyond what it holds; `amounts` are totals. The definitions are as this process last asked with them. */
export function askedBeyond({ parts }: Hold, windows: readonly LeaseWindow[], amounts: HoldAmounts, fair: boolean): readonly Asked[] {
  const asked: Asked[] = []
  parts.forEach(({ quota, amount: held }, i) => {
    const amount = amounts[quota.unit]
    if (amount === undefined) return
    const window = windows[i] as LeaseWindow
    const worst = largest(amount.worst - held, 0n)
    asked.push({ definition: { ...quota, limit: window.definitionLimit }, window, worst, minimum: smallest(largest(amount.minimum - held, 0n), worst), fair })
  })
  return asked
}

/**
 * What a request is to get of a quota: the worst case, or its fair share of what is available where that is less, so that those who
 * come after it find some too (DESIGN.md, "How much to hold").
 */
export function fairAmount({ window, worst, minimum, fair }: Asked, free: bigint): bigint {
  if (worst <= minimum || !fair) return worst
  const sharers = BigInt(2 + window.holds)
  if (worst * sharers <= free) return worst
  const share = (free + grantable(window)) / sharers
  return worst <= share ? worst : largest(minimum, share)
}

/** Why the request may not start: this quota is short, with its figures as the database last gave them. */
export function refusal({ definition, window, minimum }: Asked): Refusal {
  const { answer } = window
  return {
    ok: false,
    reason: window.failed ? "unavailable" : "exhausted",
    quota: answer === null ? definition : { ...definition, limit: answer.limit },
    used: (answer?.used ?? 0n) + window.settled,
    held: largest((answer?.leased ?? 0n) - window.settled, 0n),
    asked: minimum,
    resetsAt: window.endMs,
  }
}

export const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b)
export const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
