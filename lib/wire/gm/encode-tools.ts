import type { Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import type { ChatRequest, JsonSchema, SearchTool, ToolChoice, ToolDefinition } from "../chat/request.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import { toolParameters } from "../chat/tool-schema.ts"
import type { Fields } from "../request-fields.ts"
import { createJsonSchemaWriter } from "./json-schema.ts"
import { createSchemaWriter } from "./schema.ts"

export type EncodedTools = { readonly tools: readonly Fields[]; readonly toolConfig: Fields | null; readonly unsupported: Unsupported | null }

type Options = { readonly names: ToolNames; readonly target: TargetModel; readonly notes: Notes }

/** Functions and searches, and which of them may be called. */
export function encodeTools({ tools, toolChoice, parallelTools }: ChatRequest, { names, target, notes }: Options): EncodedTools {
  const functions = tools.filter((tool): tool is ToolDefinition => tool.kind !== "search")
  const search = tools.find((tool): tool is SearchTool => tool.kind === "search")
  if (parallelTools === false && functions.length > 0) notes.dropped("parallelTools")
  // A choice among no tools is none (W-18).
  if (functions.length === 0 && search === undefined) return { tools: [], toolConfig: null, unsupported: null }
  const choice = functions.length === 0 ? null : toolChoice
  // Before Gemini 3 a search stands alone (function calling guide, combining tools).
  const together = search !== undefined && functions.length > 0
  const searches = search !== undefined && !(together && !isLevelled(target))
  if (search !== undefined && !searches) {
    if (search.optional !== true) return { tools: [], toolConfig: null, unsupported: SEARCH_AMONG_FUNCTIONS }
    notes.dropped("tools", `[${tools.indexOf(search)}]`)
  }
  if (search !== undefined && searches) noteLimits(search, tools.indexOf(search), notes)
  const parametersOf = parametersWriter(target)
  const declared = functions.map(({ name, description, parameters }) => ({ name: names.sent(name), ...(description !== null && { description }), ...parametersOf(toolParameters(parameters)) }))
  const calling = choice === null ? null : callingConfig(choice, names)
  return {
    tools: [...(declared.length > 0 ? [{ functionDeclarations: declared }] : []), ...(searches ? [{ googleSearch: {} }] : [])],
    toolConfig: calling === null && !(together && searches) ? null : { ...(calling !== null && { functionCallingConfig: calling }), ...(together && searches && { includeServerSideToolInvocations: true }) },
    unsupported: null,
  }
}

/** What a tool takes, in the field that the model knows for it (FunctionDeclaration reference; one excludes the other). */
function parametersWriter({ traits }: TargetModel): (schema: JsonSchema) => Fields {
  if (traits.gmJsonSchema === true) {
    const write = createJsonSchemaWriter()
    return (schema) => ({ parametersJsonSchema: write(schema) })
  }
  const write = createSchemaWriter()
  return (schema) => ({ parameters: write(schema) })
}

/** Gemini 3 and later are those whose thinking has levels. */
export const isLevelled = ({ traits }: Pick<TargetModel, "traits">): boolean => traits.gmThinking?.kind === "level"

const SEARCH_AMONG_FUNCTIONS: Unsupported = { field: "tools", message: "This model cannot search the web in a call that has other tools too. Leave out one or the other." }

/** Google bounds its searches itself, and leaves out no sites for a caller. */
function noteLimits({ usesMax, allowedDomains, blockedDomains, location }: SearchTool, index: number, notes: Notes): void {
  if (usesMax !== null || allowedDomains.length > 0 || blockedDomains.length > 0 || location !== null) notes.dropped("tools", `[${index}]`)
}

/** W-15 to W-17. Only some of the tools: `VALIDATED` leaves it to the model whether to call any of them (function calling guide, modes). */
function callingConfig(choice: ToolChoice, names: ToolNames): Fields {
  if (choice.kind === "tool") return { mode: "ANY", allowedFunctionNames: [names.sent(choice.name)] }
  const allowed = choice.allowed?.map((name) => names.sent(name))
  if (choice.kind === "none") return { mode: "NONE" }
  if (allowed === undefined || allowed.length === 0) return { mode: choice.kind === "any" ? "ANY" : "AUTO" }
  return { mode: choice.kind === "any" ? "ANY" : "VALIDATED", allowedFunctionNames: allowed }
}
