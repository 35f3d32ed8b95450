import type { Part, Signature, TextPart, ImagePart, DocumentPart, Media, ToolResultPart } from "../chat/part.ts"
import { argumentsObject } from "../chat/tool-arguments.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/** What a part needs to know of its request. */
export type PartsContext = {
  readonly names: ToolNames
  /** The functions that were called, by the ids of the calls (W-33). */
  readonly callNames: ReadonlyMap<string, string>
  /** A function's result holds pictures itself (Gemini 3 and later, function calling guide, multimodal function responses). */
  readonly resultsHoldMedia: boolean
}

/** Google's own signatures go back to it, byte for byte (W-57), and nobody else's. */
export const signed = (signature: Signature | undefined): Fields => (signature?.origin === "gm" ? { thoughtSignature: signature.data } : {})

/** A part of a turn as Gemini has it; several where it has no place for all of it in one, none where there is nothing to say. */
export function encodePart(part: Part, context: PartsContext): readonly Fields[] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return [{ text: part.text, ...signed(part.signature) }]
    case "image":
    case "audio":
      return [{ ...mediaPart(part.media, part.kind === "image" ? "image/jpeg" : "audio/wav"), ...signed(part.signature) }]
    case "video":
      return [{ ...mediaPart(part.media, null), ...signed(part.signature) }]
    case "document":
      return [{ ...documentPart(part), ...signed(part.signature) }]
    case "reasoning": {
      const proof = signed(part.signature)
      // Another provider's thoughts keep their text; of those that show none there is nothing to keep.
      return part.hidden === true || (part.text === "" && part.signature?.origin !== "gm") ? [] : [{ text: part.text, thought: true, ...proof }]
    }
    case "toolCall":
      return [{ functionCall: { id: part.id, name: context.names.sent(part.name), args: argumentsObject(part.arguments) }, ...signed(part.signature) }]
    case "toolResult":
      return resultParts(part, context)
    case "search":
      return [{ text: [`Web search for “${part.query}”:`, ...part.results.map(({ title, url }) => `- ${title} (${url})`)].join("\n") }]
  }
}

/** Bytes in the request, or the address of what the provider fetches itself: a film at YouTube has no type (video understanding guide). */
function mediaPart(media: Media, typeDefault: string | null): Fields {
  if (media.kind === "base64") return { inlineData: { mimeType: media.mediaType, data: media.data } }
  const mimeType = media.mediaType ?? typeDefault
  return { fileData: { fileUri: media.url, ...(mimeType !== null && { mimeType }) } }
}

const documentPart = ({ media }: DocumentPart): Fields => (media.kind === "text" ? { text: media.text } : mediaPart(media, "application/pdf"))

/** A result is an object: one that came as JSON is that, all else stands under Google's own word for it (FunctionResponse reference). */
function resultParts(part: ToolResultPart, { names, callNames, resultsHoldMedia }: PartsContext): readonly Fields[] {
  const name = part.name ?? callNames.get(part.callId) ?? "unknown_function"
  const text = part.content.filter((one): one is TextPart => one.kind === "text").map((one) => one.text).join("\n")
  const media = part.content.filter((one): one is ImagePart | DocumentPart => one.kind !== "text")
  const response = part.failed ? { error: text } : (objectIn(text) ?? { output: text })
  const parts = media.map((one) => (one.kind === "image" ? mediaPart(one.media, "image/jpeg") : documentPart(one)))
  const within = resultsHoldMedia && parts.length > 0 && parts.every((one) => "inlineData" in one)
  return [{ functionResponse: { id: part.callId, name: names.sent(name), response, ...(within && { parts }) } }, ...(within ? [] : parts)]
}

function objectIn(text: string): Fields | null {
  if (!text.trimStart().startsWith("{")) return null
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}
