import type { Media } from "../chat/part.ts"

/**
 * A picture or a document at an address or inside of it. Data addresses may hold more parameters than the media type
 * (`data:image/png;name=a.png;base64,…`; W-61). Null: a data address that holds no base64.
 */
export function mediaOfUrl(url: string): Media | null {
  if (!/^data:/i.test(url)) return { kind: "url", url, mediaType: null }
  const comma = url.indexOf(",")
  if (comma === -1) return null
  const [mediaType = "", ...parameters] = url.slice("data:".length, comma).split(";")
  if (!parameters.some((parameter) => parameter.trim().toLowerCase() === "base64")) return null
  const data = url.slice(comma + 1)
  return { kind: "base64", mediaType: mediaType.trim().toLowerCase() || "application/octet-stream", data: /\s/.test(data) ? data.replace(/\s+/g, "") : data }
}

/** The address that holds these bytes, or the one where they are (W-63). */
export const urlOfMedia = (media: Media): string => (media.kind === "url" ? media.url : `data:${media.mediaType};base64,${media.data}`)
