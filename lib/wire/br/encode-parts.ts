import type { CallIds } from "../am/call-ids.ts"
import type { Notes, Unsupported } from "../chat/codec.ts"
import { isWebAddress } from "../chat/linked-media.ts"
import type { CacheMark, DocumentPart, Media, Part, ReasoningPart, ToolResultPart } from "../chat/part.ts"
import { argumentsObject } from "../chat/tool-arguments.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import { cachesPrompts, type Maker } from "./model-fields.ts"

/** A content block of Converse (API reference, ContentBlock). */
export type Block = Readonly<Record<string, unknown>>

export type PartsContext = {
  readonly ids: CallIds
  readonly names: ToolNames
  readonly documents: DocumentNames
  readonly maker: Maker
  readonly notes: Notes
  /** The first thing that cannot be said in a message. */
  refuse(unsupported: Unsupported): void
}

/** A part of a turn as blocks, with a cache point behind it where it is marked. What has no characters is none (W-8). */
export function partBlocks(part: Part, context: PartsContext): readonly Block[] {
  const blocks = contentOf(part, context)
  return blocks.length === 0 ? blocks : [...blocks, ...cachePoint(part.cache, context.maker)]
}

/** W-123; toward models that cache nothing by themselves the mark is left out without a word. */
export function cachePoint(mark: CacheMark | undefined, maker: Maker): readonly Block[] {
  if (mark === undefined || !cachesPrompts(maker)) return []
  return [{ cachePoint: { type: "default", ...(mark.ttl === "1h" && maker === "claude" && { ttl: mark.ttl }) } }]
}

function contentOf(part: Part, context: PartsContext): readonly Block[] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return part.text.trim() === "" ? [] : [{ text: part.text }]
    case "image":
      return imageBlocks(part.media, context)
    case "document":
      return documentBlocks(part, context)
    case "audio":
      return audioBlocks(part.media, context)
    case "video":
      context.refuse({ field: "messages", message: "messages: films cannot be shown to this model here. Send pictures of them, or choose a model of Google's." })
      return []
    case "reasoning":
      return reasoningBlocks(part, context)
    case "toolCall":
      return [{ toolUse: { toolUseId: context.ids.call(part.id), name: context.names.sent(part.name), input: argumentsObject(part.arguments) } }]
    case "toolResult":
      return [resultBlock(part, context)]
    case "search":
      return [{ text: searchWords(part.query, part.results) }]
  }
}

const searchWords = (query: string, results: readonly { readonly title: string; readonly url: string }[]): string =>
  [`The web was searched for “${query}”:`, ...results.map(({ title, url }) => `- ${title} ${url}`)].join("\n")

/** Bedrock fetches nothing: what stands at an address is brought before a request is sent (W-62). The address stands for it where a request is only looked at: whether a strict key may send it. */
function addressBlocks(address: string, refuse: PartsContext["refuse"]): readonly Block[] {
  if (isWebAddress(address)) return [{ text: address }]
  refuse({ field: "messages", message: "messages: an address that is neither http nor https cannot be read. Send the data itself instead." })
  return []
}

const imageFormats: ReadonlyMap<string, string> = new Map([["image/png", "png"], ["image/jpeg", "jpeg"], ["image/jpg", "jpeg"], ["image/gif", "gif"], ["image/webp", "webp"]])

function imageBlocks(media: Media, { refuse }: PartsContext): readonly Block[] {
  if (media.kind === "url") return addressBlocks(media.url, refuse)
  const format = imageFormats.get(media.mediaType.toLowerCase())
  if (format === undefined) {
    refuse({ field: "messages", message: `messages: an image of type ${media.mediaType.slice(0, 60)} cannot be read by models on Bedrock; PNG, JPEG, GIF and WebP can.` })
    return []
  }
  return [{ image: { format, source: { bytes: media.data } } }]
}

