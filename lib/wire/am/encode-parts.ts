import type { Notes, Unsupported } from "../chat/codec.ts"
import type { CacheMark, DocumentPart, Media, Part, ReasoningPart, SearchPart, TextPart, ToolResultPart } from "../chat/part.ts"
import { argumentsObject } from "../chat/tool-arguments.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import type { CallIds } from "./call-ids.ts"
import { citationBlock, isProven } from "./citations.ts"
import { searchBlocks } from "./encode-blocks.ts"

/** A block of a request, while it is being written. */
export type OpenBlock = Record<string, unknown>

export type PartsContext = {
  readonly ids: CallIds
  readonly names: ToolNames
  readonly marks: CacheMarks
  readonly notes: Notes
  /** The first thing that cannot be said in a message. */
  refuse(unsupported: Unsupported): void
}

/** Blocks with a mark for the cache, in the order of the prompt. */
export type CacheMarks = {
  add<T extends OpenBlock>(block: T, mark: CacheMark | undefined): T
  /** Anthropic takes four (prompt caching guide); the last ones reach furthest, so those stay (W-123). */
  keepTaken(): void
}

const MARKS_MAX = 4

export function createCacheMarks(): CacheMarks {
  const marked: OpenBlock[] = []
  return {
    add(block, mark) {
      if (mark === undefined) return block
      marked.push(block)
      return Object.assign(block, { cache_control: { type: "ephemeral", ...(mark.ttl !== null && { ttl: mark.ttl }) } })
    },
    keepTaken() {
      for (const block of marked.slice(0, -MARKS_MAX)) delete block["cache_control"]
    },
  }
}

/** A part of a turn as blocks. What has no characters is none (W-8); thinking that Anthropic did not sign is left out (W-56). */
export function partBlocks(part: Part, context: PartsContext): readonly OpenBlock[] {
  const { ids, names, marks } = context
  switch (part.kind) {
    case "text":
      return textBlocks(part, context)
    case "refusal":
      return part.text.trim() === "" ? [] : [marks.add({ type: "text", text: part.text }, part.cache)]
    case "image":
      return [marks.add({ type: "image", source: sourceOf(part.media) }, part.cache)]
    case "document":
      return documentBlocks(part, context)
    case "audio":
      context.refuse({ field: "messages", message: "messages: Anthropic's models hear no audio. Send the words, or choose a model that takes audio." })
      return []
    case "video":
      context.refuse({ field: "messages", message: "messages: Anthropic's models watch no films. Send pictures of them, or choose a model that does." })
      return []
    case "reasoning":
      return reasoningBlocks(part, context)
    case "toolCall":
      return [marks.add({ type: "tool_use", id: ids.call(part.id), name: names.sent(part.name), input: argumentsObject(part.arguments) }, part.cache)]
    case "toolResult":
      return [resultBlock(part, context)]
    case "search":
      return isOwn(part) ? searchBlocks(part).map((block) => ({ ...block })) : [{ type: "text", text: searchWords(part) }]
  }
}

function textBlocks({ text, citations = [], cache }: TextPart, { marks }: PartsContext): readonly OpenBlock[] {
  if (text.trim() === "") return []
  const proven = citations.filter(isProven)
  return [marks.add({ type: "text", text, ...(proven.length > 0 && { citations: proven.map(citationBlock) }) }, cache)]
}

function reasoningBlocks({ text, hidden, signature }: ReasoningPart, { notes }: PartsContext): readonly OpenBlock[] {
  if (signature?.origin !== "am") {
    if (text !== "") notes.dropped("messages", "[].reasoning")
    return []
  }
  return [hidden === true ? { type: "redacted_thinking", data: signature.data } : { type: "thinking", thinking: text, signature: signature.data }]
}

/** Empty content is an empty text (W-31). */
function resultBlock(part: ToolResultPart, context: PartsContext): OpenBlock {
  const content = part.content.flatMap((inner) => partBlocks(inner, context))
  const block = { type: "tool_result", tool_use_id: context.ids.result(part.callId), content: content.length === 0 ? "" : content, ...(part.failed && { is_error: true }) }
  return context.marks.add(block, part.cache)
}

const PDF = "application/pdf"

function documentBlocks({ media, name, cache }: DocumentPart, { marks, refuse }: PartsContext): readonly OpenBlock[] {
  const title = name === null ? {} : { title: name }
  const plain = media.kind === "text" ? media.text : media.kind === "base64" && media.mediaType.startsWith("text/") ? Buffer.from(media.data, "base64").toString("utf8") : null
  if (plain !== null) return plain.trim() === "" ? [] : [marks.add({ type: "document", source: { type: "text", media_type: "text/plain", data: plain }, ...title }, cache)]
  if (media.kind === "base64" && media.mediaType !== PDF) {
    refuse({ field: "messages", message: `messages: a document of type ${media.mediaType.slice(0, 60)} cannot be read by Anthropic's models; PDF and plain text can.` })
    return []
  }
  return [marks.add({ type: "document", source: sourceOf(media as Media), ...title }, cache)]
}

/** Anthropic knows `image/jpeg` alone; people write `image/jpg`. */
function sourceOf(media: Media): OpenBlock {
  if (media.kind === "url") return { type: "url", url: media.url }
  return { type: "base64", media_type: media.mediaType === "image/jpg" ? "image/jpeg" : media.mediaType, data: media.data }
}

/** What was found can be read again only by who found it: Anthropic encrypts it. */
const isOwn = ({ id, results }: SearchPart): boolean => id.startsWith("srvtoolu_") && results.every(({ opaque }) => opaque?.origin === "am")

function searchWords({ query, results, failed }: SearchPart): string {
  if (failed !== null) return `The web was searched for “${query}”, which failed (${failed}).`
  return [`The web was searched for “${query}”:`, ...results.map(({ title, url }) => `- ${title} ${url}`)].join("\n")
}
