import type { Id } from "#lib/kernel/ids.ts"

/** Names one window of a quota; `windowStart` in epoch milliseconds. */
export type WindowKey = { readonly quotaId: Id<"quota">; readonly windowStart: number }

export type LeaseAsk = WindowKey & {
  /** Less than this does not help: then nothing is granted of the whole question. */
  readonly minimum: bigint
  /** What those who wait could use. */
  readonly wanted: bigint
  /** Of what is wanted beyond the minimum, no more than half of what is available: the others may be short as well. */
  readonly fair: boolean
  /** The most that may be granted ahead of need. */
  readonly sliceMax: bigint
}

/** A quota window as the database has it after the question. */
export type LeaseAnswer = WindowKey & {
  readonly granted: bigint
  readonly limit: bigint
  readonly used: bigint
  /** By all processes, this grant included. */
  readonly leased: bigint
}

export type LeasedAmount = WindowKey & { readonly amount: bigint }

/** Where leases are kept, for one process. Every function rejects when the database does not answer within a few seconds. */
export type LeaseStore = {
  /** One statement; grants on every window, at least the minimum, or on none. A window whose quota is unknown has no answer. */
  grow(asks: readonly LeaseAsk[]): Promise<readonly LeaseAnswer[]>
  giveBack(amounts: readonly LeasedAmount[]): Promise<void>
  /**
   * Asks the other processes for what they hold of these windows and do not need now; resolves when they had time to give it back.
   * `time`: how often the same was asked before; they get longer each time.
   */
  recall(windows: readonly WindowKey[], time: number): Promise<void>
  /** Moves the deadline of all leases of this process; resolves to what the database says it holds. */
  renew(): Promise<readonly LeasedAmount[]>
}
