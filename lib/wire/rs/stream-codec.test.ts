import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { ChatAnswer, ChatEvent } from "../chat/answer.ts"
import { createCollector, eventsOf } from "../chat/collect.ts"
import { decodeRsAnswer } from "./decode-answer.ts"
import { encodeRsAnswer } from "./encode-answer.ts"
import { decodeContext, decodeStream, encodeContext, encodeStream, requestOf, sentEvents } from "./test-kit.ts"

const event = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
const created = event("response.created", { response: { id: "resp_1", status: "in_progress", output: [] } })
const completed = (output: readonly object[] = [], more: object = {}) => event("response.completed", { response: { id: "resp_1", status: "completed", output, ...more } })
const collected = (pieces: readonly string[]) => {
  const collector = createCollector()
  for (const one of decodeStream(pieces)) collector.add(one)
  return collector.answer()
}

test("W-38 a provider that leaves out the events between, or streams nothing of an item, is still read whole", () => {
  const message = { type: "message", id: "msg_1", content: [{ type: "output_text", text: "Hi", annotations: [] }] }
  const call = { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: '{"a":1}' }
  const lazy = [created, event("response.output_text.delta", { output_index: 0, content_index: 0, delta: "Hi" }), event("response.output_item.done", { output_index: 1, item: call }), completed([message, call])]
  const parts = [{ kind: "text", text: "Hi" }, { kind: "toolCall", id: "c", name: "f", arguments: '{"a":1}' }]
  expect(collected(lazy)?.choices[0]?.parts).toEqual(parts)
  expect(collected([created, completed([message, call])])?.choices[0]?.parts).toEqual(parts)
  expect(collected([created, event("response.output_item.added", { output_index: 0, item: { ...call, arguments: "" } }), event("response.function_call_arguments.done", { output_index: 0, arguments: '{"a":1}' }), completed()])?.choices[0]).toMatchObject({ parts: parts.slice(1), finish: { reason: "toolCalls" } })
})

test("W-42 a call without an id gets one of ours, and two get two", () => {
  const call = { type: "function_call", name: "f", arguments: "{}" }
  const parts = collected([created, completed([call, call])])?.choices[0]?.parts
  expect(parts?.map((part) => part.kind === "toolCall" && part.id)).toEqual(["call_new_0", "call_new_1"])
})

test("W-40 W-46 calls that grow side by side are each closed once, with their own arguments", () => {
  const added = (index: number) => event("response.output_item.added", { output_index: index, item: { type: "function_call", call_id: `c${index}`, name: "f", arguments: "" } })
  const delta = (index: number, text: string) => event("response.function_call_arguments.delta", { output_index: index, delta: text })
  const events = decodeStream([created, added(0), added(1), delta(0, '{"a":'), delta(1, '{"b":'), delta(0, "1}"), delta(1, "2}"), completed()])
  expect(events.filter(({ kind }) => kind === "close")).toHaveLength(2)
  expect(collected([created, added(0), added(1), delta(0, '{"a":'), delta(1, '{"b":'), delta(0, "1}"), delta(1, "2}"), completed()])?.choices[0]?.parts).toMatchObject([{ id: "c0", arguments: '{"a":1}' }, { id: "c1", arguments: '{"b":2}' }])
  const sent = sentEvents(encodeStream(events))
  expect(sent.filter(({ type }) => type === "response.output_item.added").map(({ output_index }) => output_index)).toEqual([0, 1])
  expect(sent.filter(({ type }) => type === "response.output_item.done").map(({ item }) => (item as { arguments: string }).arguments)).toEqual(['{"a":1}', '{"b":2}'])
})

