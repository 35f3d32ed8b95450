import type { Id } from "#lib/kernel/ids.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { SettledPart } from "#lib/quota/types.ts"
import type { Dialect } from "#lib/wire/dialect.ts"

/** Written before anything is sent upstream: enough to book the call if nothing else is ever heard of it. */
export type OpenLine = {
  readonly requestId: Id<"request">
  readonly admittedAtMs: number
  readonly organizationId: Id<"organization">
  readonly projectId: Id<"project"> | null
  readonly membershipId: Id<"membership"> | null
  readonly keyId: Id<"key">
  readonly test: boolean
  readonly model: string
  readonly upstreamModel: string
  readonly channelId: Id<"channel">
  readonly credentialId: Id<"credential"> | null
  readonly providerId: string
  readonly dialect: Dialect
  readonly endpoint: string
  readonly streamed: boolean
  readonly attempts: number
  readonly costPriceId: Id<"priceVersion">
  readonly sellPriceId: Id<"priceVersion">
  readonly markupPpm: number | null
  readonly holdNanoUsd: bigint
  /** Quota parts to be charged in full if the call never settles. */
  readonly holdParts: readonly SettledPart[]
  readonly clientSession: string | null
  /** The channel is a coding plan: its cost is a list value that nobody is billed for. */
  readonly plan: boolean
}

export type UsageStatus = "complete" | "estimated" | "interrupted" | "failed"

/** What a request came to. With its `OpenLine` it is a whole usage record. */
export type SettleLine = {
  readonly requestId: Id<"request">
  readonly status: UsageStatus
  readonly errorCode: string | null
  readonly finish: string | null
  readonly responseId: string | null
  /** The router's words: why this channel, and what happened to the ones before it. */
  readonly route: readonly string[]
  readonly usage: Usage
  readonly costNanoUsd: bigint
  readonly chargedNanoUsd: bigint
  readonly absorbedNanoUsd: bigint
  readonly firstByteMs: number | null
  readonly durationMs: number
  readonly parts: readonly SettledPart[]
}
