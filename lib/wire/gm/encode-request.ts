import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { EncodedRequest, Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import type { ChatRequest, Generation, OutputFormat } from "../chat/request.ts"
import { createToolNames } from "../chat/tool-names.ts"
import type { Fields } from "../request-fields.ts"
import { encodeContents } from "./encode-contents.ts"
import { encodeTools, isLevelled } from "./encode-tools.ts"
import { createJsonSchemaWriter } from "./json-schema.ts"
import { encodeThinking } from "./thinking.ts"

/** Function declaration reference, name: 64 characters of a to z, digits, underscores and dashes. */
const TOOL_NAME_CHARACTERS_MAX = 64
/** Generation config reference: stopSequences, candidateCount, logprobs, temperature. */
const STOPS_MAX = 5
const CANDIDATES_MAX = 8
const LOGPROBS_MAX = 20
const TEMPERATURE_MAX = 2

type Options = { readonly notes: Notes }

/** A request as Gemini's generateContent (https://ai.google.dev/api/generate-content); the model stands in its address. */
export function encodeGmRequest(request: ChatRequest, target: TargetModel, { notes }: Options): Result<EncodedRequest, Unsupported> {
  const { generation } = request
  const names = createToolNames(TOOL_NAME_CHARACTERS_MAX)
  const { tools, toolConfig, unsupported } = encodeTools(request, { names, target, notes })
  const impossible = unsupported ?? impossibleOf(generation, tools.length > 0, target) ?? prefillOf(request)
  if (impossible !== null) return err(impossible)
  const { systemInstruction, contents } = encodeContents(request.turns, { names, signsCalls: isLevelled(target), resultsHoldMedia: isLevelled(target) })
  const thinkingConfig = encodeThinking(request.reasoning, target, notes)
  const config = { ...sampling(generation, notes), ...bound(generation, target, notes), ...formatOf(generation.format), ...modalitiesOf(generation), ...(thinkingConfig !== null && { thinkingConfig }) }
  dropForeign(request, notes)
  return ok({
    body: {
      ...(systemInstruction !== null && { systemInstruction }),
      contents,
      ...(tools.length > 0 && { tools }),
      ...(toolConfig !== null && { toolConfig }),
      ...(isTier(request.serviceTier) && { serviceTier: request.serviceTier }),
      ...(Object.keys(config).length > 0 && { generationConfig: config }),
    },
    toolNames: names.aliases,
  })
}

/** Gemini has no word for going on with its own turn: it would answer as if somebody had asked again (W-9). */
function prefillOf({ turns }: ChatRequest): Unsupported | null {
  const last = turns.at(-1)
  return last?.role === "assistant" && last.parts.some((part) => part.kind === "text" && part.text.trim() !== "") && !last.parts.some(({ kind }) => kind === "toolCall")
    ? { field: "messages", message: "This model cannot go on with an assistant message: the last message must be the user's." }
    : null
}

/** What must not be left out, since the answer would be another one. */
function impossibleOf({ choices, modalities, format }: Generation, tools: boolean, target: TargetModel): Unsupported | null {
  if (choices > CANDIDATES_MAX) return { field: "choices", message: `Gemini gives at most ${CANDIDATES_MAX} answers per call.` }
  const other = modalities.find((modality) => modality !== "text" && modality !== "image")
  if (other !== undefined) return { field: "modalities", message: `This model's answers cannot be had in ${other.slice(0, 40)} here.` }
  // Structured output guide, tools: from Gemini 3 on.
  return format !== null && tools && !isLevelled(target) ? { field: "format", message: "This model cannot be bound to a format in a call that has tools. Leave out one or the other." } : null
}

/** W-68, W-69, and no more than the hold buys. */
function bound({ outputTokensMax: asked }: Generation, { outputTokensMax: limit, outputTokensCap: cap }: TargetModel, notes: Notes): Fields {
  const wanted = asked ?? cap
  if (wanted === null) return {}
  const tokens = Math.min(wanted, limit ?? wanted, cap ?? wanted)
  if (tokens < wanted || asked === null) notes.changed("outputTokensMax", String(tokens))
  return { maxOutputTokens: tokens }
}

function sampling(generation: Generation, notes: Notes): Fields {
  const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty, logprobs, choices, stop } = generation
  if (temperature !== null && temperature > TEMPERATURE_MAX) notes.changed("temperature", String(TEMPERATURE_MAX))
  if (stop.length > STOPS_MAX) notes.changed("stop", `${STOPS_MAX} of ${stop.length}`)
  if (logprobs !== null && logprobs > LOGPROBS_MAX) notes.changed("logprobs", String(LOGPROBS_MAX))
  return {
    ...(temperature !== null && { temperature: Math.min(temperature, TEMPERATURE_MAX) }),
    ...(topP !== null && { topP }),
    ...(topK !== null && { topK }),
    ...(seed !== null && { seed }),
    ...(presencePenalty !== null && { presencePenalty }),
    ...(frequencyPenalty !== null && { frequencyPenalty }),
    ...(stop.length > 0 && { stopSequences: stop.slice(0, STOPS_MAX) }),
    ...(choices > 1 && { candidateCount: choices }),
    ...(logprobs !== null && { responseLogprobs: true, ...(logprobs > 0 && { logprobs: Math.min(logprobs, LOGPROBS_MAX) }) }),
  }
}

/** W-76, W-77. Google takes JSON Schema as it is there; names and strictness it has none. */
function formatOf(format: OutputFormat | null): Fields {
  if (format === null) return {}
  if (format.kind === "json") return { responseMimeType: "application/json" }
  return { responseMimeType: "application/json", responseJsonSchema: createJsonSchemaWriter()(format.schema) }
}

const modalitiesOf = ({ modalities }: Generation): Fields => (modalities.includes("image") ? { responseModalities: modalities.map((modality) => modality.toUpperCase()) } : {})

/** Google's tiers beside the standard one (Gemini API reference, serviceTier). */
const isTier = (tier: string | null): boolean => tier === "flex" || tier === "priority"

/** What Gemini has no word for (W-75, W-79). */
function dropForeign({ generation, user, serviceTier }: ChatRequest, notes: Notes): void {
  if (generation.logitBias !== null && Object.keys(generation.logitBias).length > 0) notes.dropped("logitBias")
  if (generation.verbosity !== null) notes.dropped("verbosity")
  if (user !== null) notes.dropped("user")
  if (serviceTier !== null && serviceTier !== "auto" && serviceTier !== "default" && !isTier(serviceTier)) notes.dropped("serviceTier")
}
