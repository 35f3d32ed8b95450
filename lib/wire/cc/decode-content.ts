import type { AudioPart, DocumentPart, ImagePart, Media, Part, RefusalPart, TextPart, VideoPart } from "../chat/part.ts"
import { cacheOf, optionalText, type Reading, records, text } from "../reading.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import { mediaOfUrl } from "./data-url.ts"

type ContentPart = TextPart | RefusalPart | ImagePart | AudioPart | VideoPart | DocumentPart

const audioTypes: ReadonlyMap<string, string> = new Map([["wav", "audio/wav"], ["mp3", "audio/mpeg"]])

/** The parts of a message's content: a text, or parts (chat completions reference, messages). */
export function contentOf(content: unknown, path: string, reading: Reading): readonly ContentPart[] {
  if (isAbsent(content)) return []
  if (typeof content === "string") return [{ kind: "text", text: content }]
  return records(content, path, reading).flatMap(([part, place]) => {
    const read = partOf(part, place, reading)
    return read === null ? [] : [{ ...read, ...cacheOf(part) }]
  })
}

function partOf(part: Fields, path: string, reading: Reading): ContentPart | null {
  switch (part["type"]) {
    case "text":
      return { kind: "text", text: text(part["text"], `${path}.text`, reading) }
    case "refusal":
      return { kind: "refusal", text: text(part["refusal"], `${path}.refusal`, reading) }
    case "image_url":
      return imageOf(part["image_url"], `${path}.image_url`, reading)
    case "input_audio":
      return audioOf(part["input_audio"], `${path}.input_audio`, reading)
    // OpenRouter, video inputs (https://openrouter.ai/docs/features/multimodal/videos).
    case "video_url":
      return videoOf(part["video_url"], `${path}.video_url`, reading)
    case "file":
      return fileOf(part["file"], `${path}.file`, reading)
    default:
      reading.refuse(`${path}.type`, `${typeof part["type"] === "string" ? `“${part["type"].slice(0, 60)}”` : "a part without a type"} cannot be read here; it must be “text”, “image_url”, “input_audio”, “video_url” or “file”.`)
      return null
  }
}

/** Some clients write the address where the object with the address belongs. */
function imageOf(value: unknown, path: string, reading: Reading): ImagePart | null {
  const image: Fields = typeof value === "string" ? { url: value } : isRecord(value) ? value : {}
  const media = inlineOrUrl(image["url"], `${path}.url`, reading)
  const detail = optionalText(image["detail"])
  return media === null ? null : { kind: "image", media, ...(detail !== null && { detail }) }
}

function videoOf(value: unknown, path: string, reading: Reading): VideoPart | null {
  const media = inlineOrUrl(isRecord(value) ? value["url"] : value, `${path}.url`, reading)
  return media === null ? null : { kind: "video", media }
}

function audioOf(value: unknown, path: string, reading: Reading): AudioPart {
  const audio: Fields = isRecord(value) ? value : {}
  const format = text(audio["format"], `${path}.format`, reading)
  return { kind: "audio", media: { kind: "base64", mediaType: audioTypes.get(format) ?? `audio/${format}`, data: text(audio["data"], `${path}.data`, reading).replace(/\s+/g, "") } }
}

/** `file_data` is a data address, or at OpenRouter any; some clients send bare base64, which is a PDF then. */
function fileOf(value: unknown, path: string, reading: Reading): DocumentPart | null {
  const file: Fields = isRecord(value) ? value : {}
  if (typeof file["file_id"] === "string") {
    reading.refuse(`${path}.file_id`, "files in a provider's account cannot be reached; send the file in file_data.")
    return null
  }
  const name = optionalText(file["filename"])
  const data = text(file["file_data"], `${path}.file_data`, reading)
  const media: Media | null = /^(?:data:|https?:\/\/)/i.test(data) ? inlineOrUrl(data, `${path}.file_data`, reading) : { kind: "base64", mediaType: "application/pdf", data }
  if (media === null) return null
  if (media.kind === "base64" && media.mediaType.startsWith("text/")) return { kind: "document", media: { kind: "text", text: Buffer.from(media.data, "base64").toString("utf8") }, name }
  return { kind: "document", media, name }
}

function inlineOrUrl(value: unknown, path: string, reading: Reading): Media | null {
  const media = mediaOfUrl(text(value, path, reading))
  if (media === null) reading.refuse(path, "must be an address, or base64 as data:<type>;base64,<data>.")
  return media
}

/** What a tool message may hold; anything else in it is left out with a word. */
export const resultPartsOf = (parts: readonly Part[], path: string, reading: Reading): readonly (TextPart | ImagePart | DocumentPart)[] =>
  parts.flatMap((part) => {
    if (part.kind === "text" || part.kind === "image" || part.kind === "document") return [part]
    reading.drop(path)
    return []
  })
