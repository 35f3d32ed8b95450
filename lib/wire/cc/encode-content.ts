import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Unsupported } from "../chat/codec.ts"
import type { AudioPart, DocumentPart, ImagePart, TextPart, VideoPart } from "../chat/part.ts"
import type { Fields } from "../request-fields.ts"
import { urlOfMedia } from "./data-url.ts"

export type Content = string | readonly Fields[]
type ContentPart = TextPart | ImagePart | AudioPart | VideoPart | DocumentPart

/** Between texts that were blocks of their own; one text, since several vendors take no list of texts. */
const BETWEEN_TEXTS = "\n\n"

/** What a user says: one text, or parts where there is more than text. `films`: whether the target watches any. */
export function contentFor(parts: readonly ContentPart[], films: boolean): Result<Content, Unsupported> {
  if (parts.every((part) => part.kind === "text")) return ok(parts.map(({ text }) => text).join(BETWEEN_TEXTS))
  const content: Fields[] = []
  for (const part of parts) {
    const written = partFor(part, films)
    if (!written.ok) return written
    content.push(written.value)
  }
  return ok(content)
}

function partFor(part: ContentPart, films: boolean): Result<Fields, Unsupported> {
  switch (part.kind) {
    case "text":
      return ok({ type: "text", text: part.text })
    case "image":
      return ok({ type: "image_url", image_url: { url: urlOfMedia(part.media), ...(part.detail !== undefined && { detail: part.detail }) } })
    case "audio":
      return audioFor(part)
    case "video":
      return films ? ok({ type: "video_url", video_url: { url: urlOfMedia(part.media) } }) : err({ field: "messages", message: "Films cannot be shown to this model here. Send pictures of them, or choose a model of Google's or OpenRouter's." })
    case "document":
      return documentFor(part)
  }
}

const audioFormats: ReadonlyMap<string, "wav" | "mp3"> = new Map([
  ["audio/wav", "wav"],
  ["audio/x-wav", "wav"],
  ["audio/wave", "wav"],
  ["audio/mpeg", "mp3"],
  ["audio/mp3", "mp3"],
])

/** OpenAI's models take recordings as WAV and MP3 inside the request (chat completions reference, input_audio). */
function audioFor({ media }: AudioPart): Result<Fields, Unsupported> {
  const format = media.kind === "base64" ? audioFormats.get(media.mediaType) : undefined
  if (media.kind !== "base64" || format === undefined) return err({ field: "messages", message: "This model takes audio only as base64 of audio/wav or audio/mpeg." })
  return ok({ type: "input_audio", input_audio: { data: media.data, format } })
}

/** A document as a `file`; one that is plain text is text (W-64). */
function documentFor({ media, name }: DocumentPart): Result<Fields, Unsupported> {
  if (media.kind === "text") return ok({ type: "text", text: name === null ? media.text : `<document name=${JSON.stringify(name)}>\n${media.text}\n</document>` })
  if (media.kind === "base64" && media.mediaType.startsWith("text/")) return documentFor({ kind: "document", name, media: { kind: "text", text: Buffer.from(media.data, "base64").toString("utf8") } })
  if (media.kind === "url") return err({ field: "messages", message: "This model takes documents only inside the request: send the document as base64." })
  return ok({ type: "file", file: { filename: name ?? `document.${media.mediaType.split("/").at(-1) ?? "pdf"}`, file_data: urlOfMedia(media) } })
}
