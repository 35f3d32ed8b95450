import { describe, expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import { amClientCodec } from "./am/client-codec.ts"
import { amUpstreamCodec } from "./am/upstream-codec.ts"
import { ccClientCodec } from "./cc/client-codec.ts"
import { ccUpstreamCodec } from "./cc/upstream-codec.ts"
import type { ChatAnswer, ChatEvent } from "./chat/answer.ts"
import type { ClientCodec, DecodeContext, EncodeContext, UpstreamCodec } from "./chat/codec.ts"
import { createCollector, eventsOf } from "./chat/collect.ts"
import { gmClientCodec } from "./gm/client-codec.ts"
import { gmUpstreamCodec } from "./gm/upstream-codec.ts"
import { type ClientDialect, laneBetween, lanes } from "./lanes.ts"
import { rsClientCodec } from "./rs/client-codec.ts"
import { rsUpstreamCodec } from "./rs/upstream-codec.ts"
import type { Attempted } from "./upstream-lane.ts"

/*
 * Each dialect of clients against each other one of channels: a provider's answer is written by the codec that writes it for clients,
 * goes through the lane between the two, and is read again by the codec that reads it from channels.
 */

type Codecs = { readonly client: ClientCodec; readonly upstream: UpstreamCodec; readonly model: string; readonly body: (streamed: boolean) => Record<string, unknown> }

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
const dialects: Readonly<Record<ClientDialect, Codecs>> = {
  cc: {
    client: ccClientCodec,
    upstream: ccUpstreamCodec,
    model: "deepseek-v4-pro",
    body: (stream) => ({ model: "public", stream, stream_options: { include_usage: true }, max_tokens: 500, messages: [{ role: "user", content: "hi" }], tools: [{ type: "function", function: { name: "weather", parameters: schema } }] }),
  },
  am: {
    client: amClientCodec,
    upstream: amUpstreamCodec,
    model: "claude-sonnet-5",
    body: (stream) => ({ model: "public", stream, max_tokens: 500, messages: [{ role: "user", content: "hi" }], tools: [{ name: "weather", input_schema: schema }] }),
  },
  rs: {
    client: rsClientCodec,
    upstream: rsUpstreamCodec,
    model: "gpt-5.5",
    body: (stream) => ({ model: "public", stream, store: false, max_output_tokens: 500, input: "hi", tools: [{ type: "function", name: "weather", parameters: schema, strict: false }] }),
  },
  gm: {
    client: gmClientCodec,
    upstream: gmUpstreamCodec,
    model: "gemini-3.8-flash",
    body: () => ({ contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig: { maxOutputTokens: 500 }, tools: [{ functionDeclarations: [{ name: "weather", parameters: schema }] }] }),
  },
}
const pairs = (Object.keys(dialects) as ClientDialect[]).flatMap((client) => (Object.keys(dialects) as ClientDialect[]).filter((upstream) => upstream !== client).map((upstream) => [client, upstream] as const))

const usage = { counts: { input: 10, cacheRead: 100, output: 20 }, reasoningTokens: null }
const spoken: ChatAnswer = { id: "x", usage, choices: [{ parts: [{ kind: "reasoning", text: "Let me think, 工." }, { kind: "text", text: "It is 工 😀." }], finish: { reason: "stop", word: "stop", stopSequence: null } }] }
const called: ChatAnswer = {
  id: "x",
  usage,
  choices: [
    {
      parts: [
        { kind: "text", text: "I look." },
        { kind: "toolCall", id: "call_one", name: "weather", arguments: '{"city":"Rom"}' },
        { kind: "toolCall", id: "call_two", name: "weather", arguments: '{"city":"Oslo"}' },
      ],
      finish: { reason: "toolCalls", word: "tool_calls", stopSequence: null },
    },
  ],
}
const cut: ChatAnswer = { id: "x", usage, choices: [{ parts: [{ kind: "text", text: "and so" }], finish: { reason: "length", word: "length", stopSequence: null } }] }

function callOf(dialect: ClientDialect, streamed: boolean) {
  const body = Buffer.from(JSON.stringify(dialects[dialect].body(streamed)))
  const call = lanes[dialect].readCall(body, {}, { model: "public", streamed })
  if (!call.ok) throw new Error(call.error.message)
  return { body, call: call.value }
}

function encodingOf(dialect: ClientDialect, streamed: boolean): EncodeContext {
  const { call } = callOf(dialect, streamed)
  const request = dialects[dialect].client.decodeRequest(call)
  if (!request.ok) throw new Error(request.error.message)
  return { request: request.value, call, publicModel: "public", responseId: "1nZ", createdAtSeconds: 1_764_000_000, inputTokensEstimated: 9 }
}

/** What a provider of a dialect answers. */
function answered(dialect: ClientDialect, answer: ChatAnswer, streamed: boolean): Buffer {
  const context = encodingOf(dialect, streamed)
  const { client } = dialects[dialect]
  if (!streamed) return Buffer.from(JSON.stringify(client.encodeAnswer(answer, context)))
  const encoder = client.openEncoder(context)
  return Buffer.from([...eventsOf(answer)].map((event) => encoder.event(event)).join("") + encoder.end())
}

function prepared(client: ClientDialect, upstream: ClientDialect, streamed: boolean) {
  const { body, call } = callOf(client, streamed)
  const { model } = dialects[upstream]
  const target = { providerId: "any", upstreamModel: model, outputTokensMax: null, traits: traitsOf(model), drop: [], searches: false }
  const attempted: Attempted = { body, call, headers: {}, requestId: "req_1", receivedAtMs: 1, target, clampedOutputTokens: null }
  const made = laneBetween(client, upstream)?.prepare(attempted)
  if (made?.ok !== true) throw new Error(`${client} cannot ask ${upstream}: ${made === undefined ? "no lane" : made.error.message}`)
  return made.value
}

/** What a client of a dialect has got. */
function readBack(dialect: ClientDialect, text: Buffer, streamed: boolean): ChatAnswer {
  let calls = 0
  const context = { request: encodingOf(dialect, streamed).request, toolName: (sent: string) => sent, newCallId: () => `call_new_${calls++}` } satisfies DecodeContext
  const { upstream } = dialects[dialect]
  if (!streamed) {
    const read = upstream.decodeAnswer(text, context)
    if (!read.ok) throw new Error(`no answer: ${text.toString()}`)
    return read.value
  }
  const collector = createCollector()
  const failures: ChatEvent[] = []
  const decoder = upstream.openDecoder(context, (event) => {
    if (event.kind === "failed") failures.push(event)
    collector.add(event)
  })
  decoder.push(text)
  decoder.end()
  const answer = collector.answer()
  if (answer === null || failures.length > 0) throw new Error(`no whole stream: ${text.toString()}`)
  return answer
}

const bytesOf = (out: Buffer | string): Buffer => (typeof out === "string" ? Buffer.from(out, "latin1") : out)

function through(client: ClientDialect, upstream: ClientDialect, answer: ChatAnswer, streamed: boolean): ChatAnswer {
  const lane = prepared(client, upstream, streamed)
  const bytes = answered(upstream, answer, streamed)
  if (!streamed) {
    const read = lane.readAnswer(bytes, "application/json")
    if (!read.ok) throw new Error(`not read: ${bytes.toString()}`)
    return readBack(client, bytesOf(read.value.body), false)
  }
  const stream = lane.openStream()
  const out = Buffer.concat([...Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytesOf(stream.push(bytes.subarray(at * 7, at * 7 + 7)))), bytesOf(stream.end())])
  expect(stream.state).toEqual({ kind: "finished" })
  return readBack(client, out, true)
}

const meaning = ({ choices, usage: counted }: ChatAnswer) => ({
  parts: choices[0]?.parts.flatMap((part): readonly unknown[] => (part.kind === "toolCall" ? [[part.name, JSON.parse(part.arguments)]] : part.kind === "text" || part.kind === "reasoning" ? (part.text === "" ? [] : [[part.kind, part.text]]) : [part.kind])),
  reason: choices[0]?.finish.reason,
  counts: { input: counted?.counts.input, cacheRead: counted?.counts.cacheRead, output: counted?.counts.output },
})

describe.each([false, true])("streamed: %s", (streamed) => {
  test.each(pairs)("W-34 W-59 W-87 W-94 W-101 a client of %s over a channel of %s gets thinking, text, calls, the finish and the counts", (client, upstream) => {
    for (const answer of [spoken, called, cut]) expect(meaning(through(client, upstream, answer, streamed))).toEqual(meaning(answer))
  })
})

test.each(pairs)("W-14 W-68 a client of %s asks a channel of %s with its tools and its bound on output", (client, upstream) => {
  const sent = prepared(client, upstream, true).body.toString("utf8")
  expect(sent).toContain('"weather"')
  expect(sent).toContain("500")
})
