import { expect, test } from "vitest"
import { amLane } from "./am/lane.ts"
import { contextOverflow } from "./context-overflow.ts"

const said: readonly (readonly [message: string, prompt: number | null, max: number | null])[] = [
  ["This model's maximum context length is 8192 tokens. However, your messages resulted in 10012 tokens. Please reduce the length of the messages.", 10_012, 8_192],
  ["This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (39000 of text input, 1000 in the output).", 39_000, 32_768],
  ["Your input exceeds the context window of this model. Please adjust your input and try again.", null, null],
  ["prompt is too long: 210000 tokens > 200000 maximum", 210_000, 200_000],
  ["The input token count (1,200,000) exceeds the maximum number of tokens allowed (1,048,576).", 1_200_000, 1_048_576],
  ["Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", 40_000, 32_768],
  ["This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 537_812, 131_072],
  ["Input is too long for requested model.", null, null],
  ["Too many input tokens. Max input tokens: 8192, request input token count: 9000", 9_000, 8_192],
  ["too many tokens: total number of tokens in prompt cannot exceed 4081 - received 4292.", 4_292, 4_081],
  ["Prompt exceeds max length", null, null],
  ["Your request exceeded model token limit: 131072", null, 131_072],
  ["Range of input length should be [1, 129024]", null, 129_024],
  ["The decoder prompt (length 5000) is longer than the maximum model length of 4096.", 5_000, 4_096],
  ["the request exceeds the available context size, try increasing it", null, null],
  ["invalid params, context window exceeds limit (2013)", null, null],
]

test.each(said)("W-114 “%s” is a prompt that does not fit", (message, promptTokens, tokensMax) => {
  expect(contextOverflow({ code: null, message })).toMatchObject({ promptTokens, tokensMax })
})

test.each([
  ["This model is limited to 100 requests per minute."],
  ["max_tokens: 300000 > 64000, which is the maximum allowed number of output tokens for claude-opus-4-6"],
  ["messages.1.content.0: tool_use ids were found without tool_result blocks"],
  ["Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 40000."],
])("W-114 “%s” is something else", (message) => {
  expect(contextOverflow({ code: null, message })).toBeNull()
})

test.each([
  [said[0]![0], "prompt is too long: 10012 tokens > 8192 maximum"],
  [said[3]![0], said[3]![0]],
  ["input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again"],
  ["This model's maximum context length is 200000 tokens. However, you requested 210000 tokens (190000 in the messages, 20000 in the completion).", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again"],
  ["Prompt exceeds max length", "prompt is too long: Prompt exceeds max length"],
])("W-114 Anthropic's clients read “%s” in Anthropic's words, with its numbers", (message, words) => {
  const error = { code: "context_length_exceeded", message } as const
  expect(JSON.parse(amLane.encodeError(error, "req_1"))).toMatchObject({ error: { type: "invalid_request_error", message: words } })
  expect(amLane.encodeStreamError(error, "req_1")).toContain(JSON.stringify(words))
})
