import { type Fields, isRecord } from "../request-fields.ts"
import { count, fieldsOf } from "./counts.ts"
import { type EmbeddedText, listOf, numbers, type Vectors } from "./embedding-shapes.ts"

/*
 * Vertex AI has no batch of Gemini's API. It embeds in two ways, and the model says in which (googleapis/js-genai, @google/genai 3.3.0,
 * `tIsVertexEmbedContentModel`, `embedContentParametersPrivateToVertex`, `embedContentResponseFromVertex`): `:predict` with instances and
 * parameters, and `:embedContent` with one content and its config.
 */

/** All texts are given the same length: the parameters stand beside the instances. */
export const predictRequest = (texts: readonly EmbeddedText[]): Fields => ({
  instances: texts.map(({ text, task, title }) => ({ content: text, ...(task !== null && { task_type: task }), ...(title !== null && { title }) })),
  ...(texts[0] !== undefined && texts[0].dimensions !== null && { parameters: { outputDimensionality: texts[0].dimensions } }),
})

/** Null: no such answer. Each text's tokens stand beside its vector. */
export function readPredictions(answer: Fields): Vectors | null {
  const found = listOf(answer["predictions"]).map((one) => fieldsOf(fieldsOf(one)["embeddings"]))
  const vectors = found.map((one) => numbers(one["values"]))
  if (vectors.length === 0 || vectors.includes(null)) return null
  const tokens = found.map((one) => count(fieldsOf(one["statistics"])["token_count"]))
  const known = tokens.every((one) => one !== undefined)
  return { vectors: vectors as readonly (readonly number[])[], usage: known ? { input: tokens.reduce<number>((sum, one) => sum + one, 0) } : null }
}

/** Of one text: that there is no other was checked before. */
export function embedContentRequest([first]: readonly EmbeddedText[]): Fields {
  const { text = "", task = null, title = null, dimensions = null } = first ?? {}
  const config = { ...(task !== null && { taskType: task }), ...(title !== null && { title }), ...(dimensions !== null && { outputDimensionality: dimensions }) }
  return { content: { parts: [{ text }] }, ...(Object.keys(config).length > 0 && { embedContentConfig: config }) }
}

export function readEmbedding(answer: Fields): Vectors | null {
  const embedding = answer["embedding"]
  const vector = isRecord(embedding) ? numbers(embedding["values"]) : null
  const input = count(fieldsOf(answer["usageMetadata"])["promptTokenCount"])
  return vector === null ? null : { vectors: [vector], usage: input === undefined ? null : { input } }
}
