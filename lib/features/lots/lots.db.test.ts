import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import { openDatabase } from "#lib/adapters/database.ts"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import { createRecalls } from "#lib/adapters/recalls.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import type { LotKind } from "#lib/ledger/lots.ts"
import { LEASE_MS } from "#lib/quota/lease-rules.ts"
import type { WindowKey } from "#lib/quota/lease-store.ts"
import { createLeases } from "#lib/quota/leases.ts"
import type { Hold, QuotaDefinition, Refusal } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { entryOf, makeOrganization, openLine, randomName, windowOf } from "#test/money.ts"
import { createLotsRepository, createLotsService, endLot, grantLot, lockWallet, reduceLot } from "./index.ts"

const NOON = Date.UTC(2026, 10, 25, 12)
const END = NOON + 3_600_000
const newId = createNewId(() => NOON, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

type OrganizationId = Id<"organization">

async function give(organizationId: OrganizationId, amountNanoUsd: bigint, expiresAt: number | null, kind: LotKind = "walletPromotional"): Promise<Id<"lot">> {
  const stamp = { kind: "credit", idempotencyKey: `test:${randomName()}`, reason: "welcome", authorId: null, managedBy: null, createdAt: new Date(NOON) } as const
  const lot = await database.system((transaction) => grantLot(transaction, organizationId, { kind, amountNanoUsd, expiresAt: expiresAt === null ? null : new Date(expiresAt), source: null, stamp }, newId))
  return lot as Id<"lot">
}

const walletOf = async (organizationId: OrganizationId): Promise<QuotaDefinition> => {
  const row = await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scope: "wallet", scopeId: organizationId } }))
  return { ...row, anchor: undefined, id: row.id as Id<"quota">, organizationId, timeZone: "UTC" } as QuotaDefinition
}
const lotOf = (id: Id<"lot">) => database.system((transaction) => transaction.creditLot.findUniqueOrThrow({ where: { id } }))
const postings = (organizationId: OrganizationId, kind: "expiry" | "adjustment") => database.system((transaction) => transaction.ledgerPosting.findMany({ where: { organizationId, kind } }))
const balances = async (organizationId: OrganizationId) => {
  const rows = await database.system((transaction) => transaction.ledgerBalance.findMany({ where: { organizationId } }))
  const accounts = await database.system((transaction) => transaction.ledgerAccount.findMany({ where: { organizationId } }))
  return Object.fromEntries(rows.map((row) => [accounts.find(({ id }) => id === row.accountId)?.kind, row.balanceNanoUsd]))
}

/** The worker of one process. */
const expiryAt = (ms: number, on = database) => createLotsService({ repository: createLotsRepository(on), clock: { now: () => ms, monotonic: () => 0 }, newId })

/** One gateway process. */
function startProcess() {
  const processId = newId("process")
  const leases = createLeases(createLeaseStore(database, newId, processId), { now: () => NOON, monotonic: () => 0 })
  const book = createBooking(database, newId)
  return {
    leases,
    hold: (quota: QuotaDefinition, amount: bigint) => leases.hold([quota], { nanoUsd: { worst: amount, minimum: amount } }, NOON),
    /** Ends a call at what it used, and books it. */
    async end(hold: Hold, organizationId: OrganizationId, amount: bigint, admittedAtMs = NOON) {
      const { parts, covered } = leases.settle(hold, { nanoUsd: amount })
      const chargedNanoUsd = covered.nanoUsd ?? 0n
      await book(processId, [entryOf(openLine({ organizationId, admittedAtMs }), { chargedNanoUsd, absorbedNanoUsd: amount - chargedNanoUsd, parts })])
      leases.flushed(parts)
    },
    returnAll: () => leases.returnAll(),
  }
}

const held = async (answer: Hold | Refusal | Promise<Hold | Refusal>): Promise<Hold> => {
  const hold = await answer
  if (!hold.ok) throw new Error(`refused: ${hold.reason}`)
  return hold
}

