import type { JsonSchema, SearchTool, Tool, ToolChoice, ToolDefinition } from "../chat/request.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import type { Problems } from "./problems.ts"
import { isSearchTool } from "./request.ts"

/** Codex's search for tools that it has not shown yet; the client runs it. */
export const TOOL_SEARCH = "tool_search"
const NAME_CHARACTERS_MAX = 256

/** The client's tools as one flat list. */
export type Toolbox = {
  readonly tools: readonly Tool[]
  /** Adds tools that stand in an item of the conversation. */
  add(tools: unknown, path: string): void
  /** What is left out of a tool because it only means something to OpenAI: `tools[0]`. */
  readonly dropped: readonly string[]
}

/** One function of a namespace as one name among all others (W-133): `crm` and `find` become `crm__find`. */
export const flatName = (namespace: string, name: string): string => `${namespace}${namespace.endsWith("_") ? "" : "__"}${name}`

/** Reads the tools of a request (API reference, responses, tools): functions, custom tools, namespaces of both, and searches. */
export function createToolbox(problems: Problems): Toolbox {
  const tools = new Map<string, Tool>()
  const dropped: string[] = []
  const keep = (tool: Tool) => void (tools.has(tool.name) || tools.set(tool.name, tool))

  function addOne(tool: unknown, path: string): void {
    if (!isRecord(tool)) return problems.add(path, "must be an object.")
    const { type } = tool
    if (type === "function" || type === "custom") return keep(definition(tool, path, problems))
    if (type === "namespace") return addNamespace(tool, path)
    if (isSearchTool(tool)) return keep(searchTool(tool))
    if (type === TOOL_SEARCH) {
      // Where the provider would search, all tools are shown at once instead.
      if (tool["execution"] === "client") keep({ ...definition({ ...tool, name: TOOL_SEARCH }, path, problems), kind: "function" })
      else dropped.push(path)
      return
    }
    if (typeof type === "string") return problems.needsOwnDialect(`${path}.type`, `the tool “${type.slice(0, 40)}”`)
    problems.add(`${path}.type`, "must be function, custom, namespace, web_search or tool_search.")
  }

  function addNamespace(namespace: Fields, path: string): void {
    const { name, tools: inside } = namespace
    if (!isName(name)) return problems.add(`${path}.name`, "must be a text.")
    if (!Array.isArray(inside)) return problems.add(`${path}.tools`, "must be a list of tools.")
    for (const [index, tool] of (inside as readonly unknown[]).entries()) {
      const place = `${path}.tools[${index}]`
      if (!isRecord(tool) || (tool["type"] !== "function" && tool["type"] !== "custom")) problems.add(`${place}.type`, "must be function or custom.")
      else {
        const local = definition(tool, place, problems)
        keep({ ...local, name: flatName(name, local.name), namespace: name, localName: local.name })
      }
    }
  }

  function addAll(list: unknown, path: string): void {
    if (isAbsent(list)) return
    if (!Array.isArray(list)) return problems.add(path, "must be a list of tools.")
    for (const [index, tool] of (list as readonly unknown[]).entries()) addOne(tool, `${path}[${index}]`)
  }

  return {
    add: addAll,
    get tools() {
      return [...tools.values()]
    },
    dropped,
  }
}

function definition(tool: Fields, path: string, problems: Problems): ToolDefinition {
  const { type, name, description, parameters, strict, format } = tool
  if (!isName(name)) problems.add(`${path}.name`, `must be a text of at most ${NAME_CHARACTERS_MAX} characters.`)
  if (!isAbsent(parameters) && !isRecord(parameters)) problems.add(`${path}.parameters`, "must be a JSON Schema object.")
  return {
    kind: type === "custom" ? "custom" : "function",
    name: isName(name) ? name : "",
    description: typeof description === "string" ? description : null,
    parameters: isRecord(parameters) ? (parameters as JsonSchema) : null,
    strict: typeof strict === "boolean" ? strict : null,
    ...(type === "custom" && isRecord(format) && { grammar: format }),
  }
}

const isName = (name: unknown): name is string => typeof name === "string" && name !== "" && name.length <= NAME_CHARACTERS_MAX

function searchTool({ filters, user_location: location }: Fields): SearchTool {
  const domains = (name: string) => (isRecord(filters) && Array.isArray(filters[name]) ? (filters[name] as readonly unknown[]).filter((one) => typeof one === "string") : [])
  return {
    kind: "search",
    name: "web_search",
    usesMax: null,
    allowedDomains: domains("allowed_domains"),
    blockedDomains: domains("blocked_domains"),
    location: isRecord(location) ? location : null,
    optional: true,
  }
}

/** Reads `tool_choice`; of a tool it names the flat name. */
export function decodeToolChoice(choice: unknown, problems: Problems): ToolChoice | null {
  if (isAbsent(choice)) return null
  if (choice === "auto" || choice === "none") return { kind: choice }
  if (choice === "required") return { kind: "any" }
  const type = isRecord(choice) ? choice["type"] : undefined
  if (isRecord(choice) && (type === "function" || type === "custom") && isName(choice["name"])) return { kind: "tool", name: nameIn(choice, choice["name"]) }
  if (isRecord(choice) && type === "allowed_tools" && Array.isArray(choice["tools"])) {
    const allowed = (choice["tools"] as readonly unknown[]).flatMap((tool) => (isRecord(tool) && isName(tool["name"]) ? [nameIn(tool, tool["name"])] : isSearchTool(tool) ? ["web_search"] : []))
    return { kind: choice["mode"] === "required" ? "any" : "auto", allowed }
  }
  if (isRecord(choice) && isSearchTool(choice)) return { kind: "tool", name: "web_search" }
  if (typeof type === "string") problems.needsOwnDialect("tool_choice", `the choice “${type.slice(0, 40)}”`)
  else problems.add("tool_choice", "must be none, auto, required, or name a tool.")
  return null
}

const nameIn = ({ namespace }: Fields, name: string): string => (isName(namespace) ? flatName(namespace, name) : name)
