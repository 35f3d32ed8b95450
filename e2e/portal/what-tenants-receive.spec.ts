import { builtRoutes } from "#e2e/fixtures/built-routes.ts"
import { signInByHttp } from "#e2e/fixtures/sign-in.ts"
import { openDatabase } from "#lib/adapters/database.ts"
import { argon2Passwords } from "#lib/adapters/passwords.ts"
import { createWorld } from "../../test/people.ts"
import { expect, test } from "./fixtures.ts"

/**
 * What client components are given stands in a page's HTML, as React's flight data. Cost and margin are the operator's, database rows
 * are nobody's: figures that occur nowhere else are put into the books, and must not come out on any page of a tenant.
 */
test.use({ fresh: "what-tenants-receive" })

const PASSWORD = "correct horse battery"
const COST = 731_000_557n
const CHARGED = 1_262_001_114n
const MARGIN = CHARGED - COST
const ABSORBED = 97_000_131n
const SECRETS = ["secret-hash-of-a-key", "token-hash-of-an-invitation"] as const

/** Columns that exist in rows only: what a page shows has other names, or none. */
const ROW_MARKS = ["passwordHash", "password_hash", "secretHash", "secret_hash", "tokenHash", "token_hash", "costNanoUsd", "cost_nano_usd", "marginNanoUsd", "absorbedNanoUsd", "credentialId", "upstreamModel", "$argon2id"] as const

test("cost, margin and database rows never reach a tenant's page, whoever in the organization looks", async ({ installation, server }) => {
  const database = openDatabase(installation.databaseUrl)
  const world = createWorld(database)
  const { id, slug, members } = await world.organization("Acme", "owner", "member")
  await database.systemClient.user.updateMany({ data: { passwordHash: await argon2Passwords.hash(PASSWORD) } })
  await database.systemClient.apiKey.create({ data: { id: "key_seeded", organizationId: id, membershipId: members[1]!.membershipId, name: "laptop", secretHash: SECRETS[0], prefix: "sk-tp-abc" } })
  await database.systemClient.invitation.create({ data: { id: "inv_seeded", organizationId: id, email: "guest@example.com", role: "member", tokenHash: SECRETS[1], expiresAt: new Date(Date.now() + 3600_000) } })
  const hour = new Date(Math.floor(Date.now() / 3600_000) * 3600_000)
  const money = { chargedNanoUsd: CHARGED, costNanoUsd: COST, absorbedNanoUsd: ABSORBED }
  await database.systemClient.usageHourly.create({ data: { organizationId: id, hour, model: "glm-4.6", membershipId: members[1]!.membershipId, keyId: "key_seeded", projectId: "", channelId: "chan_x", test: false, requests: 1n, input: 10n, output: 10n, ...money } })
  await database.systemClient.usageRecord.create({
    data: { id: "req_seeded", admittedAt: hour, organizationId: id, membershipId: members[1]!.membershipId, keyId: "key_seeded", model: "glm-4.6", upstreamModel: "upstream-name-of-the-vendor", channelId: "chan_x", providerId: "zhipu", dialect: "cc", endpoint: "chat", streamed: false, status: "complete", usage: {}, costPriceId: "price_cost", sellPriceId: "price_sell", holdNanoUsd: 0n, durationMs: 5, processId: "proc_x", ...money },
  })
  await database.close()

  const forbidden = [...[COST, MARGIN, ABSORBED].flatMap((amount) => [String(amount), dollars(amount)]), ...SECRETS, ...ROW_MARKS, "upstream-name-of-the-vendor"]
  const paths = builtRoutes()
    .filter(({ file, path }) => file.endsWith("/page") && path.startsWith("/o/[org]") && !/\[(?!org\])/.test(path))
    .map(({ path }) => path.replace("[org]", slug))
  let charged = false
  for (const member of members) {
    const cookie = await signInByHttp(server.origin, member.email, PASSWORD)
    for (const path of paths) {
      const page = await fetch(server.origin + path, { redirect: "manual", headers: { cookie } })
      const body = await page.text()
      charged ||= body.includes(String(CHARGED))
      for (const words of forbidden) expect(body.includes(words), `${path} tells ${member.role} “${words}”`).toBe(false)
    }
  }
  // What was charged is theirs to see: where it is not found either, nothing was looked at.
  expect(charged).toBe(true)
})

/** As a page would round it. */
const dollars = (amount: bigint): string => (Number(amount) / 1e9).toFixed(4)
