import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { type ChatRequest, type Effort, efforts, type OutputFormat, type Reasoning, type Turn } from "../chat/request.ts"
import { type Fields, isAbsent, isCount, isRecord } from "../request-fields.ts"
import { partsOf } from "./decode-blocks.ts"
import { texts, toolChoiceOf, toolsOf } from "./decode-tools.ts"
import { createReading, optionalNumber, type Reading, records } from "../reading.ts"

/** Claude Code's first system block changes with each request, so it goes to Anthropic alone (W-4). */
const BILLING = "x-anthropic-billing-header"

/** Members that are read below. `cache_control` at the top lets Anthropic place its marks itself: like all marks it is left out without a word (W-123). */
const READ: readonly string[] = ["model", "messages", "system", "stream", "max_tokens", "metadata", "stop_sequences", "temperature", "top_p", "top_k", "tools", "tool_choice", "thinking", "output_config", "output_format", "cache_control"]
const HARMLESS: Readonly<Record<string, unknown>> = { service_tier: "auto", speed: "standard", inference_geo: "global" }

/** A messages request (https://docs.anthropic.com/en/api/messages) in no dialect's words. */
export function decodeAmRequest({ fields, outputTokensMax }: Call): Result<ChatRequest, GatewayError> {
  const reading = createReading()
  const turns = [...systemTurns(fields["system"], reading), ...records(fields["messages"], "messages", reading).flatMap(([message, path]) => turnOf(message, path, reading))]
  const { toolChoice, parallelTools } = toolChoiceOf(fields["tool_choice"], reading)
  const output: Fields = isRecord(fields["output_config"]) ? fields["output_config"] : {}
  if (outputTokensMax === 0) reading.refuse("max_tokens", "0 only fills Anthropic's prompt cache, and this model is reached through another dialect. It must be at least 1.")
  const request: Omit<ChatRequest, "unknown"> = {
    turns,
    tools: toolsOf(fields["tools"], reading),
    toolChoice,
    parallelTools,
    generation: {
      outputTokensMax,
      choices: 1,
      stop: texts(fields["stop_sequences"]),
      temperature: optionalNumber(fields["temperature"], "temperature", reading),
      topP: optionalNumber(fields["top_p"], "top_p", reading),
      topK: optionalNumber(fields["top_k"], "top_k", reading),
      seed: null,
      presencePenalty: null,
      frequencyPenalty: null,
      logitBias: null,
      logprobs: null,
      format: formatOf(output["format"] ?? fields["output_format"], reading),
      verbosity: null,
      modalities: [],
    },
    reasoning: reasoningOf(fields["thinking"], effortOf(output["effort"], reading), reading),
    user: isRecord(fields["metadata"]) && typeof fields["metadata"]["user_id"] === "string" ? fields["metadata"]["user_id"] : null,
    serviceTier: null,
  }
  for (const name of Object.keys(output)) if (name !== "format" && name !== "effort") reading.drop(`output_config.${name}`)
  for (const [name, value] of Object.entries(fields)) if (!READ.includes(name) && !isAbsent(value) && HARMLESS[name] !== value) reading.drop(name)
  return reading.error === null ? ok({ ...request, unknown: reading.dropped }) : err(reading.error)
}

/** `system` as a text or as blocks comes to the same (W-4). */
function systemTurns(system: unknown, reading: Reading): readonly Turn[] {
  if (isAbsent(system)) return []
  const parts = partsOf(system, "system", reading).filter((part, index) => {
    const billing = part.kind === "text" && part.text.startsWith(BILLING)
    if (billing) reading.drop(`system[${index}]`)
    return !billing
  })
  return parts.length === 0 ? [] : [{ role: "system", parts }]
}

function turnOf(message: Fields, path: string, reading: Reading): readonly Turn[] {
  const { role, content } = message
  if (role !== "user" && role !== "assistant" && role !== "system") {
    reading.refuse(`${path}.role`, "must be “user”, “assistant” or “system”.")
    return []
  }
  if (typeof content !== "string" && !Array.isArray(content)) reading.refuse(`${path}.content`, "must be a text or a list of blocks.")
  return [{ role, parts: partsOf(content, `${path}.content`, reading) }]
}

/**
 * `thinking` and `output_config.effort` together (W-48, W-51). An effort beside a budget or beside thinking that is off says less than those.
 * Thinking that is on is as the model sees fit without a budget, which is how GLM has it, and with one of -1, which is Gemini's word for
 * it and what opencode 1.18 asks of every model whose name it does not know. Anthropic itself refuses both.
 */
function reasoningOf(thinking: unknown, effort: Effort | null, reading: Reading): Reasoning | null {
  if (isAbsent(thinking)) return effort === null ? null : { kind: "effort", effort, shown: null }
  const { type, budget_tokens: tokens, display }: Fields = isRecord(thinking) ? thinking : {}
  const shown = display === "summarized" ? true : display === "omitted" ? false : null
  if (type === "adaptive" || (type === "enabled" && (isAbsent(tokens) || tokens === -1))) return { kind: "adaptive", effort, shown }
  if (effort !== null) reading.drop("output_config.effort")
  if (type === "disabled") return { kind: "off", shown }
  if (type === "enabled" && isCount(tokens)) return { kind: "budget", tokens, shown }
  reading.refuse(type === "enabled" ? "thinking.budget_tokens" : "thinking.type", type === "enabled" ? "must be a whole number of tokens." : "must be “enabled”, “adaptive” or “disabled”.")
  return null
}

function effortOf(value: unknown, reading: Reading): Effort | null {
  if (isAbsent(value)) return null
  const effort = efforts.find((word) => word === value)
  if (effort === undefined) reading.refuse("output_config.effort", `must be one of ${efforts.join(", ")}.`)
  return effort ?? null
}

/** `output_config.format`, or `output_format` as the beta called it (structured outputs guide). */
function formatOf(value: unknown, reading: Reading): OutputFormat | null {
  if (isAbsent(value)) return null
  const { type, schema, name }: Fields = isRecord(value) ? value : {}
  if (type === "json_schema" && isRecord(schema)) return { kind: "schema", name: typeof name === "string" ? name : null, description: null, schema, strict: null }
  reading.refuse("output_config.format", "must be {\"type\":\"json_schema\",\"schema\":{…}}.")
  return null
}
