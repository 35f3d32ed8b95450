import { readdirSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import { geminiEmbeddings } from "./around/embedding-lanes.ts"
import { aroundLanes } from "./around/lanes.ts"
import { exception, jsonEvent, wrappedEvent } from "./br/test/event-stream-writer.ts"
import type { Call } from "./call.ts"
import { type Dialect, dialects } from "./dialect.ts"
import type { EnvelopeId } from "./envelope.ts"
import { type ClientDialect, laneBetween, type LaneOptions, lanes } from "./lanes.ts"
import type { UpstreamLane } from "./upstream-lane.ts"

/*
 * Every way in which a provider's answer is read on its way to a client, fed with what providers document, altered at random: bytes changed, left
 * out, said twice and put in; and with JSON of any shape made of the dialects' own words.
 */

const hello = [{ role: "user", content: "hi" }]
const bodies: Readonly<Record<ClientDialect, object>> = {
  cc: { model: "m", messages: hello, stream: true, stream_options: { include_usage: true } },
  rs: { model: "m", input: "hi", store: false, stream: true },
  am: { model: "m", messages: hello, max_tokens: 100, stream: true },
  gm: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
}
const clients = Object.keys(bodies) as ClientDialect[]
const taken = (read: ReturnType<(typeof lanes)["cc"]["readCall"]>): Call => {
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}
const calls = Object.fromEntries(clients.map((client) => [client, taken(lanes[client].readCall(Buffer.from(JSON.stringify(bodies[client])), {}, { model: "m", streamed: true }))])) as Record<ClientDialect, Call>

type Reading = { readonly name: string; readonly lane: UpstreamLane; readonly call: Call; readonly body: object; readonly streams: boolean; readonly isWrapped: boolean }

function chatReadings(client: ClientDialect, upstream: Dialect): readonly Reading[] {
  const clouds: readonly (EnvelopeId | undefined)[] = upstream === "am" ? [undefined, "bedrock", "vertex"] : [undefined]
  const ways: readonly LaneOptions[] = [...clouds.map((envelope) => ({ envelope })), { answersOnly: "stream" }, { answersOnly: "whole" }, { searching: true }]
  return ways.flatMap((options): readonly Reading[] => {
    const lane = laneBetween(client, upstream, options)
    if (lane === null) return []
    return [{ name: `${client} from ${upstream} ${JSON.stringify(options)}`, lane, call: calls[client], body: bodies[client], streams: true, isWrapped: options.envelope === "bedrock" }]
  })
}

const embeddingBody = { model: "m", input: ["a"] }
const geminiBody = { content: { parts: [{ text: "a" }] } }
const embeddings = (["cc", "gm", "vertexPredict", "vertexContent"] as const).flatMap((embedder): readonly Reading[] => {
  const openai = laneBetween("cc", embedder === "cc" ? "cc" : "gm", { operation: "embeddings", embedder })
  const gemini = laneBetween("gm", embedder === "cc" ? "cc" : "gm", { operation: "embeddings", embedder })
  return [
    ...(openai === null ? [] : [{ name: `cc embeddings by ${embedder}`, lane: openai, call: taken(aroundLanes.embeddings.readCall(Buffer.from(JSON.stringify(embeddingBody)), {})), body: embeddingBody, streams: false, isWrapped: false }]),
    ...(gemini === null ? [] : [{ name: `gm embeddings by ${embedder}`, lane: gemini, call: taken(geminiEmbeddings.readCall(Buffer.from(JSON.stringify(geminiBody)), {}, { model: "m", streamed: false })), body: geminiBody, streams: false, isWrapped: false }]),
  ]
})
const completionsBody = { model: "m", prompt: "p", stream: true }
const completions = dialects.flatMap((upstream): readonly Reading[] => {
  const lane = laneBetween("cc", upstream, { operation: "completions" })
  return lane === null || upstream === "cc" ? [] : [{ name: `completions from ${upstream}`, lane, call: taken(aroundLanes.completions.readCall(Buffer.from(JSON.stringify(completionsBody)), {})), body: completionsBody, streams: true, isWrapped: false }]
})
const readings: readonly Reading[] = [...clients.flatMap((client) => dialects.flatMap((upstream) => chatReadings(client, upstream))), ...embeddings, ...completions]

test("there is a reading for every dialect of clients, every dialect of channels, every cloud's envelope and every way to embed", () => {
  for (const client of clients) for (const upstream of dialects) expect(readings.some(({ name }) => name.startsWith(`${client} from ${upstream} `)), `${client} from ${upstream}`).toBe(true)
  for (const word of ["bedrock", "vertex", "cc embeddings by gm", "cc embeddings by vertexPredict", "cc embeddings by vertexContent", "gm embeddings by cc", "completions from br", '"searching"', '"answersOnly":"whole"']) expect(readings.some(({ name }) => name.includes(word)), word).toBe(true)
})

const folder = (dialect: Dialect) => new URL(`${dialect}/fixtures/`, import.meta.url)
const filesOf = (dialect: Dialect) => readdirSync(folder(dialect)).flatMap((file) => (/\.stream\.(?:txt|json)$/.test(file) ? [readFileSync(new URL(file, folder(dialect)))] : []))
const converseStream = (file: Buffer) =>
  Buffer.concat((JSON.parse(file.toString()) as readonly (readonly [type: string, payload: { readonly message?: string }])[]).map(([type, payload]) => (type.endsWith("Exception") ? exception(type, payload.message ?? "") : jsonEvent(type, payload))))
/** What providers document. */
const documented: Readonly<Record<Dialect, readonly Buffer[]>> = { cc: filesOf("cc"), rs: filesOf("rs"), am: filesOf("am"), gm: filesOf("gm"), br: filesOf("br").map(converseStream) }
const wrapped = filesOf("am").map((file) => Buffer.concat([...file.toString().matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => wrappedEvent(Buffer.from(data)))))
/** A channel may well be asked in one dialect and answer in another. */
const sourcesOf = ({ lane, isWrapped }: Reading) => fc.oneof({ arbitrary: fc.constantFrom(...(isWrapped ? wrapped : documented[lane.dialect])), weight: 3 }, { arbitrary: fc.constantFrom(...Object.values(documented).flat()), weight: 1 })

type Alteration = { readonly kind: "change" | "leaveOut" | "sayTwice" | "putIn"; readonly at: number; readonly length: number; readonly bytes: Uint8Array }
const alterations = fc.array(fc.record({ kind: fc.constantFrom("change" as const, "leaveOut" as const, "sayTwice" as const, "putIn" as const), at: fc.nat(), length: fc.nat({ max: 60 }), bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }) }), { maxLength: 4 })

