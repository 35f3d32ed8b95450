import type { Usage } from "#lib/kernel/usage.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import type { AnswerPart, Citation, Signature } from "./part.ts"

/**
 * Why an answer stopped. `incomplete`: something that only a repetition can mend (GM MALFORMED_FUNCTION_CALL, W-90). `pause`: AM
 * `pause_turn`, the turn may be continued.
 */
export type FinishReason = "stop" | "length" | "toolCalls" | "filtered" | "refused" | "pause" | "incomplete"

/**
 * `word`: the provider's own; `stopSequence`: the stop text that was met, where it is known (W-89). `limit`: it was a limit of ours that
 * stopped the answer, in words for the caller; dialects write it where they have room (CC and AM: a member `turnpike: { limit }`).
 */
export type Finish = { readonly reason: FinishReason; readonly word: string; readonly stopSequence: string | null; readonly limit?: string }

/**
 * What was consumed. `counts` does not overlap and is what is paid for (kernel/usage.ts). `reasoningTokens` says how many of the
 * output tokens were thinking, where the provider says so: part of `counts.output`, or `counts.reasoning` itself. Null: not said.
 */
export type ChatUsage = { readonly counts: Usage; readonly reasoningTokens: number | null }

/** One of the answers of a call; `logprobs` as CC has them. */
export type ChatChoice = { readonly parts: readonly AnswerPart[]; readonly finish: Finish; readonly logprobs?: unknown }

/** A whole answer. Parts stand in the order thinking, text, tool calls (W-59) unless the provider interleaved them. */
export type ChatAnswer = {
  /** The provider's id of it. */
  readonly id: string | null
  readonly choices: readonly ChatChoice[]
  /** Null: the provider sent none (W-98). */
  readonly usage: ChatUsage | null
}

/**
 * An answer as it comes. Of each choice, blocks are numbered from 0 in the order of their `open`; several may be open at a time
 * (parallel calls of CC), each is closed exactly once (W-108), and all are closed before the choice's `finish`. A decoder sends
 * `start` first, `finish` once per choice, `usage` whenever it learns more (each replaces the one before: W-99), and `end` where the
 * provider says that no more is to come. `failed` is the last event where it comes; `words` null: what came is no stream of the dialect.
 */
export type ChatEvent =
  | { readonly kind: "start"; readonly id: string | null }
  /** A block that grows: its `part` begins with what was known at once, mostly empty text. */
  | { readonly kind: "open"; readonly choice: number; readonly block: number; readonly part: AnswerPart }
  /** More of a block's `text` (text, refusal, reasoning) or `arguments` (tool call). Never empty. */
  | { readonly kind: "delta"; readonly choice: number; readonly block: number; readonly text: string }
  /** Belongs to an open block; comes before its `close` (W-125). */
  | { readonly kind: "signature"; readonly choice: number; readonly block: number; readonly signature: Signature }
  | { readonly kind: "citation"; readonly choice: number; readonly block: number; readonly citation: Citation }
  | { readonly kind: "close"; readonly choice: number; readonly block: number }
  | { readonly kind: "logprobs"; readonly choice: number; readonly logprobs: unknown }
  | { readonly kind: "finish"; readonly choice: number; readonly finish: Finish }
  | { readonly kind: "usage"; readonly usage: ChatUsage }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly words: UpstreamWords | null }
