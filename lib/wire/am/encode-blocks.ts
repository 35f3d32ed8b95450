import type { AnswerPart, ReasoningPart, SearchPart, SearchResult, Signature } from "../chat/part.ts"
import { writeExcerpt, writeSignature } from "../chat/signature.ts"
import { argumentsObject } from "../chat/tool-arguments.ts"
import { citationBlock } from "./citations.ts"

export type Block = Readonly<Record<string, unknown>>

/** A finished part of an answer as blocks of a message (messages reference, content). */
export function answerBlocks(part: AnswerPart): readonly Block[] {
  switch (part.kind) {
    case "text":
      return [...proofBefore(part.signature), { type: "text", text: part.text, ...(part.citations !== undefined && part.citations.length > 0 && { citations: part.citations.map(citationBlock) }) }]
    case "refusal":
      return [{ type: "text", text: part.text }]
    case "reasoning":
      return [reasoningBlock(part)]
    case "toolCall":
      return [...proofBefore(part.signature), { type: "tool_use", id: part.id, name: part.name, input: argumentsObject(part.arguments) }]
    case "search":
      return searchBlocks(part)
    case "image":
      // Messages have no picture from the model, and one must not be lost (W-67): Markdown is what clients show.
      return [{ type: "text", text: `![image](${part.media.kind === "url" ? part.media.url : `data:${part.media.mediaType};base64,${part.media.data}`})` }]
    case "audio":
      return [{ type: "text", text: part.media.kind === "url" ? part.media.url : `data:${part.media.mediaType};base64,${part.media.data}` }]
  }
}

/** The proof of a part that has no place for one: an empty thinking block, which `partsOf` of decode-blocks.ts gives back to the part. */
export const signatureBlock = (signature: Signature): Block => ({ type: "thinking", thinking: "", signature: writeSignature(signature, "am") })

const proofBefore = (signature: Signature | undefined): readonly Block[] => (signature === undefined ? [] : [signatureBlock(signature)])

/** Thinking that is not shown is a block of its own kind; all other thinking has its text, which may be empty, and its signature (W-54, W-55). */
export function reasoningBlock({ text, hidden, signature }: ReasoningPart): Block {
  const data = signature === undefined ? "" : writeSignature(signature, "am")
  return hidden === true ? { type: "redacted_thinking", data } : { type: "thinking", thinking: text, signature: data }
}

/** A search that ran at the provider (W-126). Claude Code and Anthropic's SDKs know it by the prefix of its id. */
export function searchBlocks({ id, query, results, failed }: SearchPart): readonly Block[] {
  const own = searchId(id)
  const content =
    failed === null
      ? results.map((result) => ({ type: "web_search_result", url: result.url, title: result.title, encrypted_content: contentOf(result), page_age: result.pageAge }))
      : { type: "web_search_tool_result_error", error_code: failed }
  return [
    { type: "server_tool_use", id: own, name: "web_search", input: { query } },
    { type: "web_search_tool_result", tool_use_id: own, content },
  ]
}

const contentOf = ({ opaque, excerpt }: SearchResult): string => (opaque !== undefined ? writeSignature(opaque, "am") : excerpt === undefined ? "" : writeExcerpt(excerpt))

const searchId = (id: string): string => (id.startsWith("srvtoolu_") ? id : `srvtoolu_${id.replace(/[^A-Za-z0-9_]/g, "_")}`)
