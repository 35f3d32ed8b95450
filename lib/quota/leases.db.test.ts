import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createBooking } from "#lib/adapters/booking.ts"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import type { UsageEntry } from "#lib/adapters/spool.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { entryOf, makeOrganization, makeQuota, openLine, windowOf } from "#test/money.ts"
import { LEASE_IDLE_MS, LEASE_MS } from "./lease-rules.ts"
import { createLeases } from "./leases.ts"
import type { Hold, QuotaDefinition, Refusal } from "./types.ts"

const newId = createNewId(() => 1_790_000_000_000, (bytes) => void getRandomValues(bytes))
const admittedAtMs = Date.UTC(2026, 10, 25, 12, 30)

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

type TestProcess = ReturnType<typeof startProcess>

/** One gateway process: leases, a clock that the test moves, and what it has settled and not flushed. */
function startProcess() {
  const time = { ms: 0 }
  const processId: Id<"process"> = newId("process")
  const leases = createLeases(createLeaseStore(database, newId, processId), { now: () => admittedAtMs, monotonic: () => time.ms })
  const book = createBooking(database, newId)
  let entries: UsageEntry[] = []
  return {
    time,
    leases,
    /** Returns what was charged. */
    settle(hold: Hold, organizationId: Id<"organization">, amount: bigint): bigint {
      const { parts, covered } = leases.settle(hold, { nanoUsd: amount })
      const chargedNanoUsd = covered.nanoUsd ?? 0n
      entries.push(entryOf(openLine({ organizationId }), { chargedNanoUsd, absorbedNanoUsd: amount - chargedNanoUsd, parts }))
      return chargedNanoUsd
    },
    async flush() {
      await book(processId, entries)
      leases.flushed(entries.flatMap((entry) => entry.settle.parts))
      entries = []
    },
  }
}

const money = (worst: bigint, minimum = worst) => ({ nanoUsd: { worst, minimum } })
const held = async (answer: Hold | Refusal | Promise<Hold | Refusal>): Promise<Hold> => {
  const hold = await answer
  if (!hold.ok) throw new Error(`refused: ${hold.reason}`)
  return hold
}

test("many calls in three processes never pass the limit by a nano-dollar, and almost all of it can be used", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000_000_000n })
  const budget = await makeQuota(database, { organizationId: id, limit: 2_000_000_000n })
  const quotas = [wallet as QuotaDefinition, budget]
  const processes = [startProcess(), startProcess(), startProcess()]
  let spent = 0n
  let refused = 0
  const call = async (one: TestProcess) => {
    const answer = await one.leases.hold(quotas, money(3_333_331n), admittedAtMs)
    if (answer.ok) spent += one.settle(answer, id, 2_000_003n)
    else refused += 1
  }
  const roundsMax = 30
  for (let round = 0; round < roundsMax && refused < 60; round++) {
    refused = 0
    await Promise.all(Array.from({ length: 60 }, (_, i) => call(processes[i % 3] as TestProcess)))
    for (const one of processes) {
      await one.flush()
      one.time.ms += LEASE_IDLE_MS
      await one.leases.returnIdle()
    }
  }
  expect(refused).toBe(60)
  expect(spent).toBeLessThanOrEqual(1_000_000_000n)
  expect(spent).toBeGreaterThanOrEqual(990_000_000n)
  expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: spent, leased: 0n })
  expect(await windowOf(database, budget)).toEqual({ used: spent, leased: 0n })
})

test("a second call within the lease is answered without a promise", async () => {
  const { wallet } = await makeOrganization(database, { walletNanoUsd: 1_000_000_000n })
  const { leases } = startProcess()
  const quotas = [wallet as QuotaDefinition]
  await held(leases.hold(quotas, money(1_000n), admittedAtMs))
  expect(leases.hold(quotas, money(1_000n), admittedAtMs)).not.toBeInstanceOf(Promise)
})

