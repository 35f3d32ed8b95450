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
  readonly limit: bigint
  /** The organization's, for where days, weeks and months begin. */
  readonly timeZone: string
  readonly organizationId: Id<"organization"> | null
}

/** What a request may consume at most, and the least that makes it worth starting, per unit. Absent units are not asked for. */
export type HoldAmounts = { readonly [U in QuotaUnit]?: { readonly worst: bigint; readonly minimum: bigint } }

/** One quota's part of a hold: `amount` of the window that began at `windowStart` (epoch milliseconds) is reserved. */
export type HoldPart = {
  readonly quota: QuotaDefinition
  readonly windowStart: number
  readonly amount: bigint
}

/** What one request reserves until it is settled. `granted` is the smallest amount over the unit's quotas. */
export type Hold = {
  readonly ok: true
  readonly parts: readonly HoldPart[]
  readonly granted: { readonly [U in QuotaUnit]?: bigint }
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
  readonly covered: { readonly [U in QuotaUnit]?: bigint }
}

/**
 * The leases of one process. `hold` answers at once where the leases suffice (the common case: no promise, no round trip) and
 * otherwise after one statement that grows all short leases, all or none.
 */
export type QuotaPort = {
  hold(quotas: readonly QuotaDefinition[], amounts: HoldAmounts, admittedAtMs: number): Hold | Refusal | Promise<Hold | Refusal>
  /** Ends a hold, exactly once: `used` (per unit) is kept until the flush, the rest is free again at once. Never throws. */
  settle(hold: Hold, used: { readonly [U in QuotaUnit]?: bigint }): Settlement
  /** The flusher has booked these parts: the leases shrink by them. */
  flushed(parts: readonly SettledPart[]): void
}

/** What is charged if nothing is ever heard of the request again (`OpenLine.holdParts`). Concurrency is not used up, only occupied. */
export function partsOfHold(hold: Hold): readonly SettledPart[] {
  return hold.parts
    .filter((part) => part.quota.unit !== "concurrent")
    .map((part) => ({ quotaId: part.quota.id, windowStart: part.windowStart, used: part.amount }))
}
