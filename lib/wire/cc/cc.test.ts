import fc from "fast-check"
import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { Call } from "../call.ts"
import { createCcStreamReader } from "./stream.ts"
import { readCcAnswer } from "./answer.ts"
import { ccOutputField, encodeCcCall, readCcCall } from "./request.ts"
import { ccUsage } from "./usage.ts"

const utf8 = (text: string | Buffer) => (typeof text === "string" ? Buffer.from(text, "latin1") : text).toString("utf8")
const body = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
const messages = [{ role: "user", content: "hi" }]

function callOf(fields: Record<string, unknown> = {}): Call {
  const read = readCcCall(body({ model: "public", messages, stream: true, ...fields }))
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}

const encoded = (text: string, changes: Partial<Parameters<typeof encodeCcCall>[2]> = {}) => {
  const read = readCcCall(body(text))
  if (!read.ok) throw new Error(read.error.message)
  return encodeCcCall(body(text), read.value, { upstreamModel: read.value.model, outputTokensMax: null, drop: [], ...changes }).toString("utf8")
}

const chunk = (fields: object) => `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", model: "upstream-model", ...fields })}\n\n`
const delta = (content: string) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null })
const finish = chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: null })
const usage = chunk({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, prompt_tokens_details: { cached_tokens: 4 } } })

function relay(pieces: readonly (string | Buffer)[], call = callOf()) {
  const reader = createCcStreamReader({ publicModel: "public", call })
  const out = pieces.map((piece) => utf8(reader.push(Buffer.from(piece)))).join("") + utf8(reader.end())
  return { out, state: reader.state, seen: reader.seen, started: reader.started }
}

test("W-116 every chunk of a stream and every answer names the public model", () => {
  const { out } = relay([delta("a"), delta('"model":"upstream-model"'), finish, usage, "data: [DONE]\n\n"])
  const models = out.split("\n\n").filter((event) => event.startsWith("data: {")).map((event) => (JSON.parse(event.slice(6)) as { model: string }).model)
  expect(models).toEqual(["public", "public", "public"])
  expect(out).toContain('\\"model\\":\\"upstream-model\\"')
  const answer = readCcAnswer(body({ id: "x", model: "upstream-model", choices: [{ message: { content: "工" } }] }), "öffentlich")
  expect(answer.ok && JSON.parse(utf8(answer.value.body))).toEqual({ id: "x", model: "öffentlich", choices: [{ message: { content: "工" } }] })
})

test("W-116 a model of the same length is replaced too", () => {
  expect(relay([delta("a").replace("upstream-model", "qublic"), finish]).out).not.toContain("qublic")
})

test("a stream in which nothing has to change goes on as the very same bytes", () => {
  const reader = createCcStreamReader({ publicModel: "upstream-model", call: callOf() })
  const bytes = Buffer.from(delta("工") + delta("b"))
  expect(reader.push(bytes)).toBe(bytes)
})

test("W-97 W-142 a usage chunk is read, and reaches only the client that asked for it", () => {
  const stream = [delta("a"), finish, usage, "data: [DONE]\n\n"]
  const unasked = relay(stream)
  expect(unasked.out).not.toContain("prompt_tokens")
  expect(unasked.seen.usage).toEqual({ input: 5, cacheRead: 4, output: 3 })
  expect(relay(stream, callOf({ stream_options: { include_usage: true } })).out).toContain('"prompt_tokens":9')
})

test("W-142 a stream is always asked for its usage, and other stream options stay", () => {
  expect(JSON.parse(encoded('{"model":"m","messages":[1],"stream":true,"stream_options":{"include_obfuscation":false}}'))).toMatchObject({
    stream_options: { include_obfuscation: false, include_usage: true },
  })
  expect(encoded('{"model":"m","messages":[1]}')).toBe('{"model":"m","messages":[1]}')
})

test("W-99 of usage that grows with each chunk the last value counts", () => {
  const grown = (tokens: number) => chunk({ choices: [{ index: 0, delta: { content: "x" } }], usage: { prompt_tokens: 1, completion_tokens: tokens } })
  expect(relay([grown(1), grown(2), grown(3), finish]).seen.usage).toEqual({ input: 1, output: 3 })
})

test.each([
  ["the connection closes", [delta("a")]],
  ["[DONE] comes without a finish", [delta("a"), "data: [DONE]\n\n"]],
  ["an event is cut in two", [delta("a"), 'data: {"choices":[{"delta":{"content":"b']],
  ["something else than a chunk comes", [delta("a"), "data: <html>\n\n"]],
])("W-104 W-141 a stream is not finished and gets no [DONE] where %s", (_, pieces) => {
  const { out, state } = relay(pieces)
  expect(state).toEqual({ kind: "failed", words: null })
  expect(out).not.toContain("[DONE]")
})

