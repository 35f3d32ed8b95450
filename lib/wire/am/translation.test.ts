import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import { createTranslation, type TranslationOptions } from "../chat/translation.ts"
import type { Attempted } from "../upstream-lane.ts"
import { amClientCodec } from "./client-codec.ts"
import { amLane } from "./lane.ts"
import { claudeCodeRequest } from "./test/claude-code-request.ts"
import { amUpstreamCodec } from "./upstream-codec.ts"

/*
 * Both codecs of this dialect against each other: what a client of Anthropic messages gets from a channel of Anthropic messages that has
 * to be asked in another way than the client asked (W-117).
 */

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}.stream.txt`, import.meta.url))

function prepared(fields: Record<string, unknown>, options: TranslationOptions = {}, headers: Record<string, string> = {}) {
  const body = Buffer.from(JSON.stringify({ model: "public", max_tokens: 100, messages: [{ role: "user", content: "hi" }], ...fields }))
  const call = amLane.readCall(body, {})
  if (!call.ok) throw new Error(call.error.message)
  const model = "claude-opus-4-8"
  const attempted: Attempted = { body, call: call.value, headers, requestId: "req_01abc", receivedAtMs: 1, target: { providerId: "anthropic", upstreamModel: model, outputTokensMax: null, traits: traitsOf(model), drop: [], searches: true }, clampedOutputTokens: null }
  const made = createTranslation(amClientCodec, amUpstreamCodec, options).prepare(attempted)
  if (!made.ok) throw new Error(made.error.message)
  return made.value
}

const textOf = (bytes: Buffer | string) => (typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes).toString("utf8")

test("W-117 an answer that can only be had as a stream is whole for a client that wants it whole", () => {
  const { streamed, readAnswer } = prepared({ stream: false }, { answersOnly: "stream" })
  expect(streamed).toBe(true)
  const answer = readAnswer(fixture("thinking"), "text/event-stream")
  expect(answer.ok && JSON.parse(textOf(answer.value.body))).toMatchObject({
    id: "msg_01abc",
    model: "public",
    content: [
      { type: "thinking", thinking: "27 is 3 × 9, so …", signature: "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds+/=" },
      { type: "redacted_thinking" },
      { type: "thinking", thinking: "", signature: "EmptyTextSigned+/=" },
      { type: "text", text: "It is 459." },
    ],
    stop_reason: "end_turn",
    usage: { input_tokens: 30, output_tokens: 60 },
  })
})

test("W-98 W-110 a client that leaves has the prompt billed as the provider counted it, and of the output what was seen", () => {
  const reader = prepared({ stream: true }).openStream()
  const bytes = fixture("text")
  reader.push(bytes.subarray(0, bytes.indexOf("event: content_block_stop")))
  expect(reader.started).toBe(true)
  expect(reader.seen.usage).toMatchObject({ input: 25, cacheRead: 1_800, cacheWrite5m: 148, cacheWrite1h: 100, estimated: true })
  expect(reader.seen.usage?.output).toBeGreaterThan(1)
  reader.push(bytes.subarray(bytes.indexOf("event: content_block_stop")))
  expect(reader.state.kind).toBe("finished")
  expect(reader.seen).toMatchObject({ responseId: "msg_01abc", finish: "stop_sequence", usage: { input: 25, output: 15 } })
})

test("W-104 W-105 W-107 a stream that breaks off is not ended as if it were whole, and begins with its first block", () => {
  const reader = prepared({ stream: true }).openStream()
  const bytes = fixture("error")
  reader.push(bytes.subarray(0, bytes.indexOf("event: content_block_start")))
  expect(reader.started).toBe(false)
  const out = textOf(reader.push(bytes.subarray(bytes.indexOf("event: content_block_start"))))
  expect(reader.state).toEqual({ kind: "failed", words: { message: "Overloaded", code: "overloaded_error", param: null } })
  expect(out).toContain("Good")
  expect(out).not.toMatch(/message_delta|message_stop|never/)
})

test("W-120 W-130 what Claude Code sends beyond the typed request is left out by name, and the rest arrives", () => {
  const { body, dropped, changed } = prepared(claudeCodeRequest(), {}, { "anthropic-beta": "context-management-2025-06-27", "x-stainless-lang": "js" })
  expect(dropped).toEqual(["anthropic-beta", "system[0]", "tools[].defer_loading", "context_management"])
  expect(changed).toEqual([])
  const sent = JSON.parse(body.toString("utf8")) as { system: readonly { text: string }[]; messages: readonly { role: string; content: readonly Record<string, unknown>[] }[] }
  expect(sent).toMatchObject({ model: "claude-opus-4-8", max_tokens: 32_000, thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "medium" }, stream: true })
  expect(sent.system.map(({ text }) => text)).toEqual(["You are Claude Code.", "Be brief."])
  expect(sent.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"])
  expect(sent.messages[0]?.content.at(-1)?.["text"]).toBe("<system>\n<system-reminder>Plan mode is off.</system-reminder>\n</system>")
})

test("a request of Claude Code's size is read and written in a few milliseconds of CPU", () => {
  const small = claudeCodeRequest()
  const large = { ...small, tools: Array.from({ length: 120 }, (_, index) => ({ ...small.tools[0], name: `Read${index}`, description: "x".repeat(600) })) }
  const text = JSON.stringify(large)
  expect(text.length).toBeGreaterThan(100_000)
  const [runs, before] = [20, process.threadCpuUsage()]
  for (let run = 0; run < runs; run++) prepared(large)
  expect(process.threadCpuUsage(before).user / 1_000 / runs).toBeLessThan(15)
})
