import { migrationState } from "./migrations.ts"
import { connectClient } from "./single-client.ts"

const CONNECT_MS_MAX = 5_000

/** What can be wrong with a database without any query failing. */
export type DatabaseFacts = {
  /** `18.4` */
  readonly version: string
  /** A superuser, or a role with BYPASSRLS: row-level security does not bind it, so one guard between tenants is missing. */
  readonly bypassesRowSecurity: boolean
  /** How far the database's clock is ahead of ours; leases and budgets' windows read it. */
  readonly clockAheadMs: number
  /** Migrations that the next start applies, and such as this program does not know. */
  readonly missing: readonly string[]
  readonly unknown: readonly string[]
}

/** Looks at a database and changes nothing. Rejects with Postgres' own error where it cannot be reached. */
export async function readDatabaseFacts(url: string, now: () => number): Promise<DatabaseFacts> {
  const client = await connectClient({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX })
  try {
    const askedMs = now()
    const { rows } = await client.query<{ version: string; bypasses: boolean; now_ms: string }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, rolsuper OR rolbypassrls AS bypasses,
              (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms
         FROM pg_roles WHERE rolname = current_user`,
    )
    const [row] = rows
    if (row === undefined) throw new Error("the database does not know the role that is connected to it")
    const halfwayMs = (askedMs + now()) / 2
    return { version: row.version, bypassesRowSecurity: row.bypasses, clockAheadMs: Math.round(Number(row.now_ms) - halfwayMs), ...(await migrationState(client)) }
  } finally {
    await client.end()
  }
}
