import type { Usage } from "#lib/kernel/usage.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { count, fieldsOf } from "./counts.ts"
import { inputUsage } from "./embeddings.ts"

/*
 * Embeddings in the two shapes that clients and channels have: OpenAI's (API reference, embeddings) and Gemini's
 * (https://ai.google.dev/api/embeddings), of which the batch is asked for always: a single text is a batch of one.
 */

/** One text and what is asked of its vector; null: not said. `task`, `title`: Gemini's alone. */
export type EmbeddedText = { readonly text: string; readonly dimensions: number | null; readonly task: string | null; readonly title: string | null }

/** What came of them, in their order. */
export type Vectors = { readonly vectors: readonly (readonly number[])[]; readonly usage: Usage | null }

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : [])
const text = (value: unknown): string | null => (typeof value === "string" ? value : null)
export const numbers = (value: unknown): readonly number[] | null => (Array.isArray(value) && value.every((one) => typeof one === "number") ? (value as readonly number[]) : null)

/** Null: token ids, which only OpenAI's own models know. */
export function readOpenaiTexts({ input, dimensions }: Fields): readonly EmbeddedText[] | null {
  const texts = Array.isArray(input) ? (input as readonly unknown[]) : [input]
  if (!texts.every((one): one is string => typeof one === "string")) return null
  return texts.map((one) => ({ text: one, dimensions: typeof dimensions === "number" ? dimensions : null, task: null, title: null }))
}

/** The requests of a batch, or the one of a single call. Null: something other than text. */
export function readGeminiTexts(fields: Fields): readonly EmbeddedText[] | null {
  const texts: EmbeddedText[] = []
  for (const request of requestsOf(fields)) {
    const parts = listOf(fieldsOf(request["content"])["parts"])
    if (parts.length === 0 || !parts.every((part) => isRecord(part) && typeof part["text"] === "string")) return null
    const dimensions = request["outputDimensionality"] ?? request["output_dimensionality"]
    texts.push({
      text: parts.map((part) => String((part as Fields)["text"])).join("\n"),
      dimensions: typeof dimensions === "number" ? dimensions : null,
      task: text(request["taskType"] ?? request["task_type"]),
      title: text(request["title"]),
    })
  }
  return texts
}

export const isBatch = (fields: Fields): boolean => Array.isArray(fields["requests"])
const requestsOf = (fields: Fields): readonly Fields[] => (isBatch(fields) ? listOf(fields["requests"]).map(fieldsOf) : [fields])

export const openaiRequest = (texts: readonly EmbeddedText[], model: string): Fields => ({
  model,
  input: texts.map((one) => one.text),
  encoding_format: "float",
  ...(texts[0] !== undefined && texts[0].dimensions !== null && { dimensions: texts[0].dimensions }),
})

export const geminiRequest = (texts: readonly EmbeddedText[], model: string): Fields => ({
  requests: texts.map(({ text: said, dimensions, task, title }) => ({
    model: `models/${model}`,
    content: { parts: [{ text: said }] },
    ...(task !== null && { taskType: task }),
    ...(title !== null && { title }),
    ...(dimensions !== null && { outputDimensionality: dimensions }),
  })),
})

/** Null: no such answer. */
export function readOpenaiVectors(answer: Fields): Vectors | null {
  const vectors = listOf(answer["data"]).map((one) => numbers(fieldsOf(one)["embedding"]))
  return vectors.length === 0 || vectors.includes(null) ? null : { vectors: vectors as readonly (readonly number[])[], usage: inputUsage(fieldsOf(answer["usage"])) }
}

export function readGeminiVectors(answer: Fields): Vectors | null {
  const vectors = listOf(answer["embeddings"]).map((one) => numbers(fieldsOf(one)["values"]))
  const input = count(fieldsOf(answer["usageMetadata"])["promptTokenCount"])
  return vectors.length === 0 || vectors.includes(null) ? null : { vectors: vectors as readonly (readonly number[])[], usage: input === undefined ? null : { input } }
}

/** `base64`: 32-bit floats, little-endian, as the `openai` package asks for them unless told otherwise (W-139). */
export function openaiAnswer({ vectors, usage }: Vectors, model: string, base64: boolean, inputEstimated: number): Fields {
  const tokens = usage?.input ?? inputEstimated
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: base64 ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

export function geminiAnswer({ vectors, usage }: Vectors, batch: boolean): Fields {
  const embeddings = vectors.map((values) => ({ values }))
  return { ...(batch ? { embeddings } : { embedding: embeddings[0] ?? { values: [] } }), ...(usage?.input !== undefined && { usageMetadata: { promptTokenCount: usage.input, totalTokenCount: usage.input } }) }
}
