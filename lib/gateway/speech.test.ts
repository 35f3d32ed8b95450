import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { UnitRates } from "#lib/ledger/rates.ts"
import { bench, channel, config, failing, model, principal, quota, streamed, target, type UpstreamCallSeen, whole } from "./test/fakes.ts"

/** OpenAI's price page: tts-1 $15 per million characters; gpt-4o-mini-tts $0.60 and $12 per million tokens of text and audio. */
const tts1: UnitRates = { character: nanoUsd(15_000n) }
const miniTts: UnitRates = { input: nanoUsd(600_000_000n), outputAudio: nanoUsd(12_000_000_000n) }

function open(units: UnitRates) {
  const price = { id: "price_1" as const, rates: { units } }
  const gateway = bench({ config: config(model("public", [target(channel("a"), { price: { cost: price, sell: price, markupPpm: null } })])), principal: principal({ quotas: [quota()] }) })
  const speak = (fields: object) => gateway.start({ path: "/api/v1/audio/speech", body: JSON.stringify({ model: "public", input: "Hello 👩", voice: "alloy", ...fields }) }).over
  return { ...gateway, speak }
}

const begin = ({ sink }: UpstreamCallSeen) => {
  sink.onHead(200, { "content-type": "audio/mpeg" })
  sink.onData(Buffer.from("ID3"))
}
const audio = (call: UpstreamCallSeen) => {
  begin(call)
  call.sink.onData(Buffer.from("more"))
  call.sink.onEnd()
}

test("speech passes as the provider's own bytes and costs its characters, known before a byte has come", async () => {
  const gateway = open(tts1)
  gateway.upstream.script.push(audio)
  const answer = await gateway.speak({})
  expect(answer).toMatchObject({ status: 200, body: "ID3more", headers: { "content-type": "audio/mpeg" } })
  expect(gateway.upstream.calls[0]?.request).toMatchObject({ url: "https://a.example/v1/audio/speech", headers: { accept: "*/*" } })
  // Seven characters, the last of them one emoji: 7 × $0.000015, held and charged alike.
  expect(gateway.quotas.asked).toMatchObject([{ nanoUsd: { worst: 105_000n } }])
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { character: 7 }, chargedNanoUsd: 105_000n }])
})

test.each(["text/html", "image/svg+xml", "application/xhtml+xml; charset=utf-8", "text/xml", ""])("a provider's %s is bytes to a browser, and never a page under the portal's address", async (type) => {
  const gateway = open(tts1)
  gateway.upstream.script.push(({ sink }) => {
    sink.onHead(200, { "content-type": type })
    sink.onData(Buffer.from("<script>alert(1)</script>"))
    sink.onEnd()
  })
  const { status, headers } = await gateway.speak({})
  expect(headers["x-content-type-options"]).toBe("nosniff")
  // HTML is no speech at all.
  if (status === 200) expect(headers["content-type"]).toBe("application/octet-stream")
  else expect([status, headers["content-type"]]).toEqual([502, "application/json"])
})

test("speech that breaks off breaks the client's connection too: nothing may look like its end", async () => {
  const gateway = open(tts1)
  gateway.upstream.script.push((call) => {
    begin(call)
    failing("closed")(call)
  })
  const answer = await gateway.speak({})
  expect([answer.body, answer.broken]).toEqual(["ID3", true])
  expect(gateway.settled).toMatchObject([{ status: "interrupted", chargedNanoUsd: 105_000n }])
})

test("an empty speech is no answer, and costs nothing", async () => {
  const gateway = open(tts1)
  gateway.upstream.script.push(({ sink }) => {
    sink.onHead(200, { "content-type": "audio/mpeg" })
    sink.onEnd()
  })
  expect((await gateway.speak({})).status).toBe(502)
  expect(gateway.settled).toMatchObject([{ status: "failed", chargedNanoUsd: 0n }])
})

test("a provider's refusal of a speech reaches the client in its own words", async () => {
  const gateway = open(tts1)
  gateway.upstream.script.push(whole(400, { error: { message: "No such voice.", param: "voice" } }))
  const answer = await gateway.speak({ voice: "nobody" })
  expect([answer.status, answer.error()]).toMatchObject([400, { message: "No such voice.", param: "voice" }])
})

test("speech as events costs the tokens that its last event counts", async () => {
  const gateway = open(miniTts)
  const events = ['data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n', 'data: {"type":"speech.audio.done","usage":{"input_tokens":14,"output_tokens":101,"total_tokens":115}}\n\n']
  gateway.upstream.script.push(streamed(...events))
  const answer = await gateway.speak({ stream_format: "sse" })
  expect(answer).toMatchObject({ body: events.join(""), headers: { "content-type": "text/event-stream" } })
  // 14 × $0.60 + 101 × $12 per million = $0.0012204.
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { input: 14, outputAudio: 101, character: 7 }, chargedNanoUsd: 1_220_400n }])
})

test("W-98 speech by a model billed in tokens is estimated where only its bytes come", async () => {
  const gateway = open(miniTts)
  gateway.upstream.script.push(audio)
  await gateway.speak({ input: "x".repeat(150) })
  // Ten seconds at 1,250 tokens a minute: 209 tokens, and 38 of text. 209 × $12 + 38 × $0.60 per million.
  expect(gateway.settled).toMatchObject([{ status: "estimated", usage: { input: 38, outputAudio: 209, estimated: true }, chargedNanoUsd: 2_530_800n }])
})

test.each([["input", { input: "" }], ["voice.id", { voice: { id: "voice_1" } }]])("a speech without text, or with a voice of the shared account, is refused: %s", async (param, fields) => {
  const answer = await open(tts1).speak(fields)
  expect([answer.status, answer.error()["param"]]).toEqual([400, param])
})
