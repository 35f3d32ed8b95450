import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { err, ok } from "#lib/kernel/result.ts"
import type { Rates, UnitRates } from "#lib/ledger/rates.ts"
import type { ByteStream } from "#lib/wire/multipart/form.ts"
import type { GatewayRequest } from "./exchange.ts"
import { FORM_BYTES_HELD_MAX } from "./receive-form.ts"
import { bench, channel, config, failing, model, principal, quota, streamed, target, type UpstreamCallSeen, whole } from "./test/fakes.ts"

/** OpenAI's price page: whisper-1 $0.006 a minute; gpt-4o-transcribe $2.50, $6 and $10 per million tokens of text, audio and output. */
const whisper: UnitRates = { second: nanoUsd(100_000n) }
const transcribe: UnitRates = { input: nanoUsd(2_500_000_000n), inputAudio: nanoUsd(6_000_000_000n), output: nanoUsd(10_000_000_000n) }

const field = (name: string, value: string) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (bytes: number, name = "file") => `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n${"x".repeat(bytes)}\r\n`
const form = (...parts: readonly string[]) => Buffer.from(`${parts.join("")}--b--\r\n`)
const type = "multipart/form-data; boundary=b"
const LARGE = FORM_BYTES_HELD_MAX * 3

function open(units: UnitRates, more: Partial<Rates> = {}, channels: readonly string[] = ["a"]) {
  const price = { id: "price_1" as const, rates: { units, ...more } }
  const targets = channels.map((name, priority) => target(channel(name, { priority }), { price: { cost: price, sell: price, markupPpm: null } }))
  const gateway = bench({ config: config(model("public", targets)), principal: principal({ quotas: [quota({ limit: 100_000_000_000n })] }) })
  const send = (body: Buffer, path = "/audio/transcriptions", headers: object = { "content-length": String(body.length) }) => {
    const pieces = piecesOf(body)
    const call = gateway.start({ path: `/api/v1${path}`, headers: { authorization: "Bearer sk-tp-1", "content-type": type, ...headers }, chunks: pieces.chunks })
    return { ...call, pieces }
  }
  return { ...gateway, send }
}

/** A body in pieces of 64 KiB that counts how many have been taken. */
function piecesOf(body: Buffer) {
  const state = { taken: 0, released: false }
  const chunks: GatewayRequest["chunks"] = () => ({
    next() {
      const from = state.taken++ * 65_536
      return Promise.resolve(ok(from < body.length ? body.subarray(from, from + 65_536) : null))
    },
    release: () => void (state.released = true),
  })
  return Object.assign(state, { chunks })
}

const isStream = (body: Buffer | ByteStream): body is ByteStream => !Buffer.isBuffer(body)

async function sentBody({ request: { body } }: UpstreamCallSeen): Promise<Buffer> {
  if (!isStream(body)) return body
  const chunks: Buffer[] = []
  for await (const chunk of body.chunks()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads the whole form, as a provider does, and answers. */
const answering = (answer: (call: UpstreamCallSeen) => void, bodies: Buffer[] = []) => (call: UpstreamCallSeen) => {
  sentBody(call).then(
    (body) => {
      bodies.push(body)
      answer(call)
    },
    () => failing("closed")(call),
  )
}
const text = (seconds: number) => whole(200, { text: "hello", usage: { type: "duration", seconds } })

test("a transcription is asked for under the channel's name with the client's own form, and costs its seconds", async () => {
  const gateway = open(whisper)
  const bodies: Buffer[] = []
  gateway.upstream.script.push(answering(text(95), bodies))
  const answer = await gateway.send(form(file(2_000), field("model", "public"), field("language", "de"))).over
  expect(answer.json()).toMatchObject({ text: "hello" })
  expect(bodies[0]?.toString()).toBe(form(file(2_000), field("model", "upstream-model"), field("language", "de")).toString())
  expect(gateway.upstream.calls[0]?.request).toMatchObject({ url: "https://a.example/v1/audio/transcriptions", headers: { "content-type": type, accept: "*/*" } })
  expect(gateway.opened).toMatchObject([{ endpoint: "audio.transcriptions" }])
  // 95 s × $0.0001.
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { second: 95, call: 1 }, chargedNanoUsd: 9_500_000n }])
  expect(gateway.kept).toEqual([])
})

