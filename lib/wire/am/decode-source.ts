import type { DocumentPart, ImagePart, Media, TextPart } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { cacheOf, optionalText, type Reading, records, text } from "../reading.ts"

/** An `image` block (vision guide): base64 or an address. */
export function imageOf(block: Fields, path: string, reading: Reading): readonly ImagePart[] {
  const media = mediaOf(block["source"], `${path}.source`, reading)
  return media === null ? [] : [{ kind: "image", media, ...cacheOf(block) }]
}

/** A `document` block (PDF and citations guides): base64, an address, plain text, or blocks of text and pictures. */
export function documentOf(block: Fields, path: string, reading: Reading): readonly (DocumentPart | TextPart | ImagePart)[] {
  const source = isRecord(block["source"]) ? block["source"] : {}
  const name = optionalText(block["title"])
  const context = optionalText(block["context"])
  const about: readonly TextPart[] = context === null ? [] : [{ kind: "text", text: context }]
  const place = `${path}.source`
  switch (source["type"]) {
    case "text":
      return [...about, { kind: "document", media: { kind: "text", text: text(source["data"], `${place}.data`, reading) }, name, ...cacheOf(block) }]
    case "content":
      return [...about, ...contentOf(source["content"], { name, block, path: `${place}.content` }, reading)]
    default: {
      const media = mediaOf(source, place, reading)
      return media === null ? [] : [...about, { kind: "document", media, name, ...cacheOf(block) }]
    }
  }
}

type Place = { readonly name: string | null; readonly block: Fields; readonly path: string }

/** A document of blocks: its texts are the document, and its pictures stand behind it. */
function contentOf(content: unknown, { name, block, path }: Place, reading: Reading): readonly (DocumentPart | ImagePart)[] {
  const document = (whole: string): DocumentPart => ({ kind: "document", media: { kind: "text", text: whole }, name, ...cacheOf(block) })
  if (typeof content === "string") return [document(content)]
  const blocks = records(content, path, reading)
  const images = blocks.flatMap(([inner, place]) => (inner["type"] === "image" ? imageOf(inner, place, reading) : []))
  const texts = blocks.flatMap(([inner, place]) => (inner["type"] === "image" ? [] : [text(inner["text"], `${place}.text`, reading)]))
  return [document(texts.join("\n")), ...images]
}

/** A `search_result` block (search results guide) as the document that it quotes. */
export function searchResultOf(block: Fields, path: string, reading: Reading): readonly DocumentPart[] {
  const texts = records(block["content"], `${path}.content`, reading).map(([inner, place]) => text(inner["text"], `${place}.text`, reading))
  const source = optionalText(block["source"])
  return [{ kind: "document", media: { kind: "text", text: [...(source === null ? [] : [source]), ...texts].join("\n") }, name: optionalText(block["title"]), ...cacheOf(block) }]
}

function mediaOf(source: unknown, path: string, reading: Reading): Media | null {
  const { type, data, media_type, url }: Fields = isRecord(source) ? source : {}
  if (type === "base64") {
    const bytes = text(data, `${path}.data`, reading)
    return { kind: "base64", mediaType: text(media_type, `${path}.media_type`, reading), data: /\s/.test(bytes) ? bytes.replace(/\s+/g, "") : bytes }
  }
  if (type === "url") return { kind: "url", url: text(url, `${path}.url`, reading), mediaType: null }
  reading.refuse(`${path}.type`, "must be “base64” or “url” here: files in a provider's account cannot be reached.")
  return null
}
