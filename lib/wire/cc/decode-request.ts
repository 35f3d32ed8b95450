import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { type ChatRequest, type Effort, efforts, type Generation, type OutputFormat, type Reasoning } from "../chat/request.ts"
import { createReading, optionalNumber, optionalText, type Reading } from "../reading.ts"
import { type Fields, isAbsent, isCount, isRecord } from "../request-fields.ts"
import { turnsOf } from "./decode-messages.ts"
import { toolChoiceOf, toolsOf } from "./decode-tools.ts"

/** Members that are read, here or by the lane; all others are dropped in a translation, and named (W-78). */
const READ: ReadonlySet<string> = new Set(
  [
    ["model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens", "stop", "temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"],
    ["logit_bias", "logprobs", "top_logprobs", "response_format", "verbosity", "modalities", "tools", "tool_choice", "functions", "function_call", "parallel_tool_calls", "web_search_options"],
    ["reasoning_effort", "reasoning", "include_reasoning", "thinking", "enable_thinking", "thinking_budget", "user", "safety_identifier", "service_tier"],
  ].flat(),
)

/** Asks for what happens anyway. */
const isHarmless = (name: string, value: unknown): boolean => name === "store" && value === false
const HARMLESS_TIERS: readonly unknown[] = ["auto", "default"]

/** A chat completion request (https://platform.openai.com/docs/api-reference/chat/create) in no dialect's words. */
export function decodeCcRequest({ fields, outputTokensMax, choices }: Call): Result<ChatRequest, GatewayError> {
  const reading = createReading()
  const legacyFunctions = isAbsent(fields["tools"]) && Array.isArray(fields["functions"])
  const request: Omit<ChatRequest, "unknown"> = {
    turns: turnsOf(fields["messages"], reading),
    tools: toolsOf(fields, reading),
    toolChoice: toolChoiceOf(fields, reading),
    // A legacy answer has room for one call.
    parallelTools: legacyFunctions ? false : typeof fields["parallel_tool_calls"] === "boolean" ? fields["parallel_tool_calls"] : null,
    generation: generationOf(fields, { outputTokensMax, choices }, reading),
    reasoning: reasoningOf(fields, reading),
    user: optionalText(fields["user"]) ?? optionalText(fields["safety_identifier"]),
    serviceTier: HARMLESS_TIERS.includes(fields["service_tier"]) ? null : optionalText(fields["service_tier"]),
    ...(legacyFunctions && { legacyFunctions }),
  }
  for (const [name, value] of Object.entries(fields)) if (!READ.has(name) && !isAbsent(value) && !isHarmless(name, value)) reading.drop(name)
  return reading.error === null ? ok({ ...request, unknown: reading.dropped }) : err(reading.error)
}

function generationOf(fields: Fields, { outputTokensMax, choices }: Pick<Call, "outputTokensMax" | "choices">, reading: Reading): Generation {
  const number = (name: string) => optionalNumber(fields[name], name, reading)
  return {
    outputTokensMax,
    choices,
    stop: stopOf(fields["stop"], reading),
    temperature: number("temperature"),
    topP: number("top_p"),
    topK: number("top_k"),
    seed: number("seed"),
    presencePenalty: number("presence_penalty"),
    frequencyPenalty: number("frequency_penalty"),
    logitBias: isRecord(fields["logit_bias"]) ? (fields["logit_bias"] as Readonly<Record<string, number>>) : null,
    logprobs: fields["logprobs"] === true ? (number("top_logprobs") ?? 0) : null,
    format: formatOf(fields["response_format"], reading),
    verbosity: optionalText(fields["verbosity"]),
    modalities: Array.isArray(fields["modalities"]) ? (fields["modalities"] as readonly unknown[]).filter((one) => typeof one === "string" && one !== "text").map(String) : [],
  }
}

/** A text or a list of texts (W-70). */
function stopOf(stop: unknown, reading: Reading): readonly string[] {
  if (isAbsent(stop)) return []
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop]
  if (list.every((one) => typeof one === "string")) return list
  reading.refuse("stop", "must be a text or a list of texts.")
  return []
}

function formatOf(value: unknown, reading: Reading): OutputFormat | null {
  if (isAbsent(value)) return null
  const { type, json_schema: wanted }: Fields = isRecord(value) ? value : {}
  if (type === "text") return null
  if (type === "json_object") return { kind: "json" }
  if (type === "json_schema" && isRecord(wanted)) {
    const { name, description, schema, strict } = wanted
    return { kind: "schema", name: optionalText(name), description: optionalText(description), schema: isRecord(schema) ? schema : {}, strict: typeof strict === "boolean" ? strict : null }
  }
  reading.refuse("response_format", 'must be {"type":"text"}, {"type":"json_object"} or {"type":"json_schema","json_schema":{"name":…,"schema":{…}}}.')
  return null
}

/**
 * How much to think: OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, the `thinking` of GLM, DeepSeek, Kimi and Anthropic's own
 * clients, Qwen's `enable_thinking` (W-48, W-51). The thinking is shown to whoever asks for it (W-53), save where they say no.
 */
function reasoningOf(fields: Fields, reading: Reading): Reasoning | null {
  const wanted: Fields = isRecord(fields["reasoning"]) ? fields["reasoning"] : {}
  const thinking: Fields = isRecord(fields["thinking"]) ? fields["thinking"] : {}
  const shown = wanted["exclude"] !== true && fields["include_reasoning"] !== false
  const effort = effortOf(wanted["effort"] ?? fields["reasoning_effort"], reading)
  const tokens = [wanted["max_tokens"], thinking["budget_tokens"], fields["thinking_budget"]].find(isCount)
  if (effort === "none" || wanted["enabled"] === false || thinking["type"] === "disabled" || fields["enable_thinking"] === false) return { kind: "off", shown: null }
  if (tokens !== undefined) return { kind: "budget", tokens, shown }
  if (effort !== null) return { kind: "effort", effort, shown }
  const asked = wanted["enabled"] === true || typeof thinking["type"] === "string" || fields["enable_thinking"] === true
  return asked ? { kind: "adaptive", effort: null, shown } : null
}

function effortOf(value: unknown, reading: Reading): Effort | null {
  if (isAbsent(value)) return null
  const effort = efforts.find((word) => word === value)
  if (effort === undefined) reading.refuse("reasoning_effort", `must be one of ${efforts.join(", ")}.`)
  return effort ?? null
}
