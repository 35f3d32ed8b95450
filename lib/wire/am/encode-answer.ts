import { completionTokens, type Usage } from "#lib/kernel/usage.ts"
import type { ChatAnswer, ChatUsage, Finish } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import { answerBlocks, type Block } from "./encode-blocks.ts"

/** A whole message (https://docs.anthropic.com/en/api/messages) of an answer's first choice: the dialect has no others. */
export function encodeAmAnswer({ choices, usage }: ChatAnswer, { publicModel, responseId, inputTokensEstimated }: EncodeContext): Block {
  const choice = choices[0]
  const parts = choice?.parts ?? []
  const content = parts.filter((part) => part.kind !== "text" || part.text !== "" || part.signature !== undefined).flatMap(answerBlocks)
  return {
    id: messageId(responseId),
    type: "message",
    role: "assistant",
    model: publicModel,
    content,
    ...stopFields(choice?.finish ?? null, parts.some(({ kind }) => kind === "toolCall")),
    usage: usageBlock(usage ?? { counts: { input: inputTokensEstimated, output: 0 }, reasoningTokens: null }),
  }
}

export const messageId = (id: string): string => `msg_${id}`

const reasons = {
  stop: "end_turn",
  length: "max_tokens",
  toolCalls: "tool_use",
  filtered: "refusal",
  refused: "refusal",
  pause: "pause_turn",
  incomplete: "end_turn",
} as const satisfies Record<Finish["reason"], string>

/**
 * Why it stopped (W-87 to W-89). Clients run tools where the reason says so, so it goes by whether there is a call: some providers say
 * `stop` behind one, and some `tool_calls` without any.
 */
export function stopFields(finish: Finish | null, called: boolean): { readonly stop_reason: string | null; readonly stop_sequence: string | null } {
  if (finish === null) return { stop_reason: null, stop_sequence: null }
  const { reason, stopSequence } = finish
  if (called && reason === "stop") return { stop_reason: "tool_use", stop_sequence: null }
  if (!called && reason === "toolCalls") return { stop_reason: "end_turn", stop_sequence: null }
  if (reason === "stop" && stopSequence !== null) return { stop_reason: "stop_sequence", stop_sequence: stopSequence }
  return { stop_reason: reasons[reason], stop_sequence: null }
}

/** Anthropic's own tiers (messages reference, usage.service_tier): another vendor's word says nothing to its clients. */
const TIERS: readonly string[] = ["standard", "priority", "batch"]

/** Anthropic's counts (W-94): what was read from and written into a cache stands apart from `input_tokens`. Null: not said (W-100). */
export function usageBlock({ counts }: ChatUsage): Block {
  const { cacheRead, cacheWrite5m, cacheWrite1h, search, serviceTier } = counts
  const written = cacheWrite5m === undefined && cacheWrite1h === undefined ? null : (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0)
  return {
    input_tokens: freshTokens(counts),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cacheRead ?? null,
    ...(cacheWrite1h !== undefined && { cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m ?? 0, ephemeral_1h_input_tokens: cacheWrite1h } }),
    output_tokens: completionTokens(counts),
    ...(search !== undefined && { server_tool_use: { web_search_requests: search } }),
    ...(serviceTier !== undefined && TIERS.includes(serviceTier) && { service_tier: serviceTier }),
  }
}

const freshTokens = ({ input, inputAudio, inputImage }: Usage): number => (input ?? 0) + (inputAudio ?? 0) + (inputImage ?? 0)
