import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createSealer } from "#lib/adapters/sealing.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { rememberedFingerprint, rememberSecret } from "./secret-fingerprint.ts"
import { deriveSecrets, type Secrets } from "./secrets.ts"

const [first, second, third] = [1, 2, 3].map(() => randomBytes(32).toString("hex")) as [string, string, string]
const sealerOf = (secrets: Secrets) => createSealer(secrets.sealingKeys, (bytes) => void randomBytes(bytes.length).copy(bytes))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const remember = (secrets: Secrets) => rememberSecret(database, secrets, sealerOf(secrets))
const storedCredential = async () => (await database.sql(null, (client) => client.query<{ sealed: string }>("SELECT sealed FROM credential WHERE id = 'cred_1'"))).rows[0]?.sealed ?? ""

test("the first secret is remembered, and another one is refused without a trace", async () => {
  await remember(deriveSecrets(first))
  await remember(deriveSecrets(first))
  await expect(remember(deriveSecrets(second))).rejects.toThrow(/not the one this database was made with/)
  await expect(remember(deriveSecrets(third, second))).rejects.toThrow(/not the one this database was made with/)
  expect(await rememberedFingerprint(database)).toBe(deriveSecrets(first).fingerprint)
})

test("a rotation seals every credential anew, so that the old secret is needed for one start only", async () => {
  const sealed = sealerOf(deriveSecrets(first)).seal("cred_1", "sk-vendor")
  await database.sql(null, async (client) => {
    await client.query("INSERT INTO channel (id, name, provider_id, endpoints, resale) VALUES ('chan_1', 'c', 'openai', '{}', true)")
    await client.query("INSERT INTO credential (id, channel_id, sealed, last_four) VALUES ('cred_1', 'chan_1', $1, 'ndor')", [sealed])
  })
  await remember(deriveSecrets(second, first))
  expect(await storedCredential()).not.toBe(sealed)
  await remember(deriveSecrets(second))
  expect(sealerOf(deriveSecrets(second)).open("cred_1", await storedCredential())).toBe("sk-vendor")
  await expect(remember(deriveSecrets(first))).rejects.toThrow(/not the one/)
})

test("a start with both secrets after the rotation leaves what is sealed already", async () => {
  const before = await storedCredential()
  await remember(deriveSecrets(second, first))
  expect(await storedCredential()).toBe(before)
})
