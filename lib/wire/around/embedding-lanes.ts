import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Addressed, Call } from "../call.ts"
import { encodeGmError, encodeGmStreamError } from "../gm/errors.ts"
import type { Answer, OwnLane } from "../raw-lane.ts"
import { type Fields, invalid, isRecord, parseObject } from "../request-fields.ts"
import type { Attempted, Prepared, UpstreamLane } from "../upstream-lane.ts"
import { readUpstreamWords, type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { aroundCall, seenOf } from "./around-lane.ts"
import { bytesOf } from "./counts.ts"
import { type EmbeddedText, geminiAnswer, geminiRequest, isBatch, openaiAnswer, openaiRequest, readGeminiTexts, readGeminiVectors, readOpenaiTexts, readOpenaiVectors, type Vectors } from "./embedding-shapes.ts"
import { textWork } from "./embeddings.ts"

const TEXTS_MAX = 2_048
const FORWARDED_HEADERS = ["user-agent"] as const

/** A dialect toward the channels that embed in it. */
type Embedder = {
  request(texts: readonly EmbeddedText[], model: string): Fields
  vectors(answer: Fields): Vectors | null
}
const embedders = { cc: { request: openaiRequest, vectors: readOpenaiVectors }, gm: { request: geminiRequest, vectors: readGeminiVectors } } as const satisfies Record<"cc" | "gm", Embedder>

/** A dialect toward clients that want vectors. */
type Asker = {
  texts(fields: Fields): readonly EmbeddedText[] | null
  answer(vectors: Vectors, call: Call): Fields
  /** What the client said that other dialects have no word for. */
  foreign(fields: Fields): readonly string[]
}
const askers = {
  cc: {
    texts: readOpenaiTexts,
    answer: (vectors, { model, fields, work }) => openaiAnswer(vectors, model, fields["encoding_format"] === "base64", work?.likely.input ?? 0),
    foreign: (fields) => ["user"].filter((name) => fields[name] !== undefined && fields[name] !== null),
  },
  gm: {
    texts: readGeminiTexts,
    answer: (vectors, { fields }) => geminiAnswer(vectors, isBatch(fields)),
    foreign: (fields) => (readGeminiTexts(fields)?.some(({ task, title }) => task !== null || title !== null) ? ["taskType"] : []),
  },
} as const satisfies Record<"cc" | "gm", Asker>

/** How vectors are asked for in one dialect on behalf of the clients of another, or of its own. */
function createEmbeddingLane(client: "cc" | "gm", upstream: "cc" | "gm"): UpstreamLane {
  return {
    dialect: upstream,
    operation: "embeddings",
    forwardedHeaders: () => FORWARDED_HEADERS,
    ownHeaders: {},
    prepare: (attempted) => prepare(client, upstream, attempted),
    readWords: readUpstreamWords,
  }
}

function prepare(client: "cc" | "gm", upstream: "cc" | "gm", { call, target }: Attempted): Result<Prepared, GatewayError> {
  const asker = askers[client]
  const texts = asker.texts(call.fields)
  if (texts === null) return err({ code: "unsupported_parameter", message: "input: this model takes texts, not token ids.", param: "input" })
  const body = embedders[upstream].request(texts, target.upstreamModel)
  const refused = target.drop.filter((name) => name in body)
  return ok({
    body: Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(body).filter(([name]) => !refused.includes(name))))),
    headers: null,
    streamed: false,
    dropped: [...(client === upstream ? [] : asker.foreign(call.fields)), ...refused],
    changed: [],
    readAnswer: (bytes) => readAnswer(bytes, client, upstream, call),
    openStream() {
      throw new Error("vectors have no streams")
    },
  })
}

function readAnswer(bytes: Buffer, client: "cc" | "gm", upstream: "cc" | "gm", call: Call): Result<Answer, { readonly words: UpstreamWords | null }> {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  const vectors = isRecord(json) ? embedders[upstream].vectors(json) : null
  if (vectors === null) return err({ words: wordsOf(json) })
  return ok({ body: Buffer.from(JSON.stringify(askers[client].answer(vectors, call))), seen: seenOf(vectors.usage) })
}

function readGeminiCall(body: Buffer, addressed: Addressed | undefined): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const texts = readGeminiTexts(fields)
  const param = isBatch(fields) ? "requests" : "content"
  if (texts === null) return invalid(param, `${param}: texts are needed, each a content with parts of text.`)
  if (texts.length === 0 || texts.length > TEXTS_MAX) return invalid("requests", `requests: a list of 1 to ${TEXTS_MAX} is needed.`)
  return ok(aroundCall(addressed?.model ?? "", fields, textWork({ bytes: texts.reduce((sum, one) => sum + bytesOf(one.text), 0), tokens: 0 })))
}

/** Gemini's embedContent and batchEmbedContents (https://ai.google.dev/api/embeddings): told apart by what the body holds. */
export const geminiEmbeddings: OwnLane = {
  ...createEmbeddingLane("gm", "gm"),
  dialect: "gm",
  streamType: "application/json",
  requestIdHeader: null,
  readCall: (body, _headers, addressed) => readGeminiCall(body, addressed),
  encodeError: encodeGmError,
  encodeStreamError: encodeGmStreamError,
  ping: "",
}

/** Between the two: a channel that embeds in the other dialect. */
export const embeddingTranslations: Readonly<Record<string, UpstreamLane>> = { "cc gm": createEmbeddingLane("cc", "gm"), "gm cc": createEmbeddingLane("gm", "cc") }
