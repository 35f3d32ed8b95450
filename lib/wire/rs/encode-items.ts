import type { Notes } from "../chat/codec.ts"
import type { DocumentPart, ImagePart, Part, SearchPart, TextPart, ToolResultPart } from "../chat/part.ts"
import type { Turn } from "../chat/request.ts"
import { addressOf } from "./media.ts"

type Item = Readonly<Record<string, unknown>>

export type ItemWords = {
  readonly toolName: (name: string) => string
  readonly callId: (id: string) => string
  /** Names of custom tools: their calls and results are items of their own. */
  readonly customTools: ReadonlySet<string>
  /** What OpenAI calls the system for this model (W-3). */
  readonly systemRole: "system" | "developer"
  readonly notes: Notes
}

/** A call's result must say that it failed in words: the dialect has no mark for it (W-30). */
const FAILED = "Error: "

/** Writes turns as items: what is said in one turn stays one message, thoughts, calls and results stand beside it in their order. */
export function encodeItems(turns: readonly Turn[], words: ItemWords): readonly Item[] {
  const customCalls = new Set<string>()
  return turns.flatMap((turn) => (turn.role === "assistant" ? assistantItems(turn, words, customCalls) : userItems(turn, words, customCalls)))
}

function assistantItems({ parts }: Turn, words: ItemWords, customCalls: Set<string>): readonly Item[] {
  const items: Item[] = []
  let content: object[] | null = null
  const say = (part: object) => {
    if (content === null) items.push({ type: "message", role: "assistant", content: (content = []) })
    content.push(part)
  }
  for (const part of parts) {
    if (part.kind === "text") say({ type: "output_text", text: part.text })
    else if (part.kind === "refusal") say({ type: "refusal", refusal: part.text })
    else if (part.kind === "search" && part.opaque?.origin !== "rs") say({ type: "output_text", text: searchText(part) })
    else {
      const item = assistantItem(part, words, customCalls)
      if (item === null) continue
      content = null
      items.push(item)
    }
  }
  return items
}

function assistantItem(part: Part, { toolName, callId, customTools, notes }: ItemWords, customCalls: Set<string>): Item | null {
  switch (part.kind) {
    case "reasoning": {
      // Thoughts go back only to who proved them: OpenAI refuses any others (W-56, W-58).
      if (part.signature?.origin === "rs") return { type: "reasoning", summary: part.text === "" ? [] : [{ type: "summary_text", text: part.text }], encrypted_content: part.signature.data }
      notes.dropped("messages", "[].reasoning")
      return null
    }
    case "toolCall": {
      const custom = customTools.has(part.name)
      if (custom) customCalls.add(part.id)
      const call = { call_id: callId(part.id), name: toolName(part.name) }
      return custom ? { type: "custom_tool_call", ...call, input: part.arguments } : { type: "function_call", ...call, arguments: part.arguments.trim() === "" ? "{}" : part.arguments }
    }
    case "search":
      return part.opaque?.value as Item
    case "image":
    case "audio":
    case "video":
    case "document":
      notes.dropped("messages", `[].${part.kind}`)
      return null
    case "text":
    case "refusal":
    case "toolResult":
      return null
  }
}

const searchText = ({ query, results }: SearchPart): string => [`Searched the web for: ${query}`, ...results.map(({ title, url }) => `- ${title}: ${url}`)].join("\n")

function userItems({ role, parts }: Turn, words: ItemWords, customCalls: ReadonlySet<string>): readonly Item[] {
  const results = parts.filter((part) => part.kind === "toolResult").map((part) => resultItem(part, words, customCalls))
  const content = parts.flatMap((part) => (isContent(part) ? [contentPart(part)] : []))
  return content.length === 0 ? results : [...results, { type: "message", role: role === "system" ? words.systemRole : "user", content }]
}

type Content = TextPart | ImagePart | DocumentPart
const isContent = (part: Part): part is Content => part.kind === "text" || part.kind === "image" || part.kind === "document"

function contentPart(part: Content): Item {
  switch (part.kind) {
    case "text":
      return { type: "input_text", text: part.text }
    case "image":
      return { type: "input_image", image_url: addressOf(part.media), detail: part.detail ?? "auto" }
    case "document":
      if (part.media.kind === "text") return { type: "input_text", text: part.media.text }
      return part.media.kind === "url" ? { type: "input_file", file_url: part.media.url } : { type: "input_file", filename: part.name ?? "document.pdf", file_data: addressOf(part.media) }
  }
}

function resultItem({ callId, content, failed }: ToolResultPart, words: ItemWords, customCalls: ReadonlySet<string>): Item {
  const marked = failed ? withMark(content) : content
  const plain = marked.every((part) => part.kind === "text")
  return {
    type: customCalls.has(callId) ? "custom_tool_call_output" : "function_call_output",
    call_id: words.callId(callId),
    output: plain ? marked.map((part) => (part as TextPart).text).join("\n") : marked.map(contentPart),
  }
}

function withMark(content: ToolResultPart["content"]): ToolResultPart["content"] {
  const [first, ...rest] = content
  if (first?.kind !== "text") return [{ kind: "text", text: FAILED.trim() }, ...content]
  return /^error\b/i.test(first.text) ? content : [{ ...first, text: `${FAILED}${first.text}` }, ...rest]
}