async function expectWithinLimit(quota: QuotaDefinition): Promise<void> {
  const [{ limit }, { used, leased }] = [await walletOf(quota.organizationId as OrganizationId), await windowOf(database, quota)]
  expect(used + leased).toBeLessThanOrEqual(limit)
}
const expectCleanBooks = async () => expect((await auditBooks(database)).differences).toEqual([])

describe("credit that is given", () => {
  test("a lot opens a wallet where there was none, raises its limit, and is given once", async () => {
    const { id } = await makeOrganization(database)
    const stamp = { kind: "credit", idempotencyKey: `period:${id}`, reason: "Team, November", authorId: null, managedBy: null, createdAt: new Date(NOON) } as const
    const grant = { kind: "planAllowance", amountNanoUsd: 20_000n, expiresAt: new Date(END), source: "period_1", stamp } as const
    const grants = await Promise.all([0, 1].map(() => database.system((transaction) => grantLot(transaction, id, grant, newId))))
    expect(grants.filter((lot) => lot === null)).toHaveLength(1)
    expect((await walletOf(id)).limit).toBe(20_000n)
    expect(await balances(id)).toEqual({ planAllowance: 20_000n })
    await expectCleanBooks()
  })

  test("usage is paid from the oldest-expiring lot, then from the others, then from paid credit, and each lot's entries say so", async () => {
    const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 100_000n })
    const [never, allowance, soon] = [await give(id, 10_000n, null), await give(id, 10_000n, END, "planAllowance"), await give(id, 10_000n, END - 1)]
    const gateway = startProcess()
    await gateway.end(await held(gateway.hold(await walletOf(id), 25_000n)), id, 25_000n)
    expect(await balances(id)).toEqual({ walletPaid: 100_000n, walletPromotional: 5_000n, planAllowance: 0n })
    expect(await Promise.all([never, allowance, soon].map(async (lot) => (await lotOf(lot)).remainingNanoUsd))).toEqual([5_000n, 0n, 0n])
    await gateway.end(await held(gateway.hold(await walletOf(id), 25_000n)), id, 25_000n)
    expect(await balances(id)).toEqual({ walletPaid: 80_000n, walletPromotional: 0n, planAllowance: 0n })
    await gateway.returnAll()
    await expectWithinLimit(wallet as QuotaDefinition)
    await expectCleanBooks()
  })
})