test.each([
  ["the duration of verbose_json", whisper, { text: "", duration: 12.5 }, 1_250_000n],
  ["OpenAI's tokens", transcribe, { text: "", usage: { type: "tokens", input_tokens: 114, input_token_details: { text_tokens: 14, audio_tokens: 100 }, output_tokens: 20 } }, 835_000n],
  ["Mistral's seconds", whisper, { text: "", usage: { prompt_audio_seconds: 4, prompt_tokens: 4, completion_tokens: 635, total_tokens: 3_264 } }, 400_000n],
])("a transcription is charged by %s", async (_, units, answered, charged) => {
  const gateway = open(units)
  gateway.upstream.script.push(answering(whole(200, answered)))
  await gateway.send(form(field("model", "public"), file(10))).over
  expect(gateway.settled).toMatchObject([{ status: "complete", chargedNanoUsd: charged }])
})

test("W-98 subtitles come as they are, and their seconds are estimated by the file, and flagged", async () => {
  const gateway = open(whisper)
  const subtitles = "1\n00:00:00,000 --> 00:00:04,000\nhello\n"
  gateway.upstream.script.push(answering(({ sink }) => {
    sink.onHead(200, { "content-type": "text/plain; charset=utf-8" })
    sink.onData(Buffer.from(subtitles))
    sink.onEnd()
  }))
  const answer = await gateway.send(form(field("model", "public"), field("response_format", "srt"), file(160_000))).over
  expect(answer).toMatchObject({ body: subtitles, headers: { "content-type": "text/plain; charset=utf-8" } })
  // 160,000 bytes at 128 kbit/s are ten seconds; at 32 kbit/s, which is held, forty and one.
  expect(gateway.settled).toMatchObject([{ status: "estimated", usage: { second: 10 }, chargedNanoUsd: 1_000_000n }])
  expect(gateway.quotas.asked).toMatchObject([{ nanoUsd: { worst: 4_100_000n } }])
})

const events = ['data: {"type":"transcript.text.delta","delta":"he"}\n\n', 'data: {"type":"transcript.text.done","text":"hello","usage":{"type":"tokens","input_tokens":100,"input_token_details":{"text_tokens":0,"audio_tokens":100},"output_tokens":5,"total_tokens":105}}\n\n']

test("a streamed transcription passes as it comes; one that the provider answers whole does too", async () => {
  const gateway = open({ ...transcribe, ...whisper })
  gateway.upstream.script.push(answering(streamed(...events)), answering(text(3)))
  const body = form(field("model", "public"), field("stream", "true"), file(10))
  expect((await gateway.send(body).over).body).toBe(events.join(""))
  const answer = await gateway.send(body).over
  expect([answer.headers["content-type"], answer.json()["text"]]).toEqual(["application/json", "hello"])
  // 100 × $6 + 5 × $10 per million, although the price names seconds too; three seconds at $0.0001, although it names tokens.
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { inputAudio: 100, output: 5 }, chargedNanoUsd: 650_000n }, { status: "complete", usage: { second: 3 }, chargedNanoUsd: 300_000n }])
})

