import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { ChatAnswer, ChatUsage, Finish } from "../chat/answer.ts"
import type { DecodeContext } from "../chat/codec.ts"
import type { AnswerPart, Citation } from "../chat/part.ts"
import { readSignature } from "../chat/signature.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { finishOf } from "./answer.ts"
import { rsUsage, searchesIn } from "./usage.ts"

/** Reads a whole response. One that failed, or has not ended, is no answer (W-92). */
export function decodeRsAnswer(body: Buffer, context: DecodeContext): Result<ChatAnswer, { readonly words: UpstreamWords | null }> {
  let response: unknown
  try {
    response = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  if (!isRecord(response) || finishOf(response) === null || !Array.isArray(response["output"])) return err({ words: wordsOf(response) })
  const parts = (response["output"] as readonly unknown[]).flatMap((item) => partsOfItem(item, context))
  const logprobs = textParts(response["output"]).flatMap((part) => (Array.isArray(part["logprobs"]) ? (part["logprobs"] as readonly unknown[]) : []))
  return ok({
    id: typeof response["id"] === "string" ? response["id"] : null,
    choices: [{ parts, finish: finishOfResponse(response, parts.some(({ kind }) => kind === "toolCall")), ...(logprobs.length > 0 && { logprobs: { content: logprobs } }) }],
    usage: usageOfResponse(response),
  })
}

const textParts = (output: unknown): readonly Fields[] =>
  (output as readonly unknown[]).flatMap((item) => (isRecord(item) && Array.isArray(item["content"]) ? (item["content"] as readonly unknown[]).filter(isRecord) : []))

/** What a response counts, once it has ended. */
export function usageOfResponse(response: Fields): ChatUsage | null {
  const counts = rsUsage(response, searchesIn(response["output"]))
  return counts === null ? null : { counts, reasoningTokens: counts.reasoning ?? null }
}

/** Why a response ended (W-92). One that calls tools ends as completed all the same. */
export function finishOfResponse(response: Fields, callsTools: boolean): Finish {
  const word = finishOf(response) ?? "incomplete"
  const said = { word, stopSequence: null }
  if (word === "completed") return { ...said, reason: callsTools ? "toolCalls" : "stop" }
  if (word === "max_output_tokens") return { ...said, reason: "length" }
  return { ...said, reason: word === "content_filter" ? "filtered" : "incomplete" }
}

/** One item of an output as parts; an item that nobody else has a word for is none. */
export function partsOfItem(item: unknown, context: DecodeContext): readonly AnswerPart[] {
  if (!isRecord(item)) return []
  switch (item["type"]) {
    case "message":
      return Array.isArray(item["content"]) ? (item["content"] as readonly unknown[]).flatMap((part) => talkOf(part) ?? []) : []
    case "reasoning":
      return [reasoningOf(item)]
    case "function_call":
    case "custom_tool_call":
      return [callOf(item, context)]
    case "web_search_call":
      return [searchOf(item)]
    case "image_generation_call":
      return typeof item["result"] === "string" ? [{ kind: "image", media: { kind: "base64", mediaType: "image/png", data: item["result"] } }] : []
    default:
      return []
  }
}

function talkOf(part: unknown): AnswerPart | null {
  if (!isRecord(part)) return null
  if (part["type"] === "refusal") return { kind: "refusal", text: textIn(part, "refusal") }
  if (part["type"] !== "output_text") return null
  const citations = Array.isArray(part["annotations"]) ? (part["annotations"] as readonly unknown[]).flatMap((one) => citationOf(one) ?? []) : []
  return { kind: "text", text: textIn(part, "text"), ...(citations.length > 0 && { citations }) }
}

export function citationOf(annotation: unknown): Citation | null {
  if (!isRecord(annotation) || annotation["type"] !== "url_citation" || typeof annotation["url"] !== "string") return null
  const place = (name: string) => (typeof annotation[name] === "number" ? annotation[name] : null)
  return { url: annotation["url"], title: textIn(annotation, "title"), citedText: null, start: place("start_index"), end: place("end_index") }
}

/** What was thought, as its summary or, of open models, as it was; the proof of it is for the provider alone (W-58). */
export function reasoningOf(item: Fields): AnswerPart {
  const texts = (name: string) => (Array.isArray(item[name]) ? (item[name] as readonly unknown[]).flatMap((part) => (isRecord(part) && typeof part["text"] === "string" ? [part["text"]] : [])) : [])
  const summary = texts("summary")
  const encrypted = item["encrypted_content"]
  return {
    kind: "reasoning",
    text: (summary.length > 0 ? summary : texts("content")).join("\n\n"),
    ...(typeof item["id"] === "string" && { id: item["id"] }),
    ...(typeof encrypted === "string" && encrypted !== "" && { signature: readSignature(encrypted, "rs") }),
  }
}

/** A call, by the client's name for its tool. */
export function callOf(item: Fields, { toolName, newCallId }: DecodeContext): Extract<AnswerPart, { kind: "toolCall" }> {
  const id = item["call_id"] ?? item["id"]
  return { kind: "toolCall", id: typeof id === "string" && id !== "" ? id : newCallId(), name: toolName(textIn(item, "name")), arguments: item["type"] === "custom_tool_call" ? textIn(item, "input") : textIn(item, "arguments") }
}

export function searchOf(item: Fields): AnswerPart {
  const action = isRecord(item["action"]) ? item["action"] : {}
  const sources = Array.isArray(action["sources"]) ? (action["sources"] as readonly unknown[]) : []
  return {
    kind: "search",
    id: textIn(item, "id"),
    query: textIn(action, "query"),
    results: sources.flatMap((source) => (isRecord(source) && typeof source["url"] === "string" ? [{ url: source["url"], title: textIn(source, "title") || source["url"], pageAge: null }] : [])),
    failed: item["status"] === "failed" ? "failed" : null,
    opaque: { origin: "rs", value: item },
  }
}

export const textIn = (fields: Fields, name: string): string => (typeof fields[name] === "string" ? fields[name] : "")