test("W-104 half an event at the end of a stream is not passed on", () => {
  expect(relay([delta("a"), 'data: {"choices":[{"delta":{"content":"b']).out).toBe(delta("a").replace("upstream-model", "public"))
})

test("W-104 with two choices a stream is whole only when both have finished", () => {
  const choice = (index: number, reason: string | null) => chunk({ choices: [{ index, delta: { content: "x" }, finish_reason: reason }] })
  const call = callOf({ n: 2 })
  expect(relay([choice(0, null), choice(1, null), choice(0, "stop"), "data: [DONE]\n\n"], call).state.kind).toBe("failed")
  expect(relay([choice(0, null), choice(1, null), choice(0, "stop"), choice(1, "length")], call).state.kind).toBe("finished")
})

test("W-105 an error in a stream ends it without [DONE], with the provider's words", () => {
  const { out, state } = relay([delta("a"), 'data: {"error":{"message":"overloaded","code":"server_error"}}\n\n', "data: [DONE]\n\n"])
  expect(state).toEqual({ kind: "failed", words: { message: "overloaded", code: "server_error", param: null } })
  expect(out).toBe(delta("a").replace("upstream-model", "public"))
})

test("W-106 comments and an early [DONE] begin no answer", () => {
  expect(relay([": keep-alive\n\n", "data: [DONE]\n\n"])).toMatchObject({ out: "", started: false, state: { kind: "failed" } })
})

test("W-101 W-102 W-140 a stream cut anywhere, with any line endings, gives the client the same events and the same usage", () => {
  const text = `: OPENROUTER PROCESSING\n\n${delta("工é😀")}${delta('a\\"b')}: keep-alive\n\n${finish}${usage}data: [DONE]\n\n`
  const whole = relay([text])
  fc.assert(
    fc.property(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat(), { maxLength: 30 }), fc.boolean(), (newline, places, finalNewline) => {
      const bytes = Buffer.from(text.replaceAll("\n", newline).slice(0, finalNewline ? undefined : -2 * newline.length))
      const ends = [...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length]
      const cut = relay(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))
      expect(cut).toEqual(whole)
    }),
    { numRuns: 300 },
  )
  expect(whole.out.endsWith("data: [DONE]\n\n")).toBe(true)
})

test("W-98 the estimate of a stream without usage is near its text", () => {
  const words = "The quick brown fox jumps over the lazy dog and runs away from it. ".repeat(20).match(/\S+\s/g) ?? []
  const { seen } = relay([...words.map(delta), finish])
  const tokens = words.join("").length / 4
  expect(seen.usage).toBeNull()
  expect(seen.outputTokensEstimated).toBeGreaterThan(tokens * 0.7)
  expect(seen.outputTokensEstimated).toBeLessThan(tokens * 1.6)
})

test("unknown request fields keep their bytes on the way", () => {
  expect(encoded('{"model":"m","messages":[1],"seed":12345678901234567890,"x":{"deep":[1.0,"é"]}}', { upstreamModel: "工" })).toBe(
    '{"model":"\\u5de5","messages":[1],"seed":12345678901234567890,"x":{"deep":[1.0,"é"]}}',
  )
})

test("of a field that stands twice the provider gets the one that was checked", () => {
  expect(encoded('{"model":"forbidden","model":"m","messages":[1]}')).toBe('{"model":"m","messages":[1]}')
})

test("a clamped bound replaces both spellings of the client's bound", () => {
  expect(encoded('{"model":"m","messages":[1],"max_tokens":9,"max_completion_tokens":9}', { outputTokensMax: { field: "max_completion_tokens", tokens: 5 } })).toBe(
    '{"model":"m","messages":[1],"max_completion_tokens":5}',
  )
  expect(ccOutputField(callOf(), traitsOf("gpt-4o", "openai"))).toBe("max_completion_tokens")
  expect(ccOutputField(callOf(), traitsOf("glm-5.3", "zhipu"))).toBe("max_tokens")
  expect(ccOutputField(callOf({ max_tokens: 4 }), traitsOf("gpt-4o", "openai"))).toBe("max_tokens")
})

test.each([
  ["[]", undefined],
  ["{", undefined],
  ["null", undefined],
  ['{"messages":[1]}', "model"],
  ['{"__proto__":{"model":"m"},"messages":[1]}', "model"],
  ['{"model":"m","messages":[]}', "messages"],
  ['{"model":"m","messages":[1],"stream":"yes"}', "stream"],
  ['{"model":"m","messages":[1],"max_tokens":-1}', "max_tokens"],
  ['{"model":"m","messages":[1],"max_tokens":1e400}', "max_tokens"],
  ['{"model":"m","messages":[1],"n":1000}', "n"],
])("W-132 a request of %s is refused with the name of what is wrong", (text, param) => {
  const read = readCcCall(body(text))
  expect(read.ok).toBe(false)
  if (!read.ok) expect(read.error).toMatchObject({ code: "invalid_request", ...(param !== undefined && { param }) })
})

