import { randomFillSync } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import type { Actor, Person, Program } from "#lib/kernel/actor.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createModelsRepository, createModelsService, describeModelInput, modelInput, type ModelsService, priceInput, setCeilingInput, setCostInput, setOwnPriceInput, setSellInput } from "./index.ts"

const operator: Person = { kind: "person", userId: "user_1", email: "op@example.com", name: null, isOperator: true, sessionId: "ses_1" }
const file: Program = { kind: "program", file: "turnpike.yaml" }
const DAY_MS = 86_400_000
let now = Date.UTC(2026, 10, 25, 12)
let database: TestDatabase
let models: ModelsService

beforeAll(async () => {
  database = await createTestDatabase()
  models = createModelsService({ repository: createModelsRepository(database), clock: { now: () => ++now, monotonic: () => now }, newId: createNewId(() => now, (bytes) => void randomFillSync(bytes)) })
})
afterAll(() => database.drop())

/** Rules are never deleted, so every test has models of its own. */
let serial = 0
let model = ""
let channelId = ""
beforeEach(async () => {
  serial++
  model = `model-${serial}`
  channelId = `chan_${serial}`
  await serve(channelId, model)
})
const serve = (id: string, name: string, more: { upstream?: string; managedBy?: string; priority?: number } = {}) =>
  database.system(async (transaction) => {
    await transaction.channel.create({ data: { id, name: id, providerId: "openai-compatible", endpoints: {}, resale: true, managedBy: more.managedBy ?? null, priority: more.priority ?? 10 } })
    await transaction.channelModel.create({ data: { id: `cmod_${id}`, channelId: id, name, upstream: more.upstream ?? name } })
  })
const cost = (more: Record<string, unknown> = {}, actor: Actor = operator) => models.setCost(actor, setCostInput.parse({ model, mode: "price", price: { input: "1", output: "2" }, ...more }))
const sell = (more: Record<string, unknown>, actor: Actor = operator) => models.setSell(actor, setSellInput.parse({ model, ...more }))
const get = async (name = model) => {
  const found = await models.get(operator, name)
  if (!found.ok) throw new Error(found.error.key)
  return found.value
}

test("a model that nobody priced says so, and a catalogue model shows its list price", async () => {
  expect(await get()).toMatchObject({ sell: null, targets: [{ cost: null, costSource: null }] })
  await serve("chan_listed", `alias-${serial}`, { upstream: "gpt-4o-mini" })
  expect(await get(`alias-${serial}`)).toMatchObject({
    sell: { units: { input: "0.15", output: "0.60" } },
    sellSource: "cost",
    contextTokens: 128_000,
    targets: [{ costSource: "catalogue", upstream: "gpt-4o-mini" }],
  })
})

test("a cost and a mark-up make the sell price of each channel", async () => {
  await cost()
  await sell({ mode: "markup", markup: "1.20" })
  expect(await get()).toMatchObject({ targets: [{ cost: { units: { input: "1.00", output: "2.00" } }, costSource: "model" }], sell: { units: { input: "1.00" } }, sellSource: "model", markup: "1.2" })
})

