import { getRandomValues } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import type { Database } from "#lib/adapters/database.ts"
import { forgetLongSilent, forgetProcess, silentProcesses } from "#lib/adapters/forgotten-processes.ts"
import { createProcesses } from "#lib/adapters/processes.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { partsOfHold, type QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { dollarPrice, entryOf, makeOrganization, openLine, settleLine, windowOf } from "#test/money.ts"
import { createMoney, type Money } from "./money.ts"

const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
let home: string
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "turnpike-forget-"))
})
afterEach(async () => {
  await database.sql(null, (client) => client.query("UPDATE gateway_process SET stopped_at = now() WHERE stopped_at IS NULL"))
  rmSync(home, { recursive: true, force: true })
})

const moneyOn = (folder: string, on: Database = database) => createMoney({ home: join(home, folder), database: on, databaseUrl: database.url, clock: systemClock, newId, log: () => {} })

/** A process that dies with one call ended and one under way, of 10,000 and 40,000 nano-USD held, and its id. */
async function deadProcess(organizationId: Id<"organization">, wallet: QuotaDefinition): Promise<Id<"process">> {
  const line = { cut: false }
  const sql: Database["sql"] = (...parameters) => (line.cut ? Promise.reject(new Error("the line is cut")) : database.sql(...parameters))
  const money = moneyOn("dead", { ...database, sql })
  await money.start()
  const calls = [await begin(money, organizationId, wallet, 10_000n), await begin(money, organizationId, wallet, 40_000n)]
  line.cut = true
  calls[0]?.(6_000n)
  await sleep(300)
  const { rows } = await database.sql(null, (client) => client.query<{ id: Id<"process"> }>("SELECT id FROM gateway_process WHERE stopped_at IS NULL"))
  return rows[0]?.id ?? "proc_none"
}

/** Holds and opens a call; the function that is returned ends it. */
async function begin(money: Money, organizationId: Id<"organization">, wallet: QuotaDefinition, worst: bigint): Promise<(amount: bigint) => void> {
  const admittedAtMs = Date.now()
  const hold = await money.quota.hold([wallet], { nanoUsd: { worst, minimum: worst } }, admittedAtMs)
  if (!hold.ok) throw new Error(`refused: ${hold.reason}`)
  const line = openLine({ organizationId, requestId: newId("request"), admittedAtMs, holdNanoUsd: worst, holdParts: partsOfHold(hold) })
  expect(money.spool.open(line, dollarPrice)).toBe(true)
  return (amount) => {
    const { parts } = money.quota.settle(hold, { nanoUsd: amount })
    money.spool.settle(settleLine({ requestId: line.requestId, chargedNanoUsd: amount, costNanoUsd: amount, absorbedNanoUsd: 0n, usage: { input: Number(amount / 1000n) }, parts }))
  }
}

/** As if the process had given its last sign of life, and its leases had been renewed last, so long ago. */
const silence = (processId: Id<"process">, heard: string, expired = "1 second") =>
  database.sql(null, async (client) => {
    await client.query("UPDATE gateway_process SET heartbeat_at = now() - $2::interval WHERE id = $1", [processId, heard])
    await client.query("UPDATE lease SET deadline = now() - $2::interval WHERE process_id = $1", [processId, expired])
  })

const differences = async () => (await auditBooks(database)).differences

