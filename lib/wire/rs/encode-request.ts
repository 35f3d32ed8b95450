import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { EncodedRequest, Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import { hashedUser } from "../chat/end-user.ts"
import { effortOf, nearestEffort, wantsThinking } from "../chat/reasoning.ts"
import type { ChatRequest, Generation, OutputFormat, SearchTool, Tool, ToolChoice } from "../chat/request.ts"
import { createToolNames, type ToolNames } from "../chat/tool-names.ts"
import { toolParameters } from "../chat/tool-schema.ts"
import { mergeTurns, pairResults, splitLeadingSystem, textOf, withoutBlanks } from "../chat/turns.ts"
import { isRecord } from "../request-fields.ts"
import { encodeItems } from "./encode-items.ts"

/** OpenAI API reference, responses: names of tools, ids of calls, and the least bound on output. */
const NAME_CHARACTERS_MAX = 64
const CALL_ID_CHARACTERS_MAX = 64
const OUTPUT_TOKENS_MIN = 16
const serviceTiers: readonly string[] = ["auto", "default", "flex", "scale", "priority"]

type Fields = Readonly<Record<string, unknown>>
type Options = { readonly streamed: boolean; readonly notes: Notes }

/** Writes a request for a channel of OpenAI responses. Nothing is ever kept there (W-80). */
export function encodeRsRequest(request: ChatRequest, target: TargetModel, { streamed, notes }: Options): Result<EncodedRequest, Unsupported> {
  const unsupported = cannotBeSaid(request)
  if (unsupported !== null) return err(unsupported)
  const names = createToolNames(NAME_CHARACTERS_MAX)
  const { system, rest } = splitLeadingSystem(request.turns)
  const instructions = textOf(system.flatMap(({ parts }) => parts), "\n\n")
  const input = encodeItems(pairResults(mergeTurns(withoutBlanks(rest))), {
    toolName: names.sent,
    callId: createToolNames(CALL_ID_CHARACTERS_MAX).sent,
    customTools: new Set(request.tools.flatMap((tool) => (tool.kind === "custom" ? [tool.name] : []))),
    systemRole: target.traits.developerRole ? "developer" : "system",
    notes,
  })
  const body: Fields = {
    model: target.model,
    ...(instructions !== null && instructions.trim() !== "" && { instructions }),
    // A prompt of the system alone still needs somebody who asks.
    input: input.length === 0 ? [{ type: "message", role: "user", content: [{ type: "input_text", text: "." }] }] : input,
    ...toolFields(request, names, notes),
    ...generationFields(request.generation, target, notes),
    ...reasoningFields(request, target, notes),
    ...textField(request.generation),
    ...includeField(request, target),
    ...(request.user !== null && { safety_identifier: hashedUser(request.user) }),
    ...serviceTierField(request.serviceTier, notes),
    store: false,
    ...(streamed && { stream: true }),
  }
  return ok({ body, toolNames: names.aliases })
}

/** What the dialect has no word for and must not be left out. */
function cannotBeSaid({ turns, generation }: ChatRequest): Unsupported | null {
  if (generation.choices > 1) return { field: "choices", message: "This model's channel gives one answer per call: ask for one, or call several times." }
  if (generation.modalities.some((modality) => modality !== "text")) return { field: "modalities", message: "This model's channel answers in text alone." }
  const isHeardOrWatched = turns.some(({ parts }) => parts.some(({ kind }) => kind === "audio" || kind === "video"))
  return isHeardOrWatched ? { field: "messages", message: "This model's channel takes no recordings and no films: send text, pictures or documents." } : null
}

function toolFields({ tools, toolChoice, parallelTools }: ChatRequest, names: ToolNames, notes: Notes): Fields {
  if (tools.length === 0) return {}
  const choice = toolChoice === null ? null : choiceOf(toolChoice, tools, names)
  return { tools: tools.map((tool) => toolOf(tool, names, notes)), ...(choice !== null && { tool_choice: choice }), ...(parallelTools !== null && { parallel_tool_calls: parallelTools }) }
}

function toolOf(tool: Tool, names: ToolNames, notes: Notes): Fields {
  if (tool.kind === "search") return searchTool(tool, notes)
  const named = { name: names.sent(tool.name), ...(tool.description !== null && { description: tool.description }) }
  if (tool.kind === "custom") return { type: "custom", ...named, ...(tool.grammar !== undefined && { format: formatOfCustom(tool.grammar) }) }
  // Strict is the default here and nowhere else, and it would refuse most schemas.
  return { type: "function", ...named, parameters: toolParameters(tool.parameters), strict: tool.strict ?? false }
}

/** Chat completions nest a grammar one deeper. */
const formatOfCustom = (grammar: Fields): Fields => (isRecord(grammar["grammar"]) ? { type: "grammar", ...grammar["grammar"] } : grammar)

function searchTool({ allowedDomains, blockedDomains, location, usesMax }: SearchTool, notes: Notes): Fields {
  if (usesMax !== null) notes.dropped("tools", ".max_uses")
  const filters = { ...(allowedDomains.length > 0 && { allowed_domains: allowedDomains }), ...(blockedDomains.length > 0 && { blocked_domains: blockedDomains }) }
  return { type: "web_search", ...(Object.keys(filters).length > 0 && { filters }), ...(location !== null && { user_location: location }) }
}

function choiceOf(choice: ToolChoice, tools: readonly Tool[], names: ToolNames): unknown {
  const reference = (name: string): Fields => {
    const kind = tools.find((tool) => tool.name === name)?.kind
    return kind === "search" ? { type: "web_search" } : { type: kind ?? "function", name: names.sent(name) }
  }
  if (choice.kind === "tool") return reference(choice.name)
  const mode = choice.kind === "any" ? "required" : choice.kind
  return choice.allowed === undefined || choice.kind === "none" ? mode : { type: "allowed_tools", mode, tools: choice.allowed.map(reference) }
}

function generationFields(generation: Generation, { outputTokensMax, outputTokensCap, traits }: TargetModel, notes: Notes): Fields {
  for (const field of ["topK", "seed", "presencePenalty", "frequencyPenalty", "logitBias"] as const) if (generation[field] !== null) notes.dropped(field)
  if (generation.stop.length > 0) notes.dropped("stop")
  const bounds = [generation.outputTokensMax, outputTokensCap, generation.outputTokensMax === null ? null : outputTokensMax].filter((bound) => bound !== null)
  const wanted = bounds.length === 0 ? null : Math.min(...bounds)
  const bound = wanted === null ? null : Math.max(OUTPUT_TOKENS_MIN, wanted)
  if (bound !== null && bound !== generation.outputTokensMax) notes.changed("outputTokensMax", String(bound))
  const sampling: Record<string, number> = {}
  for (const [field, name, value] of [["temperature", "temperature", generation.temperature], ["topP", "top_p", generation.topP]] as const) {
    if (value === null) continue
    if (traits.fixedSampling) notes.dropped(field)
    else sampling[name] = value
  }
  return { ...(bound !== null && { max_output_tokens: bound }), ...sampling, ...logprobsField(generation, traits.fixedSampling, notes) }
}

function logprobsField({ logprobs }: Generation, fixed: boolean, notes: Notes): Fields {
  if (logprobs === null) return {}
  if (!fixed) return { top_logprobs: logprobs }
  notes.dropped("logprobs")
  return {}
}

/** W-48, W-51: the nearest word that the model takes. A model that is not known to think is not asked to. */
function reasoningFields({ reasoning }: ChatRequest, { traits }: TargetModel, notes: Notes): Fields {
  if (reasoning === null) return {}
  const taken = traits.ccThinking?.kind === "effort" ? traits.ccThinking.efforts : null
  if (taken === null) {
    if (wantsThinking(reasoning)) notes.dropped("reasoning")
    return {}
  }
  const asked = effortOf(reasoning)
  const effort = asked === null ? null : nearestEffort(asked, taken)
  if (effort !== asked && effort !== null) notes.changed("reasoning", effort)
  const summary = reasoning.shown === true && effort !== "none" ? "auto" : null
  return effort === null && summary === null ? {} : { reasoning: { ...(effort !== null && { effort }), ...(summary !== null && { summary }) } }
}

function textField({ format, verbosity }: Generation): Fields {
  return format === null && verbosity === null ? {} : { text: { ...(format !== null && { format: formatOf(format) }), ...(verbosity !== null && { verbosity }) } }
}

/** W-77. */
function formatOf(format: OutputFormat): Fields {
  if (format.kind === "json") return { type: "json_object" }
  const { name, description, schema, strict } = format
  return { type: "json_schema", name: name ?? "answer", ...(description !== null && { description }), schema, ...(strict !== null && { strict }) }
}

/** What is thought must come back in a form that can be sent again, since nothing is kept (W-58). */
function includeField({ generation }: ChatRequest, { traits }: TargetModel): Fields {
  const include = [...(traits.hiddenReasoning ? ["reasoning.encrypted_content"] : []), ...(generation.logprobs !== null && !traits.fixedSampling ? ["message.output_text.logprobs"] : [])]
  return include.length === 0 ? {} : { include }
}

function serviceTierField(tier: string | null, notes: Notes): Fields {
  if (tier === null) return {}
  if (serviceTiers.includes(tier)) return { service_tier: tier }
  notes.dropped("serviceTier")
  return {}
}
