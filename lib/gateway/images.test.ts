import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Rates, UnitRates } from "#lib/ledger/rates.ts"
import { bench, channel, config, model, principal, quota, streamed, target, whole } from "./test/fakes.ts"

const usd = (text: string) => nanoUsd(BigInt(Math.round(Number(text) * 1e9)))
/** OpenAI's price page, image generation: $ each by quality and size (DALL·E), $ per million tokens (GPT Image 1). */
const dalle3: Partial<Rates> = { images: { "1024x1024/standard": usd("0.04"), "1024x1024/hd": usd("0.08"), "1024x1792/standard": usd("0.08"), "1024x1792/hd": usd("0.12") } }
const gptImage1: UnitRates = { input: usd("5"), cacheRead: usd("1.25"), inputImage: usd("10"), output: usd("40") }

function open(units: UnitRates, more: Partial<Rates> = {}) {
  const price = { id: "price_1" as const, rates: { units, ...more } }
  const gateway = bench({ config: config(model("public", [target(channel("a"), { price: { cost: price, sell: price, markupPpm: null } })])), principal: principal({ quotas: [quota()] }) })
  const generate = (fields: object) => gateway.start({ path: "/api/v1/images/generations", body: JSON.stringify({ model: "public", prompt: "a cat", ...fields }) }).over
  return { ...gateway, generate }
}
const images = (count: number, more: object = {}) => whole(200, { created: 1, data: Array.from({ length: count }, () => ({ b64_json: "AAAA" })), ...more })

test.each([
  ["nothing named", {}, 1, "1024x1024/standard", 40_000_000n],
  ["the dearer quality", { quality: "hd" }, 1, "1024x1024/hd", 80_000_000n],
  ["a larger size", { size: "1024x1792", quality: "hd" }, 1, "1024x1792/hd", 120_000_000n],
  ["several", { size: "1024x1792", n: 3 }, 3, "1024x1792/standard", 240_000_000n],
])("an image with %s costs its variant's price", async (_, fields, count, variant, charged) => {
  const gateway = open({}, dalle3)
  gateway.upstream.script.push(images(count))
  await gateway.generate(fields)
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { image: count, images: { [variant]: count }, call: 1 }, chargedNanoUsd: charged }])
})

test("what is held is the variant that was asked for, as often as it was asked for", async () => {
  const gateway = open({}, dalle3)
  gateway.upstream.script.push(images(2))
  await gateway.generate({ size: "1024x1792", quality: "standard", n: 2 })
  expect(gateway.quotas.asked).toMatchObject([{ nanoUsd: { worst: 160_000_000n, minimum: 160_000_000n } }])
})

test.each([
  ["size", { size: "auto" }],
  ["size", { size: "512x512", quality: "standard" }],
  ["quality", { quality: "auto" }],
  ["n", { n: 11 }],
  ["n", { n: "2.5" }],
  ["partial_images", { partial_images: 4, stream: true }],
  ["output_format", { output_format: "svg" }],
])("an image whose price cannot be told is refused by name: %s of %j", async (param, fields) => {
  const gateway = open({}, dalle3)
  const answer = await gateway.generate(fields)
  expect([answer.status, answer.error()["param"]]).toEqual([400, param])
  expect(gateway.upstream.calls).toEqual([])
})

test("a size that the provider chooses costs what it says that it made", async () => {
  const gateway = open({ image: usd("0.01") }, dalle3)
  gateway.upstream.script.push(images(1, { size: "1024x1792", quality: "hd" }))
  await gateway.generate({ size: "auto" })
  expect(gateway.settled).toMatchObject([{ usage: { images: { "1024x1792/hd": 1 } }, chargedNanoUsd: 120_000_000n }])
})

test("a model billed by tokens costs what its answer counts, text and images apart", async () => {
  const gateway = open(gptImage1)
  gateway.upstream.script.push(images(1, { size: "1024x1024", quality: "medium", usage: { input_tokens: 350, input_tokens_details: { text_tokens: 50, image_tokens: 300 }, output_tokens: 1_056, total_tokens: 1_406 } }))
  await gateway.generate({ size: "1024x1024", quality: "medium" })
  // 50 × $5 + 300 × $10 + 1,056 × $40 per million = $0.00025 + $0.003 + $0.04224 = $0.04549.
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { input: 50, inputImage: 300, outputImage: 1_056, image: 1 }, chargedNanoUsd: 45_490_000n }])
})

test("a model billed by tokens holds the most that its quality and size make, and a hundred more for each partial image", async () => {
  const gateway = open({ input: usd("5"), output: usd("40") })
  for (const fields of [{ size: "1024x1024", quality: "low" }, { size: "3840x2160", quality: "high", n: 2 }, { size: "1024x1024", quality: "low", stream: true, partial_images: 2 }, {}]) {
    gateway.upstream.script.push(images(1))
    await gateway.generate({ ...fields, prompt: "" })
  }
  // 500, 2 × 14,400, 700 and 7,200 tokens at 40,000 nano-dollars each.
  expect(gateway.quotas.asked.map(({ nanoUsd }) => nanoUsd?.worst)).toEqual([20_000_000n, 1_152_000_000n, 28_000_000n, 288_000_000n])
})

test("W-98 an image whose tokens nobody counted is estimated, and flagged", async () => {
  const gateway = open(gptImage1)
  gateway.upstream.script.push(images(1))
  await gateway.generate({ size: "1024x1024", quality: "high" })
  expect(gateway.settled).toMatchObject([{ status: "estimated", usage: { outputImage: 4_160, estimated: true } }])
})

const partial = `event: image_generation.partial_image\ndata: ${JSON.stringify({ type: "image_generation.partial_image", b64_json: "A".repeat(5_000), partial_image_index: 0 })}\n\n`
const completed = `event: image_generation.completed\ndata: ${JSON.stringify({ type: "image_generation.completed", b64_json: "A".repeat(5_000), size: "1024x1024", quality: "low", usage: { input_tokens: 10, output_tokens: 372, total_tokens: 382, input_tokens_details: { text_tokens: 10, image_tokens: 0 } } })}\n\n`

test("streamed images pass as they come and cost what their last event counts", async () => {
  const gateway = open(gptImage1)
  gateway.upstream.script.push(streamed(partial, completed.slice(0, 100), completed.slice(100)))
  const answer = await gateway.generate({ stream: true, partial_images: 1, quality: "low", size: "1024x1024" })
  expect(answer.body).toBe(partial + completed)
  expect(answer.headers["content-type"]).toMatch(/^text\/event-stream/)
  // 10 × $5 + 372 × $40 per million.
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { input: 10, outputImage: 372, image: 1 }, chargedNanoUsd: 14_930_000n }])
})

test("W-104 streamed images that end before one is complete end with an error", async () => {
  const gateway = open(gptImage1)
  gateway.upstream.script.push(streamed(partial))
  const answer = await gateway.generate({ stream: true, partial_images: 1 })
  expect(answer.body).toContain('"upstream_incomplete"')
  expect(gateway.settled).toMatchObject([{ status: "interrupted" }])
})
