import { embedderOf } from "#lib/catalog/base-url.ts"
import type { ModelKind } from "#lib/catalog/model-kinds.ts"
import type { ProviderDefinition } from "#lib/catalog/provider.ts"
import { embeddingQuestion } from "#lib/wire/around/embedding-lanes.ts"
import type { AroundOperation } from "#lib/wire/around/operations.ts"
import { type Dialect, dialects } from "#lib/wire/dialect.ts"
import { packed } from "#lib/wire/envelope.ts"
import type { Fields } from "#lib/wire/request-fields.ts"
import { SILENCE } from "./silence.ts"

/** Enough for any model to say something, too little to cost anything: at $50 per million tokens less than a tenth of a cent. */
const OUTPUT_TOKENS_MAX = 16
const ANSWER_BYTES_MAX = 256 * 1024
const ANSWER_MS_MAX = 30_000
/** A picture of 1024 × 1024 as base64 has two to four megabytes, and takes up to a minute to draw. */
const IMAGE_BYTES_MAX = 16 * 1024 * 1024
const IMAGE_MS_MAX = 120_000

export type TestedKind = ModelKind | "chat"

/** A real call that costs as little as one of its kind can, and what tells that it was answered. */
export type Question = {
  readonly operation: "chat" | AroundOperation
  readonly contentType: string
  readonly body: Buffer
  readonly answerBytesMax: number
  readonly answerMsMax: number
  /** Answered with sound and not with JSON. */
  readonly soundAnswer?: boolean
  /** Whether this JSON is such an answer: a web page that says 200 is no model. */
  isAnswer(answer: Fields): boolean
}

type Asked = { readonly model: string; readonly dialect: Dialect; readonly provider: ProviderDefinition }

/** The dialects in which a kind of model is asked for: what stands around chat is OpenAI's, and embeddings are Gemini's too. */
export const dialectsOf = (kind: TestedKind): readonly Dialect[] => (kind === "chat" ? dialects : kind === "embedding" ? ["cc", "gm"] : ["cc"])

/** The least question to a model of this kind, in a dialect that it is asked for in. */
export function smallestQuestion(kind: TestedKind, asked: Asked): Question {
  return kind === "chat" ? chatQuestion(asked) : around[kind](asked)
}

const limits = { answerBytesMax: ANSWER_BYTES_MAX, answerMsMax: ANSWER_MS_MAX } as const
const JSON_TYPE = "application/json"
const json = (body: unknown) => ({ contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(body)) })
const hasList = (...names: readonly string[]) => (answer: Fields): boolean => names.some((name) => Array.isArray(answer[name]))

/** The field that an answer of this dialect cannot be without. Some vendors answer 200 with an error inside (MiniMax's base_resp, Zhipu's code and msg). */
const chatAnswerField = { cc: "choices", rs: "output", am: "content", gm: "candidates", br: "output" } as const satisfies Record<Dialect, string>

function chatQuestion({ model, dialect, provider }: Asked): Question {
  const { contentType, body } = json(chatRequest(dialect, model, provider))
  return {
    ...limits,
    operation: "chat",
    contentType,
    body: packed(body, provider.hosting?.envelopes?.[dialect]),
    isAnswer: (answer) => answer[chatAnswerField[dialect]] !== undefined && answer[chatAnswerField[dialect]] !== null,
  }
}

function chatRequest(dialect: Dialect, model: string, { outputLimitField }: ProviderDefinition): unknown {
  const question = "Say ok."
  switch (dialect) {
    case "cc":
      return { model, messages: [{ role: "user", content: question }], [outputLimitField ?? "max_tokens"]: OUTPUT_TOKENS_MAX }
    case "rs":
      return { model, input: question, max_output_tokens: OUTPUT_TOKENS_MAX, store: false }
    case "am":
      return { model, max_tokens: OUTPUT_TOKENS_MAX, messages: [{ role: "user", content: question }] }
    case "gm":
      return { contents: [{ role: "user", parts: [{ text: question }] }], generationConfig: { maxOutputTokens: OUTPUT_TOKENS_MAX } }
    case "br":
      return { messages: [{ role: "user", content: [{ text: question }] }], inferenceConfig: { maxTokens: OUTPUT_TOKENS_MAX } }
  }
}

const around = {
  embedding({ model, dialect, provider }) {
    const { body, isAnswer } = embeddingQuestion(dialect === "gm" ? (embedderOf(provider.hosting, model)?.embedder ?? "gm") : "cc", "ok", model)
    return { ...limits, operation: "embeddings", ...json(body), isAnswer }
  },
  rerank: ({ model }) => ({ ...limits, operation: "rerank", ...json({ model, query: "ok", documents: ["ok"] }), isAnswer: hasList("results", "data") }),
  moderation: ({ model }) => ({ ...limits, operation: "moderations", ...json({ model, input: "ok" }), isAnswer: hasList("results") }),
  image: ({ model }) => ({ operation: "images.generations", ...json({ model, prompt: "A dot.", n: 1, ...cheapestImage(model) }), answerBytesMax: IMAGE_BYTES_MAX, answerMsMax: IMAGE_MS_MAX, isAnswer: hasList("data") }),
  // Every vendor has voices of its own; this one is OpenAI's.
  speech: ({ model }) => ({ ...limits, answerBytesMax: IMAGE_BYTES_MAX, operation: "audio.speech", ...json({ model, input: "ok", voice: "alloy" }), soundAnswer: true, isAnswer: () => false }),
  transcription: ({ model }) => ({ ...limits, operation: "audio.transcriptions", ...transcriptionForm(model), isAnswer: ({ text }) => typeof text === "string" }),
} as const satisfies Record<ModelKind, (asked: Asked) => Question>

/** OpenAI API reference, images: the least size of DALL·E 2, and the least quality of what came after it. Others' own defaults stand. */
function cheapestImage(model: string): Fields {
  if (/dall-e-2/.test(model)) return { size: "256x256" }
  return /(?:chatgpt|gpt)-image/.test(model) ? { quality: "low", size: "1024x1024" } : {}
}

const BOUNDARY = "turnpike-connection-test"

function transcriptionForm(model: string): Pick<Question, "contentType" | "body"> {
  const field = (name: string, value: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const head = `${field("model", model.replace(/[\r\n]/g, " "))}--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="silence.wav"\r\ncontent-type: audio/wav\r\n\r\n`
  return { contentType: `multipart/form-data; boundary=${BOUNDARY}`, body: Buffer.concat([Buffer.from(head), SILENCE, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]) }
}

/** Whether an answer under this type is sound: vendors name it as they like, and none as text. */
export const isSound = (contentType: string): boolean => /^(?:audio\/|application\/octet-stream)/i.test(contentType)
