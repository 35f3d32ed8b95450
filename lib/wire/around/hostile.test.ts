import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { boundaryOf, createFormScanner } from "../multipart/form-scanner.ts"
import { readForm } from "../multipart/form.ts"
import type { Call } from "../call.ts"
import { aroundLanes } from "./lanes.ts"

const lanes = Object.values(aroundLanes)
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`
const target = { providerId: "openai", upstreamModel: "up", outputTokensMax: null, traits: {} as never, drop: [], searches: false }
const prepared = (lane: (typeof lanes)[number], call: Call) => lane.prepare({ body: Buffer.from('{"model":"m"}'), call, headers: {}, requestId: "req_1", receivedAtMs: 0, target, clampedOutputTokens: null })

test("a hundred thousand levels of nesting are read in linear time and never throw", async () => {
  for (const [lane, name] of [["embeddings", "input"], ["moderations", "input"], ["rerank", "documents"], ["rerank", "query"], ["completions", "prompt"], ["images.generations", "prompt"], ["audio.speech", "instructions"]] as const) {
    const others = Object.fromEntries(["input", "prompt", "query"].filter((other) => other !== name).map((other) => [other, "x"]))
    const fields = JSON.stringify({ model: "m", voice: "v", ...(name !== "documents" && { documents: [] }), ...others }).slice(0, -1)
    await expectLinear((size) => expect(aroundLanes[lane].readCall(Buffer.from(`${fields},"${name}":${deep(size)}}`), {}).ok).toBe(true), 12_500)
  }
})

test("whatever a client sends in JSON is read or refused, and never throws", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e99, "auto", "1024x1024", [], {}, null))
  const names = ["model", "input", "prompt", "query", "documents", "n", "size", "quality", "stream", "partial_images", "max_tokens", "voice", "instructions", "__proto__", "stream_options"]
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (fields) => {
      const body = Buffer.from(JSON.stringify({ model: "m", input: "x", prompt: "p", query: "q", documents: [], ...fields }))
      for (const lane of lanes) {
        const call = lane.readCall(body, {})
        if (call.ok && call.value.work !== undefined) expect(Object.values(call.value.work.atMost.each ?? {}).every((count) => Number.isFinite(count) && count >= 0)).toBe(true)
      }
    }),
  )
})

test("whatever a provider answers is an answer or a failure with or without words, and its counts are counts", () => {
  const call = aroundLanes.rerank.readCall(Buffer.from('{"model":"m","query":"q","documents":[]}'), {})
  if (!call.ok) throw new Error(call.error.message)
  const answers = lanes.flatMap((lane) => {
    const ready = prepared(lane, { ...call.value, choices: 1, streamed: false })
    return ready.ok ? [ready.value] : []
  })
  const usage = fc.dictionary(fc.constantFrom("prompt_tokens", "input_tokens", "output_tokens", "total_tokens", "seconds", "input_token_details", "input_tokens_details"), fc.jsonValue())
  const answered = fc.record({ data: fc.jsonValue(), results: fc.jsonValue(), choices: fc.jsonValue(), text: fc.jsonValue(), usage: fc.oneof(usage, fc.jsonValue()), meta: fc.jsonValue(), duration: fc.jsonValue() }, { requiredKeys: [] })
  fc.assert(
    fc.property(fc.oneof(answered.map((json) => JSON.stringify(json)), fc.string(), fc.json()), (text) => {
      for (const answer of answers) {
        const read = answer.readAnswer(Buffer.from(text), "application/json")
        if (!read.ok || read.value.seen.usage === null) continue
        for (const [unit, count] of Object.entries(read.value.seen.usage)) if (typeof count === "number") expect(count >= 0 && Number.isFinite(count), unit).toBe(true)
      }
    }),
  )
})

test("streams of anything, cut anywhere, end in a state and never throw", () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), fc.constantFrom('data: {"type":"transcript.text.done","usage":7}\n\n', "data: {}\n\n", "data: [DONE]\n\n", "event: image_edit.completed\ndata: {", "\n\n").map((text) => Buffer.from(text)))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const lane of [aroundLanes["images.generations"], aroundLanes["audio.transcriptions"], aroundLanes["audio.speech"], aroundLanes.completions]) {
        const call = aroundLanes["images.generations"].readCall(Buffer.from('{"model":"m","prompt":"p","stream":true}'), {})
        const ready = call.ok ? prepared(lane, call.value) : call
        if (!ready.ok) throw new Error(ready.error.message)
        const reader = ready.value.openStream()
        for (const bytes of pieces) reader.push(bytes)
        reader.end()
        expect(["finished", "failed"]).toContain(reader.state.kind)
      }
    }),
  )
})

test("forms of anything are read or have a problem, and never throw", () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)), fc.constantFrom("--b\r\n", "\r\n--b", "--b--\r\n", 'Content-Disposition: form-data; name="model"\r\n\r\n', "\r\n\r\n", "; filename=x").map((text) => Buffer.from(text)))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const scanner = createFormScanner("b")
      for (const bytes of pieces) scanner.push(bytes)
      const read = readForm(scanner.parts, 10_000, "b")
      if (read.ok) for (const lane of lanes) expect(typeof (lane.forms?.readCall(read.value).ok ?? true)).toBe("boolean")
    }),
  )
  expect(boundaryOf(`multipart/form-data; boundary="${'\\"'.repeat(50_000)}`)).toBeNull()
})
