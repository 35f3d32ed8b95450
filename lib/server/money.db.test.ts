import { getRandomValues } from "node:crypto"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import type { Database } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { type Hold, partsOfHold, type QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { dollarPrice, entryOf, makeOrganization, makeQuota, openLine, settleLine, windowOf } from "#test/money.ts"
import { createMoney, type Money } from "./money.ts"

const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
let home: string
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "turnpike-money-"))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** A way to the database that can be cut: a killed process, or a database that is away. */
function cuttable() {
  const line = { cut: false }
  const sql: Database["sql"] = (...parameters) => (line.cut ? Promise.reject(new Error("the line is cut")) : database.sql(...parameters))
  return { line, database: { ...database, sql } }
}

const processOn = (over: Partial<Parameters<typeof createMoney>[0]> = {}) => createMoney({ home, database, databaseUrl: database.url, clock: systemClock, newId, log: () => {}, ...over })

/** Holds `worst` nano-USD and opens a call; returns how to end it. */
async function begin(money: Money, organizationId: Id<"organization">, quotas: readonly QuotaDefinition[], worst: bigint) {
  const admittedAtMs = Date.now()
  const hold = await money.quota.hold(quotas, { nanoUsd: { worst, minimum: worst } }, admittedAtMs)
  if (!hold.ok) throw new Error(`refused: ${hold.reason}`)
  const line = openLine({ organizationId, requestId: newId("request"), admittedAtMs, holdNanoUsd: worst, holdParts: partsOfHold(hold) })
  expect(money.spool.open(line, dollarPrice)).toBe(true)
  return { hold, line, end: (amount: bigint) => end(money, line.requestId, hold, amount) }
}

function end(money: Money, requestId: Id<"request">, hold: Hold, amount: bigint): void {
  const { parts, covered } = money.quota.settle(hold, { nanoUsd: amount })
  const chargedNanoUsd = covered.nanoUsd ?? amount
  money.spool.settle(settleLine({ requestId, chargedNanoUsd, costNanoUsd: amount, absorbedNanoUsd: amount - chargedNanoUsd, usage: { input: Number(amount / 1000n) }, parts }))
}

const recordsOf = (organizationId: string) => database.system((transaction) => transaction.usageRecord.findMany({ where: { organizationId }, orderBy: { chargedNanoUsd: "asc" } }))
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (let i = 0; i < 200 && !(await condition()); i++) await sleep(25)
  expect(await condition()).toBe(true)
}

const differences = async () => (await auditBooks(database)).differences

describe("booking", () => {
  test("a call is booked once however often it is flushed, and everything is the sum of the calls", async () => {
    const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 10_000_000n })
    const money = processOn()
    await money.start()
    const quotas = [wallet as QuotaDefinition]
    for (const amount of [1_000n, 2_000n, 3_000n]) (await begin(money, id, quotas, 5_000n)).end(amount)
    await until(() => money.figures.unbooked === 0)
    const records = await recordsOf(id)
    expect(records.map((record) => record.chargedNanoUsd)).toEqual([1_000n, 2_000n, 3_000n])

    const again = records.map((record) => entryOf(openLine({ organizationId: id, requestId: record.id as Id<"request">, admittedAtMs: record.admittedAt.getTime() }), { chargedNanoUsd: record.chargedNanoUsd }))
    expect(await createBooking(database, newId)("proc_x", again)).toEqual({ added: 0, uncoveredQuotas: [] })
    await money.stop()
    expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: 6_000n, leased: 0n })
    const hours = await database.system((transaction) => transaction.usageHourly.findMany({ where: { organizationId: id } }))
    expect(hours.reduce((sum, hour) => sum + hour.chargedNanoUsd, 0n)).toBe(6_000n)
    const balances = await database.system((transaction) => transaction.ledgerBalance.findMany({ where: { organizationId: id } }))
    expect(balances).toMatchObject([{ accountId: `acct_walletPaid${id.slice(4)}`, balanceNanoUsd: 9_994_000n }])
    expect(await differences()).toEqual([])
  })

  test("an organization without a wallet is booked as unbilled, and a test call is in no posting", async () => {
    const { id } = await makeOrganization(database)
    const book = createBooking(database, newId)
    await book("proc_x", [entryOf(openLine({ organizationId: id }), { chargedNanoUsd: 7_000n }), entryOf(openLine({ organizationId: id, test: true }), { chargedNanoUsd: 5_000n })])
    const balances = await database.system((transaction) => transaction.ledgerBalance.findMany({ where: { organizationId: id } }))
    expect(balances).toMatchObject([{ accountId: `acct_unbilled${id.slice(4)}`, balanceNanoUsd: -7_000n }])
    expect((await recordsOf(id)).map((record) => record.postingId !== null)).toEqual([false, true])
    expect(await differences()).toEqual([])
  })

  test("a coding plan's calls are sold like others and bill nothing: their list value stands apart from what providers ask for", async () => {
    const { id } = await makeOrganization(database)
    const accrued = () => database.system(async (transaction) => (await transaction.ledgerEntry.aggregate({ where: { accountId: "acct_houseAccruedProviderCost" }, _sum: { amountNanoUsd: true } }))._sum.amountNanoUsd ?? 0n)
    const before = await accrued()
    const calls = [true, false].map((plan) => entryOf(openLine({ organizationId: id, plan, channelId: plan ? "chan_plan" : "chan_paid" }), { chargedNanoUsd: 5_000n }))
    await createBooking(database, newId)("proc_x", calls)
    expect((await accrued()) - before).toBe(5_000n)
    const hours = await database.system((transaction) => transaction.usageHourly.findMany({ where: { organizationId: id }, orderBy: { channelId: "asc" } }))
    expect(hours).toMatchObject([{ channelId: "chan_paid", costNanoUsd: 5_000n, planNanoUsd: 0n, chargedNanoUsd: 5_000n }, { channelId: "chan_plan", costNanoUsd: 0n, planNanoUsd: 5_000n, chargedNanoUsd: 5_000n }])
    expect(await differences()).toEqual([])
  })

  test("what no quota could cover is absorbed by the house, and charged + absorbed is usage × price", async () => {
    const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 5_000n })
    const money = processOn()
    await money.start()
    ;(await begin(money, id, [wallet as QuotaDefinition], 5_000n)).end(8_000n)
    await money.stop()
    expect(await recordsOf(id)).toMatchObject([{ chargedNanoUsd: 5_000n, absorbedNanoUsd: 3_000n }])
    expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: 5_000n, leased: 0n })
    expect(await differences()).toEqual([])
  })
})

