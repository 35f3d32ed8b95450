import type { NanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Day } from "./days.ts"
import type { Dimension, Mode } from "./schema.ts"

/** What a set of calls consumed, as a tenant may know it: what was charged, never what it cost the house. */
export type Sums = {
  readonly requests: number
  readonly failures: number
  /** Prompt tokens that were not read from a cache. */
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  readonly charged: NanoUsd
}

/** All tokens of a sum, cached ones included. */
export const tokensOf = (sums: Pick<Sums, "input" | "cacheRead" | "cacheWrite" | "output">): number => sums.input + sums.cacheRead + sums.cacheWrite + sums.output

/** What calls are told apart by: a model's public name, a member, a key. `name` null: calls of no member, or of a row that is gone. */
export type Group = {
  readonly id: string
  readonly name: string | null
  /** A second line: a member's address, a key's first characters. */
  readonly hint: string | null
}

export type UsageReport = {
  readonly first: Day
  readonly last: Day
  /** The current day in the organization's time zone. */
  readonly today: Day
  readonly timeZone: string
  readonly by: Dimension
  readonly mode: Mode
  /** Whether the range also holds calls of the other mode. */
  readonly otherMode: boolean
  readonly totals: Sums
  /** The largest first, by the measure asked for. */
  readonly groups: readonly { readonly group: Group; readonly sums: Sums }[]
  /** Whether there are more groups than listed. */
  readonly moreGroups: boolean
  /** The groups that the chart shows one by one; the others are one (`groupId` null). */
  readonly charted: readonly string[]
  readonly cells: readonly { readonly day: Day; readonly groupId: string | null; readonly sums: Sums }[]
}

/** One call in the list. */
export type Call = {
  readonly id: string
  readonly admittedAt: Date
  readonly model: string
  readonly key: Group
  readonly member: Group | null
  readonly status: "complete" | "estimated" | "interrupted" | "failed"
  readonly errorCode: string | null
  readonly streamed: boolean
  readonly test: boolean
  /** Null: the provider did not say. */
  readonly input: number | null
  readonly cacheRead: number | null
  readonly output: number | null
  readonly charged: NanoUsd
  readonly durationMs: number
  readonly firstByteMs: number | null
}

export type CallPage = { readonly calls: readonly Call[]; readonly next: string | null }
