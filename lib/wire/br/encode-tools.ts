import type { Notes, Unsupported } from "../chat/codec.ts"
import type { ChatRequest, Tool, ToolChoice, ToolDefinition } from "../chat/request.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import { toolParameters } from "../chat/tool-schema.ts"
import { type Block, cachePoint } from "./encode-parts.ts"
import { cachesTools, type Maker } from "./model-fields.ts"

export type EncodedTools = {
  /** `toolConfig`; null: none. */
  readonly config: { readonly tools: readonly Block[]; readonly toolChoice?: Block } | null
  /** The model has to call a tool. */
  readonly forced: boolean
  /** Said in the system prompt, since Converse has no word for it. */
  readonly instruction: string | null
}

export type ToolsContext = { readonly names: ToolNames; readonly maker: Maker; readonly notes: Notes; refuse(unsupported: Unsupported): void }

const NO_CALLS = "Do not call any tool in your next answer."
const NO_TOOLS: EncodedTools = { config: null, forced: false, instruction: null }

/**
 * Tools and the choice among them (W-13 to W-19, W-23). Converse has no choice of none: tools are not offered then. A conversation with
 * calls in it needs their tools all the same (“The toolConfig field must be defined when using toolUse and toolResult content blocks”), and
 * then the model is told.
 */
export function encodeTools({ tools, toolChoice, parallelTools, turns }: ChatRequest, context: ToolsContext): EncodedTools {
  const { names, notes } = context
  const offered = toolChoice?.kind === "none" ? [] : functionsOf(tools, toolChoice, context)
  const called = new Set(turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "toolCall" ? [part.name] : []))))
  if (offered.length === 0) {
    if (called.size === 0) return NO_TOOLS
    const known = tools.filter((tool) => tool.kind !== "search" && called.has(tool.name)) as readonly ToolDefinition[]
    const missing = [...called].filter((name) => !known.some((tool) => tool.name === name))
    notes.changed("toolChoice", "instruction")
    return { config: { tools: [...known.map((tool) => specOf(tool, names)), ...missing.map((name) => bareSpec(names.sent(name)))] }, forced: false, instruction: NO_CALLS }
  }
  if (parallelTools === false) notes.dropped("parallelTools")
  const choice = choiceOf(toolChoice, names)
  return {
    config: { tools: offered.flatMap((tool) => [specOf(tool, names), ...(cachesTools(context.maker) ? cachePoint(tool.cache, context.maker) : [])]), ...(choice !== null && { toolChoice: choice }) },
    forced: toolChoice?.kind === "any" || toolChoice?.kind === "tool",
    instruction: null,
  }
}

/** The tools that may be called. Converse has no word for “only these”: the others are not offered then. A search at the provider is none of them. */
function functionsOf(tools: readonly Tool[], choice: ToolChoice | null, { notes, refuse }: ToolsContext): readonly ToolDefinition[] {
  const allowed = choice === null || choice.kind === "tool" ? undefined : choice.allowed
  return tools.flatMap((tool): readonly ToolDefinition[] => {
    if (allowed !== undefined && !allowed.includes(tool.name)) return []
    if (tool.kind !== "search") return [tool]
    if (tool.optional === true) notes.dropped("tools", `.${tool.name}`)
    else refuse({ field: "tools", path: `.${tool.name}`, message: `tools: models on Bedrock cannot search the web (${tool.name}). Leave the tool out, or choose another model.` })
    return []
  })
}

function choiceOf(choice: ToolChoice | null, names: ToolNames): Block | null {
  if (choice === null || choice.kind === "none") return null
  return choice.kind === "tool" ? { tool: { name: names.sent(choice.name) } } : { [choice.kind]: {} }
}

/** An empty description is refused (API reference, ToolSpecification). */
function specOf({ name, description, parameters, strict }: ToolDefinition, names: ToolNames): Block {
  return { toolSpec: { name: names.sent(name), ...(description !== null && description.trim() !== "" && { description }), inputSchema: { json: toolParameters(parameters) }, ...(strict === true && { strict }) } }
}

const bareSpec = (name: string): Block => ({ toolSpec: { name, inputSchema: { json: toolParameters(null) } } })