test("where one quota is exhausted, nothing is leased of the others, and the refusal names it with its figures", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000n })
  const budget = await makeQuota(database, { organizationId: id, window: "month", limit: 100n, timeZone: "Asia/Shanghai" })
  const one = startProcess()
  const quotas = [wallet as QuotaDefinition, budget]
  one.settle(await held(one.leases.hold(quotas, money(60n), admittedAtMs)), id, 60n)
  await one.flush()
  one.time.ms += LEASE_IDLE_MS
  await one.leases.returnIdle()
  const refusal = await one.leases.hold(quotas, money(50n), admittedAtMs)
  expect(refusal).toMatchObject({ ok: false, reason: "exhausted", quota: { id: budget.id, limit: 100n }, used: 60n, held: 0n, resetsAt: Date.UTC(2026, 10, 30, 16) })
  expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: 60n, leased: 0n })
})

test("a limit that was raised works on the next call, with the old definition too", async () => {
  const { id } = await makeOrganization(database)
  const budget = await makeQuota(database, { organizationId: id, limit: 10n })
  const { leases } = startProcess()
  expect(await leases.hold([budget], money(20n), admittedAtMs)).toMatchObject({ ok: false })
  await database.system((transaction) => transaction.quota.update({ where: { id: budget.id }, data: { limit: 100n } }))
  expect(await leases.hold([budget], money(20n), admittedAtMs)).toMatchObject({ ok: true })
})

test("a limit that was lowered is not spent at its old height, whatever the lease", async () => {
  const { id } = await makeOrganization(database)
  const budget = await makeQuota(database, { organizationId: id, limit: 8_000n })
  const { leases } = startProcess()
  leases.settle(await held(leases.hold([budget], money(8_000n), admittedAtMs)), {})
  await database.system((transaction) => transaction.quota.update({ where: { id: budget.id }, data: { limit: 100n } }))
  const lowered = { ...budget, limit: 100n }
  expect(await leases.hold([lowered], money(101n), admittedAtMs)).toMatchObject({ ok: false, quota: { limit: 100n } })
  expect(await leases.hold([lowered], money(100n), admittedAtMs)).toMatchObject({ ok: true })
})

test("where the worst case cannot be had, a call gets a share and leaves some for the next", async () => {
  const { wallet } = await makeOrganization(database, { walletNanoUsd: 1_000n })
  const { leases } = startProcess()
  const quotas = [wallet as QuotaDefinition]
  const first = await held(leases.hold(quotas, money(5_000n, 100n), admittedAtMs))
  const second = await held(leases.hold(quotas, money(5_000n, 100n), admittedAtMs))
  expect(first.granted.nanoUsd).toBe(500n)
  expect(second.granted.nanoUsd).toBeGreaterThanOrEqual(100n)
  const total = (first.granted.nanoUsd ?? 0n) + (second.granted.nanoUsd ?? 0n)
  expect(total).toBeLessThanOrEqual(1_000n)
})

test("what a provider reports beyond the hold is covered as far as the quota has it, and no further", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000n })
  const one = startProcess()
  const hold = await held(one.leases.hold([wallet as QuotaDefinition], money(800n), admittedAtMs))
  // An eighth of the wallet was leased ahead of need.
  expect(one.settle(hold, id, 1_500n)).toBe(925n)
  await one.flush()
  expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: 925n, leased: 0n })
})

test("a hold is settled once: what is settled again changes nothing", async () => {
  const { wallet } = await makeOrganization(database, { walletNanoUsd: 1_000n })
  const { leases } = startProcess()
  const hold = await held(leases.hold([wallet as QuotaDefinition], money(1_000n), admittedAtMs))
  expect(leases.settle(hold, { nanoUsd: 400n }).parts).toHaveLength(1)
  expect(leases.settle(hold, { nanoUsd: 400n })).toEqual({ parts: [], covered: {} })
  expect(leases.hold([wallet as QuotaDefinition], money(600n), admittedAtMs)).toMatchObject({ ok: true })
})

