import type { EncodeContext } from "../chat/codec.ts"
import type { AnswerPart, Citation, ImagePart, SearchPart, Signature, ToolCallPart } from "../chat/part.ts"
import type { ToolDefinition } from "../chat/request.ts"
import { writeSignature } from "../chat/signature.ts"
import { isRecord } from "../request-fields.ts"
import { TOOL_SEARCH } from "./decode-tools.ts"
import { addressOf } from "./media.ts"

/*
 * The items of a response as its clients read them (API reference, responses, output), whole and as they stream.
 */

export type Item = { readonly type: string; readonly id: string } & Readonly<Record<string, unknown>>
export type Status = "in_progress" | "completed" | "incomplete"

export type TextContent = { readonly type: "output_text"; readonly text: string; readonly annotations: readonly object[]; readonly logprobs: readonly unknown[] }
export type RefusalContent = { readonly type: "refusal"; readonly refusal: string }

export const textContent = (text: string, annotations: readonly object[] = [], logprobs: readonly unknown[] = []): TextContent => ({ type: "output_text", annotations, logprobs, text })
export const refusalContent = (refusal: string): RefusalContent => ({ type: "refusal", refusal })
export const summaryContent = (text: string) => ({ type: "summary_text", text })

/** A source of what a text says; where the provider names no place, it stands for the whole text so far. */
export const annotationOf = ({ url, title, start, end }: Citation, textLength: number): object => ({ type: "url_citation", url, title, start_index: start ?? 0, end_index: end ?? textLength })

export const messageItem = (id: string, status: Status, content: readonly object[]): Item => ({ id, type: "message", status, role: "assistant", content })

/** `encrypted_content` holds the provider's proof, whichever provider it was, so that it finds its way back (W-58). */
export const reasoningItem = (id: string, text: string, signature: Signature | undefined): Item => ({
  id,
  type: "reasoning",
  summary: text === "" ? [] : [summaryContent(text)],
  ...(signature !== undefined && { encrypted_content: writeSignature(signature, "rs") }),
})

/** The proof of a call or a text, which have no place for one: an item without words before it (W-57), which `decodeItems` gives back to it. */
export const proofItem = (id: string, signature: Signature): Item => reasoningItem(id, "", signature)

/** What stands in an item of its own before a part. */
export const proofBefore = (part: AnswerPart): Signature | undefined => (part.kind === "toolCall" || part.kind === "text" ? part.signature : undefined)

/** How the client knows the tool that is called: its kind decides which item the call is. */
export type CalledTool = { readonly kind: "function" | "custom" | "search"; readonly name: string; readonly namespace: string | null }

/** The client's own name for a tool of the flat list (W-133). */
export function createToolFinder({ request, call }: Pick<EncodeContext, "request" | "call">): (name: string) => CalledTool {
  const definitions = new Map(request.tools.flatMap((tool) => (tool.kind === "search" ? [] : [[tool.name, tool] as const])))
  const { tools } = call.fields
  const searchesTools = Array.isArray(tools) && (tools as readonly unknown[]).some((tool) => isRecord(tool) && tool["type"] === TOOL_SEARCH)
  return (name) => {
    if (name === TOOL_SEARCH && searchesTools) return { kind: "search", name, namespace: null }
    const tool: ToolDefinition | undefined = definitions.get(name)
    return { kind: tool?.kind ?? "function", name: tool?.localName ?? name, namespace: tool?.namespace ?? null }
  }
}

const callPrefixes = { function: "fc", custom: "ctc", search: "tsc" } as const satisfies Record<CalledTool["kind"], string>

export const callPrefix = ({ kind }: CalledTool): string => callPrefixes[kind]

/** A call; `args` is JSON text, or the plain input of a custom tool. A function without arguments has an empty object of them (W-43). */
export function callItem(id: string, status: Status, { id: callId }: Pick<ToolCallPart, "id">, args: string, { kind, name, namespace }: CalledTool): Item {
  switch (kind) {
    case "custom":
      return { id, type: "custom_tool_call", status, call_id: callId, name, input: args, ...(namespace !== null && { namespace }) }
    case "search":
      return { id, type: "tool_search_call", status, call_id: callId, execution: "client", arguments: parsed(args) }
    case "function":
      return { id, type: "function_call", status, call_id: callId, name, arguments: args === "" && status === "completed" ? "{}" : args, ...(namespace !== null && { namespace }) }
  }
}

function parsed(args: string): unknown {
  try {
    return JSON.parse(args) as unknown
  } catch {
    return {}
  }
}

export const searchItem = (id: string, status: Status | "searching" | "failed", { query, results }: SearchPart): Item => ({
  id,
  type: "web_search_call",
  status,
  action: { type: "search", query, ...(results.length > 0 && { sources: results.map(({ url }) => ({ type: "url", url })) }) },
})

/** A picture in the answer stands where OpenAI's own pictures do: as the base64 of its bytes, or the address where it is. */
export const imageItem = (id: string, { media }: ImagePart): Item => ({ id, type: "image_generation_call", status: "completed", result: media.kind === "base64" ? media.data : addressOf(media) })

/** The items of a whole answer. Texts and refusals that follow each other are parts of one message. */
export function itemsOf(parts: readonly AnswerPart[], context: EncodeContext, logprobs: readonly unknown[]): readonly Item[] {
  const items: Item[] = []
  const toolOf = createToolFinder(context)
  let content: object[] | null = null
  const id = (prefix: string) => itemId(prefix, context.responseId, items.length)
  for (const part of parts) {
    const proof = proofBefore(part)
    if (proof !== undefined) {
      content = null
      items.push(proofItem(id("rs"), proof))
    }
    if (part.kind === "text" || part.kind === "refusal") {
      if (content === null) items.push(messageItem(id("msg"), "completed", (content = [])))
      content.push(part.kind === "refusal" ? refusalContent(part.text) : textContent(part.text, (part.citations ?? []).map((citation) => annotationOf(citation, part.text.length)), logprobs))
      continue
    }
    const item = otherItem(part, id, toolOf)
    if (item === null) continue
    content = null
    items.push(item)
  }
  return items
}

/** Unguessable as the response's own id is, and no other response has it. */
export const itemId = (prefix: string, responseId: string, index: number): string => `${prefix}_${responseId}_${index}`

function otherItem(part: AnswerPart, id: (prefix: string) => string, toolOf: (name: string) => CalledTool): Item | null {
  switch (part.kind) {
    case "reasoning":
      return reasoningItem(id("rs"), part.text, part.signature)
    case "toolCall": {
      const tool = toolOf(part.name)
      return callItem(id(callPrefix(tool)), "completed", part, part.arguments, tool)
    }
    case "search":
      return searchItem(id("ws"), part.failed === null ? "completed" : "failed", part)
    case "image":
      return imageItem(id("ig"), part)
    case "audio":
    case "text":
    case "refusal":
      return null
  }
}

/** Log probabilities as CC has them are a list below `content`; those of a response stand at its text. */
export const logprobsOf = (logprobs: unknown): readonly unknown[] => (isRecord(logprobs) && Array.isArray(logprobs["content"]) ? (logprobs["content"] as readonly unknown[]) : [])
