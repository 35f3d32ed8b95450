import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { Call } from "../call.ts"
import { amLane } from "./lane.ts"
import { amUsage } from "./usage.ts"

const utf8 = (text: string | Buffer) => (typeof text === "string" ? Buffer.from(text, "latin1") : text).toString("utf8")
const body = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
const messages = [{ role: "user", content: "hi" }]

function callOf(fields: Record<string, unknown> = {}, headers: Record<string, string> = {}): Call {
  const read = amLane.readCall(body({ model: "public", messages, max_tokens: 100, ...fields }), headers)
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}

const encoded = (text: string, changes: Partial<Parameters<typeof amLane.encodeCall>[2]> = {}) => {
  const read = amLane.readCall(body(text), {})
  if (!read.ok) throw new Error(read.error.message)
  return amLane.encodeCall(body(text), read.value, { upstreamModel: read.value.model, outputTokensMax: null, drop: [], ...changes }).toString("utf8")
}
const clamped = (fields: Record<string, unknown>, tokens: number) => {
  const text = JSON.stringify({ model: "m", messages, ...fields })
  return { body: JSON.parse(encoded(text, { outputTokensMax: { field: "max_tokens", tokens } })) as Record<string, unknown>, words: amLane.clampWords(callOf(fields), traitsOf("claude-sonnet-5", "anthropic"), tokens) }
}

const at = (providerId: string, model = "a-model") => ({ providerId, traits: traitsOf(model, providerId) })

const event = (data: { type: string } & Record<string, unknown>) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const start = (usage: object = { input_tokens: 25, cache_read_input_tokens: 100, cache_creation_input_tokens: 0, output_tokens: 1 }) =>
  event({ type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "upstream-model", content: [], stop_reason: null, stop_sequence: null, usage } })
const block = (index: number, content_block: object) => event({ type: "content_block_start", index, content_block })
const delta = (text: string, index = 0) => event({ type: "content_block_delta", index, delta: { type: "text_delta", text } })
const stopped = (index = 0) => event({ type: "content_block_stop", index })
const finish = (usage: object | null = { output_tokens: 15 }) => event({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, ...(usage !== null && { usage }) })
const stop = event({ type: "message_stop" })
const ping = event({ type: "ping" })
const opened = start() + block(0, { type: "text", text: "" })

function relay(pieces: readonly (string | Buffer)[]) {
  const reader = amLane.openStream({ publicModel: "public", call: callOf() })
  const out = pieces.map((piece) => utf8(reader.push(Buffer.from(piece)))).join("") + utf8(reader.end())
  return { out, state: reader.state, seen: reader.seen, started: reader.started }
}
const named = (text: string) => text.replace("upstream-model", "public")

test("W-116 a stream's message_start and an answer name the public model, and nothing else changes", () => {
  const pieces = [opened, delta('"model":"upstream-model" 工'), stopped(), finish(), stop]
  expect(relay(pieces).out).toBe(named(pieces.join("")))
  const answer = amLane.readAnswer(body('{"id":"msg_1","model":"upstream-model","content":[{"type":"text","text":"工","odd":1.50}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}'), "öffentlich")
  expect(answer.ok && utf8(answer.value.body)).toBe('{"id":"msg_1","model":"\\u00f6ffentlich","content":[{"type":"text","text":"工","odd":1.50}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}')
  expect(answer.ok && answer.value.seen).toMatchObject({ responseId: "msg_1", finish: "end_turn", usage: { input: 1, output: 2 } })
})

