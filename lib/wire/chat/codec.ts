import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import type { Dialect } from "../dialect.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import type { ChatAnswer, ChatEvent } from "./answer.ts"
import type { LinkedKind } from "./linked-media.ts"
import type { ModelTraits } from "./model-traits.ts"
import type { ChatField, ChatRequest } from "./request.ts"

/** The model that a request is written for, and what is known of it. */
export type TargetModel = {
  readonly providerId: string
  /** The channel's name for it. */
  readonly model: string
  readonly outputTokensMax: number | null
  readonly traits: ModelTraits
  /** The most output that the hold buys; null: all that the client asked for. */
  readonly outputTokensCap: number | null
}

/**
 * What a target could not take or what was altered (DESIGN.md, invariant 8). `field` is ours; `path` narrows it where that helps
 * (`[2].content[0]` of messages). A change says its value: `temperature=1`.
 */
export type Notes = {
  dropped(field: ChatField, path?: string): void
  changed(field: ChatField, value: string, path?: string): void
}

/** A field that the target cannot express and that must not be left out: it becomes a 400 that names it in the client's words. */
export type Unsupported = { readonly field: ChatField; readonly path?: string; readonly message: string }

export type EncodedRequest = {
  /** The body as an object: the lane writes it. */
  readonly body: Readonly<Record<string, unknown>>
  /** Tool names that the target refuses, by the alias that was sent instead (W-22). */
  readonly toolNames: ReadonlyMap<string, string>
  /** Headers that this request needs, beside the dialect's own. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What decoding an answer needs to know of its request. */
export type DecodeContext = {
  readonly request: ChatRequest
  /** The client's name for a tool that the answer calls by its alias. */
  toolName(sent: string): string
  /** An id for a call that the provider gave none (W-42): another one each time. */
  newCallId(): string
}

/** Reads a stream; `emit` hears its events in order. */
export type StreamDecoder = {
  push(chunk: Buffer): void
  /** The provider has closed the connection. */
  end(): void
}

/** A dialect that channels speak. */
export type UpstreamCodec = {
  readonly dialect: Dialect
  readonly ownHeaders: Readonly<Record<string, string>>
  /** Whether a target takes custom tools as such. Absent or false: it is given functions of one string in their place (chat/custom-tools.ts). */
  takesCustomTools?(target: TargetModel): boolean
  /**
   * Writes a request for one target; never changes what it was given (W-78, W-115). `streamed`: how the channel is asked, which is not
   * what the client asked for where the lane collects or replays (W-117).
   */
  encodeRequest(request: ChatRequest, target: TargetModel, options: { readonly streamed: boolean; readonly notes: Notes }): Result<EncodedRequest, Unsupported>
  /** Whether the provider does not fetch what stands at this address, so that it has to be brought in the request (W-62). Absent: it fetches all. */
  isBrought?(address: string, kind: LinkedKind, traits: ModelTraits): boolean
  /** Reads a whole answer, or the error in its place (`words` null: it is no answer of this dialect). */
  decodeAnswer(body: Buffer, context: DecodeContext): Result<ChatAnswer, { readonly words: UpstreamWords | null }>
  openDecoder(context: DecodeContext, emit: (event: ChatEvent) => void): StreamDecoder
  readWords(body: Buffer): UpstreamWords | null
}

/** What writing an answer needs to know of its call. */
export type EncodeContext = {
  readonly request: ChatRequest
  readonly call: Call
  readonly publicModel: string
  /** Ours, unguessable, made from the request's: dialects put their prefix before it (`chatcmpl-`, `msg_`, `resp_`). */
  readonly responseId: string
  readonly createdAtSeconds: number
  /** For dialects that must say it before the provider does (W-124). */
  readonly inputTokensEstimated: number
}

/**
 * Writes a stream: `event` returns what the client gets for it, as a string of UTF-16 characters, empty for nothing. `end` comes
 * once, behind the last `finish` and the last usage, and only for a whole answer: it writes what tells the client so.
 */
export type StreamEncoder = {
  event(event: ChatEvent): string
  end(): string
  /** Events written so far, of dialects that number them. */
  readonly events?: number
  /** The whole answer as it would have been unstreamed, of dialects whose answers are kept; null until `end`. */
  answer?(): Buffer | null
}

/** A dialect that clients speak. */
export type ClientCodec = {
  readonly dialect: Dialect
  /** What this dialect calls our fields; null: it has no such field. */
  readonly fieldNames: Readonly<Record<ChatField, string | null>>
  /** Request headers, lower-case, that ask for something in this dialect alone: no other target gets them, which is said (W-120). */
  readonly optInHeaders?: readonly string[]
  /** Its clients keep what proves a call, and may drop the thinking before it (chat/carried-thoughts.ts). */
  readonly dropsThoughts?: boolean
  /** Nothing but an answer's text counts: one without any is none (chat/needed-text.ts). */
  readonly needsText?: boolean
  /** Reads a request that the lane's `readCall` has accepted; what is malformed is named in a 400. */
  decodeRequest(call: Call): Result<ChatRequest, GatewayError>
  /** The id of an answer as the client sees it, from `EncodeContext.responseId`. */
  responseId(id: string): string
  encodeAnswer(answer: ChatAnswer, context: EncodeContext): Readonly<Record<string, unknown>>
  openEncoder(context: EncodeContext): StreamEncoder
}
