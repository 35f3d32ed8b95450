import { expect, test } from "vitest"
import { statSync } from "node:fs"
import { listRates } from "#lib/ledger/list-price.ts"
import { catalogModels, findCatalogModel, modelSuggestions, sourcesOf } from "./models.ts"
import type { ProviderDefinition } from "./provider.ts"
import { findProvider, providers } from "./providers.ts"

test("every row names the packages with their versions, or the page with its date, that it came from", () => {
  for (const model of catalogModels()) {
    expect(sourcesOf(model).length, model.id).toBeGreaterThan(0)
    for (const source of sourcesOf(model)) expect(source).toMatch(/^@[a-z-]+\/[a-z-]+@\d+\.\d+\.\d+$|^https:\/\/\S+ \(\d{4}-\d\d-\d\d\)$/)
  }
})

test("every list price reads as exact nano-dollars", () => {
  const priced = catalogModels().filter((model) => model.price !== undefined)
  expect(priced.length).toBeGreaterThan(400)
  for (const model of priced) {
    const rates = listRates(model)
    expect(Object.values(rates?.units ?? {}).every((amount) => typeof amount === "bigint" && amount >= 0n), model.id).toBe(true)
    expect(Object.keys(rates?.units ?? {}).length, model.id).toBeGreaterThan(0)
  }
  const sonnet = findCatalogModel("anthropic", "claude-sonnet-4-5")
  expect(sonnet && listRates(sonnet)?.units).toMatchObject({ input: 3_000_000_000n, output: 15_000_000_000n, cacheRead: 300_000_000n, cacheWrite5m: 3_750_000_000n })
})

test("no row is listed twice by one seller", () => {
  const keys = catalogModels().map((model) => `${model.seller} ${model.id.toLowerCase()}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test("the committed catalogue stays below half a megabyte", () => {
  expect(statSync("lib/catalog/models.json").size).toBeLessThan(500_000)
})

test.each([
  ["zai", "glm-5.3", "zai"],
  ["zhipu-coding", "glm-5.3", "zhipu"],
  ["zhipu-coding", "GLM-5.3", "zhipu"],
  ["zai-coding", "glm-5.3", "zai"],
  ["ark-coding", "glm-5.3", "zai"],
  ["openai-compatible", "gpt-4o-mini", "openai"],
  ["openrouter", "anthropic/claude-sonnet-5", "openrouter"],
  ["kimi-coding", "kimi-for-coding", "kimi-coding"],
  ["groq", "llama-3.3-70b-versatile", "groq"],
  ["sandbox", "sandbox", "sandbox"],
  ["bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock"],
  ["vertex", "claude-sonnet-4-5@20250929", "anthropic"],
  ["vertex", "claude-opus-4-6@default", "anthropic"],
])("%s's %s is priced by %s", (provider, upstream, seller) => {
  expect(findCatalogModel(provider, upstream)?.seller).toBe(seller)
})

test.each([
  ["openai", "text-embedding-3-small", "embedding", { input: 20_000_000n }],
  ["openai", "gpt-image-1", "image", { input: 5_000_000_000n, inputImage: 10_000_000_000n, output: 40_000_000_000n }],
  ["openai", "tts-1", "speech", { character: 15_000n }],
  ["openai", "whisper-1", "transcription", { second: 100_000n }],
  ["groq", "whisper-large-v3-turbo", "transcription", { second: 11_111n }],
  ["openai", "omni-moderation-latest", "moderation", { input: 0n }],
  ["cohere", "rerank-v4.0-fast", "rerank", { search: 2_000_000n }],
  ["openai", "gpt-4.1", undefined, { input: 2_000_000_000n }],
] as const)("%s's %s is for what it is for, and priced in its vendor's units", (provider, id, kind, units) => {
  const model = findCatalogModel(provider, id)
  expect(model?.kind).toBe(kind)
  expect(model && listRates(model)?.units).toMatchObject(units)
})

test("Bedrock's place is in the price: a tenth more in a region or a geography than in all the world, the cache of an hour twice the input", () => {
  const unitsOf = (id: string) => {
    const model = findCatalogModel("bedrock", id)
    return model && listRates(model)?.units
  }
  const anywhere = { input: 3_000_000_000n, output: 15_000_000_000n, cacheRead: 300_000_000n, cacheWrite5m: 3_750_000_000n, cacheWrite1h: 6_000_000_000n }
  const within = { input: 3_300_000_000n, output: 16_500_000_000n, cacheRead: 330_000_000n, cacheWrite5m: 4_125_000_000n, cacheWrite1h: 6_600_000_000n }
  expect(["global.", "us.", "eu.", ""].map((place) => unitsOf(`${place}anthropic.claude-sonnet-4-5-20250929-v1:0`))).toEqual([anywhere, within, within, within])
  expect(unitsOf("amazon.nova-pro-v1:0")).toEqual({ input: 800_000_000n, output: 3_200_000_000n, cacheRead: 200_000_000n, cacheWrite5m: 800_000_000n })
})

test("an ARN of Bedrock names no model, and has no list price", () => {
  expect(findCatalogModel("bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/x")).toBeNull()
})

test("no chat model is taken for another kind", () => {
  for (const { id, kind, output } of catalogModels()) if (kind !== undefined && kind !== "transcription") expect(output, id).toBeUndefined()
})

test("a model that nobody lists is unknown, not free", () => {
  expect(findCatalogModel("openai-compatible", "my-own-finetune")).toBeNull()
})

test("a fact that the priced row lacks comes from another row of the same model, a price never does", () => {
  const model = findCatalogModel("zhipu-coding", "glm-5.3")
  expect(model).toMatchObject({ seller: "zhipu", output: 131_072 })
  expect(model?.price).toEqual(catalogModels().find((row) => row.seller === "zhipu" && row.id === "glm-5.3")?.price)
})

test("a reseller's own names mean nothing elsewhere", () => {
  expect(findCatalogModel("openai-compatible", "anthropic/claude-sonnet-5")).toBeNull()
})

test("every suggested model of a preset that sells by the token has a list price", () => {
  for (const provider of providers as readonly ProviderDefinition[]) {
    if (provider.codingPlan || provider.local) continue
    for (const model of provider.suggestedModels ?? []) expect(findCatalogModel(provider.id, model)?.price, `${provider.id} ${model}`).toBeDefined()
  }
})

test("suggestions begin with the preset's favourites and hold each model once", () => {
  const coding = findProvider("zhipu-coding")
  const suggestions = coding === null ? [] : modelSuggestions(coding)
  expect(suggestions[0]).toBe("glm-5.3")
  expect(suggestions).toContain("glm-4.6v")
  expect(new Set(suggestions).size).toBe(suggestions.length)
})
