import { getRandomValues } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import type { Database } from "#lib/adapters/database.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { type Hold, partsOfHold, type QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { dollarPrice, makeOrganization, makeQuota, openLine, settleLine, windowOf } from "#test/money.ts"
import { createMoney, type Money } from "./money.ts"

/**
 * However fast the machine is, a run goes on until so much time has passed and so many calls were made and cut off by a kill. One that fails
 * ends too.
 */
const SECONDS_MIN = 6
const SECONDS_MAX = 45
const CALLS_MIN = 100
const CUT_OFF_MIN = 5
const PROCESSES = 3
const CALLS_AT_ONCE = 12
const WALLET_NANO_USD = 100_000_000n

const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
let home: string
beforeAll(async () => {
  database = await createTestDatabase()
  home = mkdtempSync(join(tmpdir(), "turnpike-torture-"))
})
afterAll(async () => {
  await database.drop()
  rmSync(home, { recursive: true, force: true })
})

/** Numbers from a seed, so that a run that failed can be run again. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Process = { readonly money: Money; readonly line: { cut: boolean }; dead: boolean }

const outage = { now: false }

async function startProcess(number: number): Promise<Process> {
  const line = { cut: false }
  const sql: Database["sql"] = (...parameters) => (line.cut || outage.now ? Promise.reject(new Error("away")) : database.sql(...parameters))
  const money = createMoney({ home: join(home, String(number)), database: { ...database, sql }, databaseUrl: database.url, clock: systemClock, newId, log: () => {} })
  await money.start()
  return { money, line, dead: false }
}

/** What each call must come to: by its own account, whatever the books say. */
type Truth = Map<Id<"request">, { readonly status: "complete" | "interrupted"; readonly chargedNanoUsd: bigint }>

test.each([1, 2])("calls in dying processes, on a database that goes away, are each booked once and to the nano-dollar (seed %i)", async (seed) => {
  const random = seeded(seed)
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: WALLET_NANO_USD })
  const quotas = [wallet as QuotaDefinition, await makeQuota(database, { organizationId: id, window: "month", limit: 80_000_000n })]
  const truth: Truth = new Map()
  const processes = await Promise.all(Array.from({ length: PROCESSES }, (_, i) => startProcess(seed * 10 + i)))
  const startedMs = Date.now()
  let cutOff = 0
  // The first calls always find enough in the wallet and the budget.
  const goesOn = () => {
    const seconds = (Date.now() - startedMs) / 1000
    return seconds < SECONDS_MIN || (seconds < SECONDS_MAX && (truth.size < CALLS_MIN || cutOff < CUT_OFF_MIN))
  }

  async function call(slot: number): Promise<void> {
    const process = processes[slot] as Process
    const { money } = process
    // A caller that came back at once would keep the event loop from starting the next process.
    if (process.dead) return sleep(20)
    const admittedAtMs = Date.now()
    const worst = BigInt(50_000 + random(200_000))
    const hold = await money.quota.hold(quotas, { nanoUsd: { worst, minimum: worst / 2n } }, admittedAtMs)
    if (process.dead) return
    if (!hold.ok) {
      return sleep(20)
    }
    const held = (hold as Hold).granted.nanoUsd ?? 0n
    const requestId = newId("request")
    if (!money.spool.open(openLine({ organizationId: id, requestId, admittedAtMs, holdNanoUsd: held, holdParts: partsOfHold(hold) }), dollarPrice)) return
    truth.set(requestId, { status: "interrupted", chargedNanoUsd: held })
    await sleep(random(60))
    if (process.dead) {
      cutOff++
      return
    }
    // Whole thousandths, since the price is a dollar per million tokens; now and then more than was held.
    const due = (held * BigInt(random(110))) / 100_000n * 1_000n
    const { parts, covered } = money.quota.settle(hold, { nanoUsd: due })
    const chargedNanoUsd = covered.nanoUsd ?? 0n
    money.spool.settle(settleLine({ requestId, chargedNanoUsd, costNanoUsd: due, absorbedNanoUsd: due - chargedNanoUsd, usage: { input: Number(due / 1_000n) }, parts }))
    truth.set(requestId, { status: "complete", chargedNanoUsd })
  }

  const callers = Array.from({ length: CALLS_AT_ONCE }, async (_, i) => {
    while (goesOn()) await call(i % PROCESSES)
  })
  while (goesOn()) {
    await sleep(150 + random(300))
    if (random(3) === 0) {
      outage.now = true
      await sleep(random(400))
      outage.now = false
    } else {
      const slot = random(PROCESSES)
      const victim = processes[slot] as Process
      victim.dead = true
      victim.line.cut = true
      processes[slot] = await startProcess(seed * 10 + slot)
    }
    for (const quota of quotas) {
      const { used, leased } = await windowOf(database, quota)
      expect(used + leased).toBeLessThanOrEqual(quota.limit)
    }
  }
  await Promise.all(callers)
  await Promise.all(processes.map(({ money }) => money.stop()))
  // What died last is found by the next start.
  for (let i = 0; i < PROCESSES; i++) await (await startProcess(seed * 10 + i)).money.stop()

  const records = await database.system((transaction) => transaction.usageRecord.findMany({ where: { organizationId: id } }))
  expect(new Map(records.map((record) => [record.id, { status: record.status, chargedNanoUsd: record.chargedNanoUsd }]))).toEqual(truth)
  expect(records.filter(({ status }) => status === "interrupted").length).toBe(cutOff)
  const charged = records.reduce((sum, record) => sum + record.chargedNanoUsd, 0n)
  for (const quota of quotas) expect(await windowOf(database, quota)).toEqual({ used: charged, leased: 0n })
  expect((await auditBooks(database)).differences).toEqual([])
}, 60_000)