test("deltas go on as the very same bytes, thinking and its signature with them", () => {
  const reader = amLane.openStream({ publicModel: "public", call: callOf() })
  reader.push(Buffer.from(start()))
  const bytes = Buffer.from(
    block(0, { type: "thinking", thinking: "", signature: "" }) +
      event({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm 工" } }) +
      event({ type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "EqQBCgIYAhIM+/=" } }) +
      stopped() +
      block(1, { type: "redacted_thinking", data: "EmwKAhgBEgy3va3pzix/" }),
  )
  expect(reader.push(bytes)).toBe(bytes)
})

test("W-99 usage in message_delta is cumulative: the last value counts, never a sum", () => {
  expect(relay([opened, delta("a"), finish({ output_tokens: 7 }), finish({ output_tokens: 15 }), stop]).seen.usage).toEqual({ input: 25, cacheRead: 100, cacheWrite5m: 0, output: 15 })
  expect(relay([opened, delta("a"), finish({ input_tokens: 30, cache_read_input_tokens: 120, output_tokens: 15 }), stop]).seen.usage).toMatchObject({ input: 30, cacheRead: 120, output: 15 })
})

test("W-99 a provider that counts the prompt at the end is read, and zeros at the end empty no prompt counted before", () => {
  expect(relay([start({ input_tokens: 0, output_tokens: 0 }), delta("a"), finish({ input_tokens: 40, cache_read_input_tokens: 8, output_tokens: 3 }), stop]).seen.usage).toEqual({ input: 40, cacheRead: 8, output: 3 })
  const hour = { input_tokens: 5, cache_creation_input_tokens: 10, cache_creation: { ephemeral_1h_input_tokens: 10, ephemeral_5m_input_tokens: 0 }, output_tokens: 1 }
  expect(relay([start(hour), delta("a"), finish({ input_tokens: 0, cache_creation_input_tokens: 0, cache_creation: { ephemeral_1h_input_tokens: 0 }, output_tokens: 3 }), stop]).seen.usage).toEqual({
    input: 5,
    cacheWrite5m: 0,
    cacheWrite1h: 10,
    output: 3,
  })
})

test.each([
  ["without a cache", { input_tokens: 10, output_tokens: 5 }, { input: 10, output: 5 }],
  ["with a sum of what was written into the cache", { input_tokens: 10, cache_creation_input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 5 }, { input: 10, cacheRead: 4, cacheWrite5m: 6, output: 5 }],
  [
    "with what was written apart by its life",
    { input_tokens: 1, cache_creation_input_tokens: 9, cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 7 }, output_tokens: 5, service_tier: "standard" },
    { input: 1, cacheWrite5m: 2, cacheWrite1h: 7, output: 5, serviceTier: "standard" },
  ],
  ["with searches", { input_tokens: 1, output_tokens: 5, server_tool_use: { web_search_requests: 3 } }, { input: 1, output: 5, search: 3 }],
  ["in fast mode", { input_tokens: 1, output_tokens: 5, service_tier: "standard", speed: "fast" }, { input: 1, output: 5, serviceTier: "fast" }],
  [
    "with a compaction, which its sums leave out",
    { input_tokens: 10, output_tokens: 5, iterations: [{ type: "compaction", input_tokens: 1_000, cache_read_input_tokens: 50, output_tokens: 200 }, { type: "message", input_tokens: 10, output_tokens: 5 }] },
    { input: 1_010, cacheRead: 50, output: 205 },
  ],
])("usage %s becomes units that do not overlap", (_, given, expected) => {
  expect(amUsage(given)).toEqual(expected)
})

test.each([[null], [{}], [{ input_tokens: null }], [{ input_tokens: -1, output_tokens: 1.5 }], ["many"]])("W-100 usage %j counts nothing and is not zero", (given) => {
  expect(amUsage(given)).toBeNull()
})

test("W-100 searches are metered apart, by the answer's own blocks where the provider does not count them", () => {
  const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} }
  expect(relay([start(), block(0, search), stopped(), block(1, search), stopped(1), finish(), stop]).seen.usage).toMatchObject({ search: 2 })
  expect(relay([start(), block(0, search), stopped(), finish({ output_tokens: 1, server_tool_use: { web_search_requests: 1 } }), stop]).seen.usage).toMatchObject({ search: 1 })
  expect(relay([opened, finish(), stop]).seen.usage).not.toHaveProperty("search")
  const answer = amLane.readAnswer(body({ content: [search], usage: { input_tokens: 1, output_tokens: 1 } }), "public")
  expect(answer.ok && answer.value.seen.usage).toMatchObject({ search: 1 })
})

test.each([
  ["behind the first deltas", [opened, delta("a")]],
  ["behind message_start", [start()]],
  ["in the middle of an event", [opened, delta("a"), 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_d']],
  ["behind something else than an event", [opened, "event: x\ndata: <html>\n\n"]],
  ["with message_stop but no stop reason", [opened, delta("a"), stop]],
])("W-104 W-141 a stream that ends %s is not finished and gets no message_stop", (_, pieces) => {
  const { out, state } = relay(pieces)
  expect(state).toEqual({ kind: "failed", words: null })
  expect(out).not.toContain("message_stop")
  expect(out).not.toContain("html")
})

test("a stop reason makes an answer whole, also where the provider closes without message_stop", () => {
  const { out, state } = relay([opened, delta("a"), stopped(), finish()])
  expect(state.kind).toBe("finished")
  expect(out.endsWith(stop)).toBe(true)
})

test("W-105 an error event ends the stream with the provider's words and without message_stop", () => {
  const { out, state } = relay([opened, delta("a"), event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }), stop])
  expect(state).toEqual({ kind: "failed", words: { message: "Overloaded", code: "overloaded_error", param: null } })
  expect(out).toBe(named(opened + delta("a")))
})

