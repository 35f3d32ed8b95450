import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { makeOrganization, makeQuota, windowOf } from "#test/money.ts"
import { SQUEEZE_EVERY_MS, YIELD_MS } from "./lease-rules.ts"
import { createLeases } from "./leases.ts"
import type { Growing, Hold, QuotaDefinition, Refusal } from "./types.ts"

const newId = createNewId(() => 1_790_000_000_000, (bytes) => void getRandomValues(bytes))
const admittedAtMs = Date.UTC(2026, 10, 25, 12, 30)

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

function startProcess() {
  const time = { ms: 0 }
  const leases = createLeases(createLeaseStore(database, newId, newId("process")), { now: () => admittedAtMs, monotonic: () => time.ms })
  return { time, leases }
}

const budgetOf = async (limit: bigint): Promise<QuotaDefinition> => makeQuota(database, { organizationId: (await makeOrganization(database)).id, limit })
const money = (worst: bigint, minimum = worst) => ({ nanoUsd: { worst, minimum } })
const held = async (answer: Hold | Refusal | Promise<Hold | Refusal>): Promise<Hold> => {
  const hold = await answer
  if (!hold.ok) throw new Error(`refused: ${hold.reason}`)
  return hold
}

/** A stream that needs so much now, and whether its smaller hold can be written down. */
const stream = (nanoUsd: bigint, writable = true) => {
  const growing = { noted: 0, need: nanoUsd, needed: () => ({ nanoUsd: growing.need }), port: null as unknown as Growing }
  growing.port = { needed: growing.needed, noted: () => (growing.noted++, writable) }
  return growing
}

test("a request gets its fair share where its worst case is more, though its process holds all of the quota", async () => {
  const budget = await budgetOf(1_000n)
  const { leases } = startProcess()
  leases.settle(await held(leases.hold([budget], money(1_000n), admittedAtMs)), {})
  const [first, second] = [await held(leases.hold([budget], money(900n, 10n), admittedAtMs)), await held(leases.hold([budget], money(900n, 10n), admittedAtMs))]
  expect([first.granted.nanoUsd, second.granted.nanoUsd]).toEqual([500n, 166n])
})

test("a hold is extended from memory, and its parts grow with it", async () => {
  const budget = await budgetOf(1_000_000n)
  const { leases } = startProcess()
  const growing = stream(100n)
  const hold = await held(leases.hold([budget], money(1_000n), admittedAtMs, growing.port))
  expect(leases.extend(hold, money(3_000n, 900n))).toBeNull()
  expect(hold).toMatchObject({ granted: { nanoUsd: 3_000n }, parts: [{ amount: 3_000n }] })
  expect(growing.noted).toBe(1)
})

test("before anybody is refused, growing holds are cut down to what they need", async () => {
  const budget = await budgetOf(1_000n)
  const { leases } = startProcess()
  const growing = stream(200n)
  const hold = await held(leases.hold([budget], money(1_000n), admittedAtMs, growing.port))
  const other = await held(leases.hold([budget], money(800n), admittedAtMs))
  expect([hold.granted.nanoUsd, other.granted.nanoUsd]).toEqual([200n, 800n])
  expect(await leases.extend(hold, money(300n))).toMatchObject({ ok: false, reason: "exhausted", quota: { id: budget.id } })
  leases.settle(other, { nanoUsd: 100n })
  expect(leases.extend(hold, money(300n))).toBeNull()
})

test("a hold whose smaller amount cannot be written down stays as it is: a replay would charge the larger one", async () => {
  const budget = await budgetOf(1_000n)
  const { leases } = startProcess()
  const hold = await held(leases.hold([budget], money(1_000n), admittedAtMs, stream(200n, false).port))
  expect(await leases.hold([budget], money(800n), admittedAtMs)).toMatchObject({ ok: false })
  expect(hold.granted.nanoUsd).toBe(1_000n)
})

test("a recalled process gives up what its streams hold ahead of need, and for a second takes nothing ahead again", async () => {
  const budget = await budgetOf(1_000n)
  const one = startProcess()
  const growing = stream(200n)
  const hold = await held(one.leases.hold([budget], money(1_000n), admittedAtMs, growing.port))
  await one.leases.surrender([{ quotaId: budget.id, windowStart: 0 }])
  expect(await windowOf(database, budget)).toEqual({ used: 0n, leased: 200n })
  growing.need = 300n
  expect(await one.leases.extend(hold, money(900n, 300n))).toBeNull()
  expect(hold.granted.nanoUsd).toBe(300n)
  expect(await windowOf(database, budget)).toEqual({ used: 0n, leased: 300n })
  one.time.ms += YIELD_MS + SQUEEZE_EVERY_MS
  expect(await one.leases.extend(hold, money(900n, 300n))).toBeNull()
  expect(hold.granted.nanoUsd).toBeGreaterThan(300n)
})

test("what is used beyond a hold is covered as far as the database can still grant it", async () => {
  const budget = await budgetOf(10_000n)
  const [one, two] = [startProcess(), startProcess()]
  const hold = await held(one.leases.hold([budget], money(100n), admittedAtMs))
  const other = await held(two.leases.hold([budget], money(2_000n), admittedAtMs))
  await one.leases.cover(hold, { nanoUsd: 9_000n })
  // All that the other process has not leased.
  expect(await windowOf(database, budget)).toEqual({ used: 0n, leased: 10_000n })
  const { covered } = one.leases.settle(hold, { nanoUsd: 9_000n })
  expect(covered.nanoUsd).toBeGreaterThan(6_500n)
  expect(covered.nanoUsd).toBeLessThanOrEqual(8_000n)
  two.leases.settle(other, { nanoUsd: 2_000n })
})

test("a hold that was settled while it waited for more takes nothing of it", async () => {
  const budget = await budgetOf(100_000n)
  const { leases } = startProcess()
  const hold = await held(leases.hold([budget], money(1_000n), admittedAtMs, stream(0n).port))
  const waiting = leases.extend(hold, money(60_000n))
  expect(waiting).toBeInstanceOf(Promise)
  leases.settle(hold, { nanoUsd: 1_000n })
  expect(await waiting).toBeNull()
  expect(leases.hold([budget], money(50_000n), admittedAtMs)).toMatchObject({ ok: true })
})
