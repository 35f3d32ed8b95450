import type { Database } from "./database.ts"

const DAY_MS = 86_400_000
/** A database that is not reached for two weeks still puts each day's records in that day's table. */
export const DAYS_AHEAD = 14

/**
 * Makes the daily partitions of `usage_record` from the day of `nowMs` on. A day for which records already lie in the default
 * partition is left alone: they stay there. Returns the names of those made.
 */
export async function makePartitions(database: Database, nowMs: number): Promise<readonly string[]> {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS
  const made: string[] = []
  for (let i = 0; i <= DAYS_AHEAD; i++) {
    const from = new Date(today + i * DAY_MS).toISOString()
    const to = new Date(today + (i + 1) * DAY_MS).toISOString()
    const name = `usage_record_${from.slice(0, 10).replaceAll("-", "")}`
    if (await makePartition(database, name, from, to)) made.push(name)
  }
  return made
}

/** Any constant: two processes that start together make partitions one after the other. */
const LOCK = 7_275_011

function makePartition(database: Database, name: string, from: string, to: string): Promise<boolean> {
  return database.sql(null, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK])
    const { rows } = await client.query<{ known: boolean }>(
      "SELECT to_regclass($1) IS NOT NULL OR EXISTS (SELECT 1 FROM usage_record_default WHERE admitted_at >= $2 AND admitted_at < $3) AS known",
      [name, from, to],
    )
    if (rows[0]?.known !== false) return false
    await client.query(`CREATE TABLE ${name} PARTITION OF usage_record FOR VALUES FROM ('${from}') TO ('${to}')`)
    await client.query(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`)
    await client.query(`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`)
    await client.query(`CREATE POLICY tenant ON ${name} USING (turnpike_is_system() OR organization_id = turnpike_organization())`)
    return true
  })
}

/** Removes empty leases that nobody renewed, and minute windows that nobody will ask about again. */
export async function removeOldWindows(database: Database): Promise<void> {
  await database.sql(null, async (client) => {
    await client.query("DELETE FROM lease WHERE id IN (SELECT id FROM lease WHERE amount = 0 AND deadline < now() FOR UPDATE SKIP LOCKED)")
    await client.query(`
      DELETE FROM quota_window w USING quota q
      WHERE q.id = w.quota_id AND q."window" = 'minute' AND w.window_start < now() - interval '2 hours' AND w.leased = 0`)
  })
}