test("W-106 pings, an early message_stop and pieces without message_start begin no answer", () => {
  for (const pieces of [[ping, stop], [delta("a"), stop], [finish(), stop]]) expect(relay(pieces)).toMatchObject({ out: "", started: false, state: { kind: "failed" } })
})

test("W-107 an answer has begun with its first block and not with message_start", () => {
  const reader = amLane.openStream({ publicModel: "public", call: callOf() })
  reader.push(Buffer.from(start() + ping))
  expect(reader.started).toBe(false)
  reader.push(Buffer.from(block(0, { type: "text", text: "" })))
  expect(reader.started).toBe(true)
})

test("W-101 W-102 W-140 a stream cut anywhere, with any line endings, gives the client the same events and the same usage", () => {
  const text = `: keep-alive\n\n${opened}${ping}${delta("工é😀")}${delta('a\\"b')}: keep-alive\n\n${stopped()}${finish()}${stop}`
  const whole = relay([text])
  fc.assert(
    fc.property(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat(), { maxLength: 30 }), fc.boolean(), (newline, places, finalNewline) => {
      const bytes = Buffer.from(text.replaceAll("\n", newline).slice(0, finalNewline ? undefined : -2 * newline.length))
      const ends = [...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length]
      expect(relay(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))).toEqual(whole)
    }),
    { numRuns: 300 },
  )
  expect(whole).toMatchObject({ state: { kind: "finished" }, seen: { finish: "end_turn", usage: { output: 15 } } })
  expect(whole.out.endsWith(stop)).toBe(true)
})

test("W-103 an event of megabytes in small pieces takes linear time", async () => {
  await expectLinear((size) => {
    const bytes = Buffer.from(opened + delta("é".repeat(size)) + finish() + stop)
    const pieces = Array.from({ length: Math.ceil(bytes.length / 256) }, (_, index) => bytes.subarray(index * 256, (index + 1) * 256))
    expect(relay(pieces).state.kind).toBe("finished")
  }, 64 * 1024)
})

test("events without a name get theirs, since Anthropic's clients go by it", () => {
  const unnamed = (text: string) => text.replace(/event: .*\n/g, "")
  expect(relay([unnamed(opened + delta("a") + stopped() + finish() + stop)]).out).toBe(named(opened + delta("a") + stopped() + finish() + stop))
})

test("W-98 W-110 a stream that ends without its last usage counts the prompt as reported and the output as seen", () => {
  const words = "The quick brown fox jumps over the lazy dog and runs away from it. ".repeat(20).match(/\S+\s/g) ?? []
  const { seen } = relay([opened, ...words.map((word) => delta(word))])
  const tokens = words.join("").length / 4
  expect(seen.usage).toMatchObject({ input: 25, cacheRead: 100, estimated: true })
  expect(seen.usage?.output).toBeGreaterThan(tokens * 0.7)
  expect(seen.usage?.output).toBeLessThan(tokens * 1.6)
  expect(relay([start({ input_tokens: 0, output_tokens: 0 }), delta("a")]).seen.usage).toBeNull()
})

test("unknown request fields keep their bytes on the way, and of one that stands twice the checked one is sent", () => {
  expect(encoded('{"model":"m","max_tokens":1,"messages":[1],"top_k":12345678901234567890,"x":{"deep":[1.0,"é"]}}', { upstreamModel: "工" })).toBe(
    '{"model":"\\u5de5","max_tokens":1,"messages":[1],"top_k":12345678901234567890,"x":{"deep":[1.0,"é"]}}',
  )
  expect(encoded('{"model":"forbidden","model":"m","messages":[1]}')).toBe('{"model":"m","messages":[1]}')
})

