import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Addressed, Call, CallPatch } from "./call.ts"
import type { ModelTraits } from "./chat/model-traits.ts"
import { unlessTooDeep } from "./chat/nesting.ts"
import type { Dialect } from "./dialect.ts"
import type { Form } from "./multipart/form.ts"
import type { Attempted, Prepared, UpstreamLane } from "./upstream-lane.ts"
import type { AnswerMemory } from "./memory.ts"
import type { UpstreamWords } from "./upstream-words.ts"

/** What has been learned from an answer so far. */
export type Seen = {
  /** The response's own id (`chatcmpl-…`). */
  readonly responseId: string | null
  /** The provider's own word for why it stopped; null: it has not said so. */
  readonly finish: string | null
  readonly usage: Usage | null
  /** Our estimate of the tokens that came, for where the provider counts none. */
  readonly outputTokensEstimated: number
  /** Events that the client has, of dialects that number them. */
  readonly events?: number
}

/**
 * `open`: more is to come. `finished`: the answer is whole. `failed`: the provider reported an error in the stream, or sent
 * something that is no stream of this dialect (`words` null).
 */
export type StreamState = { readonly kind: "open" } | { readonly kind: "finished" } | { readonly kind: "failed"; readonly words: UpstreamWords | null }

/** How an answer ends that our own limit stops: like one that reached its bound on output, with the limit's name beside it. */
export type CutShort = {
  /** Which limit, in words for the caller. */
  readonly limit: string
  /** What was used until here, as it is charged. */
  readonly usage: Usage
}

/** Reads a stream on its way to a client of the same dialect. */
export type StreamReader = {
  /** Returns what the client gets: the same bytes where nothing had to be changed, and otherwise one character per byte. */
  push(chunk: Buffer): Buffer | string
  /** The provider has closed the stream; returns what the client still gets. */
  end(): string
  readonly state: StreamState
  readonly seen: Seen
  /** Whether anything that belongs to an answer has come: the end of failover. */
  readonly started: boolean
  /** As in `seen`, at the cost of reading a number: it is asked after every piece. */
  readonly outputTokensEstimated: number
  /** Ends the answer here; returns what the client still gets, one character per byte. Null: the answer has ended already, or its finish has come. */
  cutShort(end: CutShort): string | null
  /** The whole answer as the client would have got it unstreamed, of dialects whose answers are kept; null until it is whole. */
  answer?(): Buffer | null
}

export type StreamOptions = {
  readonly publicModel: string
  readonly call: Call
}

/** `contentType` absent: JSON. */
export type Answer = {
  readonly body: Buffer | string
  readonly seen: Seen
  readonly contentType?: string
  /** The answer as one object where `body` is a stream of it (`StreamReader.answer`). */
  readonly whole?: Buffer | null
}

/** A client's headers, lower-case, as `node:http` gives them. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export type FormReader = {
  readCall(form: Form): Result<Call, GatewayError>
  /** Whether a form may pass while it comes: all that its price depends on stands before its only file. */
  readonly passes: boolean
}

/** A dialect toward its clients. */
export type ClientLane = {
  readonly dialect: Dialect
  /** The answer's media type while it streams; null: the provider's own. */
  readonly streamType: string | null
  /** The header in which the dialect's clients look for the request's id; null: they know none. */
  readonly requestIdHeader: string | null
  /** Checks what the pipeline relies on and leaves the rest to the provider. */
  readCall(body: Buffer, headers: ClientHeaders, addressed?: Addressed): Result<Call, GatewayError>
  /** Of operations that take files: how their forms are read. */
  readonly forms?: FormReader
  /** An error as the answer's body. */
  encodeError(error: GatewayError, requestId: string): string
  /**
   * An error in a stream that has begun, after which nothing comes. `seen`: what the client has of it. One character per byte. Empty: the
   * stream has no words of its own, and only a broken connection says that it is not whole.
   */
  encodeStreamError(error: GatewayError, requestId: string, seen?: Seen): string
  /** Keeps a silent stream alive; empty: nothing may stand between its bytes. */
  readonly ping: string
  /** Of dialects whose answers are kept and referred to later. */
  readonly memory?: AnswerMemory
}

