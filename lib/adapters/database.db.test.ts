import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test("a connection that breaks in the middle of a transaction fails that transaction alone, and the next one has another", async () => {
  const broken = database.sql(null, async (client) => {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
    await database.sql(null, (other) => other.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]))
    // Nothing is under way on it when it breaks: the process hears of it by an event.
    await sleep(100)
    await client.query("SELECT 1")
  })
  await expect(broken).rejects.toThrow()
  expect((await database.sql(null, (client) => client.query("SELECT 1 AS one"))).rows).toEqual([{ one: 1 }])
})

test("of two transactions that wait for each other both come through", async () => {
  const ids = ["org_one", "org_two"] as const
  await database.system(async (transaction) => {
    for (const id of ids) await transaction.organization.create({ data: { id, slug: id, name: "", kind: "internal", hasWallet: false } })
  })
  await database.system(async (transaction) => {
    for (const id of ids) await transaction.ledgerBalance.create({ data: { accountId: id, organizationId: id, balanceNanoUsd: 0n } })
  })
  const add = (id: string) => `UPDATE ledger_balance SET balance_nano_usd = balance_nano_usd + 1 WHERE account_id = '${id}'`
  const crossing = [ids, ids.toReversed()]
  let runs = 0
  const ways = {
    prisma: (first: string, second: string) =>
      database.system(async (transaction) => {
        runs++
        await transaction.$executeRawUnsafe(add(first))
        await sleep(200)
        await transaction.ledgerBalance.update({ where: { accountId: second }, data: { balanceNanoUsd: { increment: 1n } } })
      }),
    raw: (first: string, second: string) =>
      database.system(async (transaction) => {
        runs++
        await transaction.$executeRawUnsafe(add(first))
        await sleep(200)
        await transaction.$executeRawUnsafe(add(second))
      }),
    sql: (first: string, second: string) =>
      database.sql(null, async (client) => {
        runs++
        await client.query(add(first))
        await sleep(200)
        await client.query(add(second))
      }),
  }
  for (const [way, work] of Object.entries(ways)) {
    runs = 0
    await Promise.all(crossing.map(([first, second]) => work(first!, second!)))
    expect(runs, way).toBeGreaterThan(2)
  }
  const balances = await database.system((transaction) => transaction.ledgerBalance.findMany({ orderBy: { accountId: "asc" } }))
  expect(balances.map((row) => row.balanceNanoUsd)).toEqual([6n, 6n])
})