test("concurrency is occupied and not used up", async () => {
  const { id } = await makeOrganization(database)
  const quota = await makeQuota(database, { organizationId: id, unit: "concurrent", window: "none", limit: 2n })
  const one = startProcess()
  const ask = () => one.leases.hold([quota], { concurrent: { worst: 1n, minimum: 1n } }, admittedAtMs)
  const first = await held(ask())
  await held(ask())
  expect(await ask()).toMatchObject({ ok: false, reason: "exhausted" })
  expect(one.leases.settle(first, {}).parts).toEqual([])
  await held(ask())
  expect((await windowOf(database, quota)).used).toBe(0n)
})

test("a call belongs to the window in which it was admitted, and the next window begins full", async () => {
  const { id } = await makeOrganization(database)
  const quota = await makeQuota(database, { organizationId: id, unit: "requests", window: "minute", limit: 1n })
  const { leases } = startProcess()
  const ask = (atMs: number) => leases.hold([quota], { requests: { worst: 1n, minimum: 1n } }, atMs)
  const late = await held(ask(admittedAtMs + 59_999))
  expect(await ask(admittedAtMs + 59_999)).toMatchObject({ ok: false, resetsAt: admittedAtMs + 60_000 })
  await held(ask(admittedAtMs + 60_000))
  expect(leases.settle(late, { requests: 1n }).parts).toEqual([{ quotaId: quota.id, windowStart: admittedAtMs, used: 1n }])
})

test("a lease past its deadline buys nothing until it is renewed", async () => {
  const { id } = await makeOrganization(database)
  const budget = await makeQuota(database, { organizationId: id, limit: 1_000n })
  const one = startProcess()
  one.leases.settle(await held(one.leases.hold([budget], money(1_000n), admittedAtMs)), {})
  one.time.ms += LEASE_MS
  expect(await one.leases.hold([budget], money(1n), admittedAtMs)).toMatchObject({ ok: false })
  await one.leases.renew()
  expect(one.leases.hold([budget], money(1n), admittedAtMs)).toMatchObject({ ok: true })
})

test("a grant whose answer was lost is found again by the next renewal", async () => {
  const { id } = await makeOrganization(database)
  const budget = await makeQuota(database, { organizationId: id, limit: 1_000n })
  const processId = newId("process")
  const store = createLeaseStore(database, newId, processId)
  let lose = true
  const leases = createLeases(
    {
      ...store,
      async grow(asks) {
        const answers = await store.grow(asks)
        if (lose) throw new Error("connection lost")
        return answers
      },
    },
    { now: () => admittedAtMs, monotonic: () => 0 },
  )
  expect(await leases.hold([budget], money(1_000n), admittedAtMs)).toMatchObject({ ok: false, reason: "unavailable" })
  lose = false
  expect(await leases.hold([budget], money(1_000n), admittedAtMs)).toMatchObject({ ok: false, reason: "exhausted" })
  await leases.renew()
  expect(leases.hold([budget], money(1_000n), admittedAtMs)).toMatchObject({ ok: true })
})

test("while the database is away the lease is spent, and what it does not cover is unavailable, not exhausted", async () => {
  const { id } = await makeOrganization(database)
  const budget = await makeQuota(database, { organizationId: id, limit: 1_000n })
  const store = createLeaseStore(database, newId, newId("process"))
  let away = false
  const leases = createLeases({ ...store, grow: (asks) => (away ? Promise.reject(new Error("away")) : store.grow(asks)) }, { now: () => admittedAtMs, monotonic: () => 0 })
  leases.settle(await held(leases.hold([budget], money(500n), admittedAtMs)), {})
  away = true
  expect(await leases.hold([budget], money(400n), admittedAtMs)).toMatchObject({ ok: true })
  expect(await leases.hold([budget], money(400n), admittedAtMs)).toMatchObject({ ok: false, reason: "unavailable" })
})
