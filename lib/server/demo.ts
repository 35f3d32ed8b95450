import { createSecretKey } from "node:crypto"
import type { Transaction } from "#lib/adapters/database.ts"
import { deriveTestSecret, displayPrefix, hashSecret } from "#lib/features/keys/index.ts"
import { DEMO_ORGANIZATION_SLUG } from "#lib/features/people/index.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Container } from "./container.ts"

const SETTING = "demo"
/** Any constant: every process that starts on this database asks for the same lock. */
const LOCK = 7_275_010

/** Which rows the first start made; the organization gets another name and slug when the first operator takes it over. */
type DemoRows = { readonly organizationId: Id<"organization">; readonly keyId: Id<"key"> }

/**
 * The demo key of this installation: a test key, derived from the secret, with which the first call works before anybody has set up
 * anything. The first start makes its row and an organization for it. Null where somebody has switched it off: it stays off.
 */
export async function ensureDemoKey({ database, secrets, clock, newId }: Pick<Container, "database" | "secrets" | "clock" | "newId">): Promise<string | null> {
  const secret = deriveTestSecret(secrets.demoKeySeed)
  const kept = { secretHash: hashSecret(createSecretKey(secrets.peppers[0].key), secret), prefix: displayPrefix(secret) }
  const now = new Date(clock.now())
  return database.system(async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK})`
    const setting = await transaction.setting.findUnique({ where: { name: SETTING } })
    if (setting === null) {
      const rows: DemoRows = { organizationId: newId("organization"), keyId: newId("key") }
      await insertDemo(transaction, rows, kept, now)
      return secret
    }
    const { keyId } = setting.value as DemoRows
    const key = await transaction.apiKey.findUnique({ where: { id: keyId }, select: { revokedAt: true, expiresAt: true, secretHash: true } })
    if (key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return null
    // Another secret (a rotation) derives another demo key.
    if (key.secretHash !== kept.secretHash) await transaction.apiKey.update({ where: { id: keyId }, data: kept })
    return secret
  })
}

async function insertDemo(transaction: Transaction, { organizationId, keyId }: DemoRows, key: { readonly secretHash: string; readonly prefix: string }, createdAt: Date): Promise<void> {
  const taken = await transaction.organization.count({ where: { slug: DEMO_ORGANIZATION_SLUG } })
  const slug = taken === 0 ? DEMO_ORGANIZATION_SLUG : `${DEMO_ORGANIZATION_SLUG}-${organizationId.slice(-6).toLowerCase()}`
  await transaction.organization.create({ data: { id: organizationId, slug, name: "Demo", kind: "internal", hasWallet: false, createdAt } })
  await transaction.apiKey.create({ data: { id: keyId, organizationId, name: "Demo", test: true, ...key, createdAt } })
  await transaction.setting.create({ data: { name: SETTING, value: { organizationId, keyId }, updatedAt: createdAt } })
}
