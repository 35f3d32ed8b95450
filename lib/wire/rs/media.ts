import type { Media } from "../chat/part.ts"

/**
 * What an address stands for: the bytes inside a data URL, whatever parameters it has (W-61), or a place elsewhere. With `bare`, a text
 * that is no address is base64 of that type.
 */
export function mediaOf(text: string, bare: string | null): Media {
  const comma = text.startsWith("data:") ? text.indexOf(",") : -1
  if (comma !== -1) {
    const [mediaType = "", ...parameters] = text.slice("data:".length, comma).split(";")
    const data = text.slice(comma + 1)
    return { kind: "base64", mediaType: mediaType === "" ? "text/plain" : mediaType, data: parameters.includes("base64") ? data.replace(/\s+/g, "") : Buffer.from(decoded(data), "utf8").toString("base64") }
  }
  if (bare !== null && !/^[a-z][a-z0-9+.-]*:/i.test(text)) return { kind: "base64", mediaType: bare, data: text.replace(/\s+/g, "") }
  return { kind: "url", url: text, mediaType: null }
}

/** The address that holds these bytes, or where they are. */
export const addressOf = (media: Media): string => (media.kind === "url" ? media.url : `data:${media.mediaType};base64,${media.data}`)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
