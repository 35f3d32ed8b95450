import type pg from "pg"
import type { Database } from "#lib/adapters/database.ts"
import type { Sealer } from "#lib/adapters/sealing.ts"
import { Fault } from "./faults.ts"
import type { Secrets } from "./secrets.ts"

const SETTING = "secret.fingerprint"

/** The fingerprint that the database remembers; undefined before the first start. */
export async function rememberedFingerprint(database: Database): Promise<string | undefined> {
  return database.sql(null, readFingerprint)
}

async function readFingerprint(client: pg.ClientBase): Promise<string | undefined> {
  return (await client.query<{ value: string }>("SELECT value FROM setting WHERE name = $1", [SETTING])).rows[0]?.value
}

/**
 * Compares the secret with the one that this database was made with; the first secret is remembered. A rotated one
 * (`TURNPIKE_SECRET_PREVIOUS` is the remembered one) takes its place, and credentials are sealed anew in the same transaction. Keys
 * and credentials made with another secret could be neither checked nor opened: that shows here and not at the first call.
 *
 * Throws a `Fault` where the secret is wrong.
 */
export async function rememberSecret(database: Database, { fingerprint, previousFingerprint }: Pick<Secrets, "fingerprint" | "previousFingerprint">, sealer: Sealer): Promise<void> {
  const remembered = await database.sql(null, async (client) => {
    await client.query("INSERT INTO setting (name, value, updated_at) VALUES ($1, to_jsonb($2::text), now()) ON CONFLICT (name) DO NOTHING", [SETTING, fingerprint])
    if (previousFingerprint !== null) {
      // The row is locked until the credentials are sealed anew: of several processes that start at once, one does it.
      const { rowCount } = await client.query("UPDATE setting SET value = to_jsonb($2::text), updated_at = now() WHERE name = $1 AND value = to_jsonb($3::text)", [SETTING, fingerprint, previousFingerprint])
      if (rowCount === 1) await sealAnew(client, sealer)
    }
    return readFingerprint(client)
  })
  if (remembered !== fingerprint) {
    throw new Fault(
      "The secret is not the one this database was made with: put back TURNPIKE_SECRET (or the file “secret” of the home folder), or, to change it, set TURNPIKE_SECRET_PREVIOUS to the old one for a start.",
    )
  }
}

async function sealAnew(client: pg.ClientBase, sealer: Sealer): Promise<void> {
  const { rows } = await client.query<{ id: string; sealed: string }>("SELECT id, sealed FROM credential ORDER BY id FOR UPDATE")
  for (const { id, sealed } of rows) {
    if (!sealer.isStale(sealed)) continue
    await client.query("UPDATE credential SET sealed = $2 WHERE id = $1", [id, sealer.seal(id, sealer.open(id, sealed))])
  }
}
