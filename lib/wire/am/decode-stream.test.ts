import { readdirSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, EncodeContext } from "../chat/codec.ts"
import { createCollector } from "../chat/collect.ts"
import type { AnswerPart } from "../chat/part.ts"
import { createAmStreamEncoder } from "./encode-stream.ts"
import { amUpstreamCodec } from "./upstream-codec.ts"

const folder = new URL("fixtures/", import.meta.url)
const fixtures = readdirSync(folder).flatMap((file) => (file.endsWith(".stream.txt") ? [file.slice(0, -".stream.txt".length)] : []))
const streamOf = (name: string) => readFileSync(new URL(`${name}.stream.txt`, folder))
const eventsOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.events.json`, folder), "utf8")) as readonly ChatEvent[]

const context = { toolName: (sent: string) => (sent === "alias_1" ? "the real name" : sent), newCallId: () => "call_new" } as DecodeContext

function decoded(pieces: readonly (Buffer | string)[]): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = amUpstreamCodec.openDecoder(context, (event) => void events.push(event))
  for (const piece of pieces) decoder.push(Buffer.from(piece))
  decoder.end()
  return events
}

const event = (data: { type: string } & Record<string, unknown>) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const start = event({ type: "message_start", message: { id: "msg_1", usage: { input_tokens: 5, output_tokens: 1 } } })
const block = (index: number, content_block: object) => event({ type: "content_block_start", index, content_block })
const delta = (index: number, change: object) => event({ type: "content_block_delta", index, delta: change })
const stop = (index: number) => event({ type: "content_block_stop", index })
const finish = (reason: string, usage: object = { output_tokens: 3 }) => event({ type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage })
const over = event({ type: "message_stop" })
const partsOf = (pieces: readonly string[]): readonly AnswerPart[] | undefined => {
  const collector = createCollector()
  for (const one of decoded(pieces)) collector.add(one)
  return collector.answer()?.choices[0]?.parts
}

test.each(fixtures)("W-37 W-54 W-99 W-105 W-126 the documented stream %s means its events", (name) => {
  expect(decoded([streamOf(name)])).toEqual(eventsOf(name))
})

test.each(fixtures.filter((name) => name !== "error"))("W-124 W-125 W-126 the events of %s are written as a stream that means the same", (name) => {
  const encoder = createAmStreamEncoder({ publicModel: "claude-opus-4-6", responseId: "1nZ", inputTokensEstimated: 9 } as EncodeContext)
  const written = eventsOf(name).map((one) => encoder.event(one)).join("") + encoder.end()
  const meaning = (events: readonly ChatEvent[]) => events.filter(({ kind }) => kind !== "usage")
  const lastUsage = (events: readonly ChatEvent[]) => events.findLast(({ kind }) => kind === "usage")
  expect(meaning(decoded([written]))).toEqual(meaning(eventsOf(name)))
  expect(lastUsage(decoded([written]))).toEqual(lastUsage(eventsOf(name)))
})

test.each(fixtures)("W-101 W-102 W-140 the stream %s means the same wherever it is cut, with any line endings", (name) => {
  const expected = eventsOf(name)
  const text = `: keep-alive\n\n${streamOf(name).toString("utf8")}`
  fc.assert(
    fc.property(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat(), { maxLength: 30 }), (newline, places) => {
      const bytes = Buffer.from(text.replaceAll("\n", newline))
      const ends = [...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length]
      expect(decoded(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})

test("W-22 a call by its alias gets the client's own name back", () => {
  expect(partsOf([start, block(0, { type: "tool_use", id: "t", name: "alias_1", input: {} }), stop(0), finish("tool_use"), over])).toMatchObject([{ name: "the real name" }])
})

test("W-37 W-39 a provider that gives the input at once, or two pieces together, gives the same call", () => {
  const expected = [{ kind: "toolCall", id: "t", name: "f", arguments: '{"a":1}' }]
  expect(partsOf([start, block(0, { type: "tool_use", id: "t", name: "f", input: { a: 1 } }), stop(0), finish("tool_use"), over])).toEqual(expected)
  const pieces = delta(0, { type: "input_json_delta", partial_json: '{"a"' }) + delta(0, { type: "input_json_delta", partial_json: ":1}" })
  expect(partsOf([start, block(0, { type: "tool_use", id: "t", name: "f", input: {} }), pieces, stop(0), finish("tool_use"), over])).toEqual(expected)
})

test("W-108 blocks that the provider left open are closed before the finish, each once", () => {
  const events = decoded([start, block(0, { type: "text", text: "" }), delta(0, { type: "text_delta", text: "a" }), block(1, { type: "tool_use", id: "t", name: "f", input: {} }), finish("tool_use"), stop(0), over])
  expect(events.flatMap((one) => (one.kind === "close" ? [String(one.block)] : one.kind === "finish" ? ["finish"] : []))).toEqual(["0", "1", "finish"])
})

test("W-99 the last usage counts, and a prompt that was counted is not emptied by zeros behind it", () => {
  const usages = decoded([start, finish("end_turn", { input_tokens: 0, output_tokens: 7 }), over]).flatMap((one) => (one.kind === "usage" ? [one.usage.counts] : []))
  expect(usages).toEqual([{ input: 5 }, { input: 5, output: 7 }])
})

test.each([
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "filtered"],
  ["pause_turn", "pause"],
  ["end_turn", "stop"],
  ["something_new", "stop"],
])("W-87 %s means %s", (word, reason) => {
  expect(decoded([start, finish(word), over])).toContainEqual({ kind: "finish", choice: 0, finish: { reason, word, stopSequence: null } })
})

test.each([
  ["a delta before the beginning", delta(0, { type: "text_delta", text: "a" })],
  ["an end before the beginning", over],
  ["a reason before the beginning", finish("end_turn")],
  ["something that is no JSON", "data: <html>\n\n"],
])("W-106 %s is no answer", (_, text) => {
  expect(decoded([text])).toEqual([{ kind: "failed", words: null }])
})

test("W-104 a stream that ends without a reason has no finish", () => {
  const events = decoded([start, block(0, { type: "text", text: "" }), delta(0, { type: "text_delta", text: "a" })])
  expect(events.some(({ kind }) => kind === "finish" || kind === "end")).toBe(false)
})

test("W-103 an event of megabytes in small pieces takes linear time", async () => {
  await expectLinear((size) => {
    const bytes = Buffer.from(start + block(0, { type: "text", text: "" }) + delta(0, { type: "text_delta", text: "é".repeat(size) }) + stop(0) + finish("end_turn") + over)
    const events = decoded(Array.from({ length: Math.ceil(bytes.length / 256) }, (_, index) => bytes.subarray(index * 256, (index + 1) * 256)))
    expect(events.at(-1)).toEqual({ kind: "end" })
  }, 64 * 1024)
})

test("no bytes make the decoder throw", () => {
  const words = fc.constantFrom("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop", "error", "text", "tool_use", "thinking", "redacted_thinking", "server_tool_use", "web_search_tool_result", "web_search", "text_delta", "input_json_delta", "signature_delta", "citations_delta")
  const names = fc.constantFrom("type", "index", "delta", "content_block", "message", "usage", "text", "partial_json", "signature", "citation", "name", "id", "tool_use_id", "content", "input", "stop_reason", "__proto__", "output_tokens")
  const { value } = fc.letrec((tie) => ({ value: fc.oneof({ depthSize: "small" }, words, fc.integer(), fc.constant(null), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(names, tie("value"), { maxKeys: 6 })) }))
  fc.assert(
    fc.property(fc.array(fc.oneof(value.map((one) => `data: ${JSON.stringify(one)}\n\n`), fc.string(), fc.uint8Array().map((bytes) => Buffer.from(bytes))), { maxLength: 8 }), fc.boolean(), (pieces, begun) => {
      decoded(begun ? [start, ...pieces] : pieces)
      amUpstreamCodec.decodeAnswer(Buffer.concat(pieces.map((piece) => Buffer.from(piece))), context)
    }),
    { numRuns: 1_000 },
  )
  expect(amUpstreamCodec.decodeAnswer(Buffer.from('{"content":[{"type":"tool_use","id":"t","name":"f","input":' + '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000) + "}]}"), context)).toMatchObject({ ok: false, error: { words: { message: "the answer is nested too deeply to be translated" } } })
})

test("W-54 W-87 W-93 W-126 a whole message is read as its stream is", () => {
  const content = [
    { type: "thinking", thinking: "Hm", signature: "a+/=" },
    { type: "redacted_thinking", data: "b+/=" },
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
    { type: "text", text: "Yes", citations: [{ type: "web_search_result_location", url: "https://example.com", title: "E", cited_text: "yes", encrypted_index: "i" }] },
    { type: "tool_use", id: "t", name: "alias_1", input: { a: 1 } },
    { type: "tool_use", id: "u", name: "g", input: {} },
  ]
  const body = { id: "msg_1", content, stop_reason: "tool_use", stop_sequence: null, usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 3 } }
  const answer = amUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify(body)), context)
  expect(answer).toEqual({
    ok: true,
    value: {
      id: "msg_1",
      choices: [
        {
          finish: { reason: "toolCalls", word: "tool_use", stopSequence: null },
          parts: [
            { kind: "reasoning", text: "Hm", signature: { origin: "am", data: "a+/=" } },
            { kind: "reasoning", text: "", hidden: true, signature: { origin: "am", data: "b+/=" } },
            { kind: "search", id: "srvtoolu_1", query: "q", results: [], failed: null },
            { kind: "text", text: "Yes", citations: [{ url: "https://example.com", title: "E", citedText: "yes", start: null, end: null, opaque: { origin: "am", data: "i" } }] },
            { kind: "toolCall", id: "t", name: "the real name", arguments: '{"a":1}' },
            { kind: "toolCall", id: "u", name: "g", arguments: "" },
          ],
        },
      ],
      usage: { counts: { input: 5, cacheRead: 2, output: 3, search: 1 }, reasoningTokens: null },
    },
  })
})

test.each([["<html>", null], ["{}", null], ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "Overloaded"]])("W-106 W-111 the body %j is no answer", (body, message) => {
  const answer = amUpstreamCodec.decodeAnswer(Buffer.from(body), context)
  expect(answer.ok ? "answer" : (answer.error.words?.message ?? null)).toBe(message)
})
