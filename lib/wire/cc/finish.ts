import type { Finish, FinishReason } from "../chat/answer.ts"

/**
 * Why an answer stopped, in all vendors' words: OpenAI's, Mistral's `model_length`, GLM's `sensitive` and `network_error`, DeepSeek's
 * `insufficient_system_resource`, OpenRouter's and Mistral's `error`, vLLM's `abort`, and those of relays of Anthropic and Gemini.
 */
const reasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  model_context_window_exceeded: "length",
  tool_calls: "toolCalls",
  tool_use: "toolCalls",
  function_call: "toolCalls",
  content_filter: "filtered",
  sensitive: "filtered",
  safety: "filtered",
  refusal: "refused",
  network_error: "incomplete",
  insufficient_system_resource: "incomplete",
  error: "incomplete",
  abort: "incomplete",
}

/** What an answer held beside its finish word. */
export type Held = { readonly calls: boolean; readonly refusal: boolean; readonly stopSequence: string | null }

/** Some vendors say `stop` where they call a tool (W-45), and OpenAI says it where the model refuses (W-11). */
export function finishOf(word: string, { calls, refusal, stopSequence }: Held): Finish {
  const said = (Object.hasOwn(reasons, word) ? reasons[word] : undefined) ?? "stop"
  const reason = said === "stop" && calls ? "toolCalls" : said === "stop" && refusal ? "refused" : said
  return { reason, word, stopSequence }
}

/** vLLM names the stop text that was met; a number there is a token (https://docs.vllm.ai/en/latest/serving/openai_compatible_server). */
export const stopSequenceOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

const words = {
  stop: "stop",
  length: "length",
  toolCalls: "tool_calls",
  filtered: "content_filter",
  refused: "content_filter",
  pause: "stop",
  incomplete: "stop",
} as const satisfies Record<FinishReason, string>

/** A finish as OpenAI's clients know it (W-87). A refusal that stands in `refusal` ends with `stop`, as OpenAI's own do. */
export function finishWord({ reason }: Pick<Finish, "reason">, { refusal, legacy }: { readonly refusal: boolean; readonly legacy: boolean }): string {
  if (reason === "refused" && refusal) return "stop"
  return reason === "toolCalls" && legacy ? "function_call" : words[reason]
}
