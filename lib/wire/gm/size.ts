import type { CallSize } from "../call.ts"
import { type Fields, isRecord, textLength } from "../request-fields.ts"
import { listOf, member, recordOf, textIn } from "./fields.ts"

/** A file that the provider fetches: about what fills a context window, since nothing is known of it. */
const LINKED_FILE_BYTES = 400_000
/** A linked film, up to the million tokens of Gemini's windows: 300 tokens a second (video understanding guide). */
const LINKED_FILM_BYTES = 2_000_000

type Media = { images: number; audioBytes: number; fileBytes: number; bytes: number }

/** What a request's tokens are estimated from: pictures, recordings and files, also within function responses, apart from its text. */
export function gmSize(bodyBytes: number, fields: Fields): CallSize {
  const media: Media = { images: 0, audioBytes: 0, fileBytes: 0, bytes: 0 }
  for (const content of listOf(fields["contents"])) addParts(recordOf(content)["parts"], media)
  addParts(recordOf(member(fields, "systemInstruction"))["parts"], media)
  return { textBytes: Math.max(0, bodyBytes - media.bytes), images: media.images, audioBytes: media.audioBytes, fileBytes: media.fileBytes }
}

function addParts(parts: unknown, media: Media): void {
  for (const part of listOf(parts)) {
    if (!isRecord(part)) continue
    const inline = member(part, "inlineData")
    const file = member(part, "fileData")
    if (isRecord(inline)) addInline(inline, media)
    else if (isRecord(file)) addLinked(file, media)
    // A function's result holds parts of its own, and those hold no further ones.
    else for (const inner of listOf(recordOf(member(part, "functionResponse"))["parts"])) addInline(recordOf(member(recordOf(inner), "inlineData")), media)
  }
}

function addInline(inline: Fields, media: Media): void {
  const bytes = textLength(inline["data"])
  media.bytes += bytes
  const type = textIn(member(inline, "mimeType")) ?? ""
  if (type.startsWith("image/")) media.images++
  else if (type.startsWith("audio/")) media.audioBytes += bytes
  // No film is more than what fills the window.
  else media.fileBytes += type.startsWith("video/") ? Math.min(bytes, LINKED_FILM_BYTES) : bytes
}

function addLinked(file: Fields, media: Media): void {
  const type = textIn(member(file, "mimeType")) ?? ""
  if (type.startsWith("image/")) media.images++
  else media.fileBytes += type === "application/pdf" || type.startsWith("text/") ? LINKED_FILE_BYTES : LINKED_FILM_BYTES
}