/** Who is asked, as far as it decides what is taken. */
export type CallTarget = Pick<Attempted["target"], "providerId" | "traits">

/**
 * A dialect whose channels answer its own clients: bytes are forwarded, only our fields are patched, and everything else passes
 * untouched in both directions (WIRE.md). One folder per dialect implements it.
 */
export type RawCodec = ClientLane &
  Pick<UpstreamLane, "forwardedHeaders" | "ownHeaders" | "readWords"> & {
  /** The body as this attempt sends it, always from the pristine one. */
  encodeCall(body: Buffer, call: Call, patch: CallPatch): Buffer
  /** What this call has and the provider does not take, fields and headers: it is left out, which a header says. */
  unsupportedFields(call: Call, target: CallTarget, headers: ClientHeaders): readonly string[]
  /** The search tools that a call can do without, as fields: they are left out where the channel has no price for a search. */
  searchTools?(call: Call): readonly string[]
  /** The field that bounds output where the client gave no bound. */
  outputField(call: Call, traits: ModelTraits): string
  /** What a clamped bound on output changes in the body (`max_tokens=512`), for the header that says so. */
  clampWords(call: Call, traits: ModelTraits, tokens: number): string
  /** `call`: for dialects whose answers repeat more of the request than the model's name. */
  readAnswer(body: Buffer, publicModel: string, call?: Call): Result<Answer, { readonly words: UpstreamWords | null }>
  openStream(options: StreamOptions): StreamReader
}

/** Clients of a dialect and the channels that speak it too, which are asked without translation. */
export type OwnLane = ClientLane & UpstreamLane

/** A dialect toward its clients and, for calls that need no translation, toward its channels. */
export type RawLane = RawCodec & UpstreamLane

const NOTHING: readonly string[] = []

export function createRawLane(codec: RawCodec): RawLane {
  return {
    ...codec,
    prepare(attempted) {
      const prepared = unlessTooDeep(() => prepareRaw(codec, attempted))
      return prepared === null ? err({ code: "invalid_request", message: "The request is nested too deeply to be altered for this model." }) : ok(prepared)
    },
  }
}

function prepareRaw(codec: RawCodec, { body, call, headers, target, clampedOutputTokens }: Attempted): Prepared {
  const { upstreamModel, traits } = target
  const dropped = droppedFields(codec, call, headers, target)
  const clamped = clampedOutputTokens === null ? null : { field: codec.outputField(call, traits), tokens: clampedOutputTokens }
  return {
    body: codec.encodeCall(body, call, { upstreamModel, outputTokensMax: clamped, drop: dropped, traits }),
    headers: null,
    streamed: call.streamed,
    dropped,
    changed: clampedOutputTokens === null ? NOTHING : [codec.clampWords(call, traits, clampedOutputTokens)],
    readAnswer: (bytes) => codec.readAnswer(bytes, call.model, call),
    openStream: () => codec.openStream({ publicModel: call.model, call }),
  }
}

/** What this call has and the channel does not take: by the operator's list, and by what its provider does not know. */
function droppedFields(codec: RawCodec, call: Call, headers: ClientHeaders, { drop, searches, ...target }: Attempted["target"]): readonly string[] {
  const listed = drop.length === 0 ? drop : drop.filter((name) => name in call.fields)
  const unknown = codec.unsupportedFields(call, target, headers)
  const unsupported = searches || codec.searchTools === undefined ? unknown : [...unknown, ...codec.searchTools(call)]
  return unsupported.length === 0 ? listed : [...listed, ...unsupported.filter((name) => !listed.includes(name))]
}
