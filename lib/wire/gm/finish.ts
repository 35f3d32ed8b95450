import type { Finish, FinishReason } from "../chat/answer.ts"

/**
 * Google's words for why it stopped (https://ai.google.dev/api/generate-content#FinishReason), and for why it did not begin. What kept
 * the model from writing down its call is an answer that only a repetition can bring (W-90).
 */
const reasons: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "filtered",
  RECITATION: "filtered",
  LANGUAGE: "filtered",
  BLOCKLIST: "filtered",
  PROHIBITED_CONTENT: "filtered",
  SPII: "filtered",
  IMAGE_SAFETY: "filtered",
  IMAGE_PROHIBITED_CONTENT: "filtered",
  IMAGE_RECITATION: "filtered",
  MALFORMED_FUNCTION_CALL: "incomplete",
  UNEXPECTED_TOOL_CALL: "incomplete",
  TOO_MANY_TOOL_CALLS: "incomplete",
  MISSING_THOUGHT_SIGNATURE: "incomplete",
  MALFORMED_RESPONSE: "incomplete",
}

/** W-45: Google says STOP also where it calls functions. What it has no reason for is never shown as a proper end. */
export function finishOfWord(word: string, called: boolean): Finish {
  const reason = reasons[word] ?? "filtered"
  return { reason: reason === "stop" && called ? "toolCalls" : reason, word, stopSequence: null }
}

export const blocked = (word: string): Finish => ({ reason: "filtered", word, stopSequence: null })

const words: Readonly<Record<FinishReason, string>> = { stop: "STOP", length: "MAX_TOKENS", toolCalls: "STOP", filtered: "SAFETY", refused: "SAFETY", pause: "STOP", incomplete: "OTHER" }

/** As Google's clients read it: its own word where the answer came from Google. */
export const wordOf = ({ reason, word }: Finish): string => (reasons[word] === reason ? word : words[reason])
