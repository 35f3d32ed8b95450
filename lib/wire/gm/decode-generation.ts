import { efforts, type Effort, type Generation, type OutputFormat, type Reasoning } from "../chat/request.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { listOf, member, recordOf, snakeOf, textIn } from "./fields.ts"
import { jsonSchemaOf } from "./schema.ts"

const known = [
  "maxOutputTokens",
  "candidateCount",
  "stopSequences",
  "temperature",
  "topP",
  "topK",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
  "responseLogprobs",
  "logprobs",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "_responseJsonSchema",
  "responseModalities",
  "thinkingConfig",
] as const
const knownNames: ReadonlySet<string> = new Set(known.flatMap((name) => [name, snakeOf(name)]))

/** What of `generationConfig` only Gemini knows. */
export const unknownGeneration = (config: Fields): readonly string[] => Object.keys(config).flatMap((name) => (knownNames.has(name) || config[name] === null ? [] : [`generationConfig.${name}`]))

/** Sampling and bounds (https://ai.google.dev/api/generate-content#GenerationConfig). */
export function decodeGeneration(config: Fields): Generation {
  const number = (name: string): number | null => {
    const value = member(config, name)
    return typeof value === "number" && Number.isFinite(value) ? value : null
  }
  const bound = number("maxOutputTokens")
  return {
    outputTokensMax: bound === 0 ? null : bound,
    choices: number("candidateCount") || 1,
    stop: texts(member(config, "stopSequences")),
    temperature: number("temperature"),
    topP: number("topP"),
    topK: number("topK"),
    seed: number("seed"),
    presencePenalty: number("presencePenalty"),
    frequencyPenalty: number("frequencyPenalty"),
    logitBias: null,
    logprobs: member(config, "responseLogprobs") === true ? (number("logprobs") ?? 0) : null,
    format: formatOf(config),
    verbosity: null,
    modalities: texts(member(config, "responseModalities")).map((modality) => modality.toLowerCase()),
  }
}

const texts = (value: unknown): readonly string[] => listOf(value).filter((one): one is string => typeof one === "string")

/** W-76, W-77. A list of permitted words (`text/x.enum`) is a schema of one text. */
function formatOf(config: Fields): OutputFormat | null {
  const type = textIn(member(config, "responseMimeType"))
  if (type !== "application/json" && type !== "text/x.enum") return null
  const full = member(config, "responseJsonSchema") ?? member(config, "_responseJsonSchema")
  const own = member(config, "responseSchema")
  const schema = isRecord(full) ? full : isRecord(own) ? jsonSchemaOf(own) : null
  return schema === null ? { kind: "json" } : { kind: "schema", name: null, description: null, schema, strict: null }
}

/** W-48, W-51: tokens or a level; the thoughts are shown where they are asked for. */
export function decodeReasoning(config: Fields): Reasoning | null {
  const thinking = member(config, "thinkingConfig")
  if (!isRecord(thinking)) return null
  const includes = member(thinking, "includeThoughts")
  const shown = typeof includes === "boolean" ? includes : null
  const level = textIn(member(thinking, "thinkingLevel"))?.toLowerCase()
  if (level !== undefined && isEffort(level)) return { kind: "effort", effort: level, shown }
  const budget = member(thinking, "thinkingBudget")
  if (budget === 0) return { kind: "off", shown }
  if (typeof budget === "number" && budget > 0) return { kind: "budget", tokens: Math.floor(budget), shown }
  return { kind: "adaptive", effort: null, shown }
}

const isEffort = (word: string): word is Effort => (efforts as readonly string[]).includes(word)

export const generationOf = (fields: Fields): Fields => recordOf(member(fields, "generationConfig"))