describe("credit that expires", () => {
  test("what nobody used and nobody leases is taken back at its end, in one posting, and the house has it again", async () => {
    const { id } = await makeOrganization(database, { walletNanoUsd: 100_000n })
    const [promotional, allowance] = [await give(id, 30_000n, END), await give(id, 20_000n, END, "planAllowance")]
    await expiryAt(END - 1).runRound()
    expect((await walletOf(id)).limit).toBe(150_000n)
    await expiryAt(END).runRound()
    expect((await walletOf(id)).limit).toBe(100_000n)
    expect(await balances(id)).toEqual({ walletPaid: 100_000n, walletPromotional: 0n, planAllowance: 0n })
    expect(await Promise.all([promotional, allowance].map(async (lot) => (await lotOf(lot)).endedAt))).toEqual([new Date(END), new Date(END)])
    await expiryAt(END + 1).runRound()
    expect(await postings(id, "expiry")).toHaveLength(2)
    await expectCleanBooks()
  })

  test("what is leased stays until it comes back, and is not leased anew", async () => {
    const { id } = await makeOrganization(database)
    const lot = await give(id, 100_000n, END)
    const quota = await walletOf(id)
    const gateway = startProcess()
    const hold = await held(gateway.hold(quota, 60_000n))
    const { leased } = await windowOf(database, quota)
    for (const ms of [END, END + LEASE_MS]) {
      await expiryAt(ms).runRound()
      await expectWithinLimit(quota)
      expect(await lotOf(lot)).toMatchObject({ remainingNanoUsd: leased, endedAt: new Date(END) })
    }
    expect(await startProcess().hold(quota, 1_000n)).toMatchObject({ ok: false })

    await gateway.end(hold, id, 40_000n)
    await gateway.returnAll()
    expect(await startProcess().hold(quota, 1_000n)).toMatchObject({ ok: false })
    await expectCleanBooks()
    await expiryAt(END + LEASE_MS + 5_000).runRound()
    expect(await lotOf(lot)).toMatchObject({ remainingNanoUsd: 0n })
    expect((await walletOf(id)).limit).toBe(40_000n)
    expect(await balances(id)).toEqual({ walletPromotional: 0n })
    await expectCleanBooks()
  })

  test("a call that was admitted before the end is paid from the lot, one after it from paid credit", async () => {
    const { id } = await makeOrganization(database, { walletNanoUsd: 100_000n })
    await give(id, 50_000n, END)
    const gateway = startProcess()
    const [early, late] = [await held(gateway.hold(await walletOf(id), 20_000n)), await held(gateway.hold(await walletOf(id), 20_000n))]
    await expiryAt(END).runRound()
    await gateway.end(late, id, 20_000n, END)
    expect(await balances(id)).toMatchObject({ walletPaid: 80_000n })
    await gateway.end(early, id, 20_000n, END - 1)
    expect(await balances(id)).toMatchObject({ walletPaid: 80_000n })
    await gateway.returnAll()
    await expiryAt(END + 1).runRound()
    expect(await balances(id)).toEqual({ walletPaid: 80_000n, walletPromotional: 0n })
    await expectCleanBooks()
  })

  test("what is kept for the calls that ran at the end is taken after a while, however much others lease", async () => {
    const { id } = await makeOrganization(database, { walletNanoUsd: 100_000n })
    const lot = await give(id, 50_000n, END)
    const gateway = startProcess()
    await held(gateway.hold(await walletOf(id), 20_000n))
    await expiryAt(END + LEASE_MS - 1).runRound()
    const { remainingNanoUsd } = await lotOf(lot)
    expect(remainingNanoUsd).toBeGreaterThanOrEqual(20_000n)
    await expiryAt(END + LEASE_MS).runRound()
    expect(await lotOf(lot)).toMatchObject({ remainingNanoUsd: 0n })
    expect((await walletOf(id)).limit).toBe(100_000n)
    await gateway.returnAll()
    await expectCleanBooks()
  })

  test("a process is asked to give back what it leases of it", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 100_000n, END)
    const quota = await walletOf(id)
    const gateway = startProcess()
    await held(gateway.hold(quota, 10_000n))
    const recalled: WindowKey[] = []
    const recalls = createRecalls(database.url, () => {})
    await recalls.start((windows) => void recalled.push(...windows))
    await expiryAt(END).runRound()
    await expect.poll(() => recalled).toEqual([{ quotaId: quota.id, windowStart: 0 }])
    await recalls.stop()
    await gateway.returnAll()
  })

  test("two workers at once take each lot once", async () => {
    const organizations = await Promise.all(Array.from({ length: 8 }, () => makeOrganization(database, { walletNanoUsd: 5_000n })))
    for (const { id } of organizations) await give(id, 30_000n, END)
    const other = { ...database, ...openDatabase(database.url) }
    try {
      await Promise.all([expiryAt(END).runRound(), expiryAt(END, other).runRound(), expiryAt(END).runRound()])
    } finally {
      await other.close()
    }
    for (const { id } of organizations) {
      expect((await walletOf(id)).limit).toBe(5_000n)
      expect(await postings(id, "expiry")).toHaveLength(1)
    }
    await expectCleanBooks()
  })

  test("a lease that waits for the wallet while a lot ends gets nothing of it", async () => {
    const { id } = await makeOrganization(database, { walletNanoUsd: 10_000n })
    const lot = await give(id, 90_000n, null)
    const quota = await walletOf(id)
    let asked: Promise<Hold | Refusal> | undefined
    await database.system(async (transaction) => {
      await lockWallet(transaction, id)
      asked = Promise.resolve(startProcess().hold(quota, 50_000n))
      // Its statement has read the old limit and waits for the window's lock.
      await expect.poll(() => database.sql(null, async (client) => (await client.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).rowCount)).toBe(1)
      await endLot(transaction, id, { lotId: lot, at: new Date(NOON), reason: "a mistake" }, newId)
    })
    expect(await asked).toMatchObject({ ok: false, reason: "exhausted" })
    await expectWithinLimit(quota)
    await expectCleanBooks()
  })

  test("booking and expiry at the same time lose nothing, take nothing twice and never pass the limit", async () => {
    const { id } = await makeOrganization(database, { walletNanoUsd: 1_000_000n })
    for (let i = 0; i < 10; i++) await give(id, 100_000n, END + i * 10, i % 2 === 0 ? "walletPromotional" : "planAllowance")
    const quota = await walletOf(id)
    const processes = [startProcess(), startProcess()]
    let charged = 0n
    const calls = processes.map(async (gateway) => {
      for (let i = 0; i < 40; i++) {
        const hold = await gateway.hold(quota, 17_000n)
        if (!hold.ok) continue
        await gateway.end(hold, id, 13_000n, END + i * 3)
        charged += 13_000n
        await expectWithinLimit(quota)
      }
      await gateway.returnAll()
    })
    const rounds = [0, 1].map(async () => {
      for (let i = 0; i < 30; i++) await expiryAt(END + i * 4).runRound()
    })
    await Promise.all([...calls, ...rounds])
    await expiryAt(END + LEASE_MS).runRound()
    const after = await balances(id)
    expect(after).toMatchObject({ walletPromotional: 0n, planAllowance: 0n })
    const expired = 2_000_000n - (await walletOf(id)).limit
    expect(after["walletPaid"]).toBe(2_000_000n - expired - charged)
    expect((await windowOf(database, quota)).used).toBe(charged)
    await expectCleanBooks()
  })
})