const altered = (bytes: Buffer, changes: readonly Alteration[]): Buffer =>
  changes.reduce((now, { kind, at, length, bytes: extra }) => {
    const place = now.length === 0 ? 0 : at % now.length
    const [before, after] = [now.subarray(0, place), now.subarray(place)]
    switch (kind) {
      case "change":
        return Buffer.concat([before, extra, after.subarray(extra.length)])
      case "leaveOut":
        return Buffer.concat([before, after.subarray(length)])
      case "sayTwice":
        return Buffer.concat([before, after.subarray(0, length), after])
      case "putIn":
        return Buffer.concat([before, extra, after])
    }
  }, bytes)

const words = fc.constantFrom("text", "tool_use", "function_call", "message", "reasoning", "thinking", "output_text", "stop", "end_turn", "STOP", "MAX_TOKENS", "response.completed", "message_start", "content_block_delta", "error", "json", "", "1e400", "__proto__")
const names = fc.constantFrom("type", "choices", "delta", "message", "content", "tool_calls", "function", "name", "arguments", "index", "usage", "output", "item", "response", "candidates", "parts", "functionCall", "args", "finishReason", "finish_reason", "stop_reason", "input", "id", "data", "embedding", "values", "predictions", "embeddings", "error", "stopReason", "toolUse", "reasoningContent", "usageMetadata", "__proto__", "constructor", "length")
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({ value: fc.oneof({ depthSize: "medium" }, words, fc.integer(), fc.double(), fc.constantFrom(null, true), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(names, tie("value"), { maxKeys: 5 })) }))

