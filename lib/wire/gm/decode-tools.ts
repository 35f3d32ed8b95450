import type { ChatRequest, Tool, ToolChoice } from "../chat/request.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { listOf, member, recordOf, textIn } from "./fields.ts"
import { jsonSchemaOf } from "./schema.ts"

/** Functions and Google's search; the index counts each function apart, as it stands among the tools. */
export function decodeTools(fields: Fields): readonly Tool[] {
  return listOf(fields["tools"])
    .filter(isRecord)
    .flatMap((tool): readonly Tool[] => {
      const functions = listOf(member(tool, "functionDeclarations")).filter(isRecord).flatMap(functionTool)
      const searches = isRecord(member(tool, "googleSearch")) || isRecord(member(tool, "googleSearchRetrieval"))
      return searches ? [...functions, SEARCH] : functions
    })
}

const SEARCH: Tool = { kind: "search", name: "web_search", usesMax: null, allowedDomains: [], blockedDomains: [], location: null }

function functionTool(declaration: Fields): readonly Tool[] {
  const name = textIn(declaration["name"])
  if (name === null || name === "") return []
  const full = member(declaration, "parametersJsonSchema")
  const { parameters } = declaration
  return [
    {
      kind: "function",
      name,
      description: textIn(declaration["description"]),
      parameters: isRecord(full) ? full : isRecord(parameters) ? jsonSchemaOf(parameters) : null,
      strict: null,
    },
  ]
}

/** W-15 to W-17, from Gemini's modes (function calling guide). `VALIDATED` calls or speaks, which is `auto` elsewhere. */
export function decodeToolChoice(fields: Fields): ChatRequest["toolChoice"] {
  const config = recordOf(member(recordOf(member(fields, "toolConfig")), "functionCallingConfig"))
  const allowed = listOf(member(config, "allowedFunctionNames")).filter((name): name is string => typeof name === "string")
  const [only] = allowed
  const among = allowed.length > 0 ? { allowed } : {}
  switch (config["mode"]) {
    case "ANY":
      return allowed.length === 1 && only !== undefined ? { kind: "tool", name: only } : { kind: "any", ...among }
    case "NONE":
      return { kind: "none" }
    case "AUTO":
    case "VALIDATED":
      return { kind: "auto", ...among } satisfies ToolChoice
    default:
      return null
  }
}
