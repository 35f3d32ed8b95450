import type { NanoUsd } from "#lib/kernel/nano-usd.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"

/** What every measured call sends, gets and costs: fixed, so that the books can be checked to the nano-dollar. */
export const MODEL = "bench"
export const STREAM_CHUNKS = 200
export const usage = { input: 1_000, cacheRead: 200, output: 300 } as const
/** Dollars per million tokens. */
export const price = { input: "0.72", cacheRead: "0.13", output: "2.64" } as const
/** 1,000 × 0.72 + 200 × 0.13 + 300 × 2.64 dollars, divided by a million: written out, not computed by what it checks. */
export const CHARGE_PER_CALL: NanoUsd = nanoUsd(1_538_000n)

/** Four bytes for each of the 1,200 prompt tokens that the upstream reports: fewer would be more than any tokenizer makes of them. */
const prompt = "Summarize what a toll road is, in three sentences, for somebody who has never seen one. ".repeat(54)

export const requestBody = (stream: boolean): string =>
  JSON.stringify({
    model: MODEL,
    messages: [
      { role: "system", content: "You are a helpful assistant." },
      { role: "user", content: prompt },
    ],
    max_tokens: 400,
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  })

const head = { id: "chatcmpl-bench", created: 1_764_028_800, model: MODEL }
const usageObject = {
  prompt_tokens: usage.input + usage.cacheRead,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.cacheRead + usage.output,
  prompt_tokens_details: { cached_tokens: usage.cacheRead },
}

export const unstreamedAnswer = Buffer.from(
  JSON.stringify({
    ...head,
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "A toll road is a road you pay for. ".repeat(34) }, finish_reason: "stop" }],
    usage: usageObject,
  }),
)

const chunk = (choices: readonly object[], rest: object) => Buffer.from(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, ...rest })}\n\n`)

/** 200 content chunks, then the finish, the usage and the end marker, as OpenAI sends them. */
export const streamedAnswer: readonly Buffer[] = [
  ...Array.from({ length: STREAM_CHUNKS }, (_, index) => chunk([{ index: 0, delta: index === 0 ? { role: "assistant", content: "A" } : { content: " toll" }, finish_reason: null }], { usage: null })),
  chunk([{ index: 0, delta: {}, finish_reason: "stop" }], { usage: null }),
  chunk([], { usage: usageObject }),
  Buffer.from("data: [DONE]\n\n"),
]
