import fc from "fast-check"
import { expect, test } from "vitest"
import type { ChatAnswer, ChatEvent, FinishReason } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import { eventsOf } from "../chat/collect.ts"
import type { AnswerPart } from "../chat/part.ts"
import { readSignature, writeSignature } from "../chat/signature.ts"
import { amClientCodec } from "./client-codec.ts"
import { decodeAmRequest } from "./decode-request.ts"
import { amLane } from "./lane.ts"

const call = (() => {
  const read = amLane.readCall(Buffer.from(JSON.stringify({ model: "public", max_tokens: 10, messages: [{ role: "user", content: "hi" }] })), {})
  if (!read.ok) throw new Error(read.error.message)
  return read.value
})()
const request = (() => {
  const decoded = decodeAmRequest(call)
  if (!decoded.ok) throw new Error(decoded.error.message)
  return decoded.value
})()
const context: EncodeContext = { request, call, publicModel: "public", responseId: "01abc", createdAtSeconds: 1, inputTokensEstimated: 17 }

type Written = { readonly type: string; readonly [name: string]: unknown }

const textOf = (events: Iterable<ChatEvent>): string => {
  const encoder = amClientCodec.openEncoder(context)
  let text = ""
  for (const event of events) text += encoder.event(event)
  return text + encoder.end()
}
/** The events of a stream; the name and the type of each must agree. */
const parsed = (text: string): readonly Written[] =>
  text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? []
      const json = JSON.parse(data ?? "null") as Written
      expect(json.type).toBe(name)
      return json
    })
const streamed = (events: Iterable<ChatEvent>) => parsed(textOf(events))

const finish = (reason: FinishReason, stopSequence: string | null = null): ChatEvent => ({ kind: "finish", choice: 0, finish: { reason, word: "w", stopSequence } })
const open = (block: number, part: AnswerPart): ChatEvent => ({ kind: "open", choice: 0, block, part })
const delta = (block: number, text: string): ChatEvent => ({ kind: "delta", choice: 0, block, text })
const close = (block: number): ChatEvent => ({ kind: "close", choice: 0, block })
const begin: ChatEvent = { kind: "start", id: "up" }
const empty = { kind: "text", text: "" } as const
const answerOf = (parts: readonly AnswerPart[], reason: FinishReason = "stop"): ChatAnswer => ({
  id: "up",
  choices: [{ parts, finish: { reason, word: "w", stopSequence: null } }],
  usage: { counts: { input: 5, output: 7 }, reasoningTokens: null },
})

/** The content that a client of Anthropic's SDK would have built of a stream. */
function contentOf(events: readonly Written[]): readonly Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = []
  for (const event of events) {
    const index = event["index"] as number
    if (event.type === "content_block_start") blocks[index] = { ...(event["content_block"] as object) }
    if (event.type !== "content_block_delta") continue
    const block = blocks[index]!
    const change = event["delta"] as Record<string, unknown>
    if (change["type"] === "text_delta") block["text"] = `${String(block["text"])}${String(change["text"])}`
    if (change["type"] === "thinking_delta") block["thinking"] = `${String(block["thinking"])}${String(change["thinking"])}`
    if (change["type"] === "signature_delta") block["signature"] = change["signature"]
    if (change["type"] === "input_json_delta") block["json"] = `${String(block["json"] ?? "")}${String(change["partial_json"])}`
    if (change["type"] === "citations_delta") block["citations"] = [...((block["citations"] as readonly unknown[] | undefined) ?? []), change["citation"]]
  }
  return blocks.map(({ json, ...block }) => (json === undefined ? block : { ...block, input: JSON.parse(String(json)) as unknown }))
}

/** Asserts Anthropic's order of events, whatever is in them. */
function expectOrder(events: readonly Written[]): void {
  const types = events.map(({ type }) => type)
  expect(types[0]).toBe("message_start")
  expect(types.slice(-2)).toEqual(["message_delta", "message_stop"])
  let next = 0
  let current: number | null = null
  for (const event of events.slice(1, -2)) {
    if (event.type === "content_block_start") {
      expect(current).toBeNull()
      expect(event["index"]).toBe(next)
      current = next++
    } else {
      expect(event["index"]).toBe(current)
      if (event.type === "content_block_stop") current = null
    }
  }
  expect(current).toBeNull()
}