test("a clamped bound lowers a thinking budget with it, or turns thinking off, and never raises the client's own", () => {
  const thinking = { type: "enabled", budget_tokens: 10_000, display: "omitted" }
  expect(clamped({ max_tokens: 16_000 }, 500)).toMatchObject({ body: { max_tokens: 500 }, words: "max_tokens=500" })
  expect(clamped({ max_tokens: 16_000, thinking }, 12_000)).toMatchObject({ body: { max_tokens: 12_000, thinking }, words: "max_tokens=12000" })
  expect(clamped({ max_tokens: 16_000, thinking }, 4_000)).toMatchObject({ body: { max_tokens: 4_000, thinking: { ...thinking, budget_tokens: 2_000 } }, words: "max_tokens=4000,thinking.budget_tokens=2000" })
  expect(clamped({ max_tokens: 16_000, thinking }, 800)).toMatchObject({ body: { max_tokens: 800, thinking: { type: "disabled" } }, words: "max_tokens=800,thinking.type=disabled" })
  expect(clamped({ max_tokens: 4_000, thinking }, 9_000)).toMatchObject({ body: { max_tokens: 4_000 } })
  expect(clamped({ max_tokens: 16_000, thinking: { type: "adaptive" } }, 500)).toMatchObject({ body: { max_tokens: 500, thinking: { type: "adaptive" } }, words: "max_tokens=500" })
})

test("thinking counts toward max_tokens, and beside it only where its budget is not below", () => {
  const bound = (max_tokens: unknown, thinking?: object) => callOf({ max_tokens, thinking }).outputTokensMax
  expect(bound(16_000, { type: "enabled", budget_tokens: 10_000 })).toBe(16_000)
  expect(bound(4_000, { type: "enabled", budget_tokens: 10_000 })).toBe(14_000)
  expect(bound(4_000, { type: "adaptive" })).toBe(4_000)
  expect(bound(0)).toBe(0)
  expect(bound(undefined)).toBeNull()
})

const tools = [
  { name: "a", input_schema: { type: "object" }, defer_loading: true },
  { name: "b", input_schema: { type: "object", properties: { n: { exclusiveMinimum: 0 } } }, input_examples: [{}] },
]

test("W-120 unknown flags go to Anthropic; for other providers the header and the fields that it enables are left out together, by name", () => {
  const headers = { "anthropic-beta": "context-management-2025-06-27,never-heard-of-2027-01-01" }
  const call = callOf({ tools, context_management: { edits: [] }, output_config: { effort: "high" }, speed: "standard" }, headers)
  expect(amLane.forwardedHeaders("anthropic")).toContain("anthropic-beta")
  expect(amLane.unsupportedFields(call, at("anthropic"), headers)).toEqual([])
  expect(amLane.forwardedHeaders("zhipu-coding")).not.toContain("anthropic-beta")
  expect(amLane.unsupportedFields(call, at("zhipu-coding"), headers)).toEqual(["anthropic-beta", "context_management", "speed", "output_config", "tools[].defer_loading", "tools[].input_examples"])
  expect(amLane.unsupportedFields(callOf({ tools: [{ name: "a", input_schema: {} }] }), at("zhipu-coding"), {})).toEqual([])
})

test.each([
  ["bedrock", "us.anthropic.claude-opus-4-6-v1:0", []],
  ["vertex", "claude-opus-4-6", []],
  ["vertex", "claude-sonnet-4-5@20250929", ["output_config.effort"]],
  ["bedrock", "anthropic.claude-3-7-sonnet-20250219-v1:0", ["output_config"]],
])("W-77 W-120 the schema and the effort of a call go to %s where %s has them, without a flag", (providerId, model, dropped) => {
  const format = { type: "json_schema", schema: { type: "object" } }
  const call = callOf({ output_config: { format, effort: "high" } })
  expect(amLane.unsupportedFields(call, at(providerId, model), {})).toEqual(dropped)
  expect(amLane.unsupportedFields(callOf({ output_config: { format, effort: "high", task_budget: {} } }), at(providerId, "claude-opus-4-6"), {})).toEqual(["output_config.task_budget"])
})

test("W-120 a member of output_config is left out alone, and the bytes of all else stay", () => {
  expect(encoded('{"output_config":{"effort":"high","format":{"schema":{"minimum":1.0}}},"model":"m","messages":[1]}', { drop: ["output_config.effort"] })).toBe(
    '{"output_config":{"format":{"schema":{"minimum":1.0}}},"model":"m","messages":[1]}',
  )
})

test("W-120 fields of tools are left out of each tool, and the bytes of all else stay", () => {
  const text = '{"tools":[{"name":"a","defer_loading":true,"input_schema":{"minimum":1.0}}, {"input_examples":[{"x":[1]}],"name":"é","input_schema":{}}],"speed":"fast","model":"m","messages":[1]}'
  expect(encoded(text, { drop: ["speed", "tools[].defer_loading", "tools[].input_examples"] })).toBe(
    '{"tools":[{"name":"a","input_schema":{"minimum":1.0}},{"name":"é","input_schema":{}}],"model":"m","messages":[1]}',
  )
})