test("a large form with its model before the file passes while it comes, and is never held", async () => {
  const gateway = open(whisper)
  const body = form(field("model", "public"), file(LARGE), field("prompt_note", "behind"))
  let takenBefore = 0
  let takenBetween = 0
  gateway.upstream.script.push((call) => {
    const { body: sent } = call.request
    if (!isStream(sent)) throw new Error("it was held")
    const chunks = sent.chunks()[Symbol.asyncIterator]()
    takenBefore = sending.pieces.taken
    void chunks.next().then(() => chunks.next()).then(async () => {
      takenBetween = sending.pieces.taken
      while (!(await chunks.next()).done);
      text(1)(call)
    })
  })
  const sending = gateway.send(body)
  expect((await sending.over).status).toBe(200)
  // A piece is taken from the client when the provider asks for one, and not before.
  expect(takenBefore * 65_536).toBeLessThan(FORM_BYTES_HELD_MAX + 2 * 65_536)
  expect(takenBetween - takenBefore).toBe(1)
  expect(sending.pieces).toMatchObject({ released: true })
  expect(gateway.kept).toEqual([])
})

test("what passes arrives whole, with its announced length and the channel's name for the model", async () => {
  const gateway = open(whisper)
  const bodies: Buffer[] = []
  gateway.upstream.script.push(answering(text(1), bodies))
  await gateway.send(form(field("model", "public"), file(LARGE))).over
  const expected = form(field("model", "upstream-model"), file(LARGE))
  expect(bodies[0]?.equals(expected)).toBe(true)
  expect((gateway.upstream.calls[0]?.request.body as ByteStream).bytes).toBe(expected.length)
})

test.each([
  ["its model stands behind the file", form(file(LARGE), field("model", "public")), {}],
  ["its length is not announced", form(field("model", "public"), file(LARGE)), { "content-length": undefined }],
])("a large form is kept in a file of ours where %s, and the file is gone afterwards", async (_, body, headers) => {
  const gateway = open(whisper, {}, ["a", "b"])
  const bodies: Buffer[] = []
  gateway.upstream.script.push(answering(whole(500, "no"), bodies), answering(text(1), bodies))
  const answer = await gateway.send(body, "/audio/transcriptions", headers).over
  // Kept, it can be sent again: to the next channel.
  expect([answer.status, answer.headers["x-turnpike-channel"]]).toEqual([200, "b"])
  const expected = Buffer.from(body.toString().replace("public", "upstream-model"))
  expect(bodies.map((sent) => sent.equals(expected))).toEqual([true, true])
  expect(gateway.kept).toMatchObject([{ closed: true }])
})

test("a form that has gone by goes to no second channel; one that could not be sent at all does", async () => {
  const gateway = open(whisper, {}, ["a", "b"])
  const body = form(field("model", "public"), file(LARGE))
  gateway.upstream.script.push(answering(whole(500, "no")), failing("connect"), answering(text(1)))
  expect((await gateway.send(body).over).status).toBe(502)
  expect((await gateway.send(body).over).headers["x-turnpike-channel"]).toBe("b")
})

test.each([["model", field("model", "dearer")], ["stream", field("stream", "true")], ["other", file(10, "other")]])("what comes behind the file of a passing form and should have come before ends the call: %s", async (param, late) => {
  const gateway = open(whisper)
  gateway.upstream.script.push(answering(text(1)))
  const answer = await gateway.send(form(field("model", "public"), file(LARGE), late)).over
  expect([answer.status, answer.error()["param"]]).toEqual([400, param])
  expect(gateway.settled).toMatchObject([{ status: "failed", chargedNanoUsd: 0n }])
})

