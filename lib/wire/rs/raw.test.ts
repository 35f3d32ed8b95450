import fc from "fast-check"
import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { Call } from "../call.ts"
import { writeSignature } from "../chat/signature.ts"
import { rsLane } from "./lane.ts"
import { rsUsage } from "./usage.ts"

const utf8 = (text: string | Buffer) => (typeof text === "string" ? Buffer.from(text, "latin1") : text).toString("utf8")
const body = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value))

function callOf(fields: Record<string, unknown> = {}, headers: Record<string, string> = {}): Call {
  const read = rsLane.readCall(body({ model: "public", input: "hi", ...fields }), headers)
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}

const at = { providerId: "openai", traits: traitsOf("gpt-5.4", "openai") }

const encoded = (text: string, changes: Partial<Parameters<typeof rsLane.encodeCall>[2]> = {}) => {
  const read = rsLane.readCall(body(text), {})
  if (!read.ok) throw new Error(read.error.message)
  return rsLane.encodeCall(body(text), read.value, { upstreamModel: read.value.model, outputTokensMax: null, drop: [], ...changes }).toString("utf8")
}

let sequence = 0
const event = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...members })}\n\n`
const response = (members: object = {}) => ({ id: "resp_1", object: "response", status: "in_progress", model: "upstream-model", store: false, previous_response_id: null, output: [], usage: null, ...members })
const usage = { input_tokens: 120, input_tokens_details: { cached_tokens: 100 }, output_tokens: 15, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 135 }
const created = event("response.created", { response: response() }) + event("response.in_progress", { response: response() })
const added = event("response.output_item.added", { output_index: 0, item: { id: "msg_1", type: "message", status: "in_progress", role: "assistant", content: [] } })
const delta = (text: string) => event("response.output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta: text, logprobs: [] })
const completed = event("response.completed", { response: response({ status: "completed", usage }) })
const incomplete = event("response.incomplete", { response: response({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, usage }) })

function relay(pieces: readonly (string | Buffer)[], fields: Record<string, unknown> = {}) {
  const reader = rsLane.openStream({ publicModel: "public", call: callOf({ store: false, ...fields }) })
  const out = pieces.map((piece) => utf8(reader.push(Buffer.from(piece)))).join("") + utf8(reader.end())
  return { out, state: reader.state, seen: reader.seen, started: reader.started, answer: reader.answer?.() ?? null }
}
const named = (text: string) => text.replaceAll('"model":"upstream-model"', '"model":"public"')

test("W-116 the response in a stream's events and an answer name the public model, and nothing else changes", () => {
  const pieces = [created, added, delta('\\"model\\":\\"upstream-model\\" 工'), completed]
  expect(relay(pieces).out).toBe(named(pieces.join("")))
  const answer = rsLane.readAnswer(body('{"id":"resp_1","model":"upstream-model","novel":1.50,"status":"completed","output":[{"é":1}]}'), "öffentlich")
  expect(answer.ok && utf8(answer.value.body)).toBe('{"id":"resp_1","model":"\\u00f6ffentlich","novel":1.50,"status":"completed","output":[{"é":1}]}')
  expect(answer.ok && answer.value.seen).toMatchObject({ responseId: "resp_1", finish: "completed", usage: null })
})

test("W-80 nothing is kept at the provider and no earlier response is named to it, while the client reads what it asked for", () => {
  expect(encoded('{"model":"m","input":"x","previous_response_id":"resp_0","top_k":1.0}', { upstreamModel: "u" })).toBe('{"model":"u","input":"x","top_k":1.0,"store":false}')
  expect(encoded('{"store":true,"model":"m","input":"x"}')).toBe('{"store":false,"model":"m","input":"x"}')
  const said = relay([created, added, completed], { store: true, previous_response_id: "resp_0" }).out
  expect(said.match(/"store":true/g)).toHaveLength(3)
  expect(said.match(/"previous_response_id":"resp_0"/g)).toHaveLength(3)
})

test("deltas go on as the very same bytes, with names and without", () => {
  const reader = rsLane.openStream({ publicModel: "public", call: callOf() })
  reader.push(Buffer.from(created))
  for (const piece of [delta("Hm 工"), delta("x").replace(/^event: .*\n/, ""), event("response.reasoning_summary_text.delta", { delta: "a" })]) {
    const bytes = Buffer.from(piece)
    expect(reader.push(bytes)).toBe(bytes)
  }
  expect(reader.state).toEqual({ kind: "open" })
})

test("W-101 W-102 W-103 a stream cut anywhere, with CRLF and comments, gives the same events", () => {
  const text = created + ": keep-alive\n\n" + added + delta("naïve 价格 👩‍🚀") + completed
  const expected = relay([text])
  fc.assert(
    fc.property(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 12 }), (cuts) => {
      const bytes = Buffer.from(text)
      const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
      const found = relay(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))
      expect(found.out).toBe(expected.out)
      expect(found.seen).toEqual(expected.seen)
    }),
  )
  expect(relay([text.replaceAll("\n", "\r\n")]).seen).toEqual(expected.seen)
})

test("W-92 a response that is incomplete is whole and says why; one that failed is an error in the provider's words", () => {
  expect(relay([created, added, delta("a"), incomplete])).toMatchObject({ state: { kind: "finished" }, seen: { finish: "max_output_tokens" } })
  const failed = relay([created, added, delta("a"), event("response.failed", { response: response({ status: "failed", error: { code: "server_error", message: "Broke." } }) })])
  expect(failed.state).toEqual({ kind: "failed", words: { message: "Broke.", code: "server_error", param: null } })
  expect(failed.out).not.toContain("response.failed")
  expect(rsLane.readAnswer(body(response({ status: "failed", error: { code: "server_error", message: "Broke." } })), "m")).toEqual({ ok: false, error: { words: { message: "Broke.", code: "server_error", param: null } } })
})

test.each([
  ["closes without a word", created + added + delta("a")],
  ["ends in half an event", created + added + delta("a") + completed.slice(0, 60)],
  ["sends half an event", created + added + delta("a").slice(0, -20) + "\n\n" + completed],
  ["says [DONE]", created + added + delta("a") + "data: [DONE]\n\n"],
  ["sends an error", created + added + event("error", { code: "server_error", message: "no", param: null })],
])("W-104 W-141 a stream that %s is no whole answer", (_, text) => {
  const { state, out, answer } = relay([text])
  expect(state.kind).toBe("failed")
  expect(out).not.toContain("response.completed")
  expect(answer).toBeNull()
})

test("W-106 W-107 an answer has begun with its first item; before that the next channel may answer", () => {
  expect(relay([created]).started).toBe(false)
  expect(relay([created, added]).started).toBe(true)
  expect(relay([delta("a"), completed])).toMatchObject({ started: false, state: { kind: "failed", words: null } })
  expect(relay([created, completed]).started).toBe(true)
})

test("the whole answer of a stream is the response of its last event, in our words", () => {
  const { answer } = relay([created, added, delta("工"), event("response.completed", { response: response({ status: "completed", output: [{ id: "msg_1", text: "工" }], usage }) })], { store: true })
  expect(JSON.parse(answer?.toString("utf8") ?? "")).toMatchObject({ id: "resp_1", model: "public", store: true, status: "completed", output: [{ text: "工" }] })
})

test("W-100 usage is counted without overlaps, and searches apart; unknown is not zero", () => {
  expect(rsUsage({ usage, service_tier: "flex" })).toEqual({ input: 20, cacheRead: 100, output: 10, reasoning: 5, serviceTier: "flex" })
  expect(rsUsage({ usage: { input_tokens: 3, output_tokens: 4 } })).toEqual({ input: 3, output: 4 })
  expect(rsUsage({ usage: null })).toBeNull()
  const output = [{ type: "web_search_call", action: { type: "search" } }, { type: "web_search_call", action: { type: "open_page" } }, { type: "message" }]
  expect(relay([created, added, event("response.completed", { response: response({ status: "completed", output, usage }) })]).seen.usage).toMatchObject({ search: 1 })
})

test("W-105 an error in a stream ends the response for clients that wait for its end, and is raised for the others", () => {
  const { seen } = relay([created, added, delta("a")])
  const text = rsLane.encodeStreamError({ code: "insufficient_quota", message: "工" }, "req_1", seen)
  const [failed, error] = text.trim().split("\n\n").map((one) => JSON.parse(one.slice(one.indexOf("{"))) as Record<string, unknown>)
  expect(failed).toMatchObject({ type: "response.failed", response: { id: "resp_1", status: "failed", error: { code: "insufficient_quota", message: "工" } }, sequence_number: 4 })
  expect(error).toMatchObject({ type: "error", code: "insufficient_quota", error: { type: "insufficient_quota", message: "工" }, sequence_number: 5 })
  expect(/^[\x00-\x7f]*$/.test(text)).toBe(true)
  expect(rsLane.encodeStreamError({ code: "overloaded", message: "" }, "req_1")).not.toContain("response.failed")
})

test("W-133 a channel without a price for searches is asked without the search tool, by name; other tools keep their bytes", () => {
  const text = '{"model":"m","store":false,"input":"x","tools":[{"type":"function","name":"é","parameters":{"minimum":1.0}},{"type":"web_search_2025_08_26"}]}'
  const call = callOf(JSON.parse(text) as Record<string, unknown>)
  const prepared = (searches: boolean) =>
    rsLane.prepare({ body: body(text), call, headers: {}, requestId: "req_1", receivedAtMs: 0, clampedOutputTokens: null, target: { providerId: "openai", upstreamModel: "m", outputTokensMax: null, drop: [], searches, traits: {} as never } })
  const without = prepared(false)
  expect(without.ok && without.value.dropped).toEqual(["tools.web_search"])
  expect(without.ok && without.value.body.toString()).toBe('{"model":"m","store":false,"input":"x","tools":[{"type":"function","name":"é","parameters":{"minimum":1.0}}]}')
  const searching = prepared(true)
  expect(searching.ok && searching.value.body.toString()).toBe(text)
})

test("W-56 W-58 thoughts that another provider proved do not reach OpenAI, which is said; its own go back as they are", () => {
  const foreign = writeSignature({ origin: "am", data: "EqQ" }, "rs")
  const own = '{"type":"reasoning","summary":[],"encrypted_content":"gAAA+/="}'
  const text = `{"model":"m","store":false,"input":[{"role":"user","content":"é"},${own},{"type":"reasoning","summary":[],"encrypted_content":"${foreign}"}]}`
  const call = callOf(JSON.parse(text) as Record<string, unknown>)
  expect(rsLane.unsupportedFields(call, at, {})).toEqual(["input[].reasoning"])
  expect(encoded(text, { drop: ["input[].reasoning"] })).toBe(`{"model":"m","store":false,"input":[{"role":"user","content":"é"},${own}]}`)
  expect(rsLane.unsupportedFields(callOf(), at, {})).toEqual([])
})

test("W-134 what Codex tells of its machine does not go on", () => {
  expect(encoded('{"model":"m","store":false,"input":"x","client_metadata":{"x-codex-installation-id":"0f9e"},"prompt_cache_key":"k"}')).toBe('{"model":"m","store":false,"input":"x","prompt_cache_key":"k"}')
})

test.each([
  ["[]", undefined],
  ['{"input":"x"}', "model"],
  ['{"model":"m"}', "input"],
  ['{"model":"m","input":[]}', "input"],
  ['{"model":"m","input":""}', "input"],
  ['{"model":"m","input":"x","stream":1}', "stream"],
  ['{"model":"m","input":"x","store":"no"}', "store"],
  ['{"model":"m","input":"x","max_output_tokens":0}', "max_output_tokens"],
  ['{"model":"m","input":"x","previous_response_id":7}', "previous_response_id"],
  ['{"__proto__":{"model":"m"},"input":"x"}', "model"],
])("W-132 a request of %s is refused with the name of what is wrong", (text, param) => {
  const read = rsLane.readCall(body(text), {})
  expect(read.ok).toBe(false)
  if (!read.ok) expect(read.error).toMatchObject({ code: "invalid_request", ...(param !== undefined && { param }) })
})

test("an earlier response may be continued without new input, and media is counted apart from text", () => {
  expect(rsLane.readCall(body({ model: "m", previous_response_id: "resp_1" }), {}).ok).toBe(true)
  const image = { type: "input_image", image_url: `data:image/png;base64,${"A".repeat(10_000)}` }
  const { size } = callOf({ input: [{ role: "user", content: [{ type: "input_text", text: "a" }, image, { type: "input_file", file_data: "B".repeat(5_000) }] }, { type: "function_call_output", call_id: "c", output: [image] }] })
  expect(size).toMatchObject({ images: 2, fileBytes: 5_000, audioBytes: 0 })
  expect(size.textBytes).toBeLessThan(800)
})

test("W-136 an agent's session is known from its headers", () => {
  expect(callOf({}, { "x-session-affinity": "ses_1", "x-session-id": "ses_2" }).session).toBe("ses_1")
  expect(callOf({}, { session_id: "0f9e" }).session).toBe("0f9e")
  expect(callOf({}, { "x-session-id": "x".repeat(300) }).session).toBeNull()
})

test("100,000 levels of nesting are carried without recursion", () => {
  const deep = `{"model":"m","store":false,"input":[${"[".repeat(100_000)}${"]".repeat(100_000)}]}`
  expect(encoded(deep)).toBe(deep)
})

test.each([["<html>502</html>", null], ["", null], ["{}", null], ['{"error":{"message":"no"}}', "no"], ['{"id":"resp_1","status":"in_progress","output":[]}', null]])("W-106 W-111 the body %j is no answer", (text, message) => {
  const answer = rsLane.readAnswer(body(text), "m")
  expect(answer.ok).toBe(false)
  if (!answer.ok) expect(answer.error.words?.message ?? null).toBe(message)
})

test("W-92 an answer that our own limit stops is incomplete like one at its bound on output, names the limit, and is not kept", () => {
  const reader = rsLane.openStream({ publicModel: "public", call: callOf() })
  reader.push(Buffer.from(created + added + delta("a")))
  const said = reader.cutShort({ limit: "budget “Köln”", usage: { input: 3, cacheRead: 2, output: 4 } }) ?? ""
  expect(said).toMatch(/^event: response\.incomplete\ndata: [\x00-\x7f]*\n\n$/)
  expect(JSON.parse(said.slice(said.indexOf("{")))).toMatchObject({
    response: { id: "resp_1", model: "public", status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, turnpike: { limit: "budget “Köln”" }, usage: { input_tokens: 5, output_tokens: 4, total_tokens: 9, input_tokens_details: { cached_tokens: 2 } } },
    sequence_number: 4,
  })
  expect(reader.state).toEqual({ kind: "finished" })
  expect(reader.answer?.() ?? null).toBeNull()
  expect(reader.cutShort({ limit: "", usage: {} })).toBeNull()
})
