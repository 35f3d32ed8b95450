import type { SearchTool, Tool, ToolChoice, ToolDefinition } from "../chat/request.ts"
import { cacheOf, optionalText, type Reading, records, text } from "../reading.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"

/** The tools of a request: functions, custom tools, legacy functions (W-25), and OpenAI's search, which is no tool here but an option. */
export function toolsOf(fields: Fields, reading: Reading): readonly Tool[] {
  const tools = records(fields["tools"], "tools", reading).flatMap(([tool, path]) => toolOf(tool, path, reading))
  const functions = records(fields["functions"], "functions", reading).map(([tool, path]) => functionOf(tool, path, reading))
  return [...tools, ...functions, ...searchOf(fields["web_search_options"], reading)]
}

function toolOf(tool: Fields, path: string, reading: Reading): readonly ToolDefinition[] {
  const { type } = tool
  if (type === "custom" && isRecord(tool["custom"])) return [{ ...customOf(tool["custom"], `${path}.custom`, reading), ...cacheOf(tool) }]
  if ((type === "function" || isAbsent(type)) && isRecord(tool["function"])) return [{ ...functionOf(tool["function"], `${path}.function`, reading), ...cacheOf(tool) }]
  reading.refuse(path, 'must be {"type":"function","function":{…}} or {"type":"custom","custom":{…}}.')
  return []
}

function functionOf(tool: Fields, path: string, reading: Reading): ToolDefinition {
  const { parameters, strict } = tool
  if (!isAbsent(parameters) && !isRecord(parameters)) reading.refuse(`${path}.parameters`, "must be an object.")
  return {
    kind: "function",
    name: text(tool["name"], `${path}.name`, reading),
    description: optionalText(tool["description"]),
    parameters: isRecord(parameters) ? parameters : null,
    strict: typeof strict === "boolean" ? strict : null,
  }
}

function customOf(tool: Fields, path: string, reading: Reading): ToolDefinition {
  const { format } = tool
  return {
    kind: "custom",
    name: text(tool["name"], `${path}.name`, reading),
    description: optionalText(tool["description"]),
    parameters: null,
    strict: null,
    ...(isRecord(format) && { grammar: format }),
  }
}

/** `web_search_options` (chat completions reference): the model searches before it answers. */
function searchOf(options: unknown, reading: Reading): readonly SearchTool[] {
  if (!isRecord(options)) return []
  if (!isAbsent(options["search_context_size"])) reading.drop("web_search_options.search_context_size")
  const place = options["user_location"]
  const approximate = isRecord(place) && isRecord(place["approximate"]) ? place["approximate"] : null
  return [{ kind: "search", name: "web_search", usesMax: null, allowedDomains: [], blockedDomains: [], location: approximate === null ? null : { type: "approximate", ...approximate } }]
}

/** `tool_choice`, or `function_call` as it was called once (W-15 to W-17, W-25). */
export function toolChoiceOf(fields: Fields, reading: Reading): ToolChoice | null {
  const legacy = isAbsent(fields["tool_choice"])
  const path = legacy ? "function_call" : "tool_choice"
  const choice = fields[path]
  if (isAbsent(choice)) return null
  if (choice === "auto" || choice === "none") return { kind: choice }
  if (choice === "required" || choice === "any") return { kind: "any" }
  if (isRecord(choice)) {
    if (legacy) return { kind: "tool", name: text(choice["name"], `${path}.name`, reading) }
    const allowed = choice["type"] === "allowed_tools" && isRecord(choice["allowed_tools"]) ? choice["allowed_tools"] : null
    if (allowed !== null) return { kind: allowed["mode"] === "required" ? "any" : "auto", allowed: records(allowed["tools"], `${path}.allowed_tools.tools`, reading).map(([tool, place]) => nameOf(tool, place, reading)) }
    return { kind: "tool", name: nameOf(choice, path, reading) }
  }
  reading.refuse(path, "must be “auto”, “none”, “required” or the function to call.")
  return null
}

function nameOf(tool: Fields, path: string, reading: Reading): string {
  const kind = tool["type"] === "custom" ? "custom" : "function"
  const named = tool[kind]
  return text(isRecord(named) ? named["name"] : tool["name"], `${path}.${kind}.name`, reading)
}
