import { jsonElements, jsonMembers, patchJsonObject } from "../json-members.ts"

/** The same request without these fields in any of its tools; the bytes of all else stay. One character per byte. */
export function withoutToolFields(text: string, names: readonly string[]): string {
  const removed = new Map(names.map((name) => [name, null]))
  const tools = jsonMembers(text).findLast(({ key }) => key === "tools")
  if (tools === undefined) return text
  const list = text.slice(tools.valueStart, tools.valueEnd)
  const kept = jsonElements(list).map((tool) => (tool.startsWith("{") ? patchJsonObject(tool, removed) : tool))
  return `${text.slice(0, tools.valueStart)}[${kept.join(",")}]${text.slice(tools.valueEnd)}`
}
