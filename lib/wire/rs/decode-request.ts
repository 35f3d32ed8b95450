import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { type ChatField, type ChatRequest, efforts, type Effort, type Generation, type JsonSchema, type OutputFormat, type Reasoning, type Turn } from "../chat/request.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import { decodeItems } from "./decode-items.ts"
import { createToolbox, decodeToolChoice } from "./decode-tools.ts"
import { createProblems, type Problems } from "./problems.ts"

/** What this dialect calls our fields. */
export const rsFieldNames = {
  outputTokensMax: "max_output_tokens",
  choices: null,
  stop: null,
  temperature: "temperature",
  topP: "top_p",
  topK: null,
  seed: null,
  presencePenalty: null,
  frequencyPenalty: null,
  logitBias: null,
  logprobs: "top_logprobs",
  format: "text.format",
  verbosity: "text.verbosity",
  modalities: null,
  reasoning: "reasoning",
  tools: "tools",
  toolChoice: "tool_choice",
  parallelTools: "parallel_tool_calls",
  messages: "input",
  system: "instructions",
  user: "safety_identifier",
  serviceTier: "service_tier",
  store: "store",
  audio: null,
} as const satisfies Record<ChatField, string | null>

/**
 * Members that mean something here, or nothing at any other provider: hints for OpenAI's cache, and what is only repeated in the answer
 * (`metadata`). `store` and `previous_response_id` are kept by the gateway itself.
 */
const known: ReadonlySet<string> = new Set([
  ...["model", "input", "instructions", "stream", "stream_options", "store", "previous_response_id", "include", "metadata", "client_metadata"],
  ...["prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "max_output_tokens", "temperature", "top_p", "top_logprobs"],
  ...["text", "reasoning", "tools", "tool_choice", "parallel_tool_calls", "user", "safety_identifier", "service_tier"],
])

/** Values with which a member asks for nothing. */
const harmless: Readonly<Record<string, unknown>> = { background: false, truncation: "disabled" }

/** Reads a request for a response as what any target can be asked. */
export function decodeRsRequest({ fields }: Call): Result<ChatRequest, GatewayError> {
  const problems = createProblems()
  const toolbox = createToolbox(problems)
  toolbox.add(fields["tools"], "tools")
  const turns = [...instructionTurns(fields["instructions"], problems), ...decodeItems(fields["input"], toolbox, problems)]
  const { parallel_tool_calls: parallel, service_tier: tier } = fields
  const request: ChatRequest = {
    turns,
    tools: toolbox.tools,
    toolChoice: decodeToolChoice(fields["tool_choice"], problems),
    parallelTools: typeof parallel === "boolean" ? parallel : null,
    generation: generationOf(fields, problems),
    reasoning: reasoningOf(fields["reasoning"], problems),
    user: [fields["safety_identifier"], fields["user"]].find((user) => typeof user === "string" && user !== "") as string | undefined ?? null,
    serviceTier: typeof tier === "string" ? tier : null,
    unknown: [...Object.keys(fields).filter((name) => !known.has(name) && !isAbsent(fields[name]) && fields[name] !== harmless[name]), ...toolbox.dropped],
  }
  return problems.first === null ? ok(request) : err(problems.first)
}

function instructionTurns(instructions: unknown, problems: Problems): readonly Turn[] {
  if (isAbsent(instructions) || instructions === "") return []
  if (typeof instructions === "string") return [{ role: "system", parts: [{ kind: "text", text: instructions }] }]
  problems.add("instructions", "must be a text.")
  return []
}

function generationOf(fields: Fields, problems: Problems): Generation {
  const text = isRecord(fields["text"]) ? fields["text"] : {}
  const count = fields["max_output_tokens"]
  return {
    outputTokensMax: typeof count === "number" ? count : null,
    choices: 1,
    stop: [],
    temperature: numberOf(fields, "temperature", problems),
    topP: numberOf(fields, "top_p", problems),
    topK: null,
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logitBias: null,
    logprobs: wantsLogprobs(fields) ? (numberOf(fields, "top_logprobs", problems) ?? 0) : null,
    format: formatOf(text["format"], problems),
    verbosity: typeof text["verbosity"] === "string" ? text["verbosity"] : null,
    modalities: [],
  }
}

const wantsLogprobs = ({ include, top_logprobs: top }: Fields): boolean => (Array.isArray(include) && include.includes("message.output_text.logprobs")) || (typeof top === "number" && top > 0)

function numberOf(fields: Fields, name: string, problems: Problems): number | null {
  const value = fields[name]
  if (typeof value === "number") return value
  if (!isAbsent(value)) problems.add(name, "must be a number.")
  return null
}

/** W-77: the schema stands in the format itself, with its name and strictness beside it. */
function formatOf(format: unknown, problems: Problems): OutputFormat | null {
  if (isAbsent(format)) return null
  if (!isRecord(format)) {
    problems.add("text.format", "must be an object.")
    return null
  }
  const { type, name, description, schema, strict } = format
  if (type === "text") return null
  if (type === "json_object") return { kind: "json" }
  if (type === "json_schema" && isRecord(schema)) {
    return { kind: "schema", name: typeof name === "string" ? name : null, description: typeof description === "string" ? description : null, schema: schema as JsonSchema, strict: typeof strict === "boolean" ? strict : null }
  }
  problems.add(type === "json_schema" ? "text.format.schema" : "text.format.type", type === "json_schema" ? "must be a JSON Schema object." : "must be text, json_object or json_schema.")
  return null
}

function reasoningOf(reasoning: unknown, problems: Problems): Reasoning | null {
  if (isAbsent(reasoning)) return null
  if (!isRecord(reasoning)) {
    problems.add("reasoning", "must be an object.")
    return null
  }
  const { effort, summary, generate_summary: older } = reasoning
  const shown = [summary, older].some((word) => typeof word === "string" && word !== "none") ? true : null
  if (isAbsent(effort)) return shown === null ? null : { kind: "adaptive", effort: null, shown }
  if ((efforts as readonly unknown[]).includes(effort)) return effort === "none" ? { kind: "off", shown } : { kind: "effort", effort: effort as Effort, shown }
  problems.add("reasoning.effort", `must be one of ${efforts.join(", ")}.`)
  return null
}
