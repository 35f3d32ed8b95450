import { freeOf, type LeaseWindow } from "./lease-window.ts"
import type { Hold, HoldAmounts, QuotaDefinition, QuotaUnit, Refusal } from "./types.ts"

/** One quota of a request: what it asks of which window. */
export type Asked = {
  readonly definition: QuotaDefinition
  readonly window: LeaseWindow
  readonly worst: bigint
  readonly minimum: bigint
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
    if (amount !== undefined) asked.push({ definition, window: windows[i] as LeaseWindow, worst: amount.worst, minimum: smallest(amount.minimum, amount.worst) })
  }
  return asked
}

/** Each unit's worst case, for the units that are limited. */
export function worstAmounts(asked: readonly Asked[], amounts: HoldAmounts): Hold["granted"] {
  const granted: { [U in QuotaUnit]?: bigint } = {}
  for (const { definition } of asked) granted[definition.unit] = amounts[definition.unit]?.worst ?? 0n
  return granted
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