test("half a UTF-8 character is refused, 100,000 levels of nesting are not", () => {
  expect(readCcCall(Buffer.concat([body('{"model":"m","messages":["'), Buffer.from([0xe5, 0xb7]), body('"]}')])).ok).toBe(false)
  const deep = `{"model":"m","messages":[1],"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
  expect(encoded(deep)).toBe(deep)
})

test("media in a prompt is counted apart from its text", () => {
  const parts = [
    { type: "text", text: "what is this" },
    { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(10_000)}` } },
    { type: "input_audio", input_audio: { data: "B".repeat(5_000), format: "wav" } },
    { type: "file", file: { file_data: "C".repeat(3_000) } },
  ]
  const { size } = callOf({ messages: [{ role: "user", content: parts }] })
  expect(size).toMatchObject({ images: 1, audioBytes: 5_000, fileBytes: 3_000 })
  expect(size.textBytes).toBeLessThan(500)
})

test.each([
  ["OpenAI with details", { prompt_tokens: 100, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 }, completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 5 } }, { input: 30, cacheRead: 60, inputAudio: 10, output: 25, reasoning: 20, outputAudio: 5 }],
  ["DeepSeek", { prompt_tokens: 10, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2, completion_tokens: 1 }, { input: 2, cacheRead: 8, output: 1 }],
  ["xAI, whose reasoning stands beside", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } }, { input: 10, output: 5, reasoning: 20 }],
  ["Gemini, whose reasoning stands in the total alone", { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 }, { input: 20, output: 198, reasoning: 405 }],
  ["a relay of Gemini, whose reasoning is no part of the completion", { prompt_tokens: 21, completion_tokens: 0, total_tokens: 81, completion_tokens_details: { reasoning_tokens: 60 } }, { input: 21, output: 0, reasoning: 60 }],
  ["a relay of Anthropic, whose cache is more than the prompt", { prompt_tokens: 31, completion_tokens: 467, total_tokens: 498, prompt_tokens_details: { cached_tokens: 0 }, cache_creation_input_tokens: 1253 }, { input: 31, cacheRead: 0, cacheWrite5m: 1253, output: 467 }],
  ["a relay of Anthropic, whose total counts the cache beside the prompt", { prompt_tokens: 900, completion_tokens: 50, total_tokens: 1750, cache_read_input_tokens: 800 }, { input: 900, cacheRead: 800, output: 50 }],
  ["cache writes for an hour among those for five minutes", { prompt_tokens: 9000, completion_tokens: 1, total_tokens: 9001, cache_creation_input_tokens: 3000, cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 } }, { input: 6000, cacheWrite5m: 1000, cacheWrite1h: 2000, output: 1 }],
  ["Alibaba's explicit cache", { prompt_tokens: 29719, completion_tokens: 435, total_tokens: 30154, completion_tokens_details: { reasoning_tokens: 382, text_tokens: 435 }, prompt_tokens_details: { text_tokens: 29719, cache_creation: { ephemeral_5m_input_tokens: 29713 }, cache_creation_input_tokens: 29713, cache_type: "ephemeral", cached_tokens: 0 } }, { input: 6, cacheRead: 0, cacheWrite5m: 29713, output: 53, reasoning: 382 }],
  ["Perplexity's research, which counts reading and reasoning in no sum", { prompt_tokens: 33, completion_tokens: 7163, total_tokens: 7196, citation_tokens: 20016, num_search_queries: 18, reasoning_tokens: 5000 }, { input: 20049, output: 7163, reasoning: 5000, search: 18 }],
  ["Mistral's audio", { prompt_audio_seconds: 30, prompt_tokens: 150, completion_tokens: 42, total_tokens: 192 }, { input: 150, output: 42, second: 30 }],
  ["a total that is less than its parts", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 10, completion_tokens_details: { reasoning_tokens: 2 } }, { input: 10, output: 3, reasoning: 2 }],
])("usage of %s becomes units that do not overlap", (_, given, expected) => {
  expect(ccUsage(given)).toEqual(expected)
})

test.each([[null], [{}], [{ prompt_tokens: null }], [{ prompt_tokens: -1, completion_tokens: 1.5 }], ["many"]])("W-100 usage %j counts nothing and is not zero", (given) => {
  expect(ccUsage(given)).toBeNull()
})

test.each([["<html>502</html>", null], ["", null], ["{}", null], ['{"choices":[]}', null], ['{"error":{"message":"no"}}', "no"]])("W-106 W-111 the body %j is no answer", (text, message) => {
  const answer = readCcAnswer(body(text), "m")
  expect(answer.ok).toBe(false)
  if (!answer.ok) expect(answer.error.words?.message ?? null).toBe(message)
})
