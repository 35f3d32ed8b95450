import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Rates, UnitRates } from "#lib/ledger/rates.ts"
import { bench, channel, config, model, quota, principal, target, whole } from "./test/fakes.ts"

/** Dollars per million tokens, or each, as nano-USD. */
const priced = (units: UnitRates, more: Partial<Rates> = {}) => {
  const price = { id: "price_1" as const, rates: { units, ...more } }
  return config(model("public", [target(channel("a"), { price: { cost: price, sell: price, markupPpm: null } })]))
}
const embeddingPrice = { input: nanoUsd(20_000_000n) }
const call = (gateway: ReturnType<typeof bench>, path: string, fields: object) => gateway.start({ path: `/api/v1${path}`, body: JSON.stringify({ model: "public", ...fields }) }).over
const open = (units: UnitRates, more: Partial<Rates> = {}) => bench({ config: priced(units, more), principal: principal({ quotas: [quota()] }) })

test("embeddings are asked for under the channel's name, answered under the public one and charged by their tokens", async () => {
  const gateway = open(embeddingPrice)
  gateway.upstream.script.push(whole(200, { object: "list", data: [{ object: "embedding", index: 0, embedding: "AACAPw==" }], model: "upstream-model", usage: { prompt_tokens: 800, total_tokens: 800 } }))
  const answer = await call(gateway, "/embeddings", { input: "hello", encoding_format: "base64" })
  expect(answer.json()).toMatchObject({ model: "public", data: [{ embedding: "AACAPw==" }], usage: { prompt_tokens: 800 } })
  expect(gateway.upstream.calls[0]).toMatchObject({ request: { url: "https://a.example/v1/embeddings", headers: { accept: "application/json" } }, body: { model: "upstream-model", input: "hello", encoding_format: "base64" } })
  // 800 tokens at $0.02 per million: $0.000016.
  expect(answer.headers["x-turnpike-cost-usd"]).toBe("0.000016")
  expect(gateway.opened).toMatchObject([{ endpoint: "embeddings", dialect: "cc", streamed: false }])
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { input: 800, call: 1 }, chargedNanoUsd: 16_000n }])
})

test("an embedding's hold counts texts high and token ids exactly", async () => {
  const gateway = open(embeddingPrice)
  for (const input of ["x".repeat(1_000), [[1, 2, 3], [4, 5]], ["ab", "cd"]]) {
    gateway.upstream.script.push(whole(200, { data: [], usage: { prompt_tokens: 1 } }))
    await call(gateway, "/embeddings", { input })
  }
  // 500, 5 and 2 tokens at 20 nano-dollars each.
  expect(gateway.quotas.asked.map(({ nanoUsd }) => nanoUsd)).toEqual([10_000n, 100n, 40n].map((amount) => ({ worst: amount, minimum: amount })))
})

test("W-98 an embedding that nobody counted is estimated by its bytes, and flagged", async () => {
  const gateway = open(embeddingPrice)
  gateway.upstream.script.push(whole(200, { data: [] }))
  await call(gateway, "/embeddings", { input: "x".repeat(400) })
  expect(gateway.settled).toMatchObject([{ status: "estimated", usage: { input: 100, estimated: true }, chargedNanoUsd: 2_000n }])
})

test("a moderation without a model goes to OpenAI's default, and is free where its price says so", async () => {
  const price = { id: "price_1" as const, rates: { units: { input: nanoUsd(0n) } } }
  const gateway = bench({ config: config(model("omni-moderation-latest", [target(channel("a"), { upstreamModel: "omni-moderation-latest", price: { cost: price, sell: price, markupPpm: null } })])), principal: principal({ quotas: [quota()] }) })
  gateway.upstream.script.push(whole(200, { id: "modr-1", model: "omni-moderation-2024-09-26", results: [{ flagged: false }] }))
  const answer = await gateway.start({ path: "/v1/moderations", body: JSON.stringify({ input: "hello" }) }).over
  expect(answer.status).toBe(200)
  expect(gateway.upstream.calls[0]?.body).toMatchObject({ model: "omni-moderation-latest", input: "hello" })
  expect(gateway.settled).toMatchObject([{ responseId: "modr-1", chargedNanoUsd: 0n }])
})

