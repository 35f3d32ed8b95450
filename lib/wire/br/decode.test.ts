import { readdirSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext } from "../chat/codec.ts"
import { createCollector } from "../chat/collect.ts"
import { eventStreamMessage, exception, jsonEvent } from "./test/event-stream-writer.ts"
import { brUpstreamCodec } from "./upstream-codec.ts"

type StreamEvent = readonly [type: string, payload: Readonly<Record<string, unknown>>]

const folder = new URL("fixtures/", import.meta.url)
const fixtures = readdirSync(folder).flatMap((file) => (file.endsWith(".stream.json") ? [file.slice(0, -".stream.json".length)] : []))
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"))
const bytesOf = (events: readonly StreamEvent[]) => Buffer.concat(events.map(([type, payload]) => (type.endsWith("Exception") ? exception(type, payload["message"] as string) : jsonEvent(type, payload))))
const streamOf = (name: string) => bytesOf(read(`${name}.stream.json`) as readonly StreamEvent[])
const eventsOf = (name: string) => read(`${name}.events.json`) as readonly ChatEvent[]

const context = { toolName: (sent: string) => (sent === "alias_1" ? "the real name" : sent), newCallId: () => "call_new" } as DecodeContext

function decoded(...pieces: readonly Buffer[]): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = brUpstreamCodec.openDecoder(context, (event) => void events.push(event))
  for (const piece of pieces) decoder.push(piece)
  decoder.end()
  return events
}

test.each(fixtures)("W-37 W-42 W-54 W-87 W-89 W-94 W-99 W-105 the documented stream %s means its events", (name) => {
  expect(decoded(streamOf(name))).toEqual(eventsOf(name))
})

test.each(fixtures)("W-101 W-103 the stream %s means the same wherever it is cut", (name) => {
  const bytes = streamOf(name)
  const expected = eventsOf(name)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (places) => {
      const ends = [...places.sort((a, b) => a - b), bytes.length]
      expect(decoded(...ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))).toEqual(expected)
    }),
  )
})

const start: StreamEvent = ["messageStart", { role: "assistant" }]
const stop = (stopReason: string): StreamEvent => ["messageStop", { stopReason }]

describe("a stream", () => {
  test("W-106 without its beginning is no answer", () => {
    expect(decoded(bytesOf([["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "x" } }]]))).toEqual([{ kind: "failed", words: null }])
  })

  test("W-104 W-141 that ends too early has no finish", () => {
    expect(decoded(streamOf("text").subarray(0, -300)).map(({ kind }) => kind)).not.toContain("finish")
  })

  test("with a damaged message fails", () => {
    const bytes = streamOf("text")
    bytes.writeUInt8(bytes[200]! ^ 0xff, 200)
    expect(decoded(bytes).at(-1)).toEqual({ kind: "failed", words: null })
  })

  test("W-108 whose provider closes no block has each closed once before the finish", () => {
    const events = decoded(bytesOf([start, ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "a" } }], ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "t", name: "f" } } }], stop("tool_use")]))
    expect(events.map((event) => ("block" in event ? `${event.kind} ${event.block}` : event.kind))).toEqual(["start", "open 0", "delta 0", "open 1", "close 0", "close 1", "finish"])
  })

  test("W-110 whose usage never comes is told from its finish all the same", () => {
    const collector = createCollector()
    for (const event of decoded(bytesOf([start, ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "a" } }], stop("end_turn")]))) collector.add(event)
    expect(collector.answer()).toMatchObject({ usage: null, choices: [{ parts: [{ kind: "text", text: "a" }] }] })
  })

  test("passes over events and deltas of a kind that came later than this", () => {
    const later = bytesOf([start, ["weather", { sun: true }], ["contentBlockDelta", { contentBlockIndex: 0, delta: { smell: "rose" } }], stop("end_turn")])
    expect(decoded(later).map(({ kind }) => kind)).toEqual(["start", "finish"])
  })

  test("with an error that is no exception says what it says", () => {
    const error = eventStreamMessage({ ":message-type": "error", ":error-code": "InternalError", ":error-message": "An internal server error occurred" }, "")
    expect(decoded(error)).toEqual([{ kind: "failed", words: { message: "An internal server error occurred", code: "InternalError", param: null } }])
  })
})

