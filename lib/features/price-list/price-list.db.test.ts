import { afterAll, beforeAll, expect, test } from "vitest"
import type { GatewayConfig, PublicModel } from "#lib/gateway/types.ts"
import type { Member, Person } from "#lib/kernel/actor.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createPriceListRepository, createPriceListService, type PriceListService } from "./index.ts"

let database: TestDatabase
let prices: PriceListService

const price = { id: "price_1" as const, rates: { units: { input: nanoUsd(1n) } } }
const model = (name: string, resale: boolean): PublicModel => ({
  name,
  contextTokens: null,
  outputTokensMax: null,
  createdAtMs: 0,
  targets: [
    {
      channel: { id: "chan_1", name: "c", providerId: "openai", organizationId: null, endpoints: {}, auth: { default: "bearer" }, credentials: [], priority: 0, weight: 1, resale, codingPlan: !resale, allowPrivateNetwork: false, drop: [] },
      upstreamModel: name,
      price: { cost: price, sell: price, markupPpm: null },
    },
  ],
})
const config: GatewayConfig = { models: new Map([["Coding-Plan", model("Coding-Plan", false)], ["resold", model("resold", true)]]), terms: new Map(), validUntilMs: null }

const person = (name: string): Person => ({ kind: "person", userId: `user_${name}`, email: `${name}@example.com`, name: null, isOperator: false, sessionId: "ses_1" })
const member = (organization: "house" | "customer"): Member => ({ ...person("ann"), kind: "member", organizationId: `org_${organization}`, organizationSlug: organization, organizationName: organization, timeZone: "UTC", membershipId: "mem_1", role: "member" })
const names = async (reader: Person | null, search = "") => (await prices.list(reader, search)).map((listed) => listed.name)

beforeAll(async () => {
  database = await createTestDatabase()
  prices = createPriceListService({ repository: createPriceListRepository(database), config: () => config })
  await database.system(async (transaction) => {
    await transaction.organization.create({ data: { id: "org_house", slug: "house", name: "House", kind: "internal", hasWallet: false } })
    await transaction.organization.create({ data: { id: "org_customer", slug: "customer", name: "Customer", kind: "customer", hasWallet: true } })
    for (const [name, organization, removedAt] of [["ann", "house", null], ["cleo", "customer", null], ["gone", "house", new Date()]] as const) {
      await transaction.user.create({ data: { id: `user_${name}`, email: `${name}@example.com` } })
      await transaction.membership.create({ data: { id: `mem_${name}`, userId: `user_${name}`, organizationId: `org_${organization}`, role: "member", removedAt } })
    }
  })
})
afterAll(() => database.drop())

test("what may not be resold is listed to the house's own people alone", async () => {
  expect(await names(person("ann"))).toEqual(["Coding-Plan", "resold"])
  expect(await names({ ...person("cleo"), isOperator: true })).toEqual(["Coding-Plan", "resold"])
  for (const reader of [null, person("cleo"), person("gone")]) expect(await names(reader)).toEqual(["resold"])
})

test("a search finds a part of a name, in any case", async () => {
  expect(await names(person("ann"), " PLAN ")).toEqual(["Coding-Plan"])
  expect(await names(person("ann"), "nothing")).toEqual([])
})

test("the example is a model that the organization can call", async () => {
  expect(await prices.exampleModel(member("house"))).toBe("Coding-Plan")
  expect(await prices.exampleModel(member("customer"))).toBe("resold")
})

test("before the gateway has read anything, nothing is listed", async () => {
  const early = createPriceListService({ repository: createPriceListRepository(database), config: () => null })
  expect(await early.list(null, "")).toEqual([])
  expect(await early.exampleModel(member("house"))).toBeNull()
})

test("whoever is in one organization sees the prices of its plan, and whoever is in two that differ those of everybody", async () => {
  const dear = { ...model("resold", true), name: "resold-to-plan" }
  const own: GatewayConfig = { models: new Map([["resold-to-plan", dear]]), terms: new Map(), validUntilMs: null }
  const withPlan = createPriceListService({ repository: createPriceListRepository(database), config: () => ({ ...config, terms: new Map([["plan_1", own]]) }) })
  await database.system(async (transaction) => {
    await transaction.plan.create({ data: { id: "plan_1", name: "Plan", priceNanoUsd: 0n, period: "month" } })
    const [periodStart, periodEnd] = [new Date(0), new Date(86_400_000)]
    await transaction.subscription.create({ data: { organizationId: "org_customer", planId: "plan_1", anchorAt: periodStart, periodStart, periodEnd, period: "month", allowanceNanoUsd: 0n, priceNanoUsd: 0n } })
    await transaction.user.create({ data: { id: "user_two", email: "two@example.com" } })
    for (const organizationId of ["org_house", "org_customer"]) await transaction.membership.create({ data: { id: `mem_two_${organizationId}`, userId: "user_two", organizationId, role: "member" } })
  })
  const listed = async (reader: Person | null) => (await withPlan.list(reader, "")).map(({ name }) => name)
  expect(await listed(person("cleo"))).toEqual(["resold-to-plan"])
  expect(await withPlan.exampleModel(member("customer"))).toBe("resold-to-plan")
  expect(await listed(person("two"))).toEqual(["Coding-Plan", "resold"])
  expect(await listed(null)).toEqual(["resold"])
})
