import { readdirSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, EncodeContext } from "../chat/codec.ts"
import { createCollector, eventsOf as replayed } from "../chat/collect.ts"
import type { AnswerPart } from "../chat/part.ts"
import { ccClientCodec } from "./client-codec.ts"
import { createCcStreamDecoder } from "./decode-stream.ts"
import { readCcCall } from "./request.ts"
import { ccUpstreamCodec } from "./upstream-codec.ts"

type Fields = Record<string, unknown>

const folder = new URL("fixtures/", import.meta.url)
const fixtures = readdirSync(folder).flatMap((file) => (file.endsWith(".stream.txt") ? [file.slice(0, -".stream.txt".length)] : []))
const streamOf = (name: string) => readFileSync(new URL(`${name}.stream.txt`, folder))
const eventsOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.events.json`, folder), "utf8")) as readonly ChatEvent[]
const whole = fixtures.filter((name) => !name.endsWith("-error"))

function contextOf(): DecodeContext {
  let calls = 0
  return { toolName: (sent: string) => (sent === "alias_1" ? "the real name" : sent), newCallId: () => `call_new_${calls++}` } as DecodeContext
}

function decoded(pieces: readonly (Buffer | string)[]): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = createCcStreamDecoder(contextOf(), (event) => void events.push(event))
  for (const piece of pieces) decoder.push(Buffer.from(piece))
  decoder.end()
  return events
}

function encodingOf(fields: Fields = {}): EncodeContext {
  const call = readCcCall(Buffer.from(JSON.stringify({ model: "public", messages: [{ role: "user", content: "hi" }], stream: true, ...fields })))
  if (!call.ok) throw new Error(call.error.message)
  const request = ccClientCodec.decodeRequest(call.value)
  if (!request.ok) throw new Error(request.error.message)
  return { request: request.value, call: call.value, publicModel: "public", responseId: "1nZ", createdAtSeconds: 1_764_000_000, inputTokensEstimated: 9 }
}

function written(events: readonly ChatEvent[], fields: Fields = {}): string {
  const encoder = ccClientCodec.openEncoder(encodingOf(fields))
  return events.map((event) => encoder.event(event)).join("") + encoder.end()
}
const chunksOf = (text: string) => text.split("\n\n").flatMap((event) => (event.startsWith("data: {") ? [JSON.parse(event.slice(6)) as Fields] : []))
const deltasOf = (text: string) => chunksOf(text).flatMap(({ choices }) => (choices as readonly { delta: Fields }[]).map(({ delta }) => delta))

const chunk = (delta: Fields, finish_reason: string | null = null, more: Fields = {}) => `data: ${JSON.stringify({ id: "c1", choices: [{ index: 0, delta, finish_reason, ...more }] })}\n\n`
const finish = (reason = "stop", more: Fields = {}) => chunk({}, reason, more)
const calls = (...tool_calls: readonly Fields[]) => chunk({ tool_calls })
const fn = (name: string | undefined, args: string, more: Fields = {}) => ({ ...more, function: { ...(name !== undefined && { name }), arguments: args } })

function answerOf(pieces: readonly string[]) {
  const collector = createCollector()
  for (const event of decoded(pieces)) collector.add(event)
  return collector.answer()
}
const partsOf = (pieces: readonly string[]): readonly AnswerPart[] | undefined => answerOf(pieces)?.choices[0]?.parts

/** Events without what another dialect's writer may not repeat: ids, the provider's own words, and how its counts were split. */
const meaning = (events: readonly ChatEvent[]): readonly unknown[] =>
  events.flatMap((event): readonly unknown[] => {
    if (event.kind === "usage" || event.kind === "logprobs") return []
    if (event.kind === "start") return ["start"]
    return event.kind === "finish" ? [{ choice: event.choice, reason: event.finish.reason }] : [event]
  })

describe.each(fixtures)("the stream %s", (name) => {
  test("means its events", () => {
    expect(decoded([streamOf(name)])).toEqual(eventsOf(name))
  })

  test("W-101 W-102 W-103 W-140 means the same wherever it is cut, with any line endings", () => {
    const text = `: keep-alive\n\n${streamOf(name).toString("utf8")}`
    fc.assert(
      fc.property(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat(), { maxLength: 30 }), (newline, places) => {
        const bytes = Buffer.from(text.replaceAll("\n", newline))
        const ends = [...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length]
        expect(decoded(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))).toEqual(eventsOf(name))
      }),
      { numRuns: 60 },
    )
  })
})

test.each(whole)("W-37 W-53 W-67 the events of %s are written as a stream that means the same", (name) => {
  expect(meaning(decoded([written(eventsOf(name))]))).toEqual(meaning(eventsOf(name)))
})

test.each(whole)("W-59 W-117 the events of %s make the same answer whole, and are replayed from it", (name) => {
  const collector = createCollector()
  for (const event of eventsOf(name)) collector.add(event)
  const answer = collector.answer()
  if (answer === null) throw new Error("no answer")
  const body = Buffer.from(JSON.stringify(ccClientCodec.encodeAnswer(answer, encodingOf())))
  const read = ccUpstreamCodec.decodeAnswer(body, contextOf())
  const parts = (one: typeof answer) => one.choices.map((choice) => choice.parts)
  expect(read.ok && parts(read.value)).toEqual(parts(answer))
  const again = createCollector()
  for (const event of decoded([written([...replayed(answer)])])) again.add(event)
  expect(again.answer()?.choices.map((choice) => choice.parts)).toEqual(parts(answer))
})

test("W-38 a call may come at once, or its id and name before its arguments", () => {
  const expected = [{ kind: "toolCall", id: "a", name: "f", arguments: '{"x":1}' }]
  expect(partsOf([calls(fn("f", '{"x":1}', { index: 0, id: "a" })), finish("tool_calls")])).toEqual(expected)
  expect(partsOf([calls(fn("f", "", { index: 0, id: "a" })), calls(fn(undefined, '{"x"', { index: 0 })), calls(fn(undefined, ":1}", { index: 0 })), finish("tool_calls")])).toEqual(expected)
  expect(decoded([calls(fn("f", "", { index: 0, id: "a" })), calls(fn(undefined, '{"x":1}', { index: 0 })), finish("tool_calls")]).filter(({ kind }) => kind === "open")).toHaveLength(1)
})

test("W-39 two deltas of one call in a chunk both count", () => {
  expect(partsOf([calls(fn("f", "", { index: 0, id: "a" })), calls(fn(undefined, '{"x"', { index: 0 }), fn(undefined, ":1}", { index: 0 })), finish("tool_calls")])).toMatchObject([{ arguments: '{"x":1}' }])
})

test("W-40 calls interleaved by index keep their own arguments, and one that is whole is closed before the next begins", () => {
  const interleaved = [calls(fn("f", '{"x"', { index: 0, id: "a" }), fn("g", '{"y"', { index: 1, id: "b" })), calls(fn(undefined, ":2}", { index: 1 })), calls(fn(undefined, ":1}", { index: 0 })), finish("tool_calls")]
  expect(partsOf(interleaved)).toMatchObject([{ id: "a", arguments: '{"x":1}' }, { id: "b", arguments: '{"y":2}' }])
  const inTurn = decoded([calls(fn("f", '{"x":1}', { index: 0, id: "a" })), calls(fn("g", "{}", { index: 1, id: "b" })), finish("tool_calls")])
  expect(inTurn.flatMap((event) => (event.kind === "open" || event.kind === "close" ? [`${event.kind} ${event.block}`] : []))).toEqual(["open 0", "close 0", "open 1", "close 1"])
})

test.each([
  ["without an index", [fn("f", '{"x":1}', { id: "a" }), fn("g", '{"y":2}', { id: "b" })]],
  ["all with index 0", [fn("f", '{"x":1}', { id: "a", index: 0 }), fn("g", '{"y":2}', { id: "b", index: 0 })]],
  ["with their pieces under index 0", [fn("f", "", { id: "a", index: 0 }), fn(undefined, '{"x":1}', { index: 0 }), fn("g", "", { id: "b", index: 0 }), fn(undefined, '{"y":2}', { index: 0 })]],
  ["with their ids in every piece", [fn("f", '{"x"', { id: "a" }), fn("g", '{"y"', { id: "b" }), fn(undefined, ":1}", { id: "a" }), fn(undefined, ":2}", { id: "b" })]],
  ["with their names in every piece", [fn("f", '{"x"', { id: "a", index: 0 }), fn("f", ":1}", { id: "a", index: 0 }), fn("g", '{"y":2}', { id: "b", index: 1 })]],
  ["with another id in every piece", [fn("f", '{"x"', { id: "a", index: 0 }), fn(undefined, ":1}", { id: "a2", index: 0 }), fn("g", '{"y":2}', { id: "b", index: 1 })]],
])("W-41 calls %s are told apart", (_, pieces) => {
  expect(partsOf([...pieces.map((piece) => calls(piece)), finish("tool_calls")])).toEqual([
    { kind: "toolCall", id: "a", name: "f", arguments: '{"x":1}' },
    { kind: "toolCall", id: "b", name: "g", arguments: '{"y":2}' },
  ])
})

test("W-41 W-42 calls without any id get ids of their own", () => {
  const parts = partsOf([calls(fn("f", '{"x":1}', { index: 0 })), calls(fn("f", '{"x":2}', { index: 0 })), calls(fn("g", "{}")), finish("stop")])
  expect(parts).toMatchObject([{ id: "call_new_0", arguments: '{"x":1}' }, { id: "call_new_1", arguments: '{"x":2}' }, { id: "call_new_2", name: "g" }])
})

test("W-22 a call by its alias gets the client's own name back", () => {
  expect(partsOf([calls(fn("alias_1", "{}", { id: "a", index: 0 })), finish("tool_calls")])).toMatchObject([{ name: "the real name" }])
})

test("W-43 a call without arguments has an empty object, read and written, streamed and whole", () => {
  const stream = [calls(fn("f", "", { id: "a", index: 0 })), finish("tool_calls")]
  expect(partsOf(stream)).toMatchObject([{ arguments: "{}" }])
  const body = { choices: [{ message: { tool_calls: [{ id: "a", function: { name: "f" } }] }, finish_reason: "tool_calls" }] }
  const read = ccUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify(body)), contextOf())
  expect(read.ok && read.value.choices[0]?.parts).toMatchObject([{ arguments: "{}" }])
  const open = { kind: "open", choice: 0, block: 0, part: { kind: "toolCall", id: "a", name: "f", arguments: "" } } as const
  const events: readonly ChatEvent[] = [open, { kind: "close", choice: 0, block: 0 }]
  expect(deltasOf(written(events)).map(({ tool_calls }) => (tool_calls as readonly { function: Fields }[] | undefined)?.[0]?.function["arguments"] ?? "").join("")).toBe("{}")
  const answer = { id: null, usage: null, choices: [{ parts: [open.part], finish: { reason: "toolCalls", word: "tool_use", stopSequence: null } }] } as const
  expect(JSON.stringify(ccClientCodec.encodeAnswer(answer, encodingOf()))).toContain('"arguments":"{}"')
})

test("W-44 JSON that the token limit cut off goes on as it is", () => {
  const answer = answerOf([calls(fn("f", '{"x": "ab', { id: "a", index: 0 })), finish("length")])
  expect(answer?.choices[0]).toMatchObject({ parts: [{ arguments: '{"x": "ab' }], finish: { reason: "length" } })
})

test.each(["reasoning_content", "reasoning"])("W-52 W-60 thinking in %s is a block before the text, closed before the text starts; it may be all there is", (field) => {
  const events = decoded([chunk({ [field]: "hm" }), chunk({ content: "so" }), finish()])
  expect(events.flatMap((event) => (event.kind === "open" ? [event.part.kind] : event.kind === "close" ? ["close"] : []))).toEqual(["reasoning", "close", "text", "close"])
  expect(partsOf([chunk({ [field]: "hm" }), finish()])).toEqual([{ kind: "reasoning", text: "hm" }])
})

test("W-52 <think> tags, wherever they are cut, are thinking at the beginning and text behind it", () => {
  const content = "<think>\na < b </thin</think>\n\nsay </think> and <think>"
  fc.assert(
    fc.property(fc.array(fc.nat(content.length), { maxLength: 20 }), (cuts) => {
      const ends = [0, ...[...cuts].sort((a, b) => a - b), content.length]
      const pieces = ends.slice(1).map((end, index) => chunk({ content: content.slice(ends[index], end) }))
      expect(partsOf([...pieces, finish()])).toEqual([{ kind: "reasoning", text: "a < b </thin" }, { kind: "text", text: "say </think> and <think>" }])
    }),
  )
})

test("W-52 text that only begins like a tag is text, and a tag that never ends is thinking", () => {
  expect(partsOf([chunk({ content: " <thi" }), finish()])).toEqual([{ kind: "text", text: " <thi" }])
  expect(partsOf([chunk({ content: "<think>hm" }), finish("length")])).toEqual([{ kind: "reasoning", text: "hm" }])
})

test("W-54 W-55 proofs of other providers reach the client with the text they belong to, streamed and whole, and come back as they were", () => {
  const signature = { origin: "am", data: "EqQB+/=" } as const
  const parts: readonly AnswerPart[] = [
    { kind: "reasoning", text: "hm", signature },
    { kind: "reasoning", text: "", signature: { origin: "am", data: "Empty" } },
    { kind: "reasoning", text: "", hidden: true, signature: { origin: "rs", data: "gAAA" } },
    { kind: "text", text: "so" },
    { kind: "toolCall", id: "a", name: "f", arguments: "{}", signature: { origin: "gm", data: "CiQ" } },
  ]
  const answer = { id: null, usage: null, choices: [{ parts, finish: { reason: "toolCalls", word: "x", stopSequence: null } }] } as const
  const streamed = deltasOf(written([...replayed(answer)]))
  const details = streamed.flatMap(({ reasoning_details }) => (reasoning_details ?? []) as readonly Fields[])
  const called = streamed.flatMap(({ tool_calls }) => (tool_calls ?? []) as readonly Fields[]).find(({ extra_content }) => extra_content !== undefined)
  const message = (ccClientCodec.encodeAnswer(answer, encodingOf())["choices"] as readonly { message: Fields }[])[0]?.message
  expect(details).toEqual(message?.["reasoning_details"])
  const history = [{ role: "user", content: "hi" }, { role: "assistant", content: "so", reasoning_content: "hm", reasoning_details: details, tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" }, extra_content: called?.["extra_content"] }] }, { role: "tool", tool_call_id: "a", content: "x" }]
  expect(encodingOf({ messages: history }).request.turns[1]?.parts).toEqual(parts)
})

test.each([
  ["stop", {}, "stop"],
  ["length", {}, "length"],
  ["max_tokens", {}, "length"],
  ["model_length", {}, "length"],
  ["content_filter", {}, "filtered"],
  ["sensitive", {}, "filtered"],
  ["function_call", {}, "toolCalls"],
  ["insufficient_system_resource", {}, "incomplete"],
  ["error", {}, "incomplete"],
  ["constructor", {}, "stop"],
])("W-87 the finish %s is read, streamed and whole", (word, more, reason) => {
  expect(answerOf([chunk({ content: "a" }), finish(word, more)])?.choices[0]?.finish).toMatchObject({ reason, word })
  const read = ccUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify({ choices: [{ message: { content: "a" }, finish_reason: word }] })), contextOf())
  expect(read.ok && read.value.choices[0]?.finish).toMatchObject({ reason, word })
})

test.each([
  ["stop", "stop"],
  ["length", "length"],
  ["toolCalls", "tool_calls"],
  ["filtered", "content_filter"],
  ["refused", "content_filter"],
  ["pause", "stop"],
] as const)("W-87 W-88 the finish %s is written as %s, streamed and whole", (reason, word) => {
  const end: ChatEvent = { kind: "finish", choice: 0, finish: { reason, word: "x", stopSequence: null } }
  expect(chunksOf(written([end])).map(({ choices }) => (choices as readonly Fields[])[0]?.["finish_reason"])).toContain(word)
  const answer = { id: null, usage: null, choices: [{ parts: [], finish: end.finish }] }
  expect((ccClientCodec.encodeAnswer(answer, encodingOf())["choices"] as readonly Fields[])[0]).toMatchObject({ finish_reason: word })
})

test("W-11 a refusal is a part of its own both ways, and ends as OpenAI's do", () => {
  const answer = answerOf([chunk({ refusal: "No" }), chunk({ refusal: "." }), finish()])
  expect(answer?.choices[0]).toMatchObject({ parts: [{ kind: "refusal", text: "No." }], finish: { reason: "refused" } })
  if (answer === null) throw new Error("no answer")
  expect((ccClientCodec.encodeAnswer(answer, encodingOf())["choices"] as readonly Fields[])[0]).toMatchObject({ message: { content: null, refusal: "No." }, finish_reason: "stop" })
})

test("W-25 clients of legacy functions get function_call, streamed and whole", () => {
  const legacy = { functions: [{ name: "f", parameters: { type: "object" } }] }
  const answer = answerOf([calls(fn("f", '{"x":1}', { id: "a", index: 0 })), finish("tool_calls")])
  if (answer === null) throw new Error("no answer")
  const choice = (ccClientCodec.encodeAnswer(answer, encodingOf(legacy))["choices"] as readonly { message: Fields }[])[0]
  expect(choice).toMatchObject({ message: { function_call: { name: "f", arguments: '{"x":1}' } }, finish_reason: "function_call" })
  expect(choice?.message).not.toHaveProperty("tool_calls")
  const stream = written([...replayed(answer)], legacy)
  const pieces = deltasOf(stream).map(({ function_call }) => function_call as Fields | undefined)
  expect(pieces.map((piece) => piece?.["arguments"] ?? "").join("")).toBe('{"x":1}')
  expect(stream).toContain('"finish_reason":"function_call"')
  expect(partsOf([chunk({ function_call: { name: "f", arguments: "" } }), chunk({ function_call: { arguments: '{"x":1}' } }), finish("function_call")])).toMatchObject([{ name: "f", arguments: '{"x":1}' }])
})

test("W-24 a custom tool's call has its plain input", () => {
  const tools = [{ type: "custom", custom: { name: "patch" } }]
  const answer = { id: null, usage: null, choices: [{ parts: [{ kind: "toolCall", id: "a", name: "patch", arguments: "*** Begin" }], finish: { reason: "toolCalls", word: "x", stopSequence: null } }] } as const
  expect((ccClientCodec.encodeAnswer(answer, encodingOf({ tools }))["choices"] as readonly { message: Fields }[])[0]?.message["tool_calls"]).toEqual([{ id: "a", type: "custom", custom: { name: "patch", input: "*** Begin" } }])
  expect(partsOf([written([...replayed(answer)], { tools })])).toEqual(answer.choices[0].parts)
})

const usage: ChatEvent = { kind: "usage", usage: { counts: { input: 10, cacheRead: 100, cacheWrite5m: 20, cacheWrite1h: 30, output: 7, reasoning: 5, search: 2 }, reasoningTokens: 5 } }

test("W-93 W-96 W-100 a prompt includes what was cached, the total is the sum, and searches stand apart", () => {
  const fields = { prompt_tokens: 160, completion_tokens: 12, total_tokens: 172, prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 50 }, completion_tokens_details: { reasoning_tokens: 5 }, server_tool_use: { web_search_requests: 2 } }
  const answer = { id: null, usage: usage.usage, choices: [] }
  expect(ccClientCodec.encodeAnswer(answer, encodingOf())["usage"]).toEqual(fields)
  expect(chunksOf(written([usage], { stream_options: { include_usage: true } })).at(-1)).toMatchObject({ choices: [], usage: fields })
})

test("W-100 what a provider did not count is absent", () => {
  const counted = { id: null, usage: { counts: { input: 3, output: 4 }, reasoningTokens: null }, choices: [] }
  expect(ccClientCodec.encodeAnswer(counted, encodingOf())["usage"]).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 })
})

test("W-97 W-99 usage without choices is read, the last one counts, and only who asked for it gets it", () => {
  const counts = (tokens: number) => `data: ${JSON.stringify({ id: "c1", choices: [], usage: { prompt_tokens: 2, completion_tokens: tokens } })}\n\n`
  expect(answerOf([chunk({ content: "a" }), counts(1), finish(), counts(9), "data: [DONE]\n\n"])?.usage?.counts).toEqual({ input: 2, output: 9 })
  expect(decoded([`data: ${JSON.stringify({ choices: null, usage: { prompt_tokens: 2, completion_tokens: 1 } })}\n\n`]).map(({ kind }) => kind)).toEqual(["start", "usage"])
  expect(written([usage])).not.toContain("usage")
})

test("W-104 an end without [DONE] is not said to be one", () => {
  expect(decoded([chunk({ content: "a" })]).map(({ kind }) => kind)).toEqual(["start", "open", "delta"])
})

test.each([
  ["an error", { error: { message: "overloaded", code: "server_error" } }, { message: "overloaded", code: "server_error", param: null }],
  ["an error as a text", { error: "overloaded" }, { message: "overloaded", code: null, param: null }],
  ["MiniMax's status", { choices: null, base_resp: { status_code: 1002, status_msg: "rate limit" } }, { message: "rate limit", code: "1002", param: null }],
])("W-105 %s ends a stream with its words, and an answer too", (_, body, words) => {
  expect(decoded([chunk({ content: "a" }), `data: ${JSON.stringify(body)}\n\n`, chunk({ content: "never" })]).at(-1)).toEqual({ kind: "failed", words })
  expect(ccUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify(body)), contextOf())).toEqual({ ok: false, error: { words } })
})

test("W-108 each block is closed once and before the finish, whatever is open, and nothing comes behind it", () => {
  const events = decoded([chunk({ content: "a" }), calls(fn("f", '{"x"', { id: "a", index: 0 }), fn("g", '{"y"', { id: "b", index: 1 })), finish("length"), chunk({ content: "late" })])
  expect(events.flatMap((event) => (event.kind === "open" || event.kind === "close" ? [`${event.kind} ${event.block}`] : event.kind === "finish" ? ["finish"] : []))).toEqual(["open 0", "close 0", "open 1", "open 2", "close 1", "close 2", "finish"])
})

test("W-116 every chunk names the public model and one id, and ends with [DONE]", () => {
  const text = written(eventsOf("openai-text"))
  for (const one of chunksOf(text)) expect(one).toMatchObject({ id: "chatcmpl-1nZ", object: "chat.completion.chunk", created: 1_764_000_000, model: "public" })
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true)
})

test("a limit of ours is named where the answer stops", () => {
  expect(written([{ kind: "finish", choice: 0, finish: { reason: "length", word: "length", stopSequence: null, limit: "key" } }])).toContain('"finish_reason":"length","turnpike":{"limit":"key"}')
})

test("W-103 a text of 1 MB in one event, and arguments in 20,000 events, take linear time", async () => {
  await expectLinear((size) => expect(partsOf([chunk({ content: "x".repeat(size) }), finish()])).toMatchObject([{ kind: "text" }]), 1 << 20)
  const begun = calls(fn("f", "", { id: "a", index: 0 }))
  await expectLinear((size) => expect(partsOf([begun, ...Array.from({ length: size }, () => calls(fn(undefined, "}", { index: 0 }))), finish("tool_calls")])).toHaveLength(1), 2_500)
})

test("no stream and no answer makes the decoder throw", () => {
  const names = ["choices", "delta", "message", "content", "tool_calls", "function", "function_call", "arguments", "name", "id", "index", "finish_reason", "usage", "error", "reasoning_details", "images", "annotations", "logprobs", "type", "__proto__"]
  const value = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: "medium" }, fc.jsonValue({ maxDepth: 1 }), fc.array(tie("node"), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...names), tie("node"), { maxKeys: 5 })),
  })).node
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), fc.uint8Array({ maxLength: 20 }), (values, bytes) => {
      decoded([...values.map((one) => `data: ${JSON.stringify(one)}\n\n`), ...values.map((one) => `data: ${JSON.stringify({ choices: [one, { delta: one, finish_reason: "stop" }] })}\n\n`), Buffer.from(bytes)])
      for (const one of values) ccUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify({ choices: [one, { message: one }] })), contextOf())
      ccUpstreamCodec.decodeAnswer(Buffer.from(bytes), contextOf())
    }),
    { numRuns: 300 },
  )
  const deep = `data: {"choices":[{"delta":{"content":${"[".repeat(100_000)}${"]".repeat(100_000)}}}]}\n\n`
  expect(decoded([deep]).length).toBeGreaterThan(0)
})
