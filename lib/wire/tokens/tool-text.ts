import type { Tool } from "../chat/request.ts"
import { jsonText } from "../chat/nesting.ts"
import { isRecord } from "../request-fields.ts"

/** Texts to count, and tokens beside them. */
export type ToolText = { readonly texts: readonly string[]; readonly tokens: number }

/** What OpenAI's own way of writing tools costs beside their words (OpenAI cookbook, “How to count tokens with tiktoken”, tools). */
const FUNCTION_END = 12
const PROPERTIES = 3
const PROPERTY = 3
const ENUM = -3
const ENUM_ITEM = 3

/** Tools as OpenAI's models read them: names, types and descriptions, not JSON. `perFunction`: 7 with o200k, 10 with cl100k. */
export function openaiToolText(tools: readonly Tool[], perFunction: number): ToolText {
  const texts: string[] = []
  let tokens = tools.length === 0 ? 0 : FUNCTION_END
  for (const tool of tools) {
    if (tool.kind === "search") continue
    tokens += perFunction
    texts.push(`${tool.name}:${unstopped(tool.description ?? "")}`)
    const properties = isRecord(tool.parameters?.["properties"]) ? Object.entries(tool.parameters["properties"]) : []
    if (properties.length > 0) tokens += PROPERTIES
    for (const [name, property] of properties) {
      const { type, description, enum: items, ...inner } = isRecord(property) ? property : {}
      tokens += PROPERTY
      texts.push(`${name}:${typeof type === "string" ? type : ""}:${unstopped(typeof description === "string" ? description : "")}`)
      if (Array.isArray(items)) {
        tokens += ENUM + items.length * ENUM_ITEM
        texts.push(...items.map(String))
      }
      if (isRecord(inner["properties"]) || inner["items"] !== undefined) texts.push(jsonText(inner) ?? "")
    }
  }
  return { texts, tokens }
}

const unstopped = (text: string): string => (text.endsWith(".") ? text.slice(0, -1) : text)

/** Tools as most other models get them: their JSON. */
export const jsonToolTexts = (tools: readonly Tool[]): readonly string[] =>
  tools.map((tool) => (tool.kind === "search" ? tool.name : (jsonText({ name: tool.name, description: tool.description ?? "", input_schema: tool.parameters ?? {} }) ?? "")))
