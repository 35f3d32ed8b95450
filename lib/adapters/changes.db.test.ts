import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { type Change, type ChangeFeed, createChangeFeed } from "#lib/adapters/changes.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system((transaction) => transaction.organization.create({ data: { id: "org_a", slug: "a", name: "A", kind: "internal", hasWallet: true } }))
})
afterAll(() => database.drop())

const quiet = () => {}
const makeProject = (id: string) => database.organization("org_a", (transaction) => transaction.project.create({ data: { id, organizationId: "org_a", name: id } }))

/** A started feed with what its listener heard, in order. */
async function follow(options: { pollMs?: number; listen?: boolean } = {}): Promise<{ feed: ChangeFeed; heard: (Change | "everything")[] }> {
  const feed = createChangeFeed({ url: database.url, log: quiet, ...options })
  const heard: (Change | "everything")[] = []
  feed.subscribe(["project"], (changes) => heard.push(...(changes === "everything" ? ["everything" as const] : changes)))
  await feed.start()
  return { feed, heard }
}

async function until(condition: () => boolean, withinMs = 5_000): Promise<void> {
  const start = performance.now()
  while (!condition()) {
    if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms`)
    await sleep(10)
  }
}

test("changes arrive once each and in order, however many transactions make them at once", async () => {
  const { feed, heard } = await follow({ pollMs: 20 })
  await Promise.all(Array.from({ length: 40 }, (_, i) => makeProject(`proj_order_${i}`)))
  await until(() => heard.length >= 41)
  const { rows } = await database.sql(null, (client) => client.query<{ subject: string }>("SELECT subject FROM change WHERE subject LIKE 'proj_order_%' ORDER BY value"))
  expect(heard).toEqual(["everything", ...rows.map(({ subject }) => ({ topic: "project", subject }))])
  await feed.stop()
})

test("a listener hears of its topics alone, and of nothing after it left", async () => {
  const feed = createChangeFeed({ url: database.url, log: quiet, pollMs: 20 })
  const heard: unknown[] = []
  const leave = feed.subscribe(["setting"], (changes) => heard.push(changes))
  await feed.start()
  await makeProject("proj_unheard")
  await database.system((transaction) => transaction.setting.create({ data: { name: "heard", value: 1 } }))
  await until(() => heard.length === 2)
  expect(heard).toEqual(["everything", [{ topic: "setting", subject: "heard" }]])
  leave()
  await database.system((transaction) => transaction.setting.create({ data: { name: "unheard", value: 1 } }))
  await sleep(200)
  expect(heard).toHaveLength(2)
  await feed.stop()
})

test("the counter's row written last is never skipped: a change that commits late is heard", async () => {
  const { feed, heard } = await follow({ pollMs: 20 })
  const slow = database.organization("org_a", async (transaction) => {
    await transaction.project.create({ data: { id: "proj_slow", organizationId: "org_a", name: "slow" } })
    await sleep(300)
  })
  await sleep(50)
  const fast = makeProject("proj_fast")
  await Promise.all([slow, fast])
  await until(() => heard.length >= 3)
  expect(heard).toEqual(["everything", { topic: "project", subject: "proj_slow" }, { topic: "project", subject: "proj_fast" }])
  await feed.stop()
})

test("who fell behind what is kept, or far behind, starts afresh", async () => {
  const { feed, heard } = await follow({ pollMs: 600_000, listen: false })
  await makeProject("proj_pruned")
  await makeProject("proj_kept")
  await database.sql(null, (client) => client.query("DELETE FROM change WHERE subject = 'proj_pruned'"))
  await feed.start()
  expect(heard).toEqual(["everything", "everything"])
  await database.sql(null, (client) => client.query("INSERT INTO project (id, organization_id, name) SELECT 'proj_many_' || n, 'org_a', 'many ' || n FROM generate_series(1, 1500) AS n"))
  await feed.start()
  expect(heard).toEqual(["everything", "everything", "everything"])
  await makeProject("proj_after")
  await feed.start()
  expect(heard.at(-1)).toEqual({ topic: "project", subject: "proj_after" })
  await feed.stop()
})

test("a cut connection is made anew, and what may have been missed is invalidated", async () => {
  const { feed, heard } = await follow({ pollMs: 20 })
  const administrator = new pg.Client({ connectionString: inject("postgresUrl") })
  await administrator.connect()
  const name = new URL(database.url).pathname.slice(1)
  await administrator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'turnpike changes'", [name])
  await administrator.end()
  await until(() => heard.length >= 2)
  expect(heard).toEqual(["everything", "everything"])
  await makeProject("proj_reconnected")
  await until(() => heard.length >= 3)
  expect(heard.at(-1)).toEqual({ topic: "project", subject: "proj_reconnected" })
  expect(feed.connected).toBe(true)
  await feed.stop()
})

test("a database that does not answer at the start is asked again, and the start does not fail", async () => {
  const feed = createChangeFeed({ url: "postgres://turnpike:x@127.0.0.1:1/turnpike", log: quiet, pollMs: 20 })
  await feed.start()
  expect(feed.connected).toBe(false)
  await feed.stop()
})
