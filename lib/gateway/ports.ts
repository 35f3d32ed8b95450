import type { CloudScheme, Settings } from "#lib/catalog/provider.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { QuotaPort } from "#lib/quota/types.ts"
import type { MemoryRecord, Remembered } from "#lib/wire/memory.ts"
import type { PlanExhaustion } from "#lib/wire/plan-words.ts"
import type { ByteStream } from "#lib/wire/multipart/form.ts"
import type { Encoding } from "#lib/wire/tokens/prompt-text.ts"
import type { OpenLine, SettleLine } from "./spool-lines.ts"
import type { GatewayConfig, Principal, TargetPrice } from "./types.ts"

/** `unavailable`: the database did not answer and the key is not in memory. That is 503, never 401. */
export type KeyLookup = { readonly kind: "found"; readonly principal: Principal } | { readonly kind: "absent" } | { readonly kind: "unavailable" }

/** Keys by secret. A known key is answered from memory, without a promise. */
export type KeyDirectory = { find(secret: string): KeyLookup | Promise<KeyLookup> }

/**
 * The append-only local file. The lines of a turn of the event loop go to the system together at its end, in front of everything that is
 * put off to that end behind them (lib/kernel/turn.ts): no call leaves and no answer ends before its line would survive the death of the
 * process. A later `open` of the same request is written before it returns. `durable` resolves when everything so far is on disk
 * (group `fdatasync`, ≤ 50 ms).
 * `writable` is false when lines can no longer be kept: new requests are then refused with 503.
 * An `open` line of a request replaces the one before it (failover), so that a request has one usage record whatever it took.
 */
export type SpoolPort = {
  /** With the prices that the line names. False: lines cannot be kept, and the request must not go upstream. */
  open(line: OpenLine, prices: TargetPrice): boolean
  settle(line: SettleLine): void
  durable(): Promise<void>
  readonly writable: boolean
}

/** A file of ours without a name, for one upload. It is gone when it is closed. */
export type UploadFile = {
  /** Rejects where it cannot be written. */
  append(chunk: Buffer): Promise<void>
  read(start: number, end: number): AsyncIterable<Buffer>
  close(): void
}

/** Rejects where no file can be made. */
export type UploadFilesPort = { create(): Promise<UploadFile> }

export type UpstreamRequest = {
  /** POST where it is absent. A GET has an empty body. */
  readonly method?: "GET"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | ByteStream
  readonly allowPrivateNetwork: boolean
  /** A secret that takes more than a header to present: the adapter signs the request or gets a token for it, and adds the headers. */
  readonly credential?: CloudCredential
}

export type CloudCredential = { readonly scheme: CloudScheme; readonly secret: string; readonly settings: Settings }

