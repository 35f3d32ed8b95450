import type { Id } from "#lib/kernel/ids.ts"

export type QuotaScope = "wallet" | "organization" | "project" | "member" | "key" | "model" | "credential"
export type QuotaUnit = "nanoUsd" | "requests" | "tokens" | "prompts" | "concurrent"
export type QuotaWindowKind = "total" | "day" | "week" | "month" | "minute" | "rolling" | "none"

/** A limit as the gateway knows it. `limit` and everything counted against it is in `unit`. */
export type QuotaDefinition = {
  readonly id: Id<"quota">
  readonly scope: QuotaScope
  /** Id of the organization, project, membership, key or credential; public name of a model. */
  readonly scopeId: string
  readonly unit: QuotaUnit
  readonly window: QuotaWindowKind
  /** Length of a `rolling` window. */
  readonly windowSeconds: number | null
  /** A moment (epoch milliseconds) at which a coding plan's window began anew: windows are counted from there, whatever their kind. */
  readonly anchorMs?: number
  readonly limit: bigint
  /** The organization's, for where days, weeks and months begin. */
  readonly timeZone: string
  readonly organizationId: Id<"organization"> | null
}

/** An amount per unit. */
export type Amounts = { readonly [U in QuotaUnit]?: bigint }

/** What a request is to hold at most, and the least that makes it worth starting, per unit. Absent units are not asked for. */
export type HoldAmounts = { readonly [U in QuotaUnit]?: { readonly worst: bigint; readonly minimum: bigint } }

/** One quota's part of a hold: `amount` of the window that began at `windowStart` (epoch milliseconds) is reserved. */
export type HoldPart = {
  readonly quota: QuotaDefinition
  readonly windowStart: number
  readonly amount: bigint
}

/**
 * What one request reserves until it is settled. `granted` is the smallest amount over the unit's quotas. The amounts of a hold that
 * grows change while it lives (`Growing`).
 */
export type Hold = {
  readonly ok: true
  readonly parts: readonly HoldPart[]
  readonly granted: Amounts
}

/**
 * The request behind a hold that can be extended. Such a hold begins with less than the worst case, and where others are short of a quota
 * it is cut down to what it needs.
 */
export type Growing = {
  /** The least that covers what the request has come to at this moment. */
  needed(): Amounts
  /** The hold's amounts have changed: writes down what a replay would charge. False: that could not be done. */
  noted(): boolean
}

/** Why a request may not start: the quota that is short, with its figures at this moment. */
export type Refusal = {
  readonly ok: false
  /** `exhausted`: the limit is used up. `unavailable`: the lease has to grow and the database does not answer. */
  readonly reason: "exhausted" | "unavailable"
  readonly quota: QuotaDefinition
  readonly used: bigint
  readonly held: bigint
  readonly asked: bigint
  /** Epoch milliseconds; null where the window never ends. */
  readonly resetsAt: number | null
}

/** What is moved from leased to used at the next flush. */
export type SettledPart = { readonly quotaId: Id<"quota">; readonly windowStart: number; readonly used: bigint }

/**
 * What ending a hold came to. `covered` per unit is what the quotas could pay of `used`: less than `used` only where the provider
 * reported more than was held and nothing was left; for money the rest is the house's (`absorbed`). A unit without a quota is covered.
 */
export type Settlement = {
  readonly parts: readonly SettledPart[]
  readonly covered: Amounts
}

/**
 * The leases of one process. `hold` answers at once where the leases suffice (the common case: no promise, no round trip) and
 * otherwise after one statement that grows all short leases, all or none.
 */
export type QuotaPort = {
  hold(quotas: readonly QuotaDefinition[], amounts: HoldAmounts, admittedAtMs: number, growing?: Growing): Hold | Refusal | Promise<Hold | Refusal>
  /**
   * Enlarges a hold to `worst` in all, or to the fair share, but at least to `minimum`. Null: done, also where that added nothing because
   * it holds the minimum already; otherwise the quota that is short. At once where the leases suffice. Never rejects.
   */
  extend(hold: Hold, amounts: HoldAmounts): Refusal | null | Promise<Refusal | null>
  /**
   * More was used than the hold has: takes what the quotas can still give of it, so that `settle` can charge it. At once where the
   * leases suffice. Never rejects.
   */
  cover(hold: Hold, used: Amounts): void | Promise<void>
  /** Ends a hold, exactly once: `used` (per unit) is kept until the flush, the rest is free again at once. Never throws. */
  settle(hold: Hold, used: Amounts): Settlement
  /** The flusher has booked these parts: the leases shrink by them. */
  flushed(parts: readonly SettledPart[]): void
}

/** What is charged if nothing is ever heard of the request again (`OpenLine.holdParts`). Concurrency is not used up, only occupied. */
export function partsOfHold(hold: Hold): readonly SettledPart[] {
  const parts: SettledPart[] = []
  for (const { quota, windowStart, amount } of hold.parts) if (quota.unit !== "concurrent") parts.push({ quotaId: quota.id, windowStart, used: amount })
  return parts
}
