import { err, ok, type Result } from "#lib/kernel/result.ts"
import { inputText } from "../am/decode-answer.ts"
import type { ChatAnswer, Finish, FinishReason } from "../chat/answer.ts"
import type { DecodeContext } from "../chat/codec.ts"
import type { AnswerPart, Citation, Signature } from "../chat/part.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import { brUsage } from "./usage.ts"
import { readBrWords } from "./words.ts"

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** Reads a whole answer of Converse; what has no message is an error or no answer at all. Bedrock's answers have no id. */
export function decodeBrAnswer(body: Buffer, context: DecodeContext): Result<ChatAnswer, { readonly words: UpstreamWords | null }> {
  const answer = objectIn(body)
  const message = isRecord(answer?.["output"]) ? answer["output"]["message"] : undefined
  if (answer === null || !isRecord(message) || !Array.isArray(message["content"])) return err({ words: answer === null ? null : readBrWords(body) })
  const parts = (message["content"] as readonly unknown[]).filter(isRecord).flatMap((block) => partOf(block, context) ?? [])
  return ok({ id: null, choices: [{ parts, finish: finishOf(answer) }], usage: brUsage(answer["usage"], answer["serviceTier"]) })
}

/** A whole block; null: it is nothing that other dialects have. */
function partOf(block: Fields, context: DecodeContext): AnswerPart | null {
  const { text, toolUse, reasoningContent, citationsContent, image } = block
  if (typeof text === "string") return { kind: "text", text }
  if (isRecord(toolUse)) return { ...openedCall(toolUse, context), arguments: inputText(toolUse["input"]) }
  if (isRecord(reasoningContent)) return reasoningOf(reasoningContent)
  if (isRecord(citationsContent)) return citedText(citationsContent)
  return isRecord(image) ? imageOf(image) : null
}

/** A call as it begins. */
export const openedCall = ({ toolUseId, name }: Fields, { newCallId, toolName }: DecodeContext) =>
  ({ kind: "toolCall", id: typeof toolUseId === "string" && toolUseId !== "" ? toolUseId : newCallId(), name: toolName(textOf(name)), arguments: "" }) as const

function reasoningOf({ reasoningText, redactedContent }: Fields): AnswerPart | null {
  if (typeof redactedContent === "string") return { kind: "reasoning", text: "", hidden: true, signature: signed(redactedContent) }
  if (!isRecord(reasoningText)) return null
  const signature = textOf(reasoningText["signature"])
  return { kind: "reasoning", text: textOf(reasoningText["text"]), ...(signature !== "" && { signature: signed(signature) }) }
}

export const signed = (data: string): Signature => ({ origin: "br", data })

function citedText({ content, citations }: Fields): AnswerPart {
  const texts = Array.isArray(content) ? (content as readonly unknown[]).filter(isRecord).map(({ text }) => textOf(text)) : []
  const sources = Array.isArray(citations) ? (citations as readonly unknown[]).flatMap((one) => citationOf(one) ?? []) : []
  return { kind: "text", text: texts.join(""), ...(sources.length > 0 && { citations: sources }) }
}

/** A source that has an address; places in a document that was sent have none. */
export function citationOf(value: unknown): Citation | null {
  const location = isRecord(value) ? value["location"] : undefined
  const web = isRecord(location) ? location["web"] : undefined
  if (!isRecord(value) || !isRecord(web) || typeof web["url"] !== "string") return null
  const source = Array.isArray(value["sourceContent"]) ? (value["sourceContent"] as readonly unknown[]).filter(isRecord).map(({ text }) => textOf(text)).join("") : ""
  return { url: web["url"], title: textOf(value["title"]), citedText: source === "" ? null : source, start: null, end: null }
}

function imageOf({ format, source }: Fields): AnswerPart | null {
  const bytes = isRecord(source) ? source["bytes"] : undefined
  return typeof bytes === "string" ? { kind: "image", media: { kind: "base64", mediaType: `image/${textOf(format) || "png"}`, data: bytes } } : null
}

/** API reference, Converse, stopReason. A guardrail's own words stand in the answer in place of the model's. */
const reasons: ReadonlyMap<unknown, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "toolCalls"],
  ["guardrail_intervened", "filtered"],
  ["content_filtered", "filtered"],
  ["malformed_model_output", "incomplete"],
  ["malformed_tool_use", "incomplete"],
])

/** Why it stopped, of an answer or of the event that ends a stream. A word that nobody knows yet is an end. */
export function finishOf({ stopReason, additionalModelResponseFields }: Fields): Finish {
  const sequence = isRecord(additionalModelResponseFields) ? additionalModelResponseFields["stop_sequence"] : undefined
  return { reason: reasons.get(stopReason) ?? "stop", word: textOf(stopReason), stopSequence: typeof sequence === "string" ? sequence : null }
}