describe("an allowance that is changed within its period", () => {
  test("it is reduced by what is left of it at most, and each part can be accounted for", async () => {
    const { id } = await makeOrganization(database)
    const lot = await give(id, 100_000n, END, "planAllowance")
    const reduce = (byNanoUsd: bigint) => database.system((transaction) => reduceLot(transaction, id, { lotId: lot, byNanoUsd, at: new Date(NOON), reason: "Team → Solo" }, newId))
    expect(await reduce(30_000n)).toBe(30_000n)
    expect((await walletOf(id)).limit).toBe(70_000n)
    expect(await reduce(500_000n)).toBe(70_000n)
    expect(await balances(id)).toEqual({ planAllowance: 0n })
    expect((await postings(id, "expiry")).map(({ reason }) => reason)).toEqual(["Team → Solo", "Team → Solo"])
    await expectCleanBooks()
  })

  test("what running calls hold of it is taken when it comes back, and the rest of the lot can be used meanwhile", async () => {
    const { id } = await makeOrganization(database)
    const lot = await give(id, 100_000n, END, "planAllowance")
    const quota = await walletOf(id)
    const gateway = startProcess()
    const hold = await held(gateway.hold(quota, 80_000n))
    await gateway.returnAll()
    const { leased } = await windowOf(database, quota)
    await database.system((transaction) => reduceLot(transaction, id, { lotId: lot, byNanoUsd: 60_000n, at: new Date(NOON), reason: "Team → Solo" }, newId))
    await expectWithinLimit(quota)
    expect(leased).toBeGreaterThan(40_000n)
    await gateway.end(hold, id, 10_000n, NOON - 1)
    await gateway.returnAll()
    await expiryAt(NOON + 1).runRound()
    // The running call, from before the change, is paid from what ended with it.
    expect((await walletOf(id)).limit).toBe(50_000n)
    expect(await balances(id)).toEqual({ planAllowance: 40_000n })
    await expectCleanBooks()
  })
})
