import type { CallSize } from "../call.ts"
import { type Fields, isRecord, textLength } from "../request-fields.ts"

/** A document that the provider fetches: about what fills a context window, since nothing is known of it. */
const LINKED_DOCUMENT_BYTES = 400_000
/** A tool's result holds blocks, and one of those may be a document made of blocks. */
const BLOCK_LEVELS_MAX = 4

type Media = { images: number; fileBytes: number; linkedBytes: number; bytes: number }

/** What a messages request's tokens are estimated from: images and documents, also within tool results, apart from its text. */
export function amSize(bodyBytes: number, { messages, system }: Fields): CallSize {
  const media: Media = { images: 0, fileBytes: 0, linkedBytes: 0, bytes: 0 }
  for (const message of Array.isArray(messages) ? (messages as readonly unknown[]) : []) if (isRecord(message)) addBlocks(message["content"], media, 1)
  addBlocks(system, media, 1)
  return { textBytes: Math.max(0, bodyBytes - media.bytes), images: media.images, audioBytes: 0, fileBytes: media.fileBytes + media.linkedBytes }
}

function addBlocks(content: unknown, media: Media, level: number): void {
  if (!Array.isArray(content) || level > BLOCK_LEVELS_MAX) return
  for (const block of content as readonly unknown[]) {
    if (!isRecord(block)) continue
    const source = isRecord(block["source"]) ? block["source"] : null
    if (block["type"] === "image") {
      media.images++
      media.bytes += textLength(source?.["data"])
    } else if (block["type"] === "document" && source !== null) addDocument(source, media, level)
    else addBlocks(block["content"], media, level + 1)
  }
}

/** A document is base64, plain text (which counts like all text), blocks, or a link. */
function addDocument(source: Fields, media: Media, level: number): void {
  if (source["type"] === "base64") {
    const bytes = textLength(source["data"])
    media.fileBytes += bytes
    media.bytes += bytes
  } else if (source["type"] === "url") media.linkedBytes += LINKED_DOCUMENT_BYTES
  else addBlocks(source["content"], media, level + 1)
}