/** Receives an answer as it comes. Exactly one of `onEnd` and `onFailure` is called, last. */
export type UpstreamSink = {
  onHead(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void
  /** Returns false to ask for a pause; `resume` of the call continues. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  onFailure(failure: UpstreamFailure): void
}

/**
 * `refusedAddress`: the address is one that the channel may not reach. `closed`: the connection broke after it was made. `unauthorized`:
 * the credential could not be presented, since no token was to be had for it; nothing was sent. `unrecorded`: the call could not be
 * written down, so it was not sent.
 */
export type UpstreamFailure = { readonly kind: "connect" | "timeout" | "closed" | "refusedAddress" | "unauthorized" | "unrecorded"; readonly detail: string }

/** `abort` ends the call at once; its sink hears nothing more. */
export type UpstreamCall = { resume(): void; abort(): void }

export type UpstreamPort = { call(request: UpstreamRequest, sink: UpstreamSink): UpstreamCall }

/** A key's own budget and what it used, for `GET /key`. Amounts in nano-USD; days, weeks and months in UTC, as OpenRouter counts them. */
export type KeyAccount = {
  /** The key's first characters. */
  readonly label: string
  readonly limitNanoUsd: bigint | null
  readonly limitRemainingNanoUsd: bigint | null
  readonly limitReset: "daily" | "weekly" | "monthly" | null
  readonly usageNanoUsd: { readonly total: bigint; readonly day: bigint; readonly week: bigint; readonly month: bigint }
  readonly creatorUserId: string | null
  readonly expiresAtMs: number | null
}

/** All that an organization was ever credited, and all that it used. */
export type Credits = { readonly creditedNanoUsd: bigint; readonly usedNanoUsd: bigint }

/** One usage record of the caller's organization, for `GET /generation`. */
export type Generation = {
  readonly requestId: string
  readonly responseId: string | null
  readonly model: string
  /** Null for whoever may not see channels. */
  readonly providerId: string | null
  readonly createdAtMs: number
  readonly streamed: boolean
  readonly interrupted: boolean
  readonly finish: string | null
  readonly firstByteMs: number | null
  readonly durationMs: number
  readonly chargedNanoUsd: bigint
  readonly usage: Usage
}

/** Reads the books for OpenRouter's account endpoints. Rejects where the database does not answer. */
export type AccountPort = {
  key(principal: Principal): Promise<KeyAccount>
  credits(principal: Principal): Promise<Credits>
  /** `id`: ours (`req_…`) or the response's own; only of the principal's organization. */
  generation(principal: Principal, id: string): Promise<Generation | null>
}

/** How channels and plans do, as calls see it. Returns at once. */
export type ChannelHealthPort = {
  answered(channelId: Id<"channel">): void
  /** `word`: what happened, redacted. */
  failed(channelId: Id<"channel">, word: string): void
  /** The provider says that a window of this credential's coding plan is used up. */
  exhausted(credentialId: Id<"credential">, exhaustion: PlanExhaustion): void
}

/** Whose answers are kept apart from everybody else's. */
export type ResponseOwner = {
  readonly organizationId: Id<"organization">
  /** The member whose key it is, or the organization for its own keys. */
  readonly ownerId: string
}

export type NewResponse = {
  readonly id: string
  readonly previousId: string | null
  /** Called later, off the way of the call; null: there is nothing to keep. */
  readonly record: () => MemoryRecord | null
}

/** `absent`: it, or one before it, is not kept for this owner. `tooLong`: more answers or bytes than may be read. */
export type ResponseChain = { readonly kind: "found"; readonly history: readonly Remembered[] } | { readonly kind: "absent" } | { readonly kind: "tooLong" }

/**
 * Answers that are kept so that they can be read and continued (OpenAI responses). What belongs to another owner is absent. The readers
 * reject where the database does not answer.
 */
export type ResponsesPort = {
  /** An answer and all before it, the first one first. */
  chain(owner: ResponseOwner, id: string, bounds: { readonly responsesMax: number; readonly bytesMax: number }): Promise<ResponseChain>
  find(owner: ResponseOwner, id: string): Promise<Remembered | null>
  /** Those that hold at least one of these items, `responsesMax` of them at most. */
  holding(owner: ResponseOwner, itemIds: readonly string[], responsesMax: number): Promise<readonly Remembered[]>
  /** Returns at once; the answer can be found from now on, and is written down soon. */
  keep(owner: ResponseOwner, response: NewResponse): void
  /** False: there was none. */
  remove(owner: ResponseOwner, id: string): Promise<boolean>
}

/** Counts the tokens of texts in one of OpenAI's encodings. Never rejects; null: not in time. */
export type TokenPort = { count(texts: readonly string[], encoding: Encoding): Promise<number | null> }

/** What the gateway needs of the world. Tests pass their own. */
export type GatewayPorts = {
  readonly clock: Clock
  readonly newId: NewId
  /** 0 ≤ n < 1: for weights among equals. */
  readonly random: () => number
  readonly keys: KeyDirectory
  /** Never waits: the snapshot in memory. Null before the first one was read. */
  readonly config: () => GatewayConfig | null
  readonly quota: QuotaPort
  readonly spool: SpoolPort
  readonly upstream: UpstreamPort
  readonly uploads: UploadFilesPort
  readonly account: AccountPort
  readonly responses: ResponsesPort
  readonly health: ChannelHealthPort
  readonly tokens: TokenPort
  /** One structured line; never a secret, never a prompt. */
  readonly log: (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void
}