test("a channel's own cost is set where the channel serves the model, and nowhere else", async () => {
  await cost({ channelId, price: { input: "0.50" } })
  expect(await get()).toMatchObject({ targets: [{ cost: { units: { input: "0.50" } }, costSource: "channel" }] })
  await serve("chan_elsewhere", "another-model")
  expect(await cost({ channelId: "chan_elsewhere" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
})

test("a channel's ceiling prices what nobody knows the price of there, is marked up, and ends when it is cleared", async () => {
  const ceiling = (more: Record<string, unknown> = {}, actor: Actor = operator) => models.setCeiling(actor, setCeilingInput.parse({ channelId, mode: "price", price: { input: "30", output: "60" }, ...more }))
  expect(await models.ceiling(operator, channelId)).toEqual({ ok: true, value: { price: null } })
  expect(await ceiling()).toEqual({ ok: true, value: null })
  await sell({ mode: "markup", markup: "1.20" })
  expect(await get()).toMatchObject({ targets: [{ cost: { units: { input: "30.00", output: "60.00" } }, costSource: "ceiling" }], sell: { units: { input: "30.00" } }, markup: "1.2" })
  expect(await models.ceiling(operator, channelId)).toMatchObject({ value: { price: { units: { input: "30.00" } } } })
  await ceiling({ mode: "clear" })
  expect(await get()).toMatchObject({ sell: null, targets: [{ cost: null, costSource: null }] })

  await serve(`chan_filed${serial}`, `filed-${serial}`, { managedBy: "turnpike.yaml" })
  expect(await ceiling({ channelId: `chan_filed${serial}` })).toMatchObject({ ok: false, error: { kind: "managed" } })
  expect(await ceiling({ channelId: "chan_nowhere" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await ceiling({}, { ...operator, isOperator: false })).toMatchObject({ ok: false, error: { kind: "notFound" } })
})

test("a file's ceiling is added once, and gone where the file has none any more", async () => {
  const bring = (price?: object) => models.reconcileCeiling(file, channelId, price && priceInput.parse(price))
  expect([await bring(), await bring({ input: "30" }), await bring({ input: "30" }), await bring({ input: "20" })]).toEqual([false, true, false, true])
  expect(await get()).toMatchObject({ targets: [{ cost: { units: { input: "20.00" } }, costSource: "ceiling" }] })
  expect([await bring(), await bring()]).toEqual([true, false])
  expect(await get()).toMatchObject({ targets: [{ cost: null }] })
})

test("a price for a later day waits for it, and the history says which holds", async () => {
  await sell({ mode: "price", price: { input: "3" } })
  await sell({ mode: "price", price: { input: "4" } })
  await sell({ mode: "price", price: { input: "5" }, effective: new Date(now + 10 * DAY_MS).toISOString().slice(0, 10) })
  const detail = await get()
  expect(detail.sell?.units.input).toBe("4.00")
  expect(detail.nextChangeAt).not.toBeNull()
  expect(detail.history.map((entry) => [entry.state, entry.price?.units.input])).toEqual([["planned", "5.00"], ["current", "4.00"], ["past", "3.00"]])
})

test("what was charged is not priced anew: a date that has passed is refused, today means from now on", async () => {
  expect(await sell({ mode: "price", price: { input: "3" }, effective: "2026-11-01" })).toMatchObject({ ok: false, error: { key: "models.past", field: "effective" } })
  expect((await sell({ mode: "price", price: { input: "3" }, effective: "2026-11-25" })).ok).toBe(true)
  expect((await get()).sell?.units.input).toBe("3.00")
})

test("clearing a price brings back what stands behind it", async () => {
  await cost()
  await sell({ mode: "price", price: { input: "9" } })
  await sell({ mode: "clear" })
  expect(await get()).toMatchObject({ sell: { units: { input: "1.00" } }, sellSource: "cost" })
  await cost({ mode: "clear", price: undefined })
  expect((await get()).sell).toBeNull()
})

test("equal prices are one row in the books", async () => {
  await cost({ price: { input: "0.123456789" } })
  await sell({ mode: "price", price: { input: "0.123456789" } })
  const rules = await database.system((transaction) => transaction.priceRule.findMany({ where: { model } }))
  expect(new Set(rules.map((rule) => rule.priceVersionId)).size).toBe(1)
  expect(await database.system((transaction) => transaction.priceVersion.count({ where: { id: rules[0]?.priceVersionId ?? "" } }))).toBe(1)
})

test("nobody but an operator learns of models and prices", async () => {
  const strangers: readonly Actor[] = [
    { ...operator, isOperator: false },
    { ...operator, kind: "member", organizationId: "org_a", organizationSlug: "a", organizationName: "A", timeZone: "UTC", membershipId: "mem_1", role: "owner" },
  ]
  for (const actor of strangers) {
    const answers = await Promise.all([
      models.list(actor),
      models.get(actor, model),
      cost({}, actor),
      sell({ mode: "clear" }, actor),
      models.describe(actor, describeModelInput.parse({ model, enabled: true })),
    ])
    for (const answer of answers) expect(answer).toEqual({ ok: false, error: { kind: "notFound", key: "notFound" } })
  }
})

test("a model that does not exist has no price", async () => {
  expect(await cost({ model: "no-such-model" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await models.get(operator, "no-such-model")).toMatchObject({ ok: false, error: { kind: "notFound" } })
})

test("what a file manages is priced by files alone", async () => {
  await models.reconcile(file, modelInput.parse({ name: model, cost: { input: "1" } }))
  for (const refusal of [await cost(), await sell({ mode: "clear" }), await models.describe(operator, describeModelInput.parse({ model, enabled: true }))]) {
    expect(refusal).toMatchObject({ ok: false, error: { kind: "managed", params: { file: "turnpike.yaml" } } })
  }
  await serve("chan_offile", "served-by-file", { managedBy: "turnpike.yaml" })
  expect(await cost({ model: "served-by-file", channelId: "chan_offile" })).toMatchObject({ ok: false, error: { kind: "managed" } })
})

test("a file's model is made once, then left alone, then changed where the file changed", async () => {
  const outcome = async (more: Record<string, unknown>) => {
    const result = await models.reconcile(file, modelInput.parse({ name: model, ...more }))
    return result.ok && result.value
  }
  const price = { input: "0.72", cacheRead: "0.13", output: "2.64", tiers: [{ above: 200_000, input: "1.44" }] }
  expect([
    await outcome({ cost: { input: "0.60" }, price }),
    await outcome({ cost: { input: "0.6" }, price }),
    await outcome({ cost: { input: "0.60" }, markup: "1.20" }),
    await outcome({ cost: { input: "0.60" }, markup: 1.2 }),
    await outcome({}),
    await outcome({ contextTokens: 1_000 }),
  ]).toEqual(["created", "unchanged", "updated", "unchanged", "unchanged", "updated"])
})

test("a price that a file dates is written once, before and after its day", async () => {
  const place = { channelId, model }
  const dated = priceInput.parse({ input: "7", effective: new Date(now + 5 * DAY_MS).toISOString().slice(0, 10) })
  expect([await models.reconcileChannelCost(file, place, dated), await models.reconcileChannelCost(file, place, dated)]).toEqual([true, false])
  now += 6 * DAY_MS
  expect(await models.reconcileChannelCost(file, place, dated)).toBe(false)
  expect((await get()).targets[0]?.cost?.units.input).toBe("7.00")
})

test("a model's own description counts before the catalogue's", async () => {
  await models.describe(operator, describeModelInput.parse({ model, contextTokens: "32000", enabled: "on" }))
  expect(await get()).toMatchObject({ contextTokens: 32_000, outputTokensMax: null, enabled: true })
  await models.describe(operator, describeModelInput.parse({ model }))
  expect(await get()).toMatchObject({ contextTokens: null, enabled: false })
})

test.each(["1.2345678", "-1", "x", "12345"])("%s is no mark-up", (text) => {
  expect(setSellInput.safeParse({ model: "m", mode: "markup", markup: text }).success).toBe(false)
})

test("a file may not give a price and a mark-up at once", () => {
  expect(modelInput.safeParse({ name: "m", price: { input: "1" }, markup: "1.2" }).success).toBe(false)
})

test("an organization's own price is set for models that are here, by the operator alone, and ended again", async () => {
  await cost()
  await database.system((transaction) => transaction.organization.create({ data: { id: `org_${serial}`, slug: `own-${serial}`, name: "Own", kind: "customer", hasWallet: false } }))
  const owner = { organizationId: `org_${serial}` }
  const set = (fields: object, actor: Actor = operator) => models.setOwnPrice(actor, setOwnPriceInput.parse({ model, ...owner, ...fields }))
  const own = () => models.ownPrices(operator, owner)
  expect(await set({ mode: "price", price: { input: "3" } })).toEqual({ ok: true, value: null })
  expect(await own()).toEqual([{ model, price: { units: { input: "3.00" }, variants: false }, markup: null, managedBy: null }])
  expect(await set({ mode: "markup", markup: "1.5" })).toEqual({ ok: true, value: null })
  expect(await own()).toMatchObject([{ model, price: null, markup: "1.5" }])
  // What everybody pays is not touched by it.
  expect(await get()).toMatchObject({ sellSource: "cost", markup: null })
  expect(await set({ mode: "clear" })).toEqual({ ok: true, value: null })
  expect(await own()).toEqual([])
  expect(await set({ mode: "markup", markup: "2", model: "nowhere-served" })).toMatchObject({ ok: false, error: { key: "models.unknown", field: "model" } })
  expect(await set({ mode: "clear", organizationId: "org_nobody" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await set({ mode: "clear" }, { ...operator, isOperator: false })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(setOwnPriceInput.safeParse({ model, mode: "clear" }).success).toBe(false)
})

test("what a plan that a file manages costs is changed by files alone", async () => {
  const planId = `plan_${serial}`
  await database.system((transaction) => transaction.plan.create({ data: { id: planId, name: planId, priceNanoUsd: 0n, period: "month", models: [], managedBy: "turnpike.yaml" } }))
  const input = setOwnPriceInput.parse({ model, planId, mode: "markup", markup: "2" })
  expect(await models.setOwnPrice(operator, input)).toMatchObject({ ok: false, error: { kind: "managed" } })
  expect(await models.setOwnPrice(file, input)).toEqual({ ok: true, value: null })
})
