import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createUsageRepository, createUsageService } from "#lib/features/usage/index.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { seedOrganization, testMember } from "#test/actors.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { type BudgetsService, createBudgetsRepository, createBudgetsService, writeMemberBudget } from "./index.ts"

const NOVEMBER = Date.UTC(2026, 10, 1)
const DECEMBER = Date.UTC(2026, 11, 1)
const usd = (dollars: number) => nanoUsd(BigInt(dollars) * 1_000_000_000n)
const newId = createNewId(Date.now, getRandomValues)

let database: TestDatabase
let budgets: BudgetsService
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    for (const organization of ["a", "b"]) {
      await seedOrganization(transaction, organization, { owner: "owner", ann: "member", bob: "member" })
      await transaction.project.create({ data: { id: `proj_${organization}`, organizationId: `org_${organization}`, name: "web" } })
    }
    await transaction.apiKey.create({ data: { id: "key_ann", organizationId: "org_a", membershipId: "mem_aann", name: "laptop", secretHash: "h", prefix: "p" } })
  })
  const clock = { now: () => NOVEMBER + 1, monotonic: () => 0 }
  budgets = createBudgetsService({
    repository: createBudgetsRepository(database),
    usage: createUsageService({ repository: createUsageRepository(database), clock }),
    clock,
    newId,
  })
})
afterAll(() => database.drop())

const owner = testMember("a", "owner", "owner")
const memberLine = async (id: string) => (await budgets.list(owner)).members.find(({ scopeId }) => scopeId === id)?.budget

test("a budget shows what is used, held and left in its current window, and when that ends", async () => {
  expect(await budgets.set(owner, { scope: "project", scopeId: "proj_a", budget: { amount: usd(10), period: "month" } })).toEqual({ ok: true, value: null })
  const { id } = await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scopeId: "proj_a" } }))
  await database.system((transaction) =>
    transaction.quotaWindow.createMany({
      data: [
        { quotaId: id, organizationId: "org_a", windowStart: new Date(NOVEMBER), used: usd(3), leased: usd(2) },
        { quotaId: id, organizationId: "org_a", windowStart: new Date(Date.UTC(2026, 9, 1)), used: usd(9) },
      ],
    }),
  )
  const [project] = (await budgets.list(owner)).projects
  expect(project?.budget).toEqual({
    period: "month",
    amountNanoUsd: "10000000000",
    usedNanoUsd: "3000000000",
    heldNanoUsd: "2000000000",
    leftNanoUsd: "5000000000",
    resetsAtMs: DECEMBER,
    inherited: false,
    managedBy: null,
  })
})

test("a budget foretells from the last week, across the turn of its period, and only from its own calls", async () => {
  const HOUR_MS = 3_600_000
  const spent = (hoursAgo: number, dollars: number, whose: object = {}) => ({
    organizationId: "org_a", hour: new Date(NOVEMBER - hoursAgo * HOUR_MS), model: "m", membershipId: "mem_aann", keyId: "key_ann", projectId: "proj_a", channelId: "chan_1", test: false, chargedNanoUsd: usd(dollars), ...whose,
  })
  await database.system((transaction) =>
    transaction.usageHourly.createMany({
      data: [spent(10 * 24, 50), spent(48, 3), spent(5, 4), spent(5, 100, { projectId: "" }), spent(5, 1_000, { test: true }), spent(5, 1_000, { organizationId: "org_b" })],
    }),
  )
  const forecast = async () => (await budgets.list(owner)).projects[0]?.forecast
  // $3 are used and $7 were spent in the last week: $1 a day, so that November's thirty days bring 30 more.
  await budgets.set(owner, { scope: "project", scopeId: "proj_a", budget: { amount: usd(50), period: "month" } })
  const within = await forecast()
  expect(within?.kind).toBe("within")
  expect(Number(within?.kind === "within" ? within.atEnd : 0n) / 1e9).toBeCloseTo(33, 3)
  await budgets.set(owner, { scope: "project", scopeId: "proj_a", budget: { amount: usd(10), period: "month" } })
  const short = await forecast()
  expect(short).toMatchObject({ kind: "spent", isNear: false })
  expect((short?.kind === "spent" ? short.atMs - NOVEMBER : 0) / (24 * HOUR_MS)).toBeCloseTo(7, 3)
  await database.system((transaction) => transaction.usageHourly.deleteMany({ where: { organizationId: "org_a" } }))
  expect(await forecast()).toBeNull()
})