test("W-125 thinking, its signature, text and a call come in Anthropic's order", () => {
  const events = streamed([
    begin,
    open(0, { kind: "reasoning", text: "" }),
    delta(0, "Hm"),
    { kind: "signature", choice: 0, block: 0, signature: { origin: "am", data: "sig+/=" } },
    close(0),
    open(1, empty),
    delta(1, "Yes"),
    delta(1, " 工"),
    close(1),
    open(2, { kind: "toolCall", id: "t1", name: "f", arguments: "" }),
    delta(2, '{"a"'),
    delta(2, ":1}"),
    close(2),
    finish("toolCalls"),
    { kind: "usage", usage: { counts: { input: 10, output: 20, cacheRead: 4, cacheWrite5m: 3 }, reasoningTokens: null } },
  ])
  expectOrder(events)
  expect(events.map(({ type, delta }) => (delta as { type?: string } | undefined)?.type ?? type)).toEqual([
    "message_start",
    "content_block_start", "thinking_delta", "signature_delta", "content_block_stop",
    "content_block_start", "text_delta", "text_delta", "content_block_stop",
    "content_block_start", "input_json_delta", "input_json_delta", "content_block_stop",
    "message_delta",
    "message_stop",
  ])
  expect(contentOf(events)).toEqual([
    { type: "thinking", thinking: "Hm", signature: "sig+/=" },
    { type: "text", text: "Yes 工" },
    { type: "tool_use", id: "t1", name: "f", input: { a: 1 } },
  ])
  expect(events.at(-2)).toEqual({
    type: "message_delta",
    delta: { stop_reason: "tool_use", stop_sequence: null },
    usage: { input_tokens: 10, cache_creation_input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 20 },
  })
})

test("W-124 the beginning says our estimate of the prompt, or the provider's count where it came first", () => {
  const usage: ChatEvent = { kind: "usage", usage: { counts: { input: 10, output: 20, cacheRead: 4 }, reasoningTokens: null } }
  const startOf = (events: readonly ChatEvent[]) => streamed(events)[0]?.["message"]
  expect(startOf([begin, open(0, empty), delta(0, "a"), close(0), finish("stop"), usage])).toEqual({
    id: "msg_01abc",
    type: "message",
    role: "assistant",
    model: "public",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 17, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 1 },
  })
  expect(startOf([begin, usage, open(0, empty), delta(0, "a"), close(0), finish("stop")])).toMatchObject({ usage: { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 1 } })
})

test("W-40 W-108 W-125 calls that grow at the same time come one behind the other, each whole and stopped once", () => {
  const growth = fc.array(fc.record({ block: fc.nat({ max: 3 }), text: fc.string({ minLength: 1, maxLength: 4 }) }), { maxLength: 30 })
  const closing = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 })
  fc.assert(
    fc.property(growth, closing, (pieces, order) => {
      const names = ["text", "a", "b", "c"]
      const parts = names.map((name, index): AnswerPart => (index === 0 ? empty : { kind: "toolCall", id: `t${index}`, name, arguments: "" }))
      const events = streamed([begin, ...parts.map((part, index) => open(index, part)), ...pieces.map(({ block, text }) => delta(block, text)), ...order.map(close), finish("toolCalls")])
      expectOrder(events)
      const grown = names.map((_, index) => pieces.filter(({ block }) => block === index).map(({ text }) => text).join(""))
      const starts = events.filter(({ type }) => type === "content_block_start").map((event) => event["index"] as number)
      const texts = starts.map((start) => events.filter((event) => event.type === "content_block_delta" && event["index"] === start).map(({ delta }) => { const change = delta as { text?: string; partial_json?: string }; return change.text ?? change.partial_json ?? "" }).join(""))
      expect(texts).toEqual(grown[0] === "" ? grown.slice(1) : grown)
    }),
  )
})

test("a block that grows alone is never held back", () => {
  const encoder = amClientCodec.openEncoder(context)
  encoder.event(begin)
  expect(encoder.event(open(0, { kind: "toolCall", id: "t", name: "f", arguments: "" }))).toContain('"tool_use"')
  expect(encoder.event(delta(0, "{"))).toBe('event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}\n\n')
})

test("W-8 W-60 text without a character is no block, and an answer of thinking alone gets no filler", () => {
  const events = streamed([begin, open(0, { kind: "reasoning", text: "" }), delta(0, "Hm"), close(0), open(1, empty), close(1), finish("length")])
  expectOrder(events)
  expect(contentOf(events)).toEqual([{ type: "thinking", thinking: "Hm", signature: "" }])
  expect(amClientCodec.encodeAnswer(answerOf([{ kind: "reasoning", text: "Hm" }, empty], "length"), context)).toMatchObject({ content: [{ type: "thinking", thinking: "Hm", signature: "" }], stop_reason: "max_tokens" })
})

