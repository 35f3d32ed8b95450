import type { Database } from "#lib/adapters/database.ts"
import { Fault } from "./faults.ts"
import type { Secrets } from "./secrets.ts"

const SETTING = "secret.fingerprint"

/** The fingerprint that the database remembers; undefined before the first start. */
export async function rememberedFingerprint(database: Database): Promise<string | undefined> {
  return database.sql(null, async (client) => (await client.query<{ value: string }>("SELECT value FROM setting WHERE name = $1", [SETTING])).rows[0]?.value)
}

/**
 * Compares the secret with the one that this database was made with; the first secret is remembered, a rotated one
 * (`TURNPIKE_SECRET_PREVIOUS` is the remembered one) takes its place. Keys and credentials made with another secret could be neither
 * checked nor opened: that shows here and not at the first call.
 *
 * Throws a `Fault` where the secret is wrong.
 */
export async function rememberSecret(database: Database, { fingerprint, previousFingerprint }: Pick<Secrets, "fingerprint" | "previousFingerprint">): Promise<void> {
  const remembered = await database.sql(null, async (client) => {
    await client.query("INSERT INTO setting (name, value, updated_at) VALUES ($1, to_jsonb($2::text), now()) ON CONFLICT (name) DO NOTHING", [SETTING, fingerprint])
    if (previousFingerprint !== null) {
      await client.query("UPDATE setting SET value = to_jsonb($2::text), updated_at = now() WHERE name = $1 AND value = to_jsonb($3::text)", [SETTING, fingerprint, previousFingerprint])
    }
    const { rows } = await client.query<{ value: string }>("SELECT value FROM setting WHERE name = $1", [SETTING])
    return rows[0]?.value
  })
  if (remembered !== fingerprint) {
    throw new Fault(
      "The secret is not the one this database was made with: put back TURNPIKE_SECRET (or the file “secret” of the home folder), or, to change it, set TURNPIKE_SECRET_PREVIOUS to the old one for a start.",
    )
  }
}