/** API reference, AudioBlock, by the names that clients give sound. */
const audioFormats: ReadonlyMap<string, string> = new Map([
  ...["aac", "flac", "m4a", "mp3", "mp4", "ogg", "opus", "wav", "webm"].map((name) => [`audio/${name}`, name] as const),
  ["audio/mpeg", "mp3"],
  ["audio/x-wav", "wav"],
  ["audio/wave", "wav"],
])

/** W-66. Claude and gpt-oss hear nothing; of other models Bedrock says itself which do. */
function audioBlocks(media: Media, { maker, refuse }: PartsContext): readonly Block[] {
  const format = media.kind === "base64" ? audioFormats.get(media.mediaType.toLowerCase()) : undefined
  if (media.kind === "base64" && format !== undefined && maker !== "claude" && maker !== "gptOss") return [{ audio: { format, source: { bytes: media.data } } }]
  const message = format === undefined ? "messages: audio is taken as base64 of WAV, MP3, AAC, FLAC, M4A, MP4, OGG, Opus or WebM." : "messages: this model takes no audio. Send the words, or choose a model that takes audio."
  refuse({ field: "messages", message })
  return []
}

const documentFormats: ReadonlyMap<string, string> = new Map([
  ["application/pdf", "pdf"],
  ["text/csv", "csv"],
  ["application/msword", "doc"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"],
  ["application/vnd.ms-excel", "xls"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"],
  ["text/html", "html"],
  ["text/markdown", "md"],
  ["text/plain", "txt"],
])

function documentBlocks({ media, name }: DocumentPart, { documents, refuse }: PartsContext): readonly Block[] {
  if (media.kind === "text") return media.text.trim() === "" ? [] : [{ document: { format: "txt", name: documents.name(name), source: { bytes: Buffer.from(media.text, "utf8").toString("base64") } } }]
  if (media.kind === "url") return addressBlocks(media.url, refuse)
  const format = documentFormats.get(media.mediaType.toLowerCase()) ?? (media.mediaType.startsWith("text/") ? "txt" : undefined)
  if (format === undefined) {
    refuse({ field: "messages", message: `messages: a document of type ${media.mediaType.slice(0, 60)} cannot be read by models on Bedrock; PDF, Word, Excel, CSV, HTML, Markdown and plain text can.` })
    return []
  }
  return [{ document: { format, name: documents.name(name), source: { bytes: media.data } } }]
}

export type DocumentNames = { name(given: string | null): string }

const NAME_CHARACTERS_MAX = 200

/** Names as Bedrock takes them: letters, digits, single spaces, hyphens, parentheses and brackets (API reference, DocumentBlock), each once. */
export function createDocumentNames(): DocumentNames {
  const used = new Set<string>()
  return {
    name(given) {
      const clean = (given ?? "").replaceAll(/[^A-Za-z0-9()[\] -]+/g, " ").replaceAll(/ +/g, " ").trim().slice(0, NAME_CHARACTERS_MAX)
      const base = clean === "" ? "document" : clean
      let name = base
      for (let count = 2; used.has(name); count++) name = `${base} (${count})`
      used.add(name)
      return name
    },
  }
}

/**
 * Thinking goes back to whom it came from, and Anthropic's proofs hold on every platform of its models (extended thinking guide,
 * signatures across platforms). All other thinking is left out (W-56).
 */
function reasoningBlocks({ text, hidden, signature }: ReasoningPart, { maker, notes }: PartsContext): readonly Block[] {
  const own = signature?.origin === "br" || (signature?.origin === "am" && maker === "claude" && hidden !== true)
  if (signature === undefined || !own) {
    if (text !== "") notes.dropped("messages", "[].reasoning")
    return []
  }
  return [{ reasoningContent: hidden === true ? { redactedContent: signature.data } : { reasoningText: { text, signature: signature.data } } }]
}

/** Empty content is an empty list (W-31). */
function resultBlock({ callId, content, failed }: ToolResultPart, context: PartsContext): Block {
  const inner = content.flatMap((part) => contentOf(part, context))
  return { toolResult: { toolUseId: context.ids.result(callId), content: inner, ...(failed && { status: "error" }) } }
}
