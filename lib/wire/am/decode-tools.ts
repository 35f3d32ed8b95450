import type { Tool, ToolChoice } from "../chat/request.ts"
import { type Fields, isAbsent, isCount, isRecord } from "../request-fields.ts"
import { knownClientTool } from "./client-tools.ts"
import { cacheOf, optionalText, type Reading, records, text } from "../reading.ts"

/** Members of a tool that change how Anthropic reads it and that nobody else has (W-120). */
const OWN_MEMBERS = ["defer_loading", "input_examples", "eager_input_streaming", "allowed_callers"] as const

/** The tools of a messages request: the client's own, and searches that the provider runs (W-23). */
export function toolsOf(value: unknown, reading: Reading): readonly Tool[] {
  return records(value, "tools", reading).flatMap(([tool, path]) => toolOf(tool, path, reading))
}

function toolOf(tool: Fields, path: string, reading: Reading): readonly Tool[] {
  for (const member of OWN_MEMBERS) if (!isAbsent(tool[member]) && tool[member] !== false) reading.drop(`tools[].${member}`)
  const name = text(tool["name"], `${path}.name`, reading)
  const { type } = tool
  if (isAbsent(type) || type === "custom") return [functionOf(tool, name, path, reading)]
  if (typeof type === "string" && type.startsWith("web_search_")) return [searchToolOf(tool, name)]
  if (typeof type === "string" && type.startsWith("tool_search_tool_")) {
    reading.drop(path)
    return []
  }
  const known = typeof type === "string" ? knownClientTool(type) : null
  if (known !== null) return [{ kind: "function", name, ...known, strict: null, ...cacheOf(tool) }]
  reading.refuse(`${path}.type`, `“${String(type).slice(0, 60)}” is a tool that only Anthropic's own models have, and this model is reached through another dialect. Leave the tool out.`)
  return []
}

function functionOf(tool: Fields, name: string, path: string, reading: Reading): Tool {
  const schema = tool["input_schema"]
  if (!isAbsent(schema) && !isRecord(schema)) reading.refuse(`${path}.input_schema`, "must be an object.")
  return {
    kind: "function",
    name,
    description: optionalText(tool["description"]),
    parameters: isRecord(schema) ? schema : null,
    strict: typeof tool["strict"] === "boolean" ? tool["strict"] : null,
    ...cacheOf(tool),
  }
}

const searchToolOf = (tool: Fields, name: string): Tool => ({
  kind: "search",
  name,
  usesMax: isCount(tool["max_uses"]) ? tool["max_uses"] : null,
  allowedDomains: texts(tool["allowed_domains"]),
  blockedDomains: texts(tool["blocked_domains"]),
  location: isRecord(tool["user_location"]) ? tool["user_location"] : null,
})

export const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as readonly unknown[]).filter((one) => typeof one === "string") : [])

/** `tool_choice` (W-15 to W-19); null where the client says nothing. */
export function toolChoiceOf(value: unknown, reading: Reading): { readonly toolChoice: ToolChoice | null; readonly parallelTools: boolean | null } {
  if (isAbsent(value)) return { toolChoice: null, parallelTools: null }
  const choice: Fields = isRecord(value) ? value : {}
  const { type, disable_parallel_tool_use: disabled } = choice
  const parallelTools = typeof disabled === "boolean" ? !disabled : null
  if (type === "tool") return { toolChoice: { kind: "tool", name: text(choice["name"], "tool_choice.name", reading) }, parallelTools }
  if (type === "auto" || type === "any" || type === "none") return { toolChoice: { kind: type }, parallelTools }
  reading.refuse("tool_choice.type", "must be “auto”, “any”, “tool” or “none”.")
  return { toolChoice: null, parallelTools }
}
