import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { ChatAnswer, Finish, FinishReason } from "../chat/answer.ts"
import type { DecodeContext } from "../chat/codec.ts"
import type { AnswerPart } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { citationsIn } from "./citations.ts"
import { searchPart } from "./decode-blocks.ts"
import { amUsage, searchesIn } from "./usage.ts"

/** Reads a whole message; what has no content is an error or no message at all. */
export function decodeAmAnswer(body: Buffer, context: DecodeContext): Result<ChatAnswer, { readonly words: UpstreamWords | null }> {
  let message: unknown
  try {
    message = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  if (!isRecord(message) || !Array.isArray(message["content"])) return err({ words: wordsOf(message) })
  const content = message["content"] as readonly unknown[]
  const counts = amUsage(message["usage"], searchesIn(content))
  return ok({
    id: typeof message["id"] === "string" ? message["id"] : null,
    choices: [{ parts: partsOf(content.filter(isRecord), context), finish: finishOf(message["stop_reason"], message["stop_sequence"]) }],
    usage: counts === null ? null : { counts, reasoningTokens: null },
  })
}

function partsOf(blocks: readonly Fields[], context: DecodeContext): readonly AnswerPart[] {
  return blocks.flatMap((block): readonly AnswerPart[] => {
    if (block["type"] === "web_search_tool_result") {
      const use = blocks.find(({ type, id }) => type === "server_tool_use" && id === block["tool_use_id"])
      return [searchPart(String(block["tool_use_id"]), use ?? {}, block)]
    }
    const part = openedPart(block, context)
    return part === null ? [] : [wholePart(part, block)]
  })
}

/** With what a block holds beyond its beginning, where it comes whole. */
function wholePart(part: AnswerPart, block: Fields): AnswerPart {
  if (part.kind === "toolCall") return { ...part, arguments: inputText(block["input"]) }
  if (part.kind === "text") {
    const citations = citationsIn(block["citations"])
    return citations.length === 0 ? part : { ...part, citations }
  }
  return part
}

/** A block as the part that it begins, without a tool's input; null: it is nothing that other dialects have. */
export function openedPart(block: Fields, { toolName }: DecodeContext): AnswerPart | null {
  const signature = typeof block["signature"] === "string" && block["signature"] !== "" ? { signature: { origin: "am", data: block["signature"] } as const } : {}
  switch (block["type"]) {
    case "text":
      return { kind: "text", text: textOf(block["text"]) }
    case "thinking":
      return { kind: "reasoning", text: textOf(block["thinking"]), ...signature }
    case "redacted_thinking":
      return { kind: "reasoning", text: "", hidden: true, signature: { origin: "am", data: textOf(block["data"]) } }
    case "tool_use":
      return { kind: "toolCall", id: textOf(block["id"]), name: toolName(textOf(block["name"])), arguments: "" }
    default:
      return null
  }
}

/** A tool's input as JSON; an empty text for none, as it is in a stream. Throws a RangeError where it is nested too deeply (chat/nesting.ts). */
export const inputText = (input: unknown): string => (isRecord(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : "")

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

const reasons: ReadonlyMap<unknown, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "toolCalls"],
  ["refusal", "filtered"],
  ["pause_turn", "pause"],
])

/** Why it stopped (W-87; handling stop reasons guide). A word that nobody knows yet is an end. */
export function finishOf(reason: unknown, sequence: unknown): Finish {
  return { reason: reasons.get(reason) ?? "stop", word: typeof reason === "string" ? reason : "", stopSequence: typeof sequence === "string" ? sequence : null }
}
