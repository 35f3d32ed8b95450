import { afterAll, beforeAll, expect, test } from "vitest"
import { openDatabase } from "#lib/adapters/database.ts"
import { createTestDatabase, type TestDatabase } from "./database.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    for (const name of ["a", "b"]) {
      await transaction.organization.create({ data: { id: `org_${name}`, slug: name, name, kind: "customer", hasWallet: true } })
      await transaction.project.create({ data: { id: `proj_${name}`, organizationId: `org_${name}`, name } })
    }
  })
})
afterAll(() => database.drop())

test("an organization's transaction sees its own rows and nobody else's", async () => {
  const projects = await database.organization("org_a", (transaction) => transaction.project.findMany())
  expect(projects.map((project) => project.id)).toEqual(["proj_a"])
  const organizations = await database.organization("org_a", (transaction) => transaction.organization.findMany())
  expect(organizations.map((organization) => organization.id)).toEqual(["org_a"])
})

test("an organization's transaction cannot write into another's name", async () => {
  const write = database.organization("org_a", (transaction) => transaction.project.create({ data: { id: "proj_x", organizationId: "org_b", name: "x" } }))
  await expect(write).rejects.toThrow(/row-level security/)
})

test("a query without a scope sees nothing, in every table", async () => {
  const unscoped = openDatabase(database.url)
  try {
    const { rows: tables } = await database.sql(null, (client) => client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_turnpike%'"))
    expect(tables.length).toBeGreaterThan(25)
    // An empty organization id is what a forgotten scope looks like.
    for (const { name } of tables) {
      const { rows } = await database.sql("" as never, (client) => client.query(`SELECT 1 FROM "${name}" LIMIT 1`))
      expect(rows, name).toEqual([])
    }
    await expect(unscoped.sql("" as never, (client) => client.query("INSERT INTO project (id, organization_id, name) VALUES ('p', '', 'p')"))).rejects.toThrow(/row-level security/)
  } finally {
    await unscoped.close()
  }
})

test("every table has row-level security, forced on its owner too", async () => {
  const { rows } = await database.sql(null, (client) =>
    client.query("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_turnpike%' AND NOT (relrowsecurity AND relforcerowsecurity)"),
  )
  expect(rows).toEqual([])
})

test("the ledger refuses a posting that does not balance, and every change", async () => {
  const post = (amount: bigint) =>
    database.system(async (transaction) => {
      await transaction.ledgerAccount.createMany({
        data: [
          { id: "acct_1", organizationId: "org_a", kind: "walletPaid" },
          { id: "acct_2", kind: "clearing" },
        ],
        skipDuplicates: true,
      })
      const id = `post_${amount}`
      await transaction.ledgerPosting.create({ data: { id, organizationId: "org_a", kind: "credit", idempotencyKey: id } })
      await transaction.ledgerEntry.createMany({
        data: [
          { id: `${id}a`, postingId: id, accountId: "acct_1", organizationId: "org_a", amountNanoUsd: 10n },
          { id: `${id}b`, postingId: id, accountId: "acct_2", amountNanoUsd: -amount },
        ],
      })
    })
  await expect(post(9n)).rejects.toThrow(/does not balance/)
  await post(10n)
  for (const sql of ["UPDATE ledger_entry SET amount_nano_usd = 0", "DELETE FROM ledger_posting", "TRUNCATE ledger_entry"]) {
    await expect(database.sql(null, (client) => client.query(sql))).rejects.toThrow(/is refused/)
  }
})

test("a change of configuration is counted in the transaction that makes it", async () => {
  const changes = () => database.system((transaction) => transaction.change.findMany({ orderBy: { value: "desc" }, take: 1 }))
  await database.organization("org_b", (transaction) => transaction.project.create({ data: { id: "proj_new", organizationId: "org_b", name: "new" } }))
  expect(await changes()).toMatchObject([{ topic: "project", subject: "proj_new" }])
  const before = await changes()
  await database.organization("org_b", async (transaction) => {
    await transaction.project.create({ data: { id: "proj_undone", organizationId: "org_b", name: "undone" } })
    throw new Error("undo")
  }).catch(() => {})
  expect(await changes()).toEqual(before)
})
