import { describe, expect, test } from "vitest"
import { exception, jsonEvent, wrappedEvent } from "./br/test/event-stream-writer.ts"
import { type EnvelopeId, packedCount } from "./envelope.ts"
import { lanes, laneBetween } from "./lanes.ts"
import type { Attempted } from "./upstream-lane.ts"
import { traitsOf } from "#lib/catalog/model-traits.ts"

const asked = { model: "claude", max_tokens: 100, stream: true, metadata: { user_id: "ü" }, messages: [{ role: "user", content: "hi" }] }

function prepared(envelope: EnvelopeId, fields: object = asked, headers: Readonly<Record<string, string>> = {}) {
  const body = Buffer.from(JSON.stringify(fields))
  const call = lanes.am.readCall(body, headers)
  if (!call.ok) throw new Error(call.error.message)
  const target = { providerId: envelope, upstreamModel: "upstream-claude", outputTokensMax: null, traits: traitsOf("upstream-claude"), drop: [], searches: false }
  const attempted: Attempted = { body, call: call.value, headers, requestId: "req_1", receivedAtMs: 0, target, clampedOutputTokens: null }
  const made = laneBetween("am", "am", { envelope })?.prepare(attempted)
  if (made?.ok !== true) throw new Error("not prepared")
  return made.value
}

const started = { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "claude-upstream", content: [], usage: { input_tokens: 10, output_tokens: 1 } } }
const answer = [
  started,
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "héllo\nworld" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 5 } },
  { type: "message_stop", "amazon-bedrock-invocationMetrics": { inputTokenCount: 10 } },
]

const textOf = (out: Buffer | string) => (typeof out === "string" ? Buffer.from(out, "latin1") : out).toString("utf8")

describe("a request in an envelope", () => {
  test("of Bedrock has the version in the body, and neither model nor stream, which stand in the address", () => {
    const { body, headers } = prepared("bedrock")
    expect(JSON.parse(body.toString())).toEqual({ max_tokens: 100, metadata: { user_id: "ü" }, messages: asked.messages, anthropic_version: "bedrock-2023-05-31" })
    expect(headers).toEqual({ accept: "*/*" })
  })

  test("of Vertex keeps stream", () => {
    expect(JSON.parse(prepared("vertex").body.toString())).toEqual({ max_tokens: 100, stream: true, metadata: { user_id: "ü" }, messages: asked.messages, anthropic_version: "vertex-2023-10-16" })
  })

  test("takes the place of a version that the client wrote itself", () => {
    const body = prepared("vertex", { ...asked, anthropic_version: "something else" }).body.toString()
    expect(body.match(/anthropic_version/g)).toHaveLength(1)
    expect(JSON.parse(body)).toMatchObject({ anthropic_version: "vertex-2023-10-16" })
  })

  test("W-128 has the model's name again where its tokens are counted, at one address for all models", () => {
    const { stream: _, ...count } = asked
    expect(JSON.parse(packedCount(prepared("vertex", count).body as Buffer, "vertex", "claude@1").toString())).toEqual({ ...count, model: "claude@1" })
  })

  test("W-120 flags that only Anthropic's own API takes are left out and named", () => {
    expect(prepared("bedrock", { ...asked, context_management: {} }, { "anthropic-beta": "x" }).dropped).toEqual(["anthropic-beta", "context_management"])
  })
})

test("W-62 a picture at an address is brought for the clouds, which fetch nothing, and not for Anthropic, which does", () => {
  const call = lanes.cc.readCall(Buffer.from(JSON.stringify({ model: "m", messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://x.example/a.png" } }] }] })), {})
  if (!call.ok) throw new Error(call.error.message)
  const linked = (envelope?: EnvelopeId) => laneBetween("cc", "am", { envelope })?.linkedMedia?.(call.value, traitsOf("claude-sonnet-4-5"))
  expect([linked("vertex"), linked("bedrock"), linked()]).toEqual([["https://x.example/a.png"], ["https://x.example/a.png"], []])
})

describe("Bedrock's stream", () => {
  test("W-125 is Anthropic's own in binary messages, and reaches the client as server-sent events", () => {
    const reader = prepared("bedrock").openStream()
    const out = answer.map((event) => textOf(reader.push(wrappedEvent(event)))).join("")
    expect(out).toBe(
      [...answer.slice(0, -1), { type: "message_stop" }]
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event === started ? { ...started, message: { ...started.message, model: "claude" } } : event)}\n\n`)
        .join(""),
    )
    expect(reader.state).toEqual({ kind: "finished" })
    expect(reader.seen).toMatchObject({ finish: "end_turn", usage: { input: 10, output: 5 } })
  })

  test("W-104 that ends before a stop reason, or within a message, is not complete", () => {
    for (const rest of [Buffer.alloc(0), wrappedEvent({ type: "message_delta" }).subarray(0, 20)]) {
      const reader = prepared("bedrock").openStream()
      for (const event of answer.slice(0, 3)) reader.push(wrappedEvent(event))
      reader.push(rest)
      expect(reader.end()).toBe("")
      expect(reader.state).toEqual({ kind: "failed", words: null })
    }
  })

  test.each([
    ["throttlingException", "rate_limit_error"],
    ["serviceUnavailableException", "overloaded_error"],
    ["modelTimeoutException", "timeout_error"],
    ["modelStreamErrorException", "api_error"],
  ])("W-105 its %s is Anthropic's %s", (type, code) => {
    const reader = prepared("bedrock").openStream()
    reader.push(wrappedEvent(started))
    reader.push(exception(type, "Too much."))
    expect(reader.state).toEqual({ kind: "failed", words: { message: "Too much.", code, param: null } })
  })

  test("that is none ends as failed, not as empty", () => {
    const reader = prepared("bedrock").openStream()
    expect(reader.push(Buffer.from("<html>Bad Gateway, said some proxy</html>"))).toBe("")
    expect(reader.state).toEqual({ kind: "failed", words: null })
    expect(reader.started).toBe(false)
  })

  test("passes over messages of a kind that came later than this", () => {
    const reader = prepared("bedrock").openStream()
    expect(reader.push(jsonEvent("weather", { sun: true }))).toBe("")
    expect(reader.state).toEqual({ kind: "open" })
  })
})