test("a forgotten process's leases are free, and what its spool still held is booked to the house", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 100_000n })
  const quota = wallet as QuotaDefinition
  const dead = await deadProcess(id, quota)
  await silence(dead, "10 minutes")
  expect(await silentProcesses(database)).toMatchObject([{ id: dead, leases: 1 }])
  expect(await forgetProcess(database, dead)).toMatchObject({ ok: true, value: { id: dead } })
  expect(await windowOf(database, quota)).toEqual({ used: 0n, leased: 0n })

  // The whole wallet goes to others, and only then the dead one's disk turns up.
  const other = moneyOn("other")
  await other.start()
  ;(await begin(other, id, quota, 100_000n))(100_000n)
  await other.stop()
  const returned = moneyOn("dead")
  await returned.start()
  await returned.stop()
  const records = await database.system((transaction) => transaction.usageRecord.findMany({ where: { organizationId: id }, orderBy: { absorbedNanoUsd: "asc" } }))
  expect(records).toMatchObject([
    { status: "complete", chargedNanoUsd: 100_000n, absorbedNanoUsd: 0n },
    { status: "complete", chargedNanoUsd: 0n, absorbedNanoUsd: 6_000n },
    { status: "interrupted", chargedNanoUsd: 0n, absorbedNanoUsd: 40_000n },
  ])
  expect(await windowOf(database, quota)).toEqual({ used: 100_000n, leased: 0n })
  expect(await differences()).toEqual([])
})

test("a process is not given up while it lives, while a lease of it lasts, or twice", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 100_000n })
  const quota = wallet as QuotaDefinition
  const dead = await deadProcess(id, quota)
  expect(await forgetProcess(database, dead)).toEqual({ ok: false, error: "alive" })
  await silence(dead, "10 minutes", "-1 minutes")
  expect(await forgetProcess(database, dead)).toEqual({ ok: false, error: "alive" })
  expect((await windowOf(database, quota)).leased).toBeGreaterThan(0n)
  await silence(dead, "10 minutes")
  expect((await forgetProcess(database, dead)).ok).toBe(true)
  expect(await forgetProcess(database, dead)).toEqual({ ok: false, error: "ended" })
  expect(await forgetProcess(database, "proc_nobody")).toEqual({ ok: false, error: "unknown" })
})

test("after a day of silence a process is given up by itself, and not before", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 100_000n })
  const quota = wallet as QuotaDefinition
  const dead = await deadProcess(id, quota)
  await silence(dead, "23 hours 59 minutes")
  expect(await forgetLongSilent(database)).toEqual([])
  expect((await windowOf(database, quota)).leased).toBeGreaterThan(0n)
  await silence(dead, "24 hours 1 second")
  expect(await forgetLongSilent(database)).toMatchObject([{ id: dead }])
  expect(await windowOf(database, quota)).toEqual({ used: 0n, leased: 0n })
  expect(await silentProcesses(database)).toEqual([])
})

test("a process that was given up while it lives lets nothing upstream any more", async () => {
  let skippedMs = 0
  const money = createMoney({ home, database, databaseUrl: database.url, clock: { ...systemClock, monotonic: () => systemClock.monotonic() + skippedMs }, newId, log: () => {} })
  await money.start()
  const { rows } = await database.sql(null, (client) => client.query<{ id: Id<"process"> }>("SELECT id FROM gateway_process WHERE stopped_at IS NULL"))
  await silence(rows[0]?.id ?? "proc_none", "25 hours")
  expect(await forgetLongSilent(database)).toHaveLength(1)
  skippedMs = 61_000
  for (let i = 0; i < 40 && money.healthy(); i++) await sleep(50)
  expect(money.healthy()).toBe(false)
  expect(money.spool.open(openLine({ organizationId: "org_a" }), dollarPrice)).toBe(false)
  await money.stop()
})

test("a process that was given up and lives after all hears of it, and charges nobody", async () => {
  const { id } = await makeOrganization(database, { walletNanoUsd: 100_000n })
  const processId = newId("process")
  const processes = createProcesses(database, { id: processId, homeId: "cut-off", host: "host", pid: 1 })
  await processes.register(new Date())
  expect(await processes.heartbeat()).toBe(true)
  await silence(processId, "25 hours")
  await forgetLongSilent(database)
  expect(await processes.heartbeat()).toBe(false)
  await createBooking(database, newId)(processId, [entryOf(openLine({ organizationId: id }), { chargedNanoUsd: 7_000n, costNanoUsd: 5_000n })])
  const records = await database.system((transaction) => transaction.usageRecord.findMany({ where: { organizationId: id } }))
  expect(records).toMatchObject([{ chargedNanoUsd: 0n, absorbedNanoUsd: 7_000n, costNanoUsd: 5_000n }])
})