test("W-92 W-105 a failure and an error are the provider's words; a filter's end is no failure", () => {
  expect(decodeStream([created, event("response.failed", { response: { status: "failed", error: { code: "server_error", message: "Broke." } } })]).at(-1)).toEqual({ kind: "failed", words: { message: "Broke.", code: "server_error", param: null } })
  expect(decodeStream([event("error", { code: "rate_limit_exceeded", message: "Slow.", param: null })]).at(-1)).toMatchObject({ kind: "failed", words: { message: "Slow." } })
  const filtered = decodeStream([created, event("response.incomplete", { response: { status: "incomplete", incomplete_details: { reason: "content_filter" }, output: [] } })])
  expect(filtered.find(({ kind }) => kind === "finish")).toMatchObject({ finish: { reason: "filtered", word: "content_filter" } })
  expect(decodeRsAnswer(Buffer.from('{"id":"resp_1","status":"failed","error":{"message":"Broke."}}'), decodeContext())).toEqual({ ok: false, error: { words: { message: "Broke.", code: null, param: null } } })
})

test.each(["<html>", "data: {\n\n", 'data: [1]\n\n', 'data: {"type":7}\n\n', `data: ${"[".repeat(100_000)}\n\n`])("W-106 what is no stream of this dialect fails: %.20s", (text) => {
  const events = decodeStream([text])
  expect(events.some(({ kind }) => kind === "finish")).toBe(false)
})

test("W-103 an event of megabytes in small pieces takes linear time", async () => {
  await expectLinear((size) => {
    const bytes = Buffer.from(created + event("response.output_text.delta", { output_index: 0, content_index: 0, delta: "é".repeat(size) }) + completed())
    const events = decodeStream(Array.from({ length: Math.ceil(bytes.length / 256) }, (_, index) => bytes.subarray(index * 256, (index + 1) * 256)))
    expect(events.at(-1)).toEqual({ kind: "end" })
  }, 64 * 1024)
})

test("no bytes whatsoever make the decoders throw", () => {
  const type = fc.constantFrom("response.created", "response.output_item.added", "response.output_item.done", "response.content_part.added", "response.content_part.done", "response.output_text.delta", "response.output_text.done", "response.output_text.annotation.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.function_call_arguments.delta", "response.completed", "response.failed", "__proto__")
  const item = fc.record({ type: fc.constantFrom("message", "reasoning", "function_call", "web_search_call", "image_generation_call", "x"), content: fc.jsonValue(), summary: fc.jsonValue(), action: fc.jsonValue(), result: fc.jsonValue(), name: fc.jsonValue() }, { requiredKeys: [] })
  const any = fc.record({ type, item: fc.oneof(item, fc.jsonValue()), part: fc.jsonValue(), delta: fc.jsonValue(), output_index: fc.jsonValue(), content_index: fc.jsonValue(), response: fc.oneof(fc.record({ status: fc.jsonValue(), output: fc.oneof(fc.array(item), fc.jsonValue()), usage: fc.jsonValue() }), fc.jsonValue()) }, { requiredKeys: ["type"] })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), fc.uint8Array(), (events, bytes) => {
      decodeStream([...events.map((one) => `data: ${JSON.stringify(one)}\n\n`), Buffer.from(bytes)])
      decodeRsAnswer(Buffer.from(JSON.stringify(events[0]?.response ?? null)), decodeContext())
      decodeRsAnswer(Buffer.from(bytes), decodeContext())
    }),
  )
})

const words = fc.string({ minLength: 1, maxLength: 12 })
const signature = fc.option(fc.record({ origin: fc.constantFrom("am" as const, "gm" as const, "rs" as const), data: words }), { nil: undefined })
const part = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text: words }),
  fc.record({ kind: fc.constant("refusal" as const), text: words }),
  fc.tuple(fc.string({ maxLength: 12 }), signature).map(([text, proof]) => ({ kind: "reasoning" as const, text, ...(proof !== undefined && { signature: proof }) })),
  fc.record({ kind: fc.constant("toolCall" as const), id: words, name: words, arguments: words }),
)
const answers: fc.Arbitrary<ChatAnswer> = fc.record({
  id: fc.constant("resp_0dXn"),
  choices: fc.tuple(fc.record({ parts: fc.array(part, { maxLength: 6 }), finish: fc.constantFrom({ reason: "stop" as const, word: "completed", stopSequence: null }, { reason: "length" as const, word: "max_output_tokens", stopSequence: null }) })),
  usage: fc.record({ counts: fc.record({ input: fc.nat(1000), cacheRead: fc.nat(1000), output: fc.nat(1000), reasoning: fc.nat(1000) }), reasoningTokens: fc.constant(0) }).map(({ counts }) => ({ counts, reasoningTokens: counts.reasoning })),
})

