import { createHash } from "node:crypto"
import type { AroundOperation } from "#lib/wire/around/operations.ts"
import { chunksOf, digestOf, type Fields, type Reply, sandboxAnswer, type SandboxAnswer, streamed, tokensOf, type Voice, whole } from "./sandbox-answer.ts"

/** 2026-01-01: a fixed moment, so that the same request has the same answer. */
const CREATED_SECONDS = 1_767_225_600
const DIMENSIONS = 16
const DIMENSIONS_MAX = 4_096
/** A PNG of one transparent pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
/** A tone of a tenth of a second, eight thousand samples a second, a byte each. */
const SAMPLES_PER_SECOND = 8_000
const TONE_SAMPLES = SAMPLES_PER_SECOND / 10
const AUDIO_BYTES_PER_SECOND = 16_000
/** Words that the sandbox's moderation flags. */
const FLAGGED = /\b(?:violence|kill)\b/i

type Complete = (request: Fields) => SandboxAnswer

/** What the sandbox answers besides chat. Triggers work here as in chat, where they stand in the model's name. */
const operations: Readonly<Record<AroundOperation, Complete>> = {
  completions: complete,
  embeddings: embed,
  moderations: moderate,
  rerank,
  "images.generations": draw,
  "images.edits": draw,
  "images.variations": draw,
  "audio.speech": speak,
  "audio.transcriptions": transcribe,
  "audio.translations": transcribe,
}

const isOperation = (name: string): name is AroundOperation => Object.hasOwn(operations, name)

