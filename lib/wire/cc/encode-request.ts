import { ok, type Result } from "#lib/kernel/result.ts"
import type { EncodedRequest, Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import { hashedUser } from "../chat/end-user.ts"
import type { ChatField, ChatRequest, Generation, OutputFormat } from "../chat/request.ts"
import { createToolNames } from "../chat/tool-names.ts"
import type { Fields } from "../request-fields.ts"
import { messagesFor } from "./encode-messages.ts"
import { thinkingFor } from "./encode-thinking.ts"
import { toolsFor } from "./encode-tools.ts"

/** OpenAI's bound for a function's name (chat completions reference, tools). */
const TOOL_NAME_CHARACTERS_MAX = 64
/** OpenAI's bound for the list of stop texts (chat completions reference, stop). */
const STOP_TEXTS_MAX = 4
/** What OpenAI's reasoning models answer with 400 (W-71). */
const SAMPLING: readonly ChatField[] = ["temperature", "topP", "presencePenalty", "frequencyPenalty", "logprobs", "logitBias", "stop"]

type Options = { readonly streamed: boolean; readonly notes: Notes }

/** A request for a channel that speaks chat completions (https://platform.openai.com/docs/api-reference/chat/create). */
export function encodeCcRequest(request: ChatRequest, target: TargetModel, { streamed, notes }: Options): Result<EncodedRequest, Unsupported> {
  const names = createToolNames(TOOL_NAME_CHARACTERS_MAX)
  const common = { target, notes, toolName: (name: string) => names.sent(name) }
  const format = formatFor(request.generation.format, target, notes)
  const messages = messagesFor(request, { ...common, instruction: format.instruction })
  if (!messages.ok) return messages
  const tools = toolsFor(request, common)
  if (!tools.ok) return tools
  const generation = generationFor(request.generation, target, notes)
  if (!generation.ok) return generation
  const { user, serviceTier } = request
  const body: Fields = {
    model: target.model,
    messages: messages.value,
    ...tools.value.fields,
    ...generation.value,
    ...format.fields,
    ...thinkingFor(tools.value.reasoning, target, notes),
    ...(user !== null && isTaken("user", target, notes) && { user: hashedUser(user) }),
    ...(serviceTier !== null && { service_tier: serviceTier }),
    // W-142: nobody else says what was used.
    ...(streamed && { stream: true, stream_options: { include_usage: true } }),
    ...(streamed && tools.value.fields["tools"] !== undefined && target.traits.cc?.toolStream),
  }
  return ok({ body, toolNames: names.aliases })
}

/** Whether a field may be sent; what may not is named. */
function isTaken(field: ChatField, { traits }: TargetModel, notes: Notes): boolean {
  const refused = (traits.fixedSampling && SAMPLING.includes(field)) || traits.cc?.refuses?.includes(field) === true
  if (refused) notes.dropped(field)
  return !refused
}

function generationFor(generation: Generation, target: TargetModel, notes: Notes): Result<Fields, Unsupported> {
  const { choices, logprobs, stop, modalities } = generation
  const traits = target.traits.cc ?? {}
  if (modalities.includes("audio")) return { ok: false, error: { field: "modalities", message: "Audio can only be asked for in OpenAI's own dialect, which has room for a voice and a format." } }
  // Another number of answers is another answer (W-73).
  if (choices > 1 && traits.refuses?.includes("choices") === true) return { ok: false, error: { field: "choices", message: "This model gives one answer per call. Ask once for each answer." } }
  const numbers: readonly (readonly [ChatField, string, number | null])[] = [
    ["temperature", "temperature", generation.temperature],
    ["topP", "top_p", generation.topP],
    ["topK", "top_k", generation.topK],
    ["seed", traits.seedField ?? "seed", generation.seed],
    ["presencePenalty", "presence_penalty", generation.presencePenalty],
    ["frequencyPenalty", "frequency_penalty", generation.frequencyPenalty],
  ]
  const fields: Record<string, unknown> = { ...outputBound(generation, target, notes) }
  for (const [field, name, value] of numbers) {
    if (value === null) continue
    if (field === "topK" && traits.topK !== true) notes.dropped("topK")
    else if (isTaken(field, target, notes)) fields[name] = value
  }
  if (choices > 1) fields["n"] = choices
  if (stop.length > 0 && isTaken("stop", target, notes)) fields["stop"] = stopFor(stop, notes)
  if (generation.logitBias !== null && isTaken("logitBias", target, notes)) fields["logit_bias"] = generation.logitBias
  if (logprobs !== null && isTaken("logprobs", target, notes)) Object.assign(fields, { logprobs: true }, logprobs > 0 && { top_logprobs: logprobs })
  if (generation.verbosity !== null) {
    if (traits.openai === true) fields["verbosity"] = generation.verbosity
    else notes.dropped("verbosity")
  }
  if (modalities.length > 0) fields["modalities"] = ["text", ...modalities]
  return ok(fields)
}

function stopFor(stop: readonly string[], notes: Notes): readonly string[] {
  if (stop.length <= STOP_TEXTS_MAX) return stop
  notes.dropped("stop", `[${STOP_TEXTS_MAX}]`)
  return stop.slice(0, STOP_TEXTS_MAX)
}

/** The client's bound within the model's and within what the hold buys (W-68, W-69). */
function outputBound({ outputTokensMax: asked }: Generation, { outputTokensMax: most, outputTokensCap: cap, traits }: TargetModel, notes: Notes): Fields {
  const bounds = [asked, cap].filter((bound) => bound !== null)
  if (bounds.length === 0) return {}
  const tokens = Math.min(...bounds, most ?? Number.POSITIVE_INFINITY)
  if (tokens !== asked) notes.changed("outputTokensMax", String(tokens))
  return { [traits.cc?.outputField ?? "max_tokens"]: tokens }
}

type EncodedFormat = { readonly fields: Fields; readonly instruction: string | null }

/** `response_format` (W-76, W-77); whoever takes no schema is told it in words. */
function formatFor(format: OutputFormat | null, { traits }: TargetModel, notes: Notes): EncodedFormat {
  if (format === null) return { fields: {}, instruction: null }
  if (format.kind === "json") return { fields: { response_format: { type: "json_object" } }, instruction: null }
  const { name, description, schema, strict } = format
  if (traits.cc?.formats === "json") {
    notes.changed("format", "json_object")
    return { fields: { response_format: { type: "json_object" } }, instruction: `Answer with a JSON object alone, which must be valid against this JSON Schema:\n${JSON.stringify(schema)}` }
  }
  const wanted = { name: name ?? "answer", ...(description !== null && { description }), schema, ...(strict !== null && { strict }) }
  return { fields: { response_format: { type: "json_schema", json_schema: wanted } }, instruction: null }
}
