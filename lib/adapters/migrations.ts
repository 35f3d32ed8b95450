import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type pg from "pg"
import { connectClient } from "./single-client.ts"

const FOLDER = fileURLToPath(new URL("../../prisma/migrations", import.meta.url))
const TABLE = "_turnpike_migration"
/** Any constant: every process that migrates this database asks for the same lock. */
const LOCK = 7_275_001
const CONNECT_MS_MAX = 10_000
const LOCK_SECONDS_MAX = 120

/** The database has a migration that this program does not know, or one whose text differs. */
export class SchemaMismatch extends Error {}

/**
 * Brings the database to this program's schema: applies what is missing of `prisma/migrations`, each in its own transaction, under
 * an advisory lock, so that several processes may start at once. Returns the names of the migrations applied now.
 *
 * Prisma's own engine is not asked: its CLI downloads a binary, and what is left (apply in order, once, remember the checksum) is
 * less than the code that would drive it. See docs/decisions/2026-11-25-migrations.md.
 *
 * Throws `SchemaMismatch` where the schema is newer than the program; other errors are Postgres' own.
 */
export async function migrate(url: string, folder = FOLDER): Promise<readonly string[]> {
  const client = await connectClient({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX })
  try {
    await client.query(`SET lock_timeout = '${LOCK_SECONDS_MAX}s'`)
    await client.query("SELECT pg_advisory_lock($1)", [LOCK])
    await makeTable(client)
    const applied = new Map(
      (await client.query<{ name: string; checksum: string }>(`SELECT name, checksum FROM ${TABLE}`)).rows.map((row) => [row.name, row.checksum]),
    )
    const known = await readMigrations(folder)
    refuseStrangers(applied, known)
    const added: string[] = []
    for (const migration of known) {
      if (applied.has(migration.name)) continue
      await client.query("BEGIN")
      try {
        await apply(client, migration)
        await client.query("COMMIT")
      } catch (error) {
        await client.query("ROLLBACK")
        throw new Error(`Migration ${migration.name} failed and was rolled back: ${(error as Error).message}`, { cause: error })
      }
      added.push(migration.name)
    }
    return added
  } finally {
    await client.end()
  }
}

/**
 * Builds, in an empty schema and in the caller's transaction, exactly the named migrations: what a backup was taken of. `migrate`
 * brings the rest. Throws `SchemaMismatch` where this program lacks one of them.
 */
export async function buildSchema(client: pg.ClientBase, names: readonly string[], folder = FOLDER): Promise<void> {
  const known = await readMigrations(folder)
  const stranger = names.find((name) => !known.some((migration) => migration.name === name))
  if (stranger !== undefined) throw unknownMigration(stranger)
  await makeTable(client)
  for (const migration of known) if (names.includes(migration.name)) await apply(client, migration)
}

/** The names of the migrations that made the database. */
export async function appliedMigrations(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${TABLE} ORDER BY name`)
  return rows.map((row) => row.name)
}

/** Which migrations a database lacks, and which it has that this program does not know. Changes nothing. */
export async function migrationState(client: pg.ClientBase, folder = FOLDER): Promise<{ readonly missing: readonly string[]; readonly unknown: readonly string[] }> {
  const { rows } = await client.query<{ exists: boolean }>("SELECT to_regclass($1) IS NOT NULL AS exists", [TABLE])
  const applied = rows[0]?.exists === true ? await appliedMigrations(client) : []
  const known = (await readMigrations(folder)).map((migration) => migration.name)
  return { missing: known.filter((name) => !applied.includes(name)), unknown: applied.filter((name) => !known.includes(name)) }
}

const makeTable = (client: pg.ClientBase) =>
  client.query(`CREATE TABLE IF NOT EXISTS ${TABLE} (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)

async function apply(client: pg.ClientBase, { name, sql, checksum }: Migration): Promise<void> {
  await client.query(sql)
  await client.query(`INSERT INTO ${TABLE} (name, checksum) VALUES ($1, $2)`, [name, checksum])
}

const unknownMigration = (name: string) =>
  new SchemaMismatch(`The database has migration ${name}, which this version of Turnpike does not know: start the newer version, or restore a backup made before the upgrade.`)

type Migration = { readonly name: string; readonly sql: string; readonly checksum: string }

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8")
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") }
    }),
  )
}

function refuseStrangers(applied: ReadonlyMap<string, string>, known: readonly Migration[]): void {
  const checksums = new Map(known.map((migration) => [migration.name, migration.checksum]))
  for (const [name, checksum] of applied) {
    const ours = checksums.get(name)
    if (ours === undefined) throw unknownMigration(name)
    if (ours !== checksum) throw new SchemaMismatch(`Migration ${name} was applied with another text than this version of Turnpike has: use the version that created this database.`)
  }
}