/** What every answer has after a way through this dialect: ids of thoughts, and a finish by what it holds. */
const comparable = (answer: ChatAnswer | null) =>
  answer?.choices.map(({ parts, finish }) => ({ parts: parts.map((one) => (one.kind === "reasoning" ? { ...one, id: undefined } : one)), word: finish.word }))

test("W-54 W-55 W-58 W-59 an answer is the same after it was written and read, streamed and whole, foreign proofs byte for byte", () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const context = encodeContext()
      const whole = decodeRsAnswer(Buffer.from(JSON.stringify(encodeRsAnswer(answer, context))), decodeContext())
      const streamed = collected([encodeStream([...eventsOf(answer)])])
      expect(comparable(whole.ok ? whole.value : null)).toEqual(comparable(answer))
      expect(comparable(streamed)).toEqual(comparable(answer))
      expect(streamed?.usage?.counts).toMatchObject(answer.usage?.counts ?? {})
    }),
  )
})

const gemini = (data: string) => ({ origin: "gm", data }) as const
/** What a client that sends the items of an answer back says with them. */
const sentBack = (items: unknown) => requestOf({ input: items }).turns.flatMap(({ parts }) => parts.map(({ kind, signature: proof }) => ({ kind, proof })))
const itemsDone = (sent: string) => sentEvents(sent).filter(({ type }) => type === "response.output_item.done").map(({ item }) => item)

test("W-57 Gemini's proofs of calls and texts, which have no place for one, come back to them through a client of this dialect", () => {
  const parts: ChatAnswer["choices"][0]["parts"] = [
    { kind: "reasoning", text: "Hm." },
    { kind: "text", text: "Yes", signature: gemini("a+/=") },
    { kind: "toolCall", id: "c1", name: "f", arguments: "{}", signature: gemini("b+/=") },
    { kind: "toolCall", id: "c2", name: "f", arguments: "{}" },
  ]
  const back = parts.map((one) => ({ kind: one.kind, proof: one.signature }))
  const sent = encodeStream(events(parts))
  expect(sentBack(itemsDone(sent))).toEqual(back)
  expect(sentBack(encodeRsAnswer({ id: null, choices: [{ parts, finish: { reason: "stop", word: "stop", stopSequence: null } }], usage: null }, encodeContext())["output"])).toEqual(back)
  expect(last(sent).response["output"]).toEqual(itemsDone(sent))
})

test("W-57 a proof that comes when its text is done stands behind it, and comes back to it", () => {
  const signed: readonly ChatEvent[] = [
    { kind: "start", id: null },
    { kind: "open", choice: 0, block: 0, part: { kind: "text", text: "" } },
    { kind: "delta", choice: 0, block: 0, text: "Yes" },
    { kind: "signature", choice: 0, block: 0, signature: gemini("late") },
    { kind: "close", choice: 0, block: 0 },
    { kind: "finish", choice: 0, finish: { reason: "stop", word: "STOP", stopSequence: null } },
    { kind: "end" },
  ]
  const items = itemsDone(encodeStream(signed))
  expect(items).toMatchObject([{ type: "message" }, { type: "reasoning", summary: [] }])
  expect(sentBack([...items, { role: "user", content: "More." }])).toEqual([{ kind: "text", proof: gemini("late") }, { kind: "text", proof: undefined }])
})

test("the end of a stream repeats the answer as it is unstreamed, and what is kept is that", () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const last = sentEvents(encodeStream([...eventsOf(answer)])).at(-1)
      expect(last?.["response"]).toEqual(JSON.parse(JSON.stringify(encodeRsAnswer(answer, encodeContext()))))
    }),
  )
})

