import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { backUp, holdsData, restore } from "./backup.ts"
import { DamagedBackup } from "./backup-file.ts"
import { buildSchema, migrate, SchemaMismatch } from "./migrations.ts"

const NOW = Date.parse("2026-11-25T12:00:00Z")
/** What breaks a careless text format: the format's own marks, line ends, quotes, and a letter of four bytes. */
const HOSTILE = 'a\\b\tc\nd\r\\.\n\\N "e" \'f\' 𝔤 组织'

let source: TestDatabase
let folder: string
let path: string
const targets: TestDatabase[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "turnpike-backup-"))
  path = join(folder, "backup")
  source = await createTestDatabase()
  await fillSource(source)
  await backUp(source.url, path, "the-secret-of-this-installation!", NOW)
})
afterAll(async () => {
  for (const database of [source, ...targets]) await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function fillSource(database: TestDatabase): Promise<void> {
  await database.sql(null, async (client) => {
    await client.query("CREATE TABLE usage_record_20261125 PARTITION OF usage_record FOR VALUES FROM ('2026-11-25 00:00:00+00') TO ('2026-11-26 00:00:00+00')")
    await client.query("INSERT INTO organization (id, slug, name, kind, has_wallet) VALUES ('org_1', 'acme', $1, 'internal', true)", [HOSTILE])
    await client.query("INSERT INTO app_user (id, email) VALUES ('user_1', 'ann@example.com')")
    await client.query("INSERT INTO membership (id, organization_id, user_id, role) VALUES ('mem_1', 'org_1', 'user_1', 'owner')")
    await client.query("INSERT INTO api_key (id, organization_id, membership_id, name, secret_hash, prefix, allowed_models) VALUES ('key_1', 'org_1', 'mem_1', 'k', 'hash', 'sk', ARRAY['a,b', '{\"c\"}'])")
    await client.query("INSERT INTO ledger_account (id, organization_id, kind) VALUES ('acct_1', 'org_1', 'walletPaid'), ('acct_2', NULL, 'clearing')")
    await client.query("INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key) VALUES ('post_1', 'org_1', 'credit', 'once')")
    await client.query("INSERT INTO credit_lot (id, organization_id, kind, amount_nano_usd, posting_id) VALUES ('lot_1', 'org_1', 'walletPromotional', 9007199254740993, 'post_1')")
    await client.query("INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd, lot_id) VALUES ('ent_1', 'post_1', 'acct_1', 'org_1', 9007199254740993, 'lot_1'), ('ent_2', 'post_1', 'acct_2', NULL, -9007199254740993, NULL)")
    await client.query(`INSERT INTO quota (id, organization_id, scope, scope_id, unit, "window", "limit") VALUES ('quota_1', 'org_1', 'wallet', 'org_1', 'nanoUsd', 'total', 100)`)
    await client.query("INSERT INTO quota_window (quota_id, window_start, organization_id, used, leased) VALUES ('quota_1', 'epoch', 'org_1', 30, 20)")
    await client.query("INSERT INTO gateway_process (id, home_id, host, pid, started_at, heartbeat_at) VALUES ('proc_1', 'home', 'host', 1, now(), now())")
    await client.query("INSERT INTO lease (id, process_id, quota_id, window_start, amount, deadline) VALUES ('lease_1', 'proc_1', 'quota_1', 'epoch', 20, now())")
  })
}

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  targets.push(database)
  return database
}

/** Every row of every table that a backup holds, as text. */
async function contents(database: TestDatabase): Promise<Record<string, unknown[]>> {
  return database.sql(null, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> ALL ($1) ORDER BY relname",
      [["_turnpike_migration", "change", "change_counter", "lease", "gateway_process", "quota_window"]],
    )
    const found: Record<string, unknown[]> = {}
    for (const { name } of rows) found[name] = (await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`)).rows
    return found
  })
}

test("a restored database holds every row as it was, to the last character and nano-dollar", async () => {
  const target = await emptyDatabase()
  expect(await holdsData(target.url)).toBe(false)
  const { secret, rows } = await restore(target.url, path, () => {})
  expect(secret).toBe("the-secret-of-this-installation!")
  expect(rows).toBeGreaterThan(8)
  expect(await contents(target)).toEqual(await contents(source))
  expect(await holdsData(target.url)).toBe(true)
  expect(await migrate(target.url)).toEqual([])
})

test("no lease of a process that is gone binds a restored quota", async () => {
  const target = await emptyDatabase()
  await restore(target.url, path, () => {})
  const windows = await target.sql(null, (client) => client.query("SELECT used, leased FROM quota_window"))
  expect(windows.rows).toEqual([{ used: "30", leased: "0" }])
  const leases = await target.sql(null, (client) => client.query("SELECT 1 FROM lease"))
  expect(leases.rowCount).toBe(0)
})

test("restored tables and partitions are guarded as before", async () => {
  const target = await emptyDatabase()
  await restore(target.url, path, () => {})
  const unscoped = await target.sql("" as never, (client) => client.query("SELECT 1 FROM organization"))
  expect(unscoped.rowCount).toBe(0)
  const { rows } = await target.sql(null, (client) =>
    client.query("SELECT relrowsecurity, relforcerowsecurity, (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies FROM pg_class c WHERE relname = 'usage_record_20261125'"),
  )
  expect(rows).toEqual([{ relrowsecurity: true, relforcerowsecurity: true, policies: 1 }])
  await expect(target.sql(null, (client) => client.query("DELETE FROM ledger_entry"))).rejects.toThrow(/refused/)
})

test("a backup is readable by its owner alone", async () => {
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

const lines = async () => gunzipSync(await readFile(path)).toString("utf8")

test.each([
  ["cut in the middle", async () => (await readFile(path)).subarray(0, 400)],
  ["without its last line", async () => gzipSync((await lines()).replace(/\{"end".*\n$/, ""))],
  ["with a row too few", async () => gzipSync((await lines()).replace(/\{"table":"ledger_posting".*\n\{"bytes":\d+\}\n.*\n/, ""))],
  ["that is something else", async () => Buffer.from("-- PostgreSQL database dump")],
  ["with a partition that smuggles SQL", async () => gzipSync((await lines()).replace("TO ('2026-11-26 00:00:00+00')", "TO ('2026-11-26'); DROP TABLE app_user; --"))],
])("a file %s is refused and changes nothing", async (_what, make) => {
  const target = await emptyDatabase()
  await target.sql(null, (client) => client.query("INSERT INTO app_user (id, email) VALUES ('user_kept', 'kept@example.com')"))
  const damaged = join(folder, "damaged")
  await writeFile(damaged, await make())
  await expect(restore(target.url, damaged, () => {})).rejects.toThrow(DamagedBackup)
  const people = await target.sql(null, (client) => client.query("SELECT id FROM app_user"))
  expect(people.rows).toEqual([{ id: "user_kept" }])
})

test("a backup of a newer version is refused by name", async () => {
  const target = await emptyDatabase()
  const newer = join(folder, "newer")
  await writeFile(newer, gzipSync((await lines()).replace('"migrations":[', '"migrations":["29990101000000_future",')))
  await expect(restore(target.url, newer, () => {})).rejects.toThrow(SchemaMismatch)
})

test("a backup of an older version is brought up to date", async () => {
  const older = await emptyDatabase()
  const names = (JSON.parse((await lines()).split("\n", 1)[0] ?? "") as { migrations: string[] }).migrations
  await older.sql(null, async (client) => {
    await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await buildSchema(client, names.slice(0, 2))
    await client.query("SELECT set_config('turnpike.scope', 'system', true)")
    await client.query("INSERT INTO app_user (id, email) VALUES ('user_old', 'old@example.com')")
  })
  const file = join(folder, "older")
  await backUp(older.url, file, "the-secret-of-this-installation!", NOW)
  const target = await emptyDatabase()
  await restore(target.url, file, () => {})
  expect(await migrate(target.url)).toEqual(names.slice(2))
  const people = await target.sql(null, (client) => client.query("SELECT id FROM app_user"))
  expect(people.rows).toEqual([{ id: "user_old" }])
})
