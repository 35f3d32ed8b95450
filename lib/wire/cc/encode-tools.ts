import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import { wantsThinking } from "../chat/reasoning.ts"
import type { ChatRequest, Reasoning, SearchTool, ToolChoice, ToolDefinition } from "../chat/request.ts"
import { toolParameters } from "../chat/tool-schema.ts"
import type { Fields } from "../request-fields.ts"

export type ToolsOptions = { readonly target: TargetModel; readonly notes: Notes; toolName(name: string): string }

export type EncodedTools = {
  readonly fields: Fields
  /** How much to think, where a forced call leaves no choice (W-20). */
  readonly reasoning: Reasoning | null
}

/** `tools`, `tool_choice` and `parallel_tool_calls`. */
export function toolsFor(request: ChatRequest, options: ToolsOptions): Result<EncodedTools, Unsupported> {
  const search = request.tools.find((tool) => tool.kind === "search")
  const searching = search === undefined ? ok({}) : searchFor(search, options)
  if (!searching.ok) return searching
  const definitions = request.tools.filter((tool) => tool.kind !== "search")
  // A choice among no tools is a 400 at OpenAI (W-18).
  if (definitions.length === 0) return ok({ fields: searching.value, reasoning: request.reasoning })
  const { openai, refuses = [] } = options.target.traits.cc ?? {}
  const choice = choiceFor(request, options)
  const named = request.toolChoice !== null && request.toolChoice.kind !== "tool" ? request.toolChoice.allowed : undefined
  const taken = named !== undefined && openai !== true ? definitions.filter(({ name }) => named.includes(name)) : definitions
  if (choice.leftOut) return ok({ fields: searching.value, reasoning: choice.reasoning })
  const parallel = request.parallelTools !== null && !refuses.includes("parallelTools")
  if (request.parallelTools === false && !parallel) options.notes.dropped("parallelTools")
  return ok({
    fields: {
      ...searching.value,
      tools: taken.map((tool) => toolFor(tool, options)),
      ...(choice.word !== undefined && { tool_choice: choice.word }),
      ...(parallel && { parallel_tool_calls: request.parallelTools }),
    },
    reasoning: choice.reasoning,
  })
}

function toolFor(tool: ToolDefinition, { toolName }: ToolsOptions): Fields {
  const named = { name: toolName(tool.name), ...(tool.description !== null && { description: tool.description }) }
  if (tool.kind === "custom") return { type: "custom", custom: { ...named, ...(tool.grammar !== undefined && { format: nestedGrammar(tool.grammar) }) } }
  return { type: "function", function: { ...named, parameters: toolParameters(tool.parameters), ...(tool.strict !== null && { strict: tool.strict }) } }
}

/** Chat completions keep a grammar one level deeper than responses do. */
const nestedGrammar = (format: Fields): Fields =>
  format["type"] === "grammar" && format["grammar"] === undefined ? { type: "grammar", grammar: { definition: format["definition"], syntax: format["syntax"] } } : format

type Choice = { readonly word?: unknown; readonly leftOut?: boolean; readonly reasoning: Reasoning | null }

/** W-15 to W-17. Whoever cannot be forced is asked with `auto`; whoever knows no `none` gets no tools. */
function choiceFor({ toolChoice, reasoning }: ChatRequest, options: ToolsOptions): Choice {
  const { target, notes } = options
  if (toolChoice === null) return { reasoning }
  const { forcedCalls } = target.traits.cc ?? {}
  if (toolChoice.kind === "none" && forcedCalls === "never") return { leftOut: true, reasoning }
  const forced = toolChoice.kind === "any" || toolChoice.kind === "tool"
  if (forced && forcedCalls === "never") {
    notes.changed("toolChoice", "auto")
    return { word: "auto", reasoning }
  }
  const word = choiceWord(toolChoice, options)
  if (!forced || forcedCalls !== "withoutThinking") return { word, reasoning }
  // These models think unless they are told not to, and answer a forced call with 400 while they do.
  if (target.traits.ccThinking === null || target.traits.ccThinking.kind === "effort") {
    notes.changed("toolChoice", "auto")
    return { word: "auto", reasoning }
  }
  if (wantsThinking(reasoning)) notes.changed("reasoning", "off")
  return { word, reasoning: { kind: "off", shown: null } }
}

function choiceWord(choice: ToolChoice, { target, toolName }: ToolsOptions): unknown {
  if (choice.kind === "tool") return { type: "function", function: { name: toolName(choice.name) } }
  const mode = choice.kind === "any" ? "required" : choice.kind
  if (choice.allowed === undefined || target.traits.cc?.openai !== true) return mode
  return { type: "allowed_tools", allowed_tools: { mode, tools: choice.allowed.map((name) => ({ type: "function", function: { name: toolName(name) } })) } }
}

/** OpenAI's search models search by an option (web search guide, chat completions); nobody else who speaks this dialect does so alike (W-23). */
function searchFor(search: SearchTool, { target, notes }: ToolsOptions): Result<Fields, Unsupported> {
  if (!/search/.test(target.model) || target.traits.cc?.openai !== true) {
    if (search.optional !== true) return err({ field: "tools", path: `.${search.name}`, message: `The web search “${search.name}” cannot be run by this model's provider. Leave it out, or ask a model that searches.` })
    notes.dropped("tools", `.${search.name}`)
    return ok({})
  }
  const { type: _type, ...approximate } = search.location ?? {}
  return ok({ web_search_options: search.location === null ? {} : { user_location: { type: "approximate", approximate } } })
}
