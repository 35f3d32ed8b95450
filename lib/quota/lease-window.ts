import type { LeaseAnswer, LeasedAmount, WindowKey } from "./lease-store.ts"
import type { QuotaDefinition } from "./types.ts"
import { windowAt } from "./windows.ts"

/** One quota window as this process holds it. What may still be held is `amount - held - settled`. */
export type LeaseWindow = {
  readonly quotaId: WindowKey["quotaId"]
  readonly windowStart: number
  readonly endMs: number | null
  /** Leased from the database and not yet booked as used or given back. */
  amount: bigint
  /** Reserved by requests in flight. */
  held: bigint
  holds: number
  /** Used by ended requests, not yet booked. */
  settled: bigint
  /** What the requests that wait for a growth could use at most, and the least that they need. */
  demand: bigint
  need: bigint
  growing: Promise<void> | null
  /** A recall under way, and when the last one began (monotonic milliseconds). */
  recalling: Promise<void> | null
  recalledAt: number
  /** When the others had nothing to give for all that was asked of them (monotonic milliseconds). */
  barrenAt: number
  /** Another process is short of it: until then (monotonic milliseconds) nothing is taken ahead of need. */
  yieldingUntil: number
  /** When holds on it were last cut down to their need (monotonic milliseconds). */
  squeezedAt: number
  /** The limit of the definition that was last asked with: another one means that somebody changed it. */
  definitionLimit: bigint
  /** What the database said last, and the number of that question; `failed` where it did not answer. */
  answer: LeaseAnswer | null
  answered: number
  failed: boolean
  /** Monotonic milliseconds: after this, nothing new is held. */
  validUntil: number
  lastUsedAt: number
  /** Operations under way that change what the database has, and how many have ended: guards the reconciliation. */
  operations: number
  version: number
  dropped: boolean
}

export const freeOf = (window: LeaseWindow): bigint => window.amount - window.held - window.settled

/** What the database could still grant, as far as its last answer goes. */
export function grantable(window: LeaseWindow): bigint {
  const { answer } = window
  if (answer === null) return 0n
  const left = answer.limit - answer.used - answer.leased
  return left > 0n ? left : 0n
}

/** Whether other processes hold some of it, as far as the last answer goes. */
export const isHeldElsewhere = (window: LeaseWindow): boolean => window.answer !== null && !window.failed && window.answer.leased > window.amount

export function newLeaseWindow(key: WindowKey, endMs: number | null, definitionLimit: bigint, now: number): LeaseWindow {
  return {
    quotaId: key.quotaId,
    windowStart: key.windowStart,
    endMs,
    amount: 0n,
    held: 0n,
    holds: 0,
    settled: 0n,
    demand: 0n,
    need: 0n,
    growing: null,
    recalling: null,
    recalledAt: Number.NEGATIVE_INFINITY,
    barrenAt: Number.NEGATIVE_INFINITY,
    yieldingUntil: 0,
    squeezedAt: Number.NEGATIVE_INFINITY,
    definitionLimit,
    answer: null,
    answered: 0,
    failed: false,
    validUntil: 0,
    lastUsedAt: now,
    operations: 0,
    version: 0,
    dropped: false,
  }
}

/** Takes what is free out of a window. It is not put back if the database does not answer: `renew` finds out what became of it. */
export function withdraw(window: LeaseWindow): LeasedAmount {
  const amount = freeOf(window) > 0n ? freeOf(window) : 0n
  window.amount -= amount
  return { quotaId: window.quotaId, windowStart: window.windowStart, amount }
}

/** An operation that changes what the database has of a window begins, or ends. */
export function begin(window: LeaseWindow): void {
  window.operations += 1
}

export function end(window: LeaseWindow): void {
  window.operations -= 1
  window.version += 1
}

const isCurrent = ({ dropped, windowStart, endMs }: LeaseWindow, atMs: number): boolean => !dropped && atMs >= windowStart && (endMs === null || atMs < endMs)

function areCurrent(windows: readonly LeaseWindow[], atMs: number): boolean {
  for (const window of windows) if (!isCurrent(window, atMs)) return false
  return true
}

export type LeaseWindows = {
  /** The windows of these quotas at this moment, made where they are missing; in the order of `quotas`. */
  at(quotas: readonly QuotaDefinition[], atMs: number, now: number): readonly LeaseWindow[]
  find(key: WindowKey): LeaseWindow | undefined
  adopt(key: WindowKey, now: number): LeaseWindow
  drop(window: LeaseWindow): void
  all(): IterableIterator<LeaseWindow>
}

export function createLeaseWindows(): LeaseWindows {
  const windows = new Map<string, LeaseWindow>()
  /** A principal's array of quotas is one object for as long as it is cached. */
  const lastOf = new WeakMap<readonly QuotaDefinition[], readonly LeaseWindow[]>()
  const nameOf = (key: WindowKey) => `${key.quotaId}@${key.windowStart}`

  const make = (key: WindowKey, endMs: number | null, definitionLimit: bigint, now: number) => {
    const window = newLeaseWindow(key, endMs, definitionLimit, now)
    windows.set(nameOf(key), window)
    return window
  }

  return {
    at(quotas, atMs, now) {
      const last = lastOf.get(quotas)
      // The common call looks nothing up.
      if (last !== undefined && areCurrent(last, atMs)) return last
      const current = quotas.map((definition, i) => {
        const before = last?.[i]
        if (before !== undefined && isCurrent(before, atMs)) return before
        const { startMs, endMs } = windowAt(definition, atMs)
        const key = { quotaId: definition.id, windowStart: startMs }
        return windows.get(nameOf(key)) ?? make(key, endMs, definition.limit, now)
      })
      lastOf.set(quotas, current)
      return current
    },
    find: (key) => windows.get(nameOf(key)),
    adopt: (key, now) => make(key, null, 0n, now),
    drop(window) {
      window.dropped = true
      windows.delete(nameOf(window))
    },
    all: () => windows.values(),
  }
}
