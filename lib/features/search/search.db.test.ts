import { randomFillSync } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { loadGatewayConfig } from "#lib/adapters/gateway-config.ts"
import { createSealer } from "#lib/adapters/sealing.ts"
import type { Actor, Person } from "#lib/kernel/actor.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createSearchRepository, createSearchService, searchInput } from "./index.ts"

const operator: Person = { kind: "person", userId: "user_op", email: "op@example.com", name: null, isOperator: true, sessionId: "ses_1" }
const file: Actor & { readonly kind: "program" } = { kind: "program", file: "turnpike.yaml" }
const tavily = searchInput.parse({ provider: "tavily", apiKey: "tvly-secret-1234", price: "0.008" })

let database: TestDatabase
const logged: string[] = []
const sealerOf = (byte: number) => createSealer([{ version: "test", key: Buffer.alloc(32, byte) }], (bytes) => void randomFillSync(bytes))
const sealer = sealerOf(7)
const service = () => createSearchService({ repository: createSearchRepository(database), sealer, clock: { now: () => 1_800_000_000_000, monotonic: () => 0 } })
const load = (opening = sealer) => loadGatewayConfig({ database, sealer: opening, now: () => 1_800_000_000_000, log: (_, event) => void logged.push(event) })
const stored = () => database.system((transaction) => transaction.setting.findUnique({ where: { name: "search" } }))

beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    await transaction.channel.create({ data: { id: "chan_a", name: "a", providerId: "openai-compatible", endpoints: { cc: "https://a.example/v1" }, resale: true } })
    await transaction.channelModel.createMany({ data: [{ id: "cm_1", channelId: "chan_a", name: "plain", upstream: "plain" }, { id: "cm_2", channelId: "chan_a", name: "searches", upstream: "searches" }] })
    for (const [id, model, units] of [["price_plain", "plain", { input: "1000", output: "2000" }], ["price_own", "searches", { input: "1000", output: "2000", search: "7" }]] as const) {
      await transaction.priceVersion.create({ data: { id, rates: { units } } })
      await transaction.priceRule.create({ data: { id: `rule_${model}`, kind: "sell", model, priceVersionId: id, effectiveFrom: new Date(0) } })
    }
  })
})
afterAll(() => database.drop())
beforeEach(async () => {
  await service().remove({ kind: "program", file: null })
  logged.length = 0
})

test("without a setting the gateway searches for nobody, and prices are what they were", async () => {
  const config = await load()
  expect(config.search).toBeUndefined()
  const [target] = config.models.get("plain")?.targets ?? []
  expect(target).not.toHaveProperty("searchedPrice")
  expect(target?.price?.sell).toMatchObject({ id: "price_plain", rates: { units: { input: 1000n } } })
  expect(target?.price?.sell.rates.units.search).toBeUndefined()
})

test("with one, calls that search have its price under a name of its own where the price knows no search, and all else stays as it is", async () => {
  expect(await service().save(operator, tavily)).toEqual({ ok: true, value: null })
  const config = await load()
  expect(config.search).toEqual({ providerId: "tavily", baseUrl: "https://api.tavily.com", secret: "tvly-secret-1234", allowPrivateNetwork: false })
  const [plain] = config.models.get("plain")?.targets ?? []
  expect(plain).toMatchObject({ price: { sell: { id: "price_plain" } }, searchedPrice: { sell: { rates: { units: { input: 1000n, search: nanoUsd(8_000_000n) } } } } })
  expect(plain?.searchedPrice?.sell.id).not.toBe("price_plain")
  expect(plain?.searchedPrice?.cost).toBe(plain?.searchedPrice?.sell)
  const [own] = config.models.get("searches")?.targets ?? []
  expect(own).not.toHaveProperty("searchedPrice")
  expect(own?.price?.sell).toMatchObject({ id: "price_own", rates: { units: { search: 7n } } })
})

test("its key is sealed, shown by its last four characters, and stays where none is entered", async () => {
  await service().save(operator, tavily)
  expect(JSON.stringify((await stored())?.value)).not.toContain("tvly-secret")
  expect(await service().find(operator)).toEqual({ ok: true, value: { provider: "tavily", baseUrl: "https://api.tavily.com", lastFour: "1234", allowPrivateNetwork: false, price: "0.008", managedBy: null } })
  expect(await service().save(operator, searchInput.parse({ provider: "tavily", price: "0.01" }))).toMatchObject({ ok: true })
  expect((await load()).search?.secret).toBe("tvly-secret-1234")
  expect(await service().save(operator, searchInput.parse({ provider: "brave", price: "0.01" }))).toMatchObject({ ok: false, error: { key: "search.keyMissing", field: "apiKey" } })
})

test("a key that does not open leaves the gateway as without a search", async () => {
  await service().save(operator, tavily)
  const config = await load(sealerOf(8))
  expect(config.search).toBeUndefined()
  expect(config.models.get("plain")?.targets[0]).not.toHaveProperty("searchedPrice")
  expect(logged).toContain("search.unreadable")
})

test.each([
  [{ provider: "searxng", price: "0" }, "search.addressMissing"],
  [{ provider: "searxng", price: "0", baseUrl: "ftp://search.example" }, "search.address"],
  [{ provider: "searxng", price: "0", baseUrl: "https://me:secret@search.example" }, "search.address"],
  [{ provider: "tavily", price: "0", apiKey: "k", baseUrl: "https://search.example?key=1" }, "search.address"],
])("%j is refused at its address", async (input, key) => {
  expect(await service().save(operator, searchInput.parse(input))).toMatchObject({ ok: false, error: { key, field: "baseUrl" } })
  expect(await stored()).toBeNull()
})

test("only operators see it; what a file manages is the file's, which leaves it alone where nothing changed", async () => {
  const person = { ...operator, isOperator: false }
  expect(await service().find(person)).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await service().save(person, tavily)).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await service().remove(person)).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await service().reconcile(file, tavily)).toEqual({ ok: true, value: "created" })
  expect(await service().reconcile(file, tavily)).toEqual({ ok: true, value: "unchanged" })
  expect(await service().save(operator, tavily)).toMatchObject({ ok: false, error: { kind: "managed", params: { file: "turnpike.yaml" } } })
  expect(await service().remove(operator)).toMatchObject({ ok: false, error: { kind: "managed" } })
  expect(await service().reconcile(file, { ...tavily, price: nanoUsd(1n) })).toEqual({ ok: true, value: "updated" })
})