test("W-4 Claude Code's billing block and its cache breakpoints stay where they stand, verbatim", () => {
  const text = '{"model":"m","system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.0; cch=00000;"},{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"system","content":"c"}]}'
  expect(encoded(text)).toBe(text)
})

test.each([
  ["a user id of the older form", { metadata: { user_id: "user_ab12_account_c3_session_0f9e8d7c-0000-4000-8000-000000000000" } }, {}, "0f9e8d7c-0000-4000-8000-000000000000"],
  ["a user id in JSON", { metadata: { user_id: '{"device_id":"d","account_uuid":"a","session_id":"5b1c"}' } }, {}, "5b1c"],
  ["Claude Code's header", { metadata: { user_id: "user_x_session_1" } }, { "x-claude-code-session-id": "from-header" }, "from-header"],
  ["a user id without a session", { metadata: { user_id: "somebody" } }, {}, null],
  ["broken JSON", { metadata: { user_id: "{" } }, {}, null],
  ["a session that is none", { metadata: { user_id: '{"session_id":"a b\\n"}' } }, {}, null],
  ["nothing", {}, {}, null],
])("W-121 the session is known from %s", (_, fields, headers, session) => {
  expect(callOf(fields, headers).session).toBe(session)
})

test.each([
  ["[]", undefined],
  ["{", undefined],
  ['{"messages":[1]}', "model"],
  ['{"__proto__":{"model":"m"},"messages":[1]}', "model"],
  ['{"model":"m","messages":[]}', "messages"],
  ['{"model":"m","messages":[1],"stream":"yes"}', "stream"],
  ['{"model":"m","messages":[1],"max_tokens":-1}', "max_tokens"],
  ['{"model":"m","messages":[1],"max_tokens":1.5}', "max_tokens"],
  ['{"model":"m","messages":[1],"thinking":"yes"}', "thinking"],
])("W-132 a request of %s is refused with the name of what is wrong", (text, param) => {
  const read = amLane.readCall(body(text), {})
  expect(read.ok).toBe(false)
  if (!read.ok) expect(read.error).toMatchObject({ code: "invalid_request", ...(param !== undefined && { param }) })
})

test("media in a prompt is counted apart from its text, in tool results too", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(10_000) } }
  const content = [
    { type: "text", text: "what is this" },
    image,
    { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    { type: "document", source: { type: "base64", media_type: "application/pdf", data: "B".repeat(5_000) } },
    { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "see" }, image] },
  ]
  const { size } = callOf({ messages: [{ role: "user", content }] })
  expect(size).toMatchObject({ images: 3, fileBytes: 5_000, audioBytes: 0 })
  expect(size.textBytes).toBeLessThan(800)
  expect(callOf({ messages: [{ role: "user", content: [{ type: "document", source: { type: "url", url: "https://example.com/a.pdf" } }] }] }).size.fileBytes).toBeGreaterThan(100_000)
})

test("100,000 levels of nesting are carried without recursion", () => {
  const deep = `{"model":"m","messages":[{"role":"user","content":${'[{"type":"tool_result","content":'.repeat(20_000)}[]${"}]".repeat(20_000)}}],"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
  expect(encoded(deep)).toBe(deep)
})

test("W-112 W-127 errors have Anthropic's shape and types, and the request's id", () => {
  const typeOf = (error: Parameters<typeof amLane.encodeError>[0]) => (JSON.parse(amLane.encodeError(error, "req_1")) as { error: { type: string } }).error.type
  expect(JSON.parse(amLane.encodeError({ code: "insufficient_quota", message: "Budget.", detail: "secret" }, "req_1"))).toEqual({ type: "error", error: { type: "billing_error", message: "Budget." }, request_id: "req_1" })
  expect(typeOf({ code: "overloaded", message: "" })).toBe("overloaded_error")
  expect(typeOf({ code: "overloaded", message: "", status: 503 })).toBe("api_error")
  expect(typeOf({ code: "upstream_rejected", message: "", status: 413 })).toBe("request_too_large")
  expect(amLane.encodeStreamError({ code: "overloaded", message: "工" }, "req_1")).toBe('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"\\u5de5"},"request_id":"req_1"}\n\n')
})

test.each([["<html>502</html>", null], ["", null], ["{}", null], ['{"type":"error","error":{"type":"api_error","message":"no"}}', "no"]])("W-106 W-111 the body %j is no answer", (text, message) => {
  const answer = amLane.readAnswer(body(text), "m")
  expect(answer.ok).toBe(false)
  if (!answer.ok) expect(answer.error.words?.message ?? null).toBe(message)
})
