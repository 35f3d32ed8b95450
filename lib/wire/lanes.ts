import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Result } from "#lib/kernel/result.ts"
import { amClientCodec } from "./am/client-codec.ts"
import { amLane } from "./am/lane.ts"
import { amUpstreamCodec } from "./am/upstream-codec.ts"
import { type EmbedderId, embeddingLane, geminiEmbeddings } from "./around/embedding-lanes.ts"
import { aroundLanes } from "./around/lanes.ts"
import type { AroundOperation } from "./around/operations.ts"
import { brUpstreamCodec } from "./br/upstream-codec.ts"
import { ccClientCodec } from "./cc/client-codec.ts"
import { completionsClientCodec } from "./cc/completions-codec.ts"
import type { StreamForm } from "./call.ts"
import { ccLane } from "./cc/lane.ts"
import { ccUpstreamCodec } from "./cc/upstream-codec.ts"
import { rsClientCodec } from "./rs/client-codec.ts"
import { rsCompactionCodec } from "./rs/compaction-codec.ts"
import { rsCompactionLane, rsLane } from "./rs/lane.ts"
import { rsUpstreamCodec } from "./rs/upstream-codec.ts"
import type { Call } from "./call.ts"
import type { ClientCodec, UpstreamCodec } from "./chat/codec.ts"
import type { ChatRequest } from "./chat/request.ts"
import { isWebAddress } from "./chat/linked-media.ts"
import { createTranslation, readRequest, type TranslationOptions } from "./chat/translation.ts"
import type { Dialect } from "./dialect.ts"
import { type EnvelopeId, inEnvelope } from "./envelope.ts"
import type { OwnLane, RawLane } from "./raw-lane.ts"
import { gmClientCodec } from "./gm/client-codec.ts"
import { gmLane, gmListLane } from "./gm/lane.ts"
import { gmUpstreamCodec } from "./gm/upstream-codec.ts"
import type { UpstreamLane } from "./upstream-lane.ts"

/** The dialects that clients may speak. */
export const lanes = { cc: ccLane, rs: rsLane, am: amLane, gm: gmLane } as const satisfies Partial<Record<Dialect, RawLane>>

export type ClientDialect = keyof typeof lanes

/** What clients call, by the name that stands in usage records. */
export type Endpoint = "chat.completions" | "responses" | "responses.compact" | "messages" | "responses.input_tokens" | "messages.count_tokens" | GeminiEndpoint | AroundOperation
export type GeminiEndpoint = "generateContent" | "streamGenerateContent" | "countTokens" | "embedContent" | "batchEmbedContents"

/** Who reads the calls of an endpoint, and writes their streams in this form. */
export function laneAt(dialect: ClientDialect, endpoint: Endpoint, form?: StreamForm): OwnLane {
  if (isAround(endpoint)) return aroundLanes[endpoint]
  if (endpoint === "embedContent" || endpoint === "batchEmbedContents") return geminiEmbeddings
  if (endpoint === "responses.compact") return rsCompactionLane
  return dialect === "gm" && form === "list" ? gmListLane : lanes[dialect]
}

const isAround = (endpoint: Endpoint): endpoint is AroundOperation => Object.hasOwn(aroundLanes, endpoint)

const rawLanes: Partial<Readonly<Record<Dialect, RawLane>>> = lanes

/** How each dialect of clients and of channels is translated. */
const clientCodecs: Partial<Readonly<Record<Dialect, ClientCodec>>> = { cc: ccClientCodec, am: amClientCodec, rs: rsClientCodec, gm: gmClientCodec }
const upstreamCodecs: Partial<Readonly<Record<Dialect, UpstreamCodec>>> = { cc: ccUpstreamCodec, am: amUpstreamCodec, br: brUpstreamCodec, rs: rsUpstreamCodec, gm: gmUpstreamCodec }

/** Operations around chat that a chat can answer as well. */
const operationCodecs: Partial<Readonly<Record<AroundOperation, ClientCodec>>> = { completions: completionsClientCodec }

/** In which dialect a channel of several is asked, where none needs no translation: those that can say the most come first. */
export const translationOrder: readonly Dialect[] = ["am", "rs", "br", "gm", "cc"]

/**
 * `envelope`: how the channel's cloud packs the dialect. `operation`: what around chat the client asks for; a channel of its own dialect has it
 * itself. `embedder`: how the channel embeds, where otherwise than its dialect has it. `compacting`: `Call.compacts`.
 */
export type LaneOptions = TranslationOptions & {
  readonly envelope?: EnvelopeId | undefined
  readonly operation?: AroundOperation | undefined
  readonly embedder?: EmbedderId | undefined
  readonly compacting?: boolean | undefined
}

const made = new Map<string, UpstreamLane | null>()

/**
 * How a channel's dialect is asked on behalf of a client's: raw where they are the same, else translated; null where nobody can.
 * `answersOnly`: the provider answers in one way alone (W-117).
 */
export function laneBetween(client: Dialect, upstream: Dialect, options: LaneOptions = {}): UpstreamLane | null {
  const { answersOnly, searching = false, compacting = false, envelope, operation, embedder } = options
  const same = client === upstream && answersOnly === undefined && embedder === undefined && !searching && !compacting
  if (same && envelope === undefined) return rawLanes[client] ?? null
  const key = `${client} ${upstream} ${answersOnly ?? ""} ${searching} ${compacting} ${envelope ?? ""} ${operation ?? ""} ${embedder ?? ""}`
  const known = made.get(key)
  if (known !== undefined) return known
  const lane = same ? (rawLanes[client] ?? null) : translationBetween(client, upstream, options)
  const packed = lane === null || envelope === undefined ? lane : inEnvelope(lane, envelope)
  made.set(key, packed)
  return packed
}

function translationBetween(client: Dialect, upstream: Dialect, options: LaneOptions): UpstreamLane | null {
  if (options.operation === "embeddings") return upstream === "cc" || upstream === "gm" ? embeddingLane(client, options.embedder ?? upstream) : null
  const clientCodec = options.compacting === true ? rsCompactionCodec : options.operation === undefined ? clientCodecs[client] : operationCodecs[options.operation]
  const upstreamCodec = upstreamCodecs[upstream]
  if (clientCodec === undefined || upstreamCodec === undefined) return null
  // Anthropic fetches what stands at an address; the clouds that serve its models do not (vision guide, URL sources).
  return createTranslation(clientCodec, options.envelope === undefined ? upstreamCodec : { ...upstreamCodec, isBrought: isWebAddress }, options)
}

/** A chat request in no dialect's words; null: nobody can read this dialect's. */
export function readChatRequest(client: Dialect, call: Call): Result<ChatRequest, GatewayError> | null {
  const codec = clientCodecs[client]
  return codec === undefined ? null : readRequest(codec, call)
}