const events = (parts: ChatAnswer["choices"][0]["parts"], reason: "stop" | "length" | "filtered" | "refused" | "toolCalls" = "stop"): readonly ChatEvent[] => [
  ...eventsOf({ id: null, choices: [{ parts, finish: { reason, word: reason, stopSequence: null } }], usage: { counts: { input: 3, cacheRead: 2, output: 4 }, reasoningTokens: 1 } }),
]
const last = (sent: string) => sentEvents(sent).at(-1) as unknown as { type: string; response: Record<string, unknown> }

test("W-88 W-92 a bound that was reached and a filter make a response incomplete, each with its reason", () => {
  expect(last(encodeStream(events([{ kind: "text", text: "a" }], "length")))).toMatchObject({ type: "response.incomplete", response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } } })
  for (const reason of ["filtered", "refused"] as const) expect(last(encodeStream(events([], reason)))).toMatchObject({ type: "response.incomplete", response: { incomplete_details: { reason: "content_filter" } } })
  expect(last(encodeStream(events([{ kind: "text", text: "a" }])))).toMatchObject({ type: "response.completed", response: { status: "completed", incomplete_details: null } })
})

test("W-96 W-133 the end has usage whose total is its sum, and the request's own words", () => {
  const { response } = last(encodeStream(events([{ kind: "text", text: "a" }]), { store: false, metadata: { a: "b" }, temperature: 0.5, previous_response_id: "resp_0" }))
  expect(response).toMatchObject({ id: "resp_0dXn", model: "public", store: false, metadata: { a: "b" }, temperature: 0.5, previous_response_id: "resp_0", usage: { input_tokens: 5, input_tokens_details: { cached_tokens: 2 }, output_tokens: 4, output_tokens_details: { reasoning_tokens: 1 }, total_tokens: 9 } })
})

test("W-133 calls of a namespace's functions, of custom tools and of the search for tools get the client's own names and items back", () => {
  const fields = {
    tools: [
      { type: "namespace", name: "mcp__files", tools: [{ type: "function", name: "read" }] },
      { type: "custom", name: "apply_patch" },
      { type: "tool_search", execution: "client", parameters: {} },
    ],
  }
  const parts = [["mcp__files__read", "{}"], ["apply_patch", "*** Begin"], ["tool_search", '{"query":"mail"}']].map(([name = "", args = ""], index) => ({ kind: "toolCall" as const, id: `call_${index}`, name, arguments: args }))
  const sent = sentEvents(encodeStream(events(parts, "toolCalls"), fields))
  expect(sent.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item)).toMatchObject([
    { type: "function_call", call_id: "call_0", name: "read", namespace: "mcp__files", arguments: "{}" },
    { type: "custom_tool_call", call_id: "call_1", name: "apply_patch", input: "*** Begin" },
    { type: "tool_search_call", call_id: "call_2", execution: "client", arguments: { query: "mail" } },
  ])
  expect(sent.filter(({ type }) => type === "response.custom_tool_call_input.delta")).toMatchObject([{ delta: "*** Begin" }])
})

test("W-43 a function that is called without arguments has an empty object of them", () => {
  const { response } = last(encodeStream(events([{ kind: "toolCall", id: "c", name: "f", arguments: "" }], "toolCalls")))
  expect(response["output"]).toMatchObject([{ arguments: "{}" }])
})

test("sources stand at the text that they belong to, and again at its end", () => {
  const citation = { url: "https://example.com", title: "Example", citedText: null, start: 0, end: 1 }
  const sent = sentEvents(encodeStream(events([{ kind: "text", text: "ab", citations: [citation] }])))
  const annotation = { type: "url_citation", url: "https://example.com", title: "Example", start_index: 0, end_index: 1 }
  expect(sent.find(({ type }) => type === "response.output_text.annotation.added")).toMatchObject({ annotation, annotation_index: 0, content_index: 0 })
  expect(sent.find(({ type }) => type === "response.content_part.done")).toMatchObject({ part: { annotations: [annotation] } })
})

test("W-67 a picture in the answer is an item with its bytes", () => {
  const { response } = last(encodeStream(events([{ kind: "image", media: { kind: "base64", mediaType: "image/png", data: "QUJD" } }])))
  expect(response["output"]).toMatchObject([{ type: "image_generation_call", status: "completed", result: "QUJD" }])
})
