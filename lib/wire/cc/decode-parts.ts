import type { ChatUsage } from "../chat/answer.ts"
import type { AnswerPart, Citation, ImagePart } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import { mediaOfUrl } from "./data-url.ts"
import type { Thought } from "./think-tags.ts"
import { ccUsage } from "./usage.ts"

/*
 * What messages and deltas have in common, of all vendors.
 */

/** The plain fields of thinking: DeepSeek, GLM, Kimi, Qwen say `reasoning_content`; OpenRouter, Groq, Ollama and newer vLLM `reasoning`. */
export function plainReasoning(message: Fields): string {
  const { reasoning_content: content, reasoning } = message
  if (typeof content === "string" && content !== "") return content
  return typeof reasoning === "string" ? reasoning : ""
}

export const detailsOf = (message: Fields): readonly Fields[] => listOf(message["reasoning_details"])

/** What a detail says: the thinking itself, or a summary of it. */
export function textOfDetail({ text, summary }: Fields): string {
  return typeof text === "string" ? text : typeof summary === "string" ? summary : ""
}

/** The objects of a list. Most deltas have no such list. */
export const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as readonly unknown[]).filter(isRecord) : NONE)
const NONE: readonly Fields[] = []

/** Content that is a list: Mistral's thinking and text (https://docs.mistral.ai/inference/conversations/reasoning), or texts alone. */
export function listContent(content: readonly unknown[]): readonly Thought[] {
  return content.filter(isRecord).flatMap((part): readonly Thought[] => {
    if (part["type"] === "thinking") return [{ thinking: true, text: typeof part["thinking"] === "string" ? part["thinking"] : listOf(part["thinking"]).map(textOf).join("") }]
    return [{ thinking: false, text: textOf(part) }]
  })
}

const textOf = ({ text }: Fields): string => (typeof text === "string" ? text : "")

/** Pictures that a model drew (OpenRouter, image generation; W-67). */
export function imagesOf(message: Fields): readonly ImagePart[] {
  return listOf(message["images"]).flatMap((image) => {
    const url = isRecord(image["image_url"]) ? image["image_url"]["url"] : null
    const media = typeof url === "string" ? mediaOfUrl(url) : null
    return media === null ? [] : [{ kind: "image" as const, media }]
  })
}

/** `annotations` of a text: addresses that it cites. */
export function citationsOf(message: Fields): readonly Citation[] {
  return listOf(message["annotations"]).flatMap((annotation) => {
    const cited = annotation["url_citation"]
    if (!isRecord(cited) || typeof cited["url"] !== "string") return []
    const { title, start_index: start, end_index: end } = cited
    return [{ url: cited["url"], title: typeof title === "string" ? title : "", citedText: null, start: typeof start === "number" ? start : null, end: typeof end === "number" ? end : null }]
  })
}

/** Counts that do not overlap, and how many of the output tokens were thinking. */
export function chatUsageOf(usage: unknown, serviceTier: unknown): ChatUsage | null {
  const counts = ccUsage(usage, serviceTier)
  if (counts === null) return null
  return { counts, reasoningTokens: counts.reasoning ?? null }
}

/** MiniMax reports failures under status 200 and without an `error` (error codes, base_resp). */
export function failureOf(answer: Fields): UpstreamWords | null {
  const status = isRecord(answer["base_resp"]) ? answer["base_resp"] : null
  const code = status?.["status_code"]
  if (typeof code !== "number" || code === 0) return null
  const message = status?.["status_msg"]
  return { message: typeof message === "string" && message !== "" ? message : "The provider reported an error without words.", code: String(code), param: null }
}

/** Whether some of the parts are calls, and whether the model refused. */
export const heldOf = (parts: readonly AnswerPart[], stopSequence: string | null) => ({ calls: parts.some(({ kind }) => kind === "toolCall"), refusal: parts.some(({ kind }) => kind === "refusal"), stopSequence })