test("W-106 an answer without any content still begins before it ends", () => {
  const events = streamed([begin, finish("stop")])
  expectOrder(events)
  expect(events).toHaveLength(3)
})

const every: readonly AnswerPart[] = [
  { kind: "reasoning", text: "Hm", signature: { origin: "am", data: "a+/=" } },
  { kind: "reasoning", text: "", signature: { origin: "am", data: "b+/=" } },
  { kind: "reasoning", text: "", hidden: true, signature: { origin: "am", data: "c+/=" } },
  { kind: "search", id: "srvtoolu_1", query: "q", failed: null, results: [{ url: "https://example.com", title: "E", pageAge: null, opaque: { origin: "am", data: "d+/=" } }] },
  { kind: "search", id: "ws.2", query: "r", failed: "unavailable", results: [] },
  { kind: "text", text: "Yes", citations: [{ url: "https://example.com", title: "E", citedText: "yes", start: null, end: null }] },
  { kind: "toolCall", id: "t1", name: "f", arguments: "" },
  { kind: "toolCall", id: "t2", name: "f", arguments: '{"a":1}', signature: { origin: "gm", data: "e+/=" } },
]

test("W-34 W-36 W-43 W-54 W-55 W-59 W-126 an answer is the same streamed and unstreamed", () => {
  const events = streamed(eventsOf(answerOf(every, "toolCalls")))
  expectOrder(events)
  const whole = amClientCodec.encodeAnswer(answerOf(every, "toolCalls"), context)
  expect(contentOf(events)).toEqual(whole["content"])
  expect(whole).toMatchObject({ id: "msg_01abc", model: "public", role: "assistant", stop_reason: "tool_use", usage: { input_tokens: 5, output_tokens: 7 } })
  expect(whole["content"]).toEqual([
    { type: "thinking", thinking: "Hm", signature: "a+/=" },
    { type: "thinking", thinking: "", signature: "b+/=" },
    { type: "redacted_thinking", data: "c+/=" },
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [{ type: "web_search_result", url: "https://example.com", title: "E", encrypted_content: "d+/=", page_age: null }] },
    { type: "server_tool_use", id: "srvtoolu_ws_2", name: "web_search", input: { query: "r" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_ws_2", content: { type: "web_search_tool_result_error", error_code: "unavailable" } },
    { type: "text", text: "Yes", citations: [{ type: "web_search_result_location", url: "https://example.com", title: "E", encrypted_index: "", cited_text: "yes" }] },
    { type: "tool_use", id: "t1", name: "f", input: {} },
    { type: "thinking", thinking: "", signature: writeSignature({ origin: "gm", data: "e+/=" }, "am") },
    { type: "tool_use", id: "t2", name: "f", input: { a: 1 } },
  ])
})

test("W-54 W-57 W-58 what a client sends back of an answer is what the answer was", () => {
  const parts: readonly AnswerPart[] = [...every.slice(0, 3), { kind: "reasoning", text: "", hidden: true, signature: { origin: "rs", data: "f+/=" } }, { kind: "text", text: "Yes" }, { kind: "toolCall", id: "t2", name: "f", arguments: '{"a":1}', signature: { origin: "gm", data: "e+/=" } }, { kind: "toolCall", id: "t3", name: "f", arguments: "{}" }]
  for (const content of [amClientCodec.encodeAnswer(answerOf(parts), context)["content"], contentOf(streamed(eventsOf(answerOf(parts))))]) {
    const back = decodeAmRequest({ ...call, fields: { messages: [{ role: "assistant", content }] } })
    expect(back.ok && back.value.turns[0]?.parts).toEqual(parts)
  }
})

test("W-57 a proof that comes when its text is done stands behind the text", () => {
  const signature = { origin: "gm", data: "late" } as const
  const content = contentOf(streamed([begin, open(0, empty), delta(0, "Yes"), { kind: "signature", choice: 0, block: 0, signature }, close(0), finish("stop")]))
  expect(content.map(({ type }) => type)).toEqual(["text", "thinking"])
  expect(readSignature(String(content[1]?.["signature"]), "am")).toEqual(signature)
})

test("W-35 W-44 a call that was cut off goes on raw in a stream, and as the text it is in an object", () => {
  const cut = answerOf([{ kind: "toolCall", id: "t", name: "f", arguments: '{"path":"/t' }], "length")
  const events = streamed(eventsOf(cut))
  expect(events.filter(({ type }) => type === "content_block_delta").map((event) => event["delta"])).toEqual([{ type: "input_json_delta", partial_json: '{"path":"/t' }])
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "max_tokens" } })
  expect(amClientCodec.encodeAnswer(cut, context)).toMatchObject({ content: [{ input: { input: '{"path":"/t' } }], stop_reason: "max_tokens" })
})