test.each([
  ["Cohere's search units", { search: nanoUsd(2_000_000n) }, { results: [], meta: { billed_units: { search_units: 3 } } }, 6_000_000n],
  ["Jina's tokens", { input: nanoUsd(20_000_000n) }, { model: "upstream-model", results: [], usage: { total_tokens: 500 } }, 10_000n],
  ["Voyage's tokens", { input: nanoUsd(50_000_000n) }, { data: [], usage: { total_tokens: 500 } }, 25_000n],
])("a rerank is charged by %s", async (_, units, answered, charged) => {
  const gateway = open(units)
  gateway.upstream.script.push(whole(200, answered))
  await call(gateway, "/rerank", { query: "q", documents: ["a", "b"] })
  expect(gateway.settled).toMatchObject([{ status: "complete", chargedNanoUsd: charged }])
})

test("a rerank holds a search for each hundred documents, and more for long ones", async () => {
  const gateway = open({ search: nanoUsd(2_000_000n) })
  for (const documents of [["a"], Array.from({ length: 101 }, () => "a"), Array.from({ length: 100 }, () => "x".repeat(1_100))]) {
    gateway.upstream.script.push(whole(200, { results: [], meta: { billed_units: { search_units: 1 } } }))
    await call(gateway, "/rerank", { query: "q", documents })
  }
  expect(gateway.quotas.asked.map(({ nanoUsd }) => nanoUsd?.worst)).toEqual([2_000_000n, 4_000_000n, 4_000_000n])
})

test.each([
  ["/embeddings", { input: "x" }, { second: nanoUsd(1n) }],
  ["/rerank", { query: "x", documents: [] }, { image: nanoUsd(1n) }],
  ["/chat/completions", { messages: [{ role: "user", content: "x" }] }, { second: nanoUsd(1n) }],
])("%s of a model that is priced in other units is 402, and nothing goes upstream", async (path, fields, units) => {
  const gateway = open(units)
  const answer = await call(gateway, path, fields)
  expect([answer.status, answer.error()["code"], answer.headers["x-should-retry"]]).toEqual([402, "model_without_price", "false"])
  expect(gateway.upstream.calls).toEqual([])
})

test("what is wrong with a request is named, and what would reach into the shared account is refused", async () => {
  const gateway = open(embeddingPrice)
  const params = []
  for (const [path, fields] of [["/embeddings", {}], ["/moderations", {}], ["/rerank", { query: "x" }], ["/rerank", { documents: [] }], ["/embeddings", { input: "x", provider: { order: ["x"] } }]] as const) {
    const answer = await call(gateway, path, fields)
    params.push([answer.status, answer.error()["param"]])
  }
  expect(params).toEqual([[400, "input"], [400, "input"], [400, "documents"], [400, "query"], [400, "provider"]])
})

test("an operation around chat fails over like chat", async () => {
  const price = { id: "price_1" as const, rates: { units: embeddingPrice } }
  const one = (name: string, priority: number) => target(channel(name, { priority }), { price: { cost: price, sell: price, markupPpm: null } })
  const gateway = bench({ config: config(model("public", [one("a", 1), one("b", 2)])) })
  gateway.upstream.script.push(whole(500, "no"), whole(200, { data: [], usage: { prompt_tokens: 1 } }))
  const answer = await call(gateway, "/embeddings", { input: "x" })
  expect(answer.headers["x-turnpike-channel"]).toBe("b")
})

test("a list of models says what each is for and what it costs in its own units", async () => {
  const rates = { units: { second: nanoUsd(100_000n) } }
  const price = { id: "price_1" as const, rates }
  const gateway = bench({ config: config(model("listen", [target(channel("a", { providerId: "openai" }), { upstreamModel: "whisper-1", price: { cost: price, sell: price, markupPpm: null } })])) })
  expect((await gateway.get("/v1/models/listen")).json()).toMatchObject({ architecture: { input_modalities: ["audio"], output_modalities: ["transcription"] }, pricing: { second: "0.0001" } })
})