/** The operation that a path of the sandbox ends in; null: chat. */
export function sandboxOperation(url: string): AroundOperation | null {
  const name = new URL(url).pathname.replace(/^\/v1\//, "").replaceAll("/", ".")
  return isOperation(name) ? name : null
}

/** The sandbox's answer to a call around chat. `bytes`: those of a form's file. */
export const sandboxAround = (operation: AroundOperation, request: Fields): SandboxAnswer => sandboxAnswer(request, voiceOf(operations[operation]))

function voiceOf(answer: Complete): Voice {
  return {
    complete(request, { usage } = { usage: true }) {
      const said = answer(request)
      return usage ? said : { ...said, pieces: said.pieces.map((piece) => (typeof piece === "string" ? withoutUsage(piece) : piece)) }
    },
    errorEvent: (message, code) => event({ error: { message, code } }),
  }
}

/** What counts in an answer that counts nothing. */
function withoutUsage(piece: string): string {
  const isEvent = piece.startsWith("data: {")
  if (!isEvent && !piece.startsWith("{")) return piece
  const { usage: _, meta: __, ...rest } = JSON.parse(isEvent ? piece.slice("data: ".length) : piece) as Fields
  return isEvent ? event(rest) : JSON.stringify(rest)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : [value])
/** Token ids are one input, and so is a text. */
const inputsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) && typeof value[0] !== "number" ? (value as readonly unknown[]) : [value])
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))
const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`

function complete(request: Fields): SandboxAnswer {
  const head = { id: `cmpl-sandbox-${digestOf(request)}`, object: "text_completion", created: CREATED_SECONDS, model: String(request["model"]) }
  const copies = typeof request["n"] === "number" ? request["n"] : 1
  const replies = inputsOf(request["prompt"]).flatMap((prompt) => Array.from({ length: copies }, () => continued(textOf(prompt), request["max_tokens"])))
  const [prompt_tokens, completion_tokens] = [tokensOf(textOf(request["prompt"])), replies.reduce((sum, { text }) => sum + tokensOf(text), 0)]
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
  const choice = (index: number, text: string, finish_reason: string | null) => ({ index, text, logprobs: null, finish_reason })
  const finish = ({ cut }: Reply) => (cut ? "length" : "stop")
  if (request["stream"] !== true) return whole(200, JSON.stringify({ ...head, choices: replies.map((reply, index) => choice(index, reply.text, finish(reply))), usage }))
  const pieces = replies.flatMap((reply, index) => [...chunksOf(reply.text).map((text) => event({ ...head, choices: [choice(index, text, null)] })), event({ ...head, choices: [choice(index, "", finish(reply))] })])
  return streamed([...pieces, event({ ...head, choices: [], usage }), "data: [DONE]\n\n"])
}

function continued(prompt: string, tokensMax: unknown): Reply {
  const text = `Sandbox: ${prompt}`
  const bound = typeof tokensMax === "number" ? tokensMax : Number.POSITIVE_INFINITY
  const cut = tokensOf(text) > bound
  return { text: cut ? text.slice(0, bound * 4) : text, tool: null, cut }
}

/** Numbers between -1 and 1 that the same text always has. */
function embed(request: Fields): SandboxAnswer {
  const { input, dimensions, encoding_format: format } = request
  const length = typeof dimensions === "number" && dimensions >= 1 ? Math.min(dimensions, DIMENSIONS_MAX) : DIMENSIONS
  const data = inputsOf(input).map((one, index) => {
    const vector = vectorOf(textOf(one), length)
    return { object: "embedding", index, embedding: format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector] }
  })
  const tokens = inputsOf(input).reduce<number>((sum, one) => sum + (Array.isArray(one) ? one.length : tokensOf(textOf(one))), 0)
  return whole(200, JSON.stringify({ object: "list", data, model: String(request["model"]), usage: { prompt_tokens: tokens, total_tokens: tokens } }))
}

function vectorOf(text: string, length: number): Float32Array {
  const vector = new Float32Array(length)
  for (let index = 0; index < length; index++) {
    const digest = createHash("sha256").update(`${index} ${text}`).digest()
    vector[index] = digest.readInt16BE(0) / 32_768
  }
  return vector
}

function moderate(request: Fields): SandboxAnswer {
  const results = listOf(request["input"]).map((input) => {
    const flagged = FLAGGED.test(textOf(input))
    return { flagged, categories: { violence: flagged }, category_scores: { violence: flagged ? 0.99 : 0.01 }, category_applied_input_types: { violence: flagged ? ["text"] : [] } }
  })
  return whole(200, JSON.stringify({ id: `modr-sandbox-${digestOf(request)}`, model: String(request["model"]), results }))
}

/** The more words of the query a document has, the more it fits. */
function rerank(request: Fields): SandboxAnswer {
  const words = textOf(request["query"]).toLowerCase().split(/\s+/)
  const documents = listOf(request["documents"])
  const results = documents
    .map((document, index) => ({ index, relevance_score: words.filter((word) => textOf(document).toLowerCase().includes(word)).length / words.length }))
    .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
    .slice(0, typeof request["top_n"] === "number" ? request["top_n"] : documents.length)
  return whole(200, JSON.stringify({ id: `rerank-sandbox-${digestOf(request)}`, results, meta: { billed_units: { search_units: Math.max(1, Math.ceil(documents.length / 100)) } } }))
}

function draw(request: Fields): SandboxAnswer {
  const count = Number(request["n"] ?? 1)
  if (String(request["stream"]) !== "true") return whole(200, JSON.stringify({ created: CREATED_SECONDS, data: Array.from({ length: count }, () => ({ b64_json: PIXEL })) }))
  const partials = Array.from({ length: Number(request["partial_images"] ?? 0) }, (_, index) => event({ type: "image_generation.partial_image", b64_json: PIXEL, partial_image_index: index }))
  return streamed([...partials, event({ type: "image_generation.completed", b64_json: PIXEL, created_at: CREATED_SECONDS })])
}

function speak(request: Fields): SandboxAnswer {
  const sound = tone()
  if (request["stream_format"] !== "sse") return { ...whole(200, ""), headers: { "content-type": "audio/wav" }, pieces: [sound.subarray(0, sound.length / 2), sound.subarray(sound.length / 2)] }
  const [input_tokens, output_tokens] = [tokensOf(textOf(request["input"])), 3]
  return streamed([event({ type: "speech.audio.delta", audio: sound.toString("base64") }), event({ type: "speech.audio.done", usage: { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens } })])
}

/** A WAV of one plain tone. */
function tone(): Buffer {
  const header = Buffer.alloc(44)
  header.write("RIFF", 0)
  header.writeUInt32LE(36 + TONE_SAMPLES, 4)
  header.write("WAVEfmt ", 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(SAMPLES_PER_SECOND, 24)
  header.writeUInt32LE(SAMPLES_PER_SECOND, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write("data", 36)
  header.writeUInt32LE(TONE_SAMPLES, 40)
  const samples = Buffer.from(Array.from({ length: TONE_SAMPLES }, (_, index) => 128 + Math.round(60 * Math.sin((index * 440 * 2 * Math.PI) / SAMPLES_PER_SECOND))))
  return Buffer.concat([header, samples])
}

function transcribe(request: Fields): SandboxAnswer {
  const bytes = Number(request["bytes"] ?? 0)
  const text = `Sandbox: ${bytes} bytes of audio`
  const usage = { type: "duration", seconds: Math.ceil(bytes / AUDIO_BYTES_PER_SECOND) }
  if (["text", "srt", "vtt"].includes(String(request["response_format"]))) return { ...whole(200, `${text}\n`), headers: { "content-type": "text/plain; charset=utf-8" } }
  if (String(request["stream"]) !== "true") return whole(200, JSON.stringify({ text, usage }))
  return streamed([...chunksOf(text).map((delta) => event({ type: "transcript.text.delta", delta })), event({ type: "transcript.text.done", text, usage })])
}