test("a target has one budget: a new period ends the old one, and what was used comes back with it", async () => {
  await budgets.set(owner, { scope: "project", scopeId: "proj_a", budget: { amount: usd(1), period: "total" } })
  expect((await budgets.list(owner)).projects[0]?.budget).toMatchObject({ period: "total", usedNanoUsd: "0", resetsAtMs: null })
  const live = () => database.system((transaction) => transaction.quota.count({ where: { scopeId: "proj_a", disabledAt: null } }))
  expect(await live()).toBe(1)
  await budgets.set(owner, { scope: "project", scopeId: "proj_a", budget: { amount: usd(20), period: "month" } })
  expect((await budgets.list(owner)).projects[0]?.budget).toMatchObject({ amountNanoUsd: "20000000000", usedNanoUsd: "3000000000" })
  expect(await live()).toBe(1)
  await budgets.remove(owner, { scope: "project", scopeId: "proj_a" })
  expect(await live()).toBe(0)
})

test("two writers at once leave one budget", async () => {
  const periods = ["day", "week", "month", "total"] as const
  await Promise.all(periods.map((period) => budgets.set(owner, { scope: "organization", scopeId: "org_a", budget: { amount: usd(1), period } })))
  expect(await database.system((transaction) => transaction.quota.count({ where: { scope: "organization", scopeId: "org_a", disabledAt: null } }))).toBe(1)
})

test("members without a budget of their own follow the default, those with one keep it, and removing it falls back", async () => {
  await budgets.set(owner, { scope: "member", scopeId: "mem_abob", budget: { amount: usd(9), period: "month" } })
  await budgets.setMemberDefault(owner, { budget: { amount: usd(5), period: "month" } })
  expect(await memberLine("mem_aann")).toMatchObject({ amountNanoUsd: "5000000000", inherited: true })
  expect(await memberLine("mem_abob")).toMatchObject({ amountNanoUsd: "9000000000", inherited: false })
  await budgets.setMemberDefault(owner, { budget: { amount: usd(6), period: "week" } })
  expect(await memberLine("mem_aann")).toMatchObject({ amountNanoUsd: "6000000000", period: "week", inherited: true })
  await budgets.remove(owner, { scope: "member", scopeId: "mem_abob" })
  expect(await memberLine("mem_abob")).toMatchObject({ amountNanoUsd: "6000000000", inherited: true })
  await budgets.setMemberDefault(owner, {})
  expect(await memberLine("mem_aann")).toBeNull()
})

test("a new member is given the default in the transaction that makes them", async () => {
  await budgets.setMemberDefault(owner, { budget: { amount: usd(4), period: "day" } })
  await database.organization("org_a", async (transaction) => {
    await transaction.membership.create({ data: { id: "mem_anew", organizationId: "org_a", userId: "user_bbob", role: "member" } })
    await writeMemberBudget(transaction, "org_a", "mem_anew", null, { quotaId: newId("quota"), now: new Date(NOVEMBER), managedBy: null })
  })
  expect(await database.system((transaction) => transaction.quota.findFirst({ where: { scopeId: "mem_anew" } }))).toMatchObject({ limit: usd(4), window: "day", inherited: true })
})

test("a member sees and changes only what is theirs, and nobody reaches another organization's", async () => {
  const ann = testMember("a", "ann", "member")
  await budgets.set(owner, { scope: "key", scopeId: "key_ann", budget: { amount: usd(1), period: "total" } })
  const seen = await budgets.list(ann)
  expect(seen).toMatchObject({ organization: null, projects: [], members: [{ scopeId: "mem_aann", mayChange: false }], keys: [{ scopeId: "key_ann", mayChange: true }] })
  const refused = { ok: false, error: { kind: "notFound", key: "notFound" } }
  expect(await budgets.set(ann, { scope: "member", scopeId: "mem_aann", budget: { amount: usd(99), period: "total" } })).toEqual(refused)
  expect(await budgets.set(testMember("a", "bob", "member"), { scope: "key", scopeId: "key_ann", budget: { amount: usd(99), period: "total" } })).toEqual(refused)
  expect(await budgets.set(ann, { scope: "key", scopeId: "key_ann", budget: { amount: usd(2), period: "total" } })).toEqual({ ok: true, value: null })
  expect(await budgets.setMemberDefault(ann, {})).toEqual(refused)
  const stranger = testMember("b", "owner", "owner")
  for (const [scope, scopeId] of [["project", "proj_a"], ["member", "mem_aann"], ["key", "key_ann"], ["organization", "org_a"]] as const) {
    expect(await budgets.set(stranger, { scope, scopeId, budget: { amount: usd(99), period: "total" } }), scope).toEqual(refused)
  }
})

test("what a file manages is read-only", async () => {
  await database.system((transaction) => transaction.quota.updateMany({ where: { scopeId: "key_ann", disabledAt: null }, data: { managedBy: "turnpike.yaml" } }))
  const refused = { ok: false, error: { kind: "managed", params: { file: "turnpike.yaml" } } }
  expect(await budgets.set(owner, { scope: "key", scopeId: "key_ann", budget: { amount: usd(9), period: "total" } })).toMatchObject(refused)
  expect(await budgets.remove(owner, { scope: "key", scopeId: "key_ann" })).toMatchObject(refused)
})