const preparedFor = ({ lane, call, body, name }: Reading) => {
  const target = { providerId: "openai-compatible", upstreamModel: "claude-sonnet-5", outputTokensMax: null, traits: traitsOf("claude-sonnet-5"), drop: [], searches: true }
  const prepared = lane.prepare({ body: Buffer.from(JSON.stringify(body)), call, headers: {}, requestId: "req_1", receivedAtMs: 0, target, clampedOutputTokens: null })
  if (!prepared.ok) throw new Error(`${name}: ${prepared.error.message}`)
  return prepared.value
}

test("no answer makes a reader throw, streamed or whole, and every stream ends in a state", () => {
  const played = fc.constantFrom(...readings).chain((reading) => fc.record({ reading: fc.constant(reading), source: sourcesOf(reading), changes: alterations, places: fc.array(fc.nat(), { maxLength: 8 }), json: anything }))
  const ended = { open: 0, finished: 0, failed: 0 }
  fc.assert(
    fc.property(played, ({ reading, source, changes, places, json }) => {
      const prepared = preparedFor(reading)
      const bytes = altered(source, changes)
      if (reading.streams) {
        const reader = prepared.openStream()
        const ends = [...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        for (const [index, end] of ends.entries()) reader.push(bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
        reader.end()
        ended[reader.state.kind]++
        expect(Object.values(reader.seen.usage ?? {}).every((count) => typeof count !== "number" || (Number.isFinite(count) && count >= 0))).toBe(true)
      }
      for (const whole of [bytes, Buffer.from(JSON.stringify(json))]) expect(typeof prepared.readAnswer(whole, "application/json").ok).toBe("boolean")
      reading.lane.readWords(Buffer.from(JSON.stringify(json)))
    }),
    { numRuns: 3_000 },
  )
  // Some alterations do no harm: streams that were read to their end are among them.
  expect(ended.open).toBe(0)
  expect(Math.min(ended.finished, ended.failed)).toBeGreaterThan(150)
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
})

/** `JSON.stringify` overflows the stack from 5,000 on (Node 24). */
const LEVELS = 20_000

test("answers that are nested deeper than can be written, to what is asked around chat, are answers or failures, and no exception", () => {
  const deep = `${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}`
  const chat: readonly Reading[] = Object.values(aroundLanes).map((lane) => ({ name: lane.operation ?? "", lane, call: calls.cc, body: bodies.cc, streams: true, isWrapped: false }))
  for (const reading of [...chat, ...embeddings, ...completions]) {
    const prepared = preparedFor(reading)
    for (const name of ["data", "results", "choices", "usage", "embedding", "predictions"]) {
      const body = Buffer.from(`{"object":"list","${name}":${deep}}`)
      expect(typeof prepared.readAnswer(body, "application/json").ok).toBe("boolean")
      reading.lane.readWords(body)
    }
  }
})

/** Wraps each event of a stream of Anthropic's as Bedrock does, and cuts it anywhere. */
test.each(wrapped.map((bytes, index) => [index, bytes] as const))("W-101 Anthropic's documented stream %i in Bedrock's messages means the same wherever it is cut", (_, bytes) => {
  const reading = readings.find(({ isWrapped, name }) => isWrapped && name.startsWith("am "))!
  const read = (pieces: readonly Buffer[]) => {
    const reader = preparedFor(reading).openStream()
    const text = (out: Buffer | string) => (typeof out === "string" ? Buffer.from(out, "latin1") : out).toString("utf8")
    return { out: pieces.map((piece) => text(reader.push(piece))).join("") + text(reader.end()), state: reader.state, seen: reader.seen }
  }
  const expected = read([bytes])
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (places) => {
      const ends = [...places.sort((a, b) => a - b), bytes.length]
      expect(read(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
