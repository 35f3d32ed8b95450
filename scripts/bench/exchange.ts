import type { NanoUsd } from "#lib/kernel/nano-usd.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"

/** What every measured call sends, gets and costs: fixed, so that the books can be checked to the nano-dollar. */
export const MODEL = "bench"
/** The same, answered by a channel of Anthropic messages alone. */
export const AM_MODEL = "bench-am"
export const STREAM_CHUNKS = 200
export const usage = { input: 1_000, cacheRead: 200, output: 300 } as const
/** Dollars per million tokens. */
export const price = { input: "0.72", cacheRead: "0.13", output: "2.64" } as const
/** 1,000 × 0.72 + 200 × 0.13 + 300 × 2.64 dollars, divided by a million: written out, not computed by what it checks. */
export const CHARGE_PER_CALL: NanoUsd = nanoUsd(1_538_000n)

/** Four bytes for each of the 1,200 prompt tokens that the upstream reports: fewer would be more than any tokenizer makes of them. */
const prompt = "Summarize what a toll road is, in three sentences, for somebody who has never seen one. ".repeat(54)

export const dialects = ["cc", "am"] as const
export type BenchDialect = (typeof dialects)[number]

/** One dialect's side of a measured call. */
type Exchange = {
  /** Behind the base URL. */
  readonly path: string
  requestBody(model: string, stream: boolean): string
  readonly unstreamedAnswer: Buffer
  /** 200 content chunks and what belongs around them, as the vendor sends them. */
  readonly streamedAnswer: readonly Buffer[]
  /** How many of the first pieces come before the content. */
  readonly prelude: number
  /** What a whole stream ends with. */
  readonly streamEnd: Buffer
}

const SYSTEM = "You are a helpful assistant."
const ANSWER = "A toll road is a road you pay for. ".repeat(34)
const words = Array.from({ length: STREAM_CHUNKS }, (_, index) => (index === 0 ? "A" : " toll"))

const head = { id: "chatcmpl-bench", created: 1_764_028_800, model: MODEL }
const ccUsage = {
  prompt_tokens: usage.input + usage.cacheRead,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.cacheRead + usage.output,
  prompt_tokens_details: { cached_tokens: usage.cacheRead },
}
const chunk = (choices: readonly object[], rest: object) => Buffer.from(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, ...rest })}\n\n`)

const cc: Exchange = {
  path: "/chat/completions",
  requestBody: (model, stream) =>
    JSON.stringify({
      model,
      messages: [
        { role: "system", content: SYSTEM },
        { role: "user", content: prompt },
      ],
      max_tokens: 400,
      ...(stream && { stream: true, stream_options: { include_usage: true } }),
    }),
  unstreamedAnswer: Buffer.from(
    JSON.stringify({ ...head, object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: ANSWER }, finish_reason: "stop" }], usage: ccUsage }),
  ),
  streamedAnswer: [
    ...words.map((content, index) => chunk([{ index: 0, delta: index === 0 ? { role: "assistant", content } : { content }, finish_reason: null }], { usage: null })),
    chunk([{ index: 0, delta: {}, finish_reason: "stop" }], { usage: null }),
    chunk([], { usage: ccUsage }),
    Buffer.from("data: [DONE]\n\n"),
  ],
  prelude: 0,
  streamEnd: Buffer.from("data: [DONE]\n\n"),
}

const amUsage = { input_tokens: usage.input, cache_read_input_tokens: usage.cacheRead, cache_creation_input_tokens: 0, output_tokens: usage.output }
const amMessage = { id: "msg_bench", type: "message", role: "assistant", model: MODEL }
const event = (type: string, data: object) => Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)

const am: Exchange = {
  path: "/messages",
  requestBody: (model, stream) => JSON.stringify({ model, system: SYSTEM, messages: [{ role: "user", content: prompt }], max_tokens: 400, ...(stream && { stream: true }) }),
  unstreamedAnswer: Buffer.from(JSON.stringify({ ...amMessage, content: [{ type: "text", text: ANSWER }], stop_reason: "end_turn", stop_sequence: null, usage: amUsage })),
  streamedAnswer: [
    event("message_start", { message: { ...amMessage, content: [], stop_reason: null, stop_sequence: null, usage: { ...amUsage, output_tokens: 1 } } }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...words.map((text) => event("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
    event("content_block_stop", { index: 0 }),
    event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: amUsage }),
    event("message_stop", {}),
  ],
  prelude: 2,
  streamEnd: event("message_stop", {}),
}

export const exchanges: Readonly<Record<BenchDialect, Exchange>> = { cc, am }