test.each([
  ["stop", null, "end_turn"],
  ["stop", "END", "stop_sequence"],
  ["length", null, "max_tokens"],
  ["filtered", null, "refusal"],
  ["refused", null, "refusal"],
  ["pause", null, "pause_turn"],
  ["toolCalls", null, "end_turn"],
] as const)("W-87 W-88 W-89 the finish %s with the stop word %s is %s", (reason, stopSequence, stop_reason) => {
  const expected = { stop_reason, stop_sequence: stopSequence }
  expect(streamed([begin, open(0, empty), delta(0, "a"), close(0), finish(reason, stopSequence)]).at(-2)).toMatchObject({ delta: expected })
  const answer = { ...answerOf([{ kind: "text", text: "a" }]), choices: [{ parts: [], finish: { reason, word: "w", stopSequence } }] }
  expect(amClientCodec.encodeAnswer(answer, context)).toMatchObject(expected)
})

test("W-45 W-87 a call makes the reason tool_use, whatever the provider calls it", () => {
  const call: AnswerPart = { kind: "toolCall", id: "t", name: "f", arguments: "{}" }
  expect(streamed(eventsOf(answerOf([call], "stop"))).at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" } })
  expect(amClientCodec.encodeAnswer(answerOf([call], "stop"), context)).toMatchObject({ stop_reason: "tool_use" })
})

test("a limit of ours that stopped the answer stands beside the reason", () => {
  const cut: ChatEvent = { kind: "finish", choice: 0, finish: { reason: "length", word: "length", stopSequence: null, limit: "Budget of the key" } }
  expect(streamed([begin, open(0, empty), delta(0, "a"), close(0), cut]).at(-2)).toMatchObject({ delta: { stop_reason: "max_tokens" }, turnpike: { limit: "Budget of the key" } })
})

test("W-11 a refusal is its words and the reason", () => {
  expect(amClientCodec.encodeAnswer(answerOf([{ kind: "refusal", text: "No." }], "refused"), context)).toMatchObject({ content: [{ type: "text", text: "No." }], stop_reason: "refusal" })
})

test("W-94 W-99 W-100 the last usage counts, the cache stands apart by its life, and what is unknown is null", () => {
  const usage = (counts: object): ChatEvent => ({ kind: "usage", usage: { counts, reasoningTokens: null } })
  const last = (...events: readonly ChatEvent[]) => streamed([begin, open(0, empty), delta(0, "a"), ...events, close(0), finish("stop")]).at(-2)?.["usage"]
  expect(last(usage({ input: 1, output: 1 }), usage({ input: 10, cacheRead: 4, cacheWrite5m: 2, cacheWrite1h: 3, output: 6, reasoning: 2, search: 2 }))).toEqual({
    input_tokens: 10,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 4,
    cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
    output_tokens: 8,
    server_tool_use: { web_search_requests: 2 },
  })
  expect(last(usage({ input: 1, output: 2, serviceTier: "default" }))).toEqual({ input_tokens: 1, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 2 })
})

test("only the first of several answers is written, since messages have one", () => {
  const events = streamed([begin, open(0, empty), { kind: "open", choice: 1, block: 0, part: empty }, { kind: "delta", choice: 1, block: 0, text: "other" }, delta(0, "own"), { kind: "close", choice: 1, block: 0 }, close(0), finish("stop")])
  expect(contentOf(events)).toEqual([{ type: "text", text: "own" }])
})

test("W-67 a picture from the model is not lost", () => {
  const picture = answerOf([{ kind: "image", media: { kind: "base64", mediaType: "image/png", data: "iVBORw0K" } }])
  const expected = [{ type: "text", text: "![image](data:image/png;base64,iVBORw0K)" }]
  expect(amClientCodec.encodeAnswer(picture, context)["content"]).toEqual(expected)
  expect(contentOf(streamed(eventsOf(picture)))).toEqual(expected)
})
