import pg from "pg"
import { type BackupHeader, type BackupTable, backupHeader, DamagedBackup, openBackupFile, writeBackupFile } from "./backup-file.ts"
import { copyIn, copyOut } from "./copy.ts"
import { appliedMigrations, buildSchema } from "./migrations.ts"
import { connectClient } from "./single-client.ts"

/** The migrations' own table is in the header; the others speak of processes that a restored database never had. */
const LEFT_OUT = ["_turnpike_migration", "change", "change_counter", "lease", "gateway_process"]

export type BackupTotals = { readonly tables: number; readonly rows: number }

/**
 * Writes all data and the secret into one file, from one snapshot, while the server may run. What a running gateway has spooled and
 * not yet flushed (under a second's worth) is not in it.
 */
export async function backUp(url: string, path: string, secret: string, nowMs: number): Promise<BackupTotals> {
  return connected(url, async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await actAsSystem(client)
    const tables = await tablesInOrder(client)
    const header = backupHeader({
      createdAt: new Date(nowMs).toISOString(),
      secret,
      migrations: await appliedMigrations(client),
      partitions: await readPartitions(client),
    })
    async function* contents(): AsyncGenerator<BackupTable> {
      for (const { name, columns } of tables) {
        // Of a query, not of the table: a partitioned one cannot be copied as such.
        yield { name, columns, rows: copyOut(client, `COPY (SELECT ${list(columns)} FROM ${quote(name)}) TO STDOUT`) }
      }
    }
    const totals = await writeBackupFile(path, header, contents())
    await client.query("COMMIT")
    return totals
  })
}

/**
 * Puts a backup in the place of everything that the database holds, in one transaction: it is all there or nothing has changed. The
 * schema is the backup's own; `migrate` then brings it to the program's. `onHeader` may throw to refuse, before anything is changed.
 */
export async function restore(url: string, path: string, onHeader: (header: BackupHeader) => void): Promise<BackupTotals & { readonly secret: string }> {
  const { header, tables } = await openBackupFile(path)
  onHeader(header)
  const totals = await connected(url, async (client) => {
    await client.query("BEGIN")
    await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await buildSchema(client, header.migrations)
    await actAsSystem(client)
    for (const partition of header.partitions) await makePartition(client, partition)
    const count = { tables: 0, rows: 0 }
    for await (const table of tables()) {
      count.tables++
      count.rows += await fill(client, table)
    }
    // Leases are not restored: no process holds any of a restored database.
    await client.query("UPDATE quota_window SET leased = 0 WHERE leased <> 0")
    await client.query("COMMIT")
    return count
  })
  return { ...totals, secret: header.secret }
}

/** Whether somebody has used the database: it has a person, a usage record or a posting. A fresh one has the demo's rows alone. */
export async function holdsData(url: string): Promise<boolean> {
  return connected(url, async (client) => {
    await client.query("BEGIN READ ONLY")
    await actAsSystem(client)
    const { rows } = await client.query<{ used: boolean }>(
      "SELECT EXISTS (SELECT 1 FROM app_user) OR EXISTS (SELECT 1 FROM usage_record) OR EXISTS (SELECT 1 FROM ledger_posting) OR (SELECT count(*) > 1 FROM organization) AS used",
    )
    await client.query("COMMIT")
    return rows[0]?.used === true
  })
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectClient({ connectionString: url })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const actAsSystem = (client: pg.ClientBase) => client.query("SELECT set_config('turnpike.scope', 'system', true)")

type TableShape = { readonly name: string; readonly columns: readonly string[] }

/** Every table with its columns, those that others refer to first. */
async function tablesInOrder(client: pg.ClientBase): Promise<readonly TableShape[]> {
  const { rows: tables } = await client.query<{ name: string; columns: string[] }>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($1)
      GROUP BY c.relname ORDER BY c.relname`,
    [LEFT_OUT],
  )
  const { rows: references } = await client.query<{ name: string; target: string }>(
    "SELECT conrelid::regclass::text AS name, confrelid::regclass::text AS target FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid <> confrelid",
  )
  const ordered: TableShape[] = []
  const placed = new Set<string>(LEFT_OUT)
  while (ordered.length < tables.length) {
    const ready = tables.filter(({ name }) => !placed.has(name) && references.every((reference) => reference.name !== name || placed.has(reference.target)))
    if (ready.length === 0) throw new Error("tables refer to each other in a circle: the backup needs deferred constraints")
    for (const table of ready) placed.add(table.name)
    ordered.push(...ready)
  }
  return ordered
}

/**
 * COPY cannot write into a table with row-level security, so the rows pass through a temporary one. What triggers would derive of them
 * (balances, what is left of lots) is in the backup itself: with the triggers, it would be counted twice.
 */
async function fill(client: pg.ClientBase, { name, columns, rows }: BackupTable): Promise<number> {
  const staging = quote(`restoring_${name}`)
  await client.query(`CREATE TEMP TABLE ${staging} ON COMMIT DROP AS SELECT ${list(columns)} FROM ${quote(name)} WITH NO DATA`)
  await copyIn(client, `COPY ${staging} (${list(columns)}) FROM STDIN`, rows)
  await client.query(`ALTER TABLE ${quote(name)} DISABLE TRIGGER USER`)
  const { rowCount } = await client.query(`INSERT INTO ${quote(name)} (${list(columns)}) SELECT ${list(columns)} FROM ${staging}`)
  await client.query(`ALTER TABLE ${quote(name)} ENABLE TRIGGER USER`)
  await client.query(`DROP TABLE ${staging}`)
  return rowCount ?? 0
}

async function readPartitions(client: pg.ClientBase): Promise<BackupHeader["partitions"]> {
  const { rows } = await client.query<BackupHeader["partitions"][number]>(
    `SELECT c.relname AS name, p.relname AS parent, pg_get_expr(c.relpartbound, c.oid) AS bound
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
      WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname`,
  )
  return rows.filter(({ bound }) => bound !== "DEFAULT")
}

/** The bound goes into SQL as it stands. */
const RANGE = /^FOR VALUES FROM \('[^'()]*'\) TO \('[^'()]*'\)$/

/** A partition as it was, guarded like its parent also where it is asked for by its own name. */
async function makePartition(client: pg.ClientBase, { name, parent, bound }: BackupHeader["partitions"][number]): Promise<void> {
  if (!RANGE.test(bound)) throw new DamagedBackup(`Partition ${name} has a bound that cannot be restored (${bound}): take another backup.`)
  await client.query(`CREATE TABLE IF NOT EXISTS ${quote(name)} PARTITION OF ${quote(parent)} ${bound}`)
  await client.query(`ALTER TABLE ${quote(name)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`)
  const { rows: policies } = await client.query<{ policy: string; expression: string }>(
    `SELECT polname AS policy, pg_get_expr(polqual, polrelid) AS expression FROM pg_policy
      WHERE polrelid = $1::regclass AND polname NOT IN (SELECT polname FROM pg_policy WHERE polrelid = $2::regclass)`,
    [quote(parent), quote(name)],
  )
  for (const { policy, expression } of policies) await client.query(`CREATE POLICY ${quote(policy)} ON ${quote(name)} USING (${expression})`)
}

const quote = (name: string): string => pg.escapeIdentifier(name)
const list = (columns: readonly string[]): string => columns.map(quote).join(", ")
