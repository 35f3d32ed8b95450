import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Result } from "#lib/kernel/result.ts"
import type { AroundOperation } from "./around/operations.ts"
import type { Call } from "./call.ts"
import type { ModelTraits } from "./chat/model-traits.ts"
import type { Media } from "./chat/part.ts"
import type { Dialect } from "./dialect.ts"
import type { ByteStream, Upload } from "./multipart/form.ts"
import type { Answer, ClientHeaders, StreamReader } from "./raw-lane.ts"
import type { Rounds } from "./rounds.ts"
import type { UpstreamWords } from "./upstream-words.ts"

/** What a call is prepared from, for one attempt. */
export type Attempted = {
  /** The pristine body: every attempt is made from it (W-115). */
  readonly body: Buffer
  /** The form that stands in place of the body. */
  readonly upload?: Upload
  readonly call: Call
  readonly headers: ClientHeaders
  /** Unique, for ids that the answer needs and no provider gave. */
  readonly requestId: string
  readonly receivedAtMs: number
  readonly target: {
    readonly providerId: string
    /** The channel's name for the model. */
    readonly upstreamModel: string
    readonly outputTokensMax: number | null
    readonly traits: ModelTraits
    /** Top-level fields that the operator says this channel refuses. */
    readonly drop: readonly string[]
    /** Whether a search at the provider has a price here. Otherwise a search tool that the client can do without is left out (W-133). */
    readonly searches: boolean
  }
  /** The most output per choice that the hold buys; null: all that was asked for. */
  readonly clampedOutputTokens: number | null
  /** What stands at the addresses of `linkedMedia`. */
  readonly media?: ReadonlyMap<string, Media>
}

/** One attempt, ready to be sent, and how its answer is read. */
export type Prepared = {
  readonly body: Buffer | ByteStream
  /** Beside the dialect's own. */
  readonly headers: Readonly<Record<string, string>> | null
  /** Whether the channel is asked for a stream, whatever the client asked for (W-117). */
  readonly streamed: boolean
  /** The provider may answer whole although a stream was asked for; then the client gets its answer as it is. */
  readonly streamOptional?: boolean
  /** What the channel does not get and what it gets otherwise, in the client's words: for the two headers. */
  readonly dropped: readonly string[]
  readonly changed: readonly string[]
  /** Reads all that came, stream or not, into what the client gets: an answer, or a whole stream where it asked for one. */
  readAnswer(body: Buffer, contentType: string): Result<Answer, { readonly words: UpstreamWords | null }>
  openStream(): StreamReader
  /** The answer may take more calls of the channel, with searches of ours between them. */
  readonly rounds?: Rounds
}

/** How the channels of one dialect are asked on behalf of the clients of one dialect: raw where the two are the same, else translated. */
export type UpstreamLane = {
  /** The channel's. */
  readonly dialect: Dialect
  /** What the channel is asked for; absent: chat. */
  readonly operation?: AroundOperation
  /** Its model searches through the gateway: an answer may take several calls (`Prepared.rounds`). */
  readonly searching?: boolean
  /** The client's headers that may go to this provider, lower-case. All others stay here (W-119, W-134). */
  forwardedHeaders(providerId: string): readonly string[]
  /** Headers that every call of this dialect has, also where its client gave none. */
  readonly ownHeaders: Readonly<Record<string, string>>
  /** Addresses in the call that the channel does not fetch itself: what stands there is brought before `prepare` (W-62). */
  linkedMedia?(call: Call, traits: ModelTraits): readonly string[]
  /** The error names what the target cannot express, in the words of the client. */
  prepare(attempted: Attempted): Result<Prepared, GatewayError>
  readWords(body: Buffer): UpstreamWords | null
}
