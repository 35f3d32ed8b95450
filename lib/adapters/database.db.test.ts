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