/** API reference, Converse, response syntax. */
const answer = (content: readonly object[], rest: object = {}) => Buffer.from(JSON.stringify({ output: { message: { role: "assistant", content } }, stopReason: "end_turn", usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 }, metrics: { latencyMs: 1 }, ...rest }))
const whole = (body: Buffer) => {
  const read = brUpstreamCodec.decodeAnswer(body, context)
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  return read.value
}

describe("a whole answer", () => {
  test("W-43 W-54 W-59 W-67 has its parts in their order", () => {
    const content = [
      { reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } },
      { reasoningContent: { redactedContent: "cmVk" } },
      { text: "look" },
      { image: { format: "png", source: { bytes: "iVBO" } } },
      { toolUse: { toolUseId: "t1", name: "alias_1", input: { a: [1] } } },
      { toolUse: { toolUseId: "t2", name: "f", input: {} } },
    ]
    expect(whole(answer(content, { stopReason: "tool_use" }))).toEqual({
      id: null,
      usage: { counts: { input: 1, output: 2 }, reasoningTokens: null },
      choices: [
        {
          finish: { reason: "toolCalls", word: "tool_use", stopSequence: null },
          parts: [
            { kind: "reasoning", text: "hm", signature: { origin: "br", data: "sig" } },
            { kind: "reasoning", text: "", hidden: true, signature: { origin: "br", data: "cmVk" } },
            { kind: "text", text: "look" },
            { kind: "image", media: { kind: "base64", mediaType: "image/png", data: "iVBO" } },
            { kind: "toolCall", id: "t1", name: "the real name", arguments: '{"a":[1]}' },
            { kind: "toolCall", id: "t2", name: "f", arguments: "" },
          ],
        },
      ],
    })
  })

  test("keeps the sources that have an address", () => {
    const cited = { citationsContent: { content: [{ text: "It rains." }], citations: [{ title: "Weather", sourceContent: [{ text: "rain" }], location: { web: { url: "https://w.example" } } }, { location: { documentPage: { documentIndex: 0 } } }] } }
    expect(whole(answer([cited])).choices[0]?.parts).toEqual([{ kind: "text", text: "It rains.", citations: [{ url: "https://w.example", title: "Weather", citedText: "rain", start: null, end: null }] }])
  })

  test.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "toolCalls"],
    ["guardrail_intervened", "filtered"],
    ["content_filtered", "filtered"],
    ["malformed_tool_use", "incomplete"],
    ["malformed_model_output", "incomplete"],
    ["something_new", "stop"],
  ])("W-87 W-88 W-90 that stopped for %s is %s", (stopReason, reason) => {
    expect(whole(answer([{ text: "x" }], { stopReason })).choices[0]?.finish).toEqual({ reason, word: stopReason, stopSequence: null })
  })

  test("W-100 counts nothing that the provider did not", () => {
    expect(whole(answer([{ text: "x" }], { usage: undefined })).usage).toBeNull()
    expect(whole(answer([{ text: "x" }], { usage: { inputTokens: 5, outputTokens: 1, cacheWriteInputTokens: 0 } })).usage?.counts).toEqual({ input: 5, output: 1, cacheWrite5m: 0 })
    expect(whole(answer([{ text: "x" }], { usage: { inputTokens: -5, outputTokens: 1.5 } })).usage).toBeNull()
  })

  test.each([
    ['{"message":"The provided model identifier is invalid."}', { message: "The provided model identifier is invalid.", code: null, param: null }],
    ['{"Message":"User is not authorized","__type":"AccessDeniedException"}', { message: "User is not authorized", code: "AccessDeniedException", param: null }],
    ["<html>", null],
    ["{}", null],
  ])("W-111 that is none (%s) is an error with the provider's words", (body, words) => {
    expect(brUpstreamCodec.decodeAnswer(Buffer.from(body), context)).toEqual({ ok: false, error: { words } })
  })
})

test("arbitrary payloads never throw", () => {
  const payload = fc.json().map((json) => Buffer.from(json))
  const type = fc.constantFrom("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")
  fc.assert(fc.property(fc.array(fc.tuple(type, payload)), (events) => void decoded(...events.map(([name, body]) => eventStreamMessage({ ":message-type": "event", ":event-type": name }, body)))))
  fc.assert(fc.property(payload, (body) => void brUpstreamCodec.decodeAnswer(body, context)))
})