test("who leaves within a form pays nothing", async () => {
  const gateway = open(whisper)
  let fail: (() => void) | null = null
  gateway.upstream.script.push((call) => void sentBody(call).catch(() => {}))
  const body = form(field("model", "public"), file(LARGE))
  const pieces = piecesOf(body)
  const call = gateway.start({
    path: "/v1/audio/transcriptions",
    headers: { authorization: "Bearer sk-tp-1", "content-type": type, "content-length": String(body.length) },
    chunks: () => ({ ...pieces.chunks(), next: () => (pieces.taken < 20 ? pieces.chunks().next() : new Promise((resolve) => void (fail = () => resolve(err("closed"))))) }),
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  call.control.leave()
  ;(fail as (() => void) | null)?.()
  await call.over
  expect(gateway.settled).toMatchObject([{ status: "failed", chargedNanoUsd: 0n }])
})

test("a provider is told of the one boundary by which the form was read", async () => {
  const gateway = open(whisper)
  gateway.upstream.script.push(answering(text(1)))
  await gateway.send(form(field("model", "public"), file(10)), "/audio/transcriptions", { "content-type": `${type}; boundary=other; charset=x` }).over
  expect(gateway.upstream.calls[0]?.request.headers["content-type"]).toBe(type)
})

test("nobody without a key has a form read", async () => {
  const gateway = open(whisper)
  const { over, pieces } = gateway.send(form(field("model", "public"), file(LARGE)), "/audio/transcriptions", { authorization: "" })
  expect((await over).status).toBe(401)
  expect(pieces.taken).toBe(0)
})

test.each([
  ["file", form(field("model", "public")), type],
  ["model", form(file(10)), type],
  ["model", form(field("model", "public"), field("model", "dearer"), file(10)), type],
  ["url", form(field("model", "public"), field("url", "https://x.example/a.mp3"), file(10)), type],
  [null, form(field("model", "public"), file(10)), "multipart/form-data"],
  [null, form(field("model", "public"), file(10)).subarray(0, -8), type],
  ["file", Buffer.from("{}"), "application/json"],
])("a form that cannot be served is refused, and what is wrong is said: %s", async (param, body, contentType) => {
  const gateway = open(whisper)
  const answer = await gateway.start({ path: "/v1/audio/transcriptions", headers: { authorization: "Bearer sk-tp-1", "content-type": contentType }, body }).over
  expect([answer.status, answer.error()["param"]]).toEqual([400, param])
  expect(gateway.upstream.calls).toEqual([])
})

const dalle2: Partial<Rates> = { images: { "1024x1024": nanoUsd(20_000_000n), "512x512": nanoUsd(18_000_000n) } }

test("an image's edits and variations are forms too, and cost by size and number", async () => {
  const gateway = open({}, dalle2)
  const bodies: Buffer[] = []
  gateway.upstream.script.push(answering(whole(200, { data: [{ url: "x" }, { url: "y" }] }), bodies), answering(whole(200, { data: [{ url: "x" }] }), bodies))
  await gateway.send(form(file(100, "image"), file(100, "mask"), field("prompt", "a hat"), field("model", "public"), field("n", "2"), field("size", "512x512")), "/images/edits").over
  await gateway.send(form(file(100, "image"), field("model", "public")), "/images/variations").over
  expect(bodies[0]?.toString()).toContain("upstream-model")
  // OpenAI's price page, DALL·E 2: $0.018 at 512×512, $0.02 at 1024×1024.
  expect(gateway.settled).toMatchObject([{ usage: { image: 2, images: { "512x512": 2 } }, chargedNanoUsd: 36_000_000n }, { usage: { image: 1, images: { "1024x1024": 1 } }, chargedNanoUsd: 20_000_000n }])
})

test("each image that goes into an edit is held", async () => {
  const gateway = open({ input: nanoUsd(5_000_000_000n), inputImage: nanoUsd(10_000_000_000n), output: nanoUsd(40_000_000_000n) })
  gateway.upstream.script.push(answering(whole(200, { data: [{}], usage: { input_tokens: 1, output_tokens: 1 } })))
  await gateway.send(form(file(LARGE, "image[]"), file(10, "image[]"), field("model", "public"), field("quality", "low"), field("size", "1024x1024")), "/images/edits").over
  // Two images of 10,000 tokens at $10, and 500 tokens at $40 per million.
  expect(gateway.quotas.asked).toMatchObject([{ nanoUsd: { worst: 220_000_000n } }])
})

test.each([["n", field("n", "11")], ["strange", file(10, "strange")]])("an edit with a wrong %s is refused by name", async (param, part) => {
  const answer = await open({}, dalle2).send(form(file(10, "image"), field("model", "public"), part), "/images/edits").over
  expect([answer.status, answer.error()["param"]]).toEqual([400, param])
})
