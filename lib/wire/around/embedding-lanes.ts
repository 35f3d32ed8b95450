import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Addressed, Call } from "../call.ts"
import type { Dialect } from "../dialect.ts"
import { encodeGmError, encodeGmStreamError } from "../gm/errors.ts"
import type { Answer, OwnLane } from "../raw-lane.ts"
import { type Fields, invalid, isRecord, parseObject } from "../request-fields.ts"
import type { Attempted, Prepared, UpstreamLane } from "../upstream-lane.ts"
import { readUpstreamWords, type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { aroundCall, seenOf } from "./around-lane.ts"
import { bytesOf } from "./counts.ts"
import { type EmbeddedText, geminiAnswer, geminiRequest, isBatch, openaiAnswer, openaiRequest, readGeminiTexts, readGeminiVectors, readOpenaiTexts, readOpenaiVectors, type Vectors } from "./embedding-shapes.ts"
import { textWork } from "./embeddings.ts"
import { embedContentRequest, predictRequest, readEmbedding, readPredictions } from "./vertex-embeddings.ts"

const TEXTS_MAX = 2_048
const FORWARDED_HEADERS = ["user-agent"] as const

/** How channels are asked for vectors. */
type Embedder = {
  /** The channel's dialect. */
  readonly dialect: "cc" | "gm"
  /** Whether it can be told what each vector is for, and a text's title. */
  readonly tasks: boolean
  /** Whether each text of a call can have a length of its own. */
  readonly lengths: boolean
  /** Texts in one call; null: as many as the provider takes. */
  readonly textsMax: number | null
  request(texts: readonly EmbeddedText[], model: string): Fields
  vectors(answer: Fields): Vectors | null
}
const embedders = {
  cc: { dialect: "cc", tasks: false, lengths: false, textsMax: null, request: openaiRequest, vectors: readOpenaiVectors },
  gm: { dialect: "gm", tasks: true, lengths: true, textsMax: null, request: geminiRequest, vectors: readGeminiVectors },
  vertexPredict: { dialect: "gm", tasks: true, lengths: false, textsMax: null, request: predictRequest, vectors: readPredictions },
  vertexContent: { dialect: "gm", tasks: true, lengths: false, textsMax: 1, request: embedContentRequest, vectors: readEmbedding },
} as const satisfies Record<string, Embedder>

export type EmbedderId = keyof typeof embedders

/** One text as an embedder asks for its vector, and whether an answer holds one. */
export const embeddingQuestion = (id: EmbedderId, text: string, model: string) => ({
  body: embedders[id].request([{ text, dimensions: null, task: null, title: null }], model),
  isAnswer: (answer: Fields): boolean => embedders[id].vectors(answer) !== null,
})

/** A dialect toward clients that want vectors. */
type Asker = {
  texts(fields: Fields): readonly EmbeddedText[] | null
  answer(vectors: Vectors, call: Call): Fields
  /** What the client said that this channel has no word for. */
  foreign(fields: Fields, embedder: Embedder): readonly string[]
}
const askers = {
  cc: {
    texts: readOpenaiTexts,
    answer: (vectors, { model, fields, work }) => openaiAnswer(vectors, model, fields["encoding_format"] === "base64", work?.likely.input ?? 0),
    foreign: (fields, { dialect }) => (dialect === "cc" ? [] : ["user"].filter((name) => fields[name] !== undefined && fields[name] !== null)),
  },
  gm: {
    texts: readGeminiTexts,
    answer: (vectors, { fields }) => geminiAnswer(vectors, isBatch(fields)),
    foreign: (fields, { tasks }) => (!tasks && readGeminiTexts(fields)?.some(({ task, title }) => task !== null || title !== null) ? ["taskType"] : []),
  },
} as const satisfies Record<"cc" | "gm", Asker>

/** How vectors are asked for on behalf of the clients of one dialect. */
function createEmbeddingLane(client: "cc" | "gm", id: EmbedderId): UpstreamLane {
  const embedder: Embedder = embedders[id]
  return {
    dialect: embedder.dialect,
    operation: "embeddings",
    forwardedHeaders: () => FORWARDED_HEADERS,
    ownHeaders: {},
    prepare: (attempted) => prepare(client, embedder, attempted),
    readWords: readUpstreamWords,
  }
}

function prepare(client: "cc" | "gm", embedder: Embedder, { call, target }: Attempted): Result<Prepared, GatewayError> {
  const asker: Asker = askers[client]
  const texts = asker.texts(call.fields)
  if (texts === null) return err({ code: "unsupported_parameter", message: "input: this model takes texts, not token ids.", param: "input" })
  const impossible = problemOf(texts, embedder)
  if (impossible !== null) return err({ code: "unsupported_parameter", ...impossible })
  const body = embedder.request(texts, target.upstreamModel)
  const refused = target.drop.filter((name) => name in body)
  return ok({
    body: Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(body).filter(([name]) => !refused.includes(name))))),
    headers: null,
    streamed: false,
    dropped: [...asker.foreign(call.fields, embedder), ...refused],
    changed: [],
    readAnswer: (bytes) => readAnswer(bytes, asker, embedder, call),
    openStream() {
      throw new Error("vectors have no streams")
    },
  })
}

/** What the channel cannot do for these texts in one call. */
function problemOf(texts: readonly EmbeddedText[], { textsMax, lengths }: Embedder): { readonly message: string; readonly param: string } | null {
  if (textsMax !== null && texts.length > textsMax) return { message: `input: this model takes ${textsMax} text in a call, and ${texts.length} were given. Ask once for each text.`, param: "input" }
  const uneven = !lengths && texts.some(({ dimensions }) => dimensions !== texts[0]?.dimensions)
  return uneven ? { message: "outputDimensionality: all texts of a call have vectors of the same length here.", param: "outputDimensionality" } : null
}

function readAnswer(bytes: Buffer, asker: Asker, embedder: Embedder, call: Call): Result<Answer, { readonly words: UpstreamWords | null }> {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  const vectors = isRecord(json) ? embedder.vectors(json) : null
  if (vectors === null) return err({ words: wordsOf(json) })
  return ok({ body: Buffer.from(JSON.stringify(asker.answer(vectors, call))), seen: seenOf(vectors.usage) })
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

/** Toward a channel that embeds otherwise than the client asks; null: nobody else asks for vectors. */
export function embeddingLane(client: Dialect, embedder: EmbedderId): UpstreamLane | null {
  return (client === "cc" || client === "gm") && client !== embedder ? createEmbeddingLane(client, embedder) : null
}