describe("whatever dies", () => {
  test("a killed process's calls are booked by the next start of its home, and its leases are free again", async () => {
    const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000_000n })
    const budget = await makeQuota(database, { organizationId: id, window: "month", limit: 900_000n })
    const quotas = [wallet as QuotaDefinition, budget]
    const killed = cuttable()
    const dead = processOn({ database: killed.database })
    await dead.start()
    ;(await begin(dead, id, quotas, 50_000n)).end(20_000n)
    await until(() => dead.figures.unbooked === 0)
    const [ended, lost] = [await begin(dead, id, quotas, 40_000n), await begin(dead, id, quotas, 30_000n)]
    killed.line.cut = true
    ended.end(10_000n)
    expect(lost.line.holdNanoUsd).toBe(30_000n)
    expect((await windowOf(database, budget)).leased).toBeGreaterThanOrEqual(70_000n)

    const next = processOn()
    await next.start()
    expect((await recordsOf(id)).map((record) => [record.status, record.chargedNanoUsd])).toEqual([
      ["complete", 10_000n],
      ["complete", 20_000n],
      ["interrupted", 30_000n],
    ])
    for (const quota of quotas) expect(await windowOf(database, quota)).toEqual({ used: 60_000n, leased: 0n })
    expect(readdirSync(join(home, "spool")).filter((name) => name.startsWith("proc_"))).toHaveLength(1)
    await next.stop()
    expect(await differences()).toEqual([])
  })

  test("a database that is away costs no call: what ended meanwhile is booked when it is back", async () => {
    const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000_000n })
    const { line, database: fragile } = cuttable()
    const money = processOn({ database: fragile })
    await money.start()
    const quotas = [wallet as QuotaDefinition]
    ;(await begin(money, id, quotas, 1_000n)).end(1_000n)
    await until(() => money.figures.unbooked === 0)
    line.cut = true
    for (let i = 0; i < 5; i++) (await begin(money, id, quotas, 1_000n)).end(1_000n)
    await until(() => money.figures.failingForMs !== null)
    expect(money.figures.unbooked).toBe(5)
    expect(money.healthy()).toBe(true)
    line.cut = false
    await until(() => money.figures.unbooked === 0)
    await money.stop()
    expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: 6_000n, leased: 0n })
    expect(await differences()).toEqual([])
  })

  test("before the start and after the stop nothing is let upstream", async () => {
    const money = processOn()
    expect(money.spool.writable).toBe(false)
    expect(money.spool.open(openLine({ organizationId: "org_a" }), dollarPrice)).toBe(false)
    await money.start()
    expect(money.spool.writable).toBe(true)
    await money.stop()
    expect(money.spool.writable).toBe(false)
  })
})

test("what one process holds and does not need is there for another at once", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000_000n })
  const [first, second] = [processOn(), processOn({ home: join(home, "second") })]
  await Promise.all([first.start(), second.start()])
  const quotas = [wallet as QuotaDefinition]
  ;(await begin(first, id, quotas, 800_000n)).end(100_000n)
  // The first still holds nearly all, and two seconds have not passed.
  expect((await windowOf(database, wallet as QuotaDefinition)).leased).toBeGreaterThan(700_000n)
  ;(await begin(second, id, quotas, 800_000n)).end(800_000n)
  await Promise.all([first.stop(), second.stop()])
  expect(await windowOf(database, wallet as QuotaDefinition)).toEqual({ used: 900_000n, leased: 0n })
  expect(await differences()).toEqual([])
})

test("the days ahead have a partition each, closed to other organizations", async () => {
  const money = processOn()
  await money.start()
  await money.stop()
  const { rows } = await database.sql(null, (client) =>
    client.query<{ relname: string }>("SELECT relname FROM pg_class WHERE relname LIKE 'usage_record_2%' AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity ORDER BY relname"),
  )
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10).replaceAll("-", "")
  expect(rows.length).toBeGreaterThanOrEqual(14)
  expect(rows.map((row) => row.relname)).toContain(`usage_record_${tomorrow}`)
})
