import { readdir } from "node:fs/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { auditBooks } from "./audit.ts"
import { buildSchema, migrate } from "./migrations.ts"

/** The migration that made lots. */
const LOTS = "20261125234209_credit_lots"

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  const names = (await readdir("prisma/migrations", { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  await database.sql(null, async (client) => {
    await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await buildSchema(client, names.filter((name) => name < LOTS))
    await client.query("INSERT INTO organization (id, slug, name, kind, has_wallet) VALUES ('org_a', 'a', 'A', 'customer', true), ('org_b', 'b', 'B', 'customer', true)")
    await client.query("INSERT INTO ledger_account (id, organization_id, kind) VALUES ('acct_walletPromotionala', 'org_a', 'walletPromotional'), ('acct_walletPaidb', 'org_b', 'walletPaid'), ('acct_house', NULL, 'promotion')")
    await client.query("INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key) VALUES ('post_a', 'org_a', 'credit', 'a'), ('post_b', 'org_b', 'credit', 'b')")
    await client.query(
      `INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd)
       VALUES ('ent_1', 'post_a', 'acct_walletPromotionala', 'org_a', 70), ('ent_2', 'post_a', 'acct_house', NULL, -70), ('ent_3', 'post_b', 'acct_walletPaidb', 'org_b', 5), ('ent_4', 'post_b', 'acct_house', NULL, -5)`,
    )
    await client.query(
      `INSERT INTO quota (id, organization_id, scope, scope_id, unit, "window", "limit") VALUES ('quota_a', 'org_a', 'wallet', 'org_a', 'nanoUsd', 'total', 70), ('quota_b', 'org_b', 'wallet', 'org_b', 'nanoUsd', 'total', 5)`,
    )
  })
  await migrate(database.url)
})
afterAll(() => database.drop())

test("promotional credit from before there were lots is one lot that does not expire, and the books stay whole", async () => {
  const lots = await database.system((transaction) => transaction.creditLot.findMany())
  expect(lots).toMatchObject([{ organizationId: "org_a", kind: "walletPromotional", amountNanoUsd: 70n, remainingNanoUsd: 70n, expiresAt: null, endedAt: null }])
  const report = await auditBooks(database)
  expect(report.differences).toEqual([])
  expect(report.organizations).toMatchObject([{ name: "A", credited: 70n, balance: 70n }, { name: "B", credited: 5n, balance: 5n }])
})
