import type { ChatRequest, SearchTool, Tool, ToolChoice, ToolDefinition } from "../chat/request.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import { toolParameters } from "../chat/tool-schema.ts"
import type { CacheMarks, OpenBlock } from "./encode-parts.ts"

/** Anthropic's web search tool in the version that all models with it take (web search tool guide). */
const WEB_SEARCH = "web_search_20250305"

type Choice = { readonly type: "auto" | "any" | "none" } | { readonly type: "tool"; readonly name: string }

export type EncodedTools = {
  readonly tools: readonly OpenBlock[]
  readonly toolChoice: (Choice & { readonly disable_parallel_tool_use?: true }) | null
  /** The model has to call a tool. */
  readonly forced: boolean
}

const NO_TOOLS: EncodedTools = { tools: [], toolChoice: null, forced: false }

/**
 * Tools and the choice among them (W-13 to W-19, W-23). A conversation with calls in it needs their tools, so those that a request no
 * longer has are named without being offered.
 */
export function encodeTools({ tools, toolChoice, parallelTools, turns }: ChatRequest, names: ToolNames, marks: CacheMarks): EncodedTools {
  const offered = allowedTools(tools, toolChoice)
  if (offered.length === 0) {
    const called = new Set(turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "toolCall" ? [part.name] : []))))
    if (called.size === 0) return NO_TOOLS
    return { tools: [...called].map((name) => ({ name: names.sent(name), input_schema: toolParameters(null) })), toolChoice: { type: "none" }, forced: false }
  }
  const choice = choiceOf(toolChoice, names)
  const single = parallelTools === false && choice?.type !== "none"
  return {
    tools: offered.map((tool) => marks.add(tool.kind === "search" ? searchTool(tool) : functionTool(tool, names), tool.kind === "search" ? undefined : tool.cache)),
    toolChoice: single ? { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true } : choice,
    forced: choice?.type === "any" || choice?.type === "tool",
  }
}

/** Anthropic has no word for “only these”: the others are not offered then. */
function allowedTools(tools: readonly Tool[], choice: ToolChoice | null): readonly Tool[] {
  const allowed = choice === null || choice.kind === "tool" ? undefined : choice.allowed
  return allowed === undefined ? tools : tools.filter(({ name }) => allowed.includes(name))
}

function choiceOf(choice: ToolChoice | null, names: ToolNames): Choice | null {
  if (choice === null) return null
  return choice.kind === "tool" ? { type: "tool", name: names.sent(choice.name) } : { type: choice.kind }
}

function functionTool({ name, description, parameters, strict }: ToolDefinition, names: ToolNames): OpenBlock {
  return { name: names.sent(name), ...(description !== null && description !== "" && { description }), input_schema: toolParameters(parameters), ...(strict === true && { strict: true }) }
}

function searchTool({ usesMax, allowedDomains, blockedDomains, location }: SearchTool): OpenBlock {
  return {
    type: WEB_SEARCH,
    name: "web_search",
    ...(usesMax !== null && { max_uses: usesMax }),
    ...(allowedDomains.length > 0 && { allowed_domains: allowedDomains }),
    ...(blockedDomains.length > 0 && { blocked_domains: blockedDomains }),
    ...(location !== null && { user_location: location }),
  }
}
