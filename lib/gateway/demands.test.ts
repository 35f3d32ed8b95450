import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { guardedFields } from "#lib/catalog/guarded-fields.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import { bench, channel, completion, config, model, rates, target, whole } from "./test/fakes.ts"

const withRates = (given: Rates) => {
  const price = { id: "price_1" as const, rates: given }
  return config(model("public", [target(channel("a"), { price: { cost: price, sell: price, markupPpm: null } })]))
}

/** A value that does something, for each rule that refuses or allows by value. */
const refusedValues: Readonly<Record<string, object>> = {
  "tools[].type": { tools: [{ type: "function" }, { type: "web_search" }] },
  "extra_body.google.cached_content": { extra_body: { google: { cached_content: "cachedContents/1" } } },
  "messages[].audio.id": { messages: [{ role: "user", content: "a" }, { role: "assistant", audio: { id: "audio_1" } }] },
  "messages[].content[].file.file_id": { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file_1" } }] }] },
}
const refusing = [...(guardedFields.cc?.values() ?? [])].flatMap(({ rules }) => rules).filter(({ rule }) => rule.kind === "refuse" || rule.kind === "only")

test.each(refusing.map(({ rule }) => rule.path))("%s is refused by name with the reason, and nothing is sent", async (path) => {
  const { chat, upstream } = bench()
  const answer = await chat(refusedValues[path] ?? { [path]: "something" }).over
  expect(answer.status).toBe(400)
  expect(answer.error()).toMatchObject({ code: "unsupported_parameter" })
  expect(String(answer.error()["param"]).replace(/\[\d+\]/g, "[]")).toBe(path)
  expect(answer.error()["message"]).toMatch(/cannot be used here: .{10}/)
  expect(upstream.calls).toEqual([])
})

test("null, false and empty values of guarded fields, and their harmless ones, pass untouched", async () => {
  const { chat, upstream } = bench()
  upstream.script.push(whole(200, completion()))
  const fields = { store: false, metadata: {}, plugins: [], models: null, service_tier: "auto", speed: "standard", tools: [{ type: "function", function: { name: "f" } }], modalities: ["text"] }
  expect((await chat(fields).over).status).toBe(200)
  expect(upstream.calls[0]?.body).toMatchObject(fields)
})

test.each(["Model", "Tools", "SERVICE_TIER", "Stream_Options"])("%s is refused, since some providers match names in any case", async (name) => {
  const answer = await bench().chat({ [name]: "x" }).over
  expect(answer.status).toBe(400)
  expect(answer.error()["param"]).toBe(name)
})

test("a service tier, a search, spoken output and images are served only where they have a price", async () => {
  const fields: readonly (readonly [object, string, Rates])[] = [
    [{ service_tier: "priority" }, "service_tier", { ...rates(), serviceTiers: { priority: { output: nanoUsd(4_000_000_000n) } } }],
    [{ web_search_options: { search_context_size: "low" } }, "web_search_options", rates({ search: nanoUsd(10_000_000n) })],
    [{ modalities: ["text", "audio"], audio: { voice: "alloy" } }, "modalities[1]", rates({ outputAudio: nanoUsd(80_000_000_000n) })],
    [{ modalities: ["image"] }, "modalities[0]", rates({ outputImage: nanoUsd(30_000_000_000n) })],
  ]
  for (const [given, param, priced] of fields) {
    const refused = await bench().chat(given).over
    expect(refused.status).toBe(400)
    expect(refused.error()["param"]).toBe(param)
    const { chat, upstream } = bench({ config: withRates(priced) })
    upstream.script.push(whole(200, completion()))
    expect((await chat(given).over).status).toBe(200)
  }
})

test("a search is held before and charged after, also where the provider does not count it", async () => {
  const { chat, upstream, settled, opened } = bench({ config: withRates(rates({ search: nanoUsd(10_000_000n) })) })
  upstream.script.push(whole(200, completion()))
  await chat({ web_search_options: { user_location: {} }, max_tokens: 1 }).over
  expect(opened[0]?.holdNanoUsd).toBeGreaterThan(10_000_000n)
  expect(settled[0]).toMatchObject({ usage: { search: 1 }, chargedNanoUsd: 10_020_000n })
})

test("a priority tier is held at its own rates", async () => {
  const holds = await Promise.all(["default", "priority"].map(async (service_tier) => {
    const { chat, upstream, opened } = bench({ config: withRates({ ...rates(), serviceTiers: { priority: { input: nanoUsd(2_000_000_000n), output: nanoUsd(40_000_000_000n) } } }) })
    upstream.script.push(whole(200, completion()))
    await chat({ service_tier, max_tokens: 1_000 }).over
    return opened[0]?.holdNanoUsd ?? 0n
  }))
  expect(holds[1]).toBeGreaterThanOrEqual(40_000_000n)
})

test("predicted output is held as output, since rejected tokens are billed as such", async () => {
  const hold = async (fields: object) => {
    const { chat, upstream, opened } = bench()
    upstream.script.push(whole(200, completion()))
    await chat({ max_tokens: 10, ...fields }).over
    return opened[0]?.holdNanoUsd ?? 0n
  }
  // 2,000 bytes are counted as 1,000 tokens of input (bytes / 2) and as 1,000 of output.
  expect((await hold({ prediction: { type: "content", content: "x".repeat(2_000) } })) - (await hold({}))).toBeGreaterThan(3_000_000n - 10_000n)
})

test("hostile requests are refused or carried, in time in proportion to their size", async () => {
  const answered = async (body: string) => {
    const { start, upstream } = bench()
    upstream.script.push(whole(200, completion()))
    expect([200, 400, 404]).toContain((await start({ body }).over).status)
  }
  await expectLinear((size) => answered(`{"model":"public","messages":[1],"metadata":${"[".repeat(size)}1${"]".repeat(size)}}`), 12_500)
  await expectLinear((size) => answered(JSON.stringify({ model: "public", messages: Array.from({ length: size }, () => ({ role: "user", content: [{ file: {} }] })), max_tokens: 1 })), 6_250)
  for (const body of ['{"__proto__":{"model":"public"},"constructor":1}', '{"model":"__proto__","messages":[1]}', "[".repeat(100_000)]) await answered(body)
})
