import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import { createLotsRepository, createLotsService } from "#lib/features/lots/index.ts"
import { createModelsRepository, createModelsService } from "#lib/features/models/index.ts"
import type { Member, Person, Program } from "#lib/kernel/actor.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import type { Result } from "#lib/kernel/result.ts"
import { createLeases } from "#lib/quota/leases.ts"
import type { QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { entryOf, makeOrganization, openLine } from "#test/money.ts"
import { allowancesAhead, createPlansRepository, createPlansService, leaveInput, planForm, planInput, type PlansService } from "./index.ts"

const operator: Person = { kind: "person", userId: "user_1", email: "op@example.com", name: null, isOperator: true, sessionId: "ses_1" }
const file: Program = { kind: "program", file: "turnpike.yaml" }
const DOLLAR = 1_000_000_000n
const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 10, 1, 12)
const MONTH_END = Date.UTC(2026, 11, 1, 12)

let now = START
const clock = { now: () => now, monotonic: () => 0 }
const newId = createNewId(() => now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
let plans: PlansService
/** Another process. */
let others: PlansService
beforeAll(async () => {
  database = await createTestDatabase()
  const models = createModelsService({ repository: createModelsRepository(database), clock, newId })
  plans = createPlansService({ repository: createPlansRepository(database, newId), models, clock, newId })
  others = createPlansService({ repository: createPlansRepository(database, newId), models, clock, newId })
})
afterAll(() => database.drop())
beforeEach(() => {
  now = START
})

type OrganizationId = Id<"organization">

const value = <T>(result: Result<T, { readonly key: string }>): T => {
  if (!result.ok) throw new Error(result.error.key)
  return result.value
}
let serial = 0
const makePlan = async (fields: Partial<{ price: string; period: string; allowance: string; markup: string; limits: object }> = {}) => {
  const { price = "10", period = "month", ...rest } = fields
  const input = planInput.parse({ name: `Plan ${++serial}`, price: { amount: price, period }, allowance: "20.00", ...rest })
  return value(await plans.create(operator, input)).planId
}
const subscribe = async (organizationId: OrganizationId, planId: Id<"plan">) => value(await plans.subscribe(operator, { organizationId, planId }))
async function newOrganization(timeZone = "UTC"): Promise<OrganizationId> {
  const { id } = await makeOrganization(database)
  await database.system((transaction) => transaction.organization.update({ where: { id }, data: { timeZone } }))
  return id
}
const allowanceOf = async (organizationId: OrganizationId) => value(await plans.subscription(operator, organizationId))?.allowance
const events = async (organizationId: OrganizationId) => value(await plans.events(operator, organizationId)).map(({ kind, dueNanoUsd, allowanceNanoUsd }) => [kind, dueNanoUsd, allowanceNanoUsd])
const walletOf = (organizationId: OrganizationId) => database.system((transaction) => transaction.quota.findFirst({ where: { scope: "wallet", scopeId: organizationId }, include: { windows: true } }))
const expire = () => createLotsService({ repository: createLotsRepository(database), clock, newId }).runRound()

/** Spends from the wallet, as one call that is admitted now. False where it is refused. */
async function spend(organizationId: OrganizationId, amount: bigint): Promise<boolean> {
  const row = await walletOf(organizationId)
  const wallet = { ...row, anchor: undefined, windows: undefined, organizationId, timeZone: "UTC" } as unknown as QuotaDefinition
  const processId = newId("process")
  const leases = createLeases(createLeaseStore(database, newId, processId), clock)
  const hold = await leases.hold([wallet], { nanoUsd: { worst: amount, minimum: amount } }, now)
  if ("quota" in hold) return false
  const { parts, covered } = leases.settle(hold, { nanoUsd: amount })
  await createBooking(database, newId)(processId, [entryOf(openLine({ organizationId, admittedAtMs: now }), { chargedNanoUsd: covered.nanoUsd ?? 0n, absorbedNanoUsd: 0n, parts })])
  leases.flushed(parts)
  await leases.returnAll()
  return true
}

test("an allowance is a limit that is there at once, is used before paid credit, and is given anew when its period begins", async () => {
  const organizationId = await newOrganization()
  await subscribe(organizationId, await makePlan())
  expect(await allowanceOf(organizationId)).toEqual({ givenNanoUsd: 20n * DOLLAR, usedNanoUsd: 0n, heldNanoUsd: 0n, leftNanoUsd: 20n * DOLLAR })
  expect(await spend(organizationId, 15n * DOLLAR)).toBe(true)
  expect(await spend(organizationId, 6n * DOLLAR)).toBe(false)
  expect((await allowanceOf(organizationId))?.usedNanoUsd).toBe(15n * DOLLAR)

  now = MONTH_END
  expect(await plans.runRound()).toContain(organizationId)
  await expire()
  expect(await allowanceOf(organizationId)).toMatchObject({ givenNanoUsd: 20n * DOLLAR, leftNanoUsd: 20n * DOLLAR })
  // What was not used is gone.
  expect(await spend(organizationId, 20n * DOLLAR + 1n)).toBe(false)
  expect(await spend(organizationId, 20n * DOLLAR)).toBe(true)
  expect(await events(organizationId)).toEqual([["renewed", 10n * DOLLAR, 20n * DOLLAR], ["started", 10n * DOLLAR, 20n * DOLLAR]])
})

test("two processes begin a period once, and periods that passed meanwhile are not made up for", async () => {
  const organizationId = await newOrganization()
  await subscribe(organizationId, await makePlan({ period: "day" }))
  now = START + 3 * 24 * HOUR_MS + 1
  const begun = await Promise.all([plans.runRound(), others.runRound(), plans.runRound()])
  expect(begun.flat().filter((id) => id === organizationId)).toHaveLength(1)
  await expire()
  expect(await events(organizationId)).toHaveLength(2)
  expect((await walletOf(organizationId))?.limit).toBe(20n * DOLLAR)
  expect(value(await plans.subscription(operator, organizationId))).toMatchObject({ periodStart: new Date(START + 3 * 24 * HOUR_MS), periodEnd: new Date(START + 4 * 24 * HOUR_MS) })
})

test("a month begins at the anchor's hour in the organization's time zone", async () => {
  now = Date.UTC(2027, 0, 31, 15)
  const zones = { "Asia/Shanghai": "2027-02-28T15:00:00.000Z", "America/New_York": "2027-02-28T15:00:00.000Z", "Europe/Berlin": "2027-02-28T15:00:00.000Z" }
  const planId = await makePlan()
  for (const [timeZone, end] of Object.entries(zones)) {
    const organizationId = await newOrganization(timeZone)
    await subscribe(organizationId, planId)
    expect(value(await plans.subscription(operator, organizationId))?.periodEnd.toISOString(), timeZone).toBe(end)
  }
})

test("a larger plan in the middle of a period gives and costs the difference for its rest", async () => {
  const organizationId = await newOrganization()
  await subscribe(organizationId, await makePlan())
  expect(await spend(organizationId, 5n * DOLLAR)).toBe(true)
  now = START + 20 * 24 * HOUR_MS
  const larger = await makePlan({ price: "40", allowance: "80" })
  expect(value(await plans.preview(operator, { organizationId, planId: larger }))).toEqual({ continues: true, allowanceNanoUsd: 20n * DOLLAR, dueNanoUsd: 10n * DOLLAR, newPeriod: null })
  await subscribe(organizationId, larger)
  expect(await allowanceOf(organizationId)).toMatchObject({ givenNanoUsd: 40n * DOLLAR, usedNanoUsd: 5n * DOLLAR, leftNanoUsd: 35n * DOLLAR })
  expect((await events(organizationId))[0]).toEqual(["changed", 10n * DOLLAR, 20n * DOLLAR])
  now = MONTH_END
  await plans.runRound()
  expect((await events(organizationId))[0]).toEqual(["renewed", 40n * DOLLAR, 80n * DOLLAR])
})

test("a smaller plan takes back what is not used, never what is, and credits its share", async () => {
  const organizationId = await newOrganization()
  await subscribe(organizationId, await makePlan({ price: "40", allowance: "80" }))
  expect(await spend(organizationId, 75n * DOLLAR)).toBe(true)
  now = START + 20 * 24 * HOUR_MS
  await subscribe(organizationId, await makePlan({ price: "10", allowance: "20" }))
  // 20 of the 80 were to be taken back, and 5 were left: a quarter of the $10.
  expect((await events(organizationId))[0]).toEqual(["changed", (-10n * DOLLAR) / 4n, -5n * DOLLAR])
  expect(await allowanceOf(organizationId)).toMatchObject({ givenNanoUsd: 75n * DOLLAR, usedNanoUsd: 75n * DOLLAR, leftNanoUsd: 0n })
  expect((await walletOf(organizationId))?.limit).toBe(75n * DOLLAR)
  expect(await spend(organizationId, 1n)).toBe(false)
})

test("a plan of another length ends the period and begins its own", async () => {
  const organizationId = await newOrganization()
  await subscribe(organizationId, await makePlan())
  now = START + 15 * 24 * HOUR_MS
  await subscribe(organizationId, await makePlan({ period: "year", price: "100", allowance: "240" }))
  expect(await events(organizationId)).toEqual([["started", 100n * DOLLAR, 240n * DOLLAR], ["ended", -5n * DOLLAR, -10n * DOLLAR], ["started", 10n * DOLLAR, 20n * DOLLAR]])
  // Half of the month's allowance was for the time that is past: it stays until the month would have ended.
  expect((await walletOf(organizationId))?.limit).toBe(250n * DOLLAR)
  now = MONTH_END
  await expire()
  expect((await walletOf(organizationId))?.limit).toBe(240n * DOLLAR)
  expect(value(await plans.subscription(operator, organizationId))?.periodEnd).toEqual(new Date(Date.UTC(2027, 10, 16, 12)))
})

test("the allowances ahead are what the plan will give each period by its present terms, and none where it does not go on", async () => {
  const organizationId = await newOrganization()
  const planId = await makePlan()
  await subscribe(organizationId, planId)
  const ahead = async () => {
    const detail = value(await plans.subscription(operator, organizationId))
    return detail === null ? [] : allowancesAhead(detail, "UTC", Date.UTC(2027, 1, 1)).map(({ remaining, startsAtMs, endsAtMs }) => [remaining / DOLLAR, new Date(startsAtMs ?? 0).toISOString().slice(0, 10), new Date(endsAtMs ?? 0).toISOString().slice(0, 10)])
  }
  expect(await ahead()).toEqual([[20n, "2026-12-01", "2027-01-01"], [20n, "2027-01-01", "2027-02-01"]])
  // A new length counts from where the present period ends.
  value(await plans.update(operator, planId, planInput.parse({ name: `Plan ${serial}`, price: { amount: "10", period: "year" }, allowance: "240.00" })))
  expect(await ahead()).toEqual([[240n, "2026-12-01", "2027-12-01"]])
  value(await plans.leave(operator, leaveInput.parse({ organizationId, when: "periodEnd" })))
  expect(await ahead()).toEqual([])
})

test("whoever leaves keeps the plan until the period's end, or gives it back at once", async () => {
  const planId = await makePlan({ limits: { requestsPerMinute: 60 } })
  const [stays, goes] = [await newOrganization(), await newOrganization()]
  for (const organizationId of [stays, goes]) await subscribe(organizationId, planId)
  now = START + 15 * 24 * HOUR_MS
  expect(await plans.leave(operator, leaveInput.parse({ organizationId: stays, when: "periodEnd" }))).toEqual({ ok: true, value: null })
  expect(await plans.leave(operator, leaveInput.parse({ organizationId: goes, when: "now" }))).toEqual({ ok: true, value: null })
  expect((await allowanceOf(stays))?.leftNanoUsd).toBe(20n * DOLLAR)
  expect(value(await plans.subscription(operator, goes))).toBeNull()
  expect(await events(goes)).toEqual([["ended", -5n * DOLLAR, -10n * DOLLAR], ["started", 10n * DOLLAR, 20n * DOLLAR]])

  now = MONTH_END
  expect(await plans.runRound()).toContain(stays)
  await expire()
  expect(value(await plans.subscription(operator, stays))).toBeNull()
  for (const organizationId of [stays, goes]) {
    expect((await walletOf(organizationId))?.limit).toBe(0n)
    expect(await database.system((transaction) => transaction.quota.count({ where: { scope: "organization", scopeId: organizationId, disabledAt: null } }))).toBe(0)
  }
})

test("a plan's limits are those of each subscriber at once, its price and allowance from the next period on", async () => {
  const organizationId = await newOrganization()
  const planId = await makePlan({ limits: { requestsPerMinute: 60, concurrent: 4 } })
  await subscribe(organizationId, planId)
  const limits = async () => {
    const rows = await database.system((transaction) => transaction.quota.findMany({ where: { scope: "organization", scopeId: organizationId, disabledAt: null }, orderBy: { unit: "asc" } }))
    return rows.map(({ unit, window, limit }) => [unit, window, limit])
  }
  expect(await limits()).toEqual([["requests", "minute", 60n], ["concurrent", "none", 4n]])
  const form = planForm.parse({ name: `Plan ${serial}`, amount: "12", period: "month", allowance: "30", markup: "", models: "a\nb", requestsPerMinute: "90", tokensPerMinute: "", concurrent: "" })
  expect(await plans.update(operator, planId, form)).toEqual({ ok: true, value: null })
  expect(await limits()).toEqual([["requests", "minute", 90n]])
  expect((await allowanceOf(organizationId))?.givenNanoUsd).toBe(20n * DOLLAR)
  now = MONTH_END
  await plans.runRound()
  expect((await events(organizationId))[0]).toEqual(["renewed", 12n * DOLLAR, 30n * DOLLAR])
})

test("an archived plan is kept by those who are on it, and taken by nobody else", async () => {
  const [on, off] = [await newOrganization(), await newOrganization()]
  const planId = await makePlan()
  await subscribe(on, planId)
  await plans.setArchived(operator, planId, true)
  expect(await plans.subscribe(operator, { organizationId: off, planId })).toMatchObject({ ok: false, error: { kind: "conflict", key: "plans.archived" } })
  now = MONTH_END
  expect(await plans.runRound()).toContain(on)
  expect((await events(on))[0]?.[0]).toBe("renewed")
})

test("a file finds its plan by name, says what changed, and alone changes what it manages", async () => {
  const input = planInput.parse({ name: "From a file", price: { amount: "10", period: "month" }, models: ["a", { name: "b", markup: "1.5" }] })
  const organizationId = await newOrganization()
  expect(value(await plans.reconcile(file, input))).toBe("created")
  expect(value(await plans.reconcile(file, input))).toBe("unchanged")
  expect(value(await plans.reconcile(file, { ...input, price: { ...input.price, period: "year" } }))).toBe("updated")
  expect(value(await plans.subscribeByName(file, organizationId, "From a file"))).toBe(true)
  expect(value(await plans.subscribeByName(file, organizationId, "From a file"))).toBe(false)
  expect(await plans.subscribeByName(file, organizationId, "None")).toMatchObject({ ok: false, error: { key: "plans.unknown", field: "plan" } })

  const [plan] = value(await plans.list(operator)).filter(({ name }) => name === "From a file")
  const managed = { ok: false, error: { kind: "managed" } }
  expect(await plans.update(operator, plan!.id, planForm.parse({ name: "x", amount: "0", period: "day" }))).toMatchObject(managed)
  expect(await plans.leave(operator, { organizationId, when: "now" })).toMatchObject(managed)
  expect(value(await plans.get(operator, plan!.id)).prices).toEqual([{ model: "b", price: null, markup: "1.5", managedBy: "turnpike.yaml" }])
  // Ids of one millisecond sort by chance, so the later rule is given a later one.
  now += 1
  // What the file no longer prices costs what it costs others, also where the plan then allows all models.
  expect(value(await plans.reconcile(file, planInput.parse({ name: "From a file", price: { amount: "10", period: "year" } })))).toBe("updated")
  expect(value(await plans.get(operator, plan!.id)).prices).toEqual([])
  expect(await plans.create(operator, planForm.parse({ name: "From a file", amount: "0", period: "day" }))).toMatchObject({ ok: false, error: { key: "plans.nameTaken", field: "name" } })
})

test("only the operator sees plans; a member sees the one of their own organization", async () => {
  const [own, foreign] = [await newOrganization(), await newOrganization()]
  const planId = await makePlan()
  for (const organizationId of [own, foreign]) await subscribe(organizationId, planId)
  const member: Member = { ...operator, isOperator: false, kind: "member", organizationId: own, organizationSlug: "", organizationName: "", timeZone: "UTC", membershipId: "mem_1", role: "viewer" }
  const nothing = { ok: false, error: { kind: "notFound" } }
  expect(value(await plans.subscription(member, own))?.planId).toBe(planId)
  expect(await plans.subscription(member, foreign)).toMatchObject(nothing)
  expect(await plans.list(member)).toMatchObject(nothing)
  expect(await plans.get(member, planId)).toMatchObject(nothing)
  expect(await plans.subscribe(member, { organizationId: own, planId })).toMatchObject(nothing)
  expect(await plans.events(member, own)).toMatchObject(nothing)
})

test("after all of this the books add up", async () => {
  now = MONTH_END + HOUR_MS
  await expire()
  expect((await auditBooks(database)).differences).toEqual([])
})
