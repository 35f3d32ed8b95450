import type { ImagePart, Media, Part, Signature, TextPart, ToolResultPart, DocumentPart } from "../chat/part.ts"
import { readSignature } from "../chat/signature.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { UNSIGNED_CALL } from "./encode-contents.ts"
import { listOf, member, recordOf, textIn } from "./fields.ts"

/** What a part cannot be, in words for the caller. */
export type PartProblem = { readonly path: string; readonly message: string }

/** Ids of the calls that no result has come for, by the functions' names in their order (W-36). */
export type OpenCalls = {
  /** The id of a call: its own, or one made from its place. */
  called(id: string | null, name: string, place: string): string
  /** The call that a result belongs to: by its id, else the first open one of that name. */
  answered(id: string | null, name: string, place: string): string
}

export function createOpenCalls(): OpenCalls {
  const open = new Map<string, string[]>()
  return {
    called(id, name, place) {
      const own = id === null || id === "" ? `call_${place}` : id
      open.set(name, [...(open.get(name) ?? []), own])
      return own
    },
    answered(id, name, place) {
      const waiting = open.get(name) ?? []
      if (id !== null && id !== "") {
        open.set(name, waiting.filter((one) => one !== id))
        return id
      }
      const [first = `call_${place}`, ...rest] = waiting
      open.set(name, rest)
      return first
    },
  }
}

/** Reads one part of a content (https://ai.google.dev/api/caching#Part); null: it says nothing to another model. */
export function decodePart(part: Fields, path: string, place: string, calls: OpenCalls): Part | PartProblem | null {
  const signature = signatureIn(part)
  const { text } = part
  if (typeof text === "string") return part["thought"] === true ? { kind: "reasoning", text, ...signature } : { kind: "text", text, ...signature }
  const call = member(part, "functionCall")
  if (isRecord(call)) {
    const name = textIn(call["name"])
    if (name === null || name === "") return { path: `${path}.functionCall.name`, message: "the name of the function is needed" }
    return { kind: "toolCall", id: calls.called(textIn(call["id"]), name, place), name, arguments: JSON.stringify(isRecord(call["args"]) ? call["args"] : {}), ...signature }
  }
  if (member(part, "videoMetadata") !== undefined) return { path: `${path}.videoMetadata`, message: "films can be cut and sampled by Gemini's own models alone" }
  const result = member(part, "functionResponse")
  if (isRecord(result)) return resultPart(result, path, place, calls)
  const inline = member(part, "inlineData")
  if (isRecord(inline)) return mediaPart(inlineMedia(inline), `${path}.inlineData.mimeType`, signature)
  const file = member(part, "fileData")
  if (isRecord(file)) return mediaPart({ kind: "url", url: textIn(member(file, "fileUri")) ?? "", mediaType: textIn(member(file, "mimeType")) }, `${path}.fileData.mimeType`, signature)
  const code = member(part, "executableCode")
  if (isRecord(code)) return { kind: "text", text: `\`\`\`${(textIn(code["language"]) ?? "").toLowerCase()}\n${textIn(code["code"]) ?? ""}\n\`\`\`` }
  const outcome = member(part, "codeExecutionResult")
  if (isRecord(outcome)) return { kind: "text", text: `\`\`\`\n${textIn(outcome["output"]) ?? ""}\n\`\`\`` }
  // A signature alone belongs to no words.
  return "signature" in signature ? { kind: "text", text: "", ...signature } : null
}

/** The dummy says that there is none. */
function signatureIn(part: Fields): { readonly signature?: Signature } {
  const data = textIn(member(part, "thoughtSignature"))
  return data === null || data === "" || data === UNSIGNED_CALL ? {} : { signature: readSignature(data, "gm") }
}

/** What is a film without saying so (video understanding guide, YouTube URLs). */
const FILMS = /^https:\/\/(?:(?:www\.)?youtube\.com|youtu\.be)\//i

const inlineMedia = (inline: Fields): Media => ({ kind: "base64", mediaType: textIn(member(inline, "mimeType")) ?? "", data: (textIn(inline["data"]) ?? "").replaceAll("-", "+").replaceAll("_", "/") })

function mediaPart(media: Media, path: string, signature: { readonly signature?: Signature }): Part | PartProblem {
  const type = media.mediaType ?? ""
  if (type.startsWith("image/")) return { kind: "image", media, ...signature }
  if (type.startsWith("audio/")) return { kind: "audio", media, ...signature }
  if (type.startsWith("video/") || (type === "" && media.kind === "url" && FILMS.test(media.url))) return { kind: "video", media, ...signature }
  if (type.startsWith("text/") && media.kind === "base64") return { kind: "document", media: { kind: "text", text: Buffer.from(media.data, "base64").toString("utf8") }, name: null, ...signature }
  if (type !== "") return { kind: "document", media, name: null, ...signature }
  return { path, message: "the media type of the data is needed" }
}

/** Google's own words for what a function gave and for what went wrong (FunctionResponse reference); without them all of it was given. */
function resultPart(result: Fields, path: string, place: string, calls: OpenCalls): ToolResultPart | PartProblem {
  const name = textIn(result["name"])
  const id = textIn(result["id"])
  if ((name === null || name === "") && (id === null || id === "")) return { path: `${path}.functionResponse.name`, message: "the name of the function is needed" }
  const response = recordOf(result["response"])
  const names = Object.keys(response)
  const [only] = names
  const failed = names.length === 1 && only === "error"
  const said = names.length === 1 && (only === "error" || only === "output" || only === "result") ? response[only] : response
  const text: TextPart = { kind: "text", text: typeof said === "string" ? said : JSON.stringify(said) }
  const media = listOf(result["parts"])
    .filter(isRecord)
    .flatMap((inner) => {
      const inline = member(inner, "inlineData")
      const part = isRecord(inline) ? mediaPart(inlineMedia(inline), path, {}) : null
      return part !== null && "kind" in part && (part.kind === "image" || part.kind === "document") ? [part as ImagePart | DocumentPart] : []
    })
  return { kind: "toolResult", callId: calls.answered(id, name ?? "", place), name, content: [text, ...media], failed }
}
