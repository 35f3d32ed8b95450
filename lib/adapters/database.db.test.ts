import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Database, openDatabase } from "./database.ts"
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

test.each([
  ["plain", (failing: Database) => failing.sql(null, (client) => client.query("SELECT 1"))],
  ["Prisma's", (failing: Database) => failing.system((transaction) => transaction.organization.count())],
])("a connection that is cut in the moment it is handed out fails what asked for it, and the process goes on (%s)", async (_, ask) => {
  const cutting = await createCutter(database.url)
  const failing = openDatabase(cutting.url, 1)
  await expect(ask(failing)).rejects.toThrow()
  expect(cutting.cuts()).toBeGreaterThan(0)
  await failing.close()
  await cutting.close()
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

/** A way to PostgreSQL whose answer to a new connection, that it is ready, has the end of that connection right behind it. */
async function createCutter(url: string): Promise<{ readonly url: string; cuts(): number; close(): Promise<void> }> {
  const behind = new URL(url)
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((client) => {
    const upstream = connect(Number(behind.port), behind.hostname)
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}))
    client.pipe(upstream)
    upstream.on("data", (bytes: Buffer) => {
      if (!bytes.subarray(-READY.length).equals(READY)) return void client.write(bytes)
      cuts++
      client.end(Buffer.concat([bytes, CUT]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const there = new URL(url)
  there.port = String((server.address() as AddressInfo).port)
  return {
    url: there.href,
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** `ReadyForQuery`, idle: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
/** `ErrorResponse`, as `pg_terminate_backend` sends it. */
const CUT = (() => {
  const fields = Buffer.from("SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0")
  const head = Buffer.alloc(5)
  head.write("E")
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
})()
