import { createSecretKey, getRandomValues } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { type ChangeFeed, createChangeFeed } from "#lib/adapters/changes.ts"
import { createKeyDirectory, type KeyDirectoryOptions } from "#lib/adapters/key-directory.ts"
import { hashSecret, isPlausible, newSecret } from "#lib/features/keys/secret.ts"
import type { KeyLookup } from "#lib/gateway/ports.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"

const REVOCATION_MS_MAX = 1_000
const pepper = createSecretKey(getRandomValues(new Uint8Array(32)))
const hash = (secret: string) => hashSecret(pepper, secret)
const secrets: KeyDirectoryOptions["secrets"] = { plausible: isPlausible, hashes: [hash] }
const log = () => {}

let database: TestDatabase
let changes: ChangeFeed
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    await transaction.organization.create({ data: { id: "org_a", slug: "a", name: "A", kind: "internal", hasWallet: true, timeZone: "Asia/Shanghai" } })
    await transaction.user.create({ data: { id: "user_ann", email: "ann@a.example" } })
    await transaction.membership.create({ data: { id: "mem_ann", organizationId: "org_a", userId: "user_ann", role: "member" } })
    await transaction.project.create({ data: { id: "proj_web", organizationId: "org_a", name: "web" } })
  })
})
afterAll(() => database.drop())
beforeEach(async () => {
  // Without notifications: what a test sees within a second is the poll's merit.
  changes = createChangeFeed({ url: database.url, log, listen: false })
  await changes.start()
})
afterEach(() => changes.stop())

/** A directory that counts its look-ups. */
function directory(options: Partial<KeyDirectoryOptions> = {}) {
  let lookups = 0
  const counting: KeyDirectoryOptions["database"] = {
    sql(scope, work) {
      lookups++
      return database.sql(scope, work)
    },
  }
  const made = createKeyDirectory({ database: counting, changes, clock: systemClock, secrets, log, ...options })
  return { find: (secret: string) => made.find(secret), lookups: () => lookups }
}

let made = 0
async function makeKey(data: { test?: boolean; membershipId?: string; projectId?: string; expiresAt?: Date; allowedModels?: string[] } = {}) {
  const secret = newSecret(getRandomValues, { test: data.test ?? false })
  const id = `key_${++made}`
  await database.organization("org_a", (transaction) =>
    transaction.apiKey.create({ data: { id, organizationId: "org_a", name: id, secretHash: hash(secret), prefix: "sk-tp-", ...data } }),
  )
  return { id, secret }
}

async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now()
  while (!(await condition())) {
    if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms`)
    await sleep(10)
  }
  return performance.now() - start
}
const isFound = (answer: KeyLookup) => answer.kind === "found"

test("a known key is answered from memory, without a promise and without a look-up", async () => {
  const { find, lookups } = directory()
  const { secret, id } = await makeKey()
  expect(await find(secret)).toMatchObject({ kind: "found", principal: { keyId: id, organizationId: "org_a", seesChannel: true, timeZone: "Asia/Shanghai" } })
  expect(find(secret)).toMatchObject({ kind: "found", principal: { keyId: id } })
  expect(lookups()).toBe(1)
})

test("a principal carries the quotas of its wallet, organization, project, member and key, and nobody else's", async () => {
  const key = await makeKey({ membershipId: "mem_ann", projectId: "proj_web" })
  const quotas = [
    ["wallet", "org_a", "nanoUsd", "total"],
    ["organization", "org_a", "nanoUsd", "month"],
    ["project", "proj_web", "nanoUsd", "month"],
    ["member", "mem_ann", "nanoUsd", "week"],
    ["key", key.id, "requests", "minute"],
    ["key", key.id, "nanoUsd", "day"],
    ["key", "key_of_somebody_else", "nanoUsd", "day"],
    ["project", "proj_other", "nanoUsd", "day"],
  ] as const
  await database.system((transaction) =>
    transaction.quota.createMany({
      data: quotas.map(([scope, scopeId, unit, window], i) => ({ id: `quota_${i}`, organizationId: "org_a", scope, scopeId, unit, window, limit: 9_007_199_254_740_993n })),
    }),
  )
  const answer = await directory().find(key.secret)
  if (answer.kind !== "found") throw new Error(answer.kind)
  expect(answer.principal.quotas.map(({ id }) => id)).toEqual(["quota_0", "quota_1", "quota_2", "quota_3", "quota_4", "quota_5"])
  expect(answer.principal.quotas[0]).toEqual({
    id: "quota_0",
    scope: "wallet",
    scopeId: "org_a",
    unit: "nanoUsd",
    window: "total",
    windowSeconds: null,
    limit: 9_007_199_254_740_993n,
    timeZone: "Asia/Shanghai",
    organizationId: "org_a",
  })
})

test("a test key meets the rates and its own budget, but no real money", async () => {
  const key = await makeKey({ test: true, membershipId: "mem_ann", projectId: "proj_web" })
  await database.system((transaction) =>
    transaction.quota.createMany({
      data: [
        { id: "quota_t0", organizationId: "org_a", scope: "key", scopeId: key.id, unit: "nanoUsd", window: "total", limit: 1n },
        { id: "quota_t1", organizationId: "org_a", scope: "key", scopeId: key.id, unit: "concurrent", window: "none", limit: 1n },
      ],
    }),
  )
  const answer = await directory().find(key.secret)
  if (answer.kind !== "found") throw new Error(answer.kind)
  expect(answer.principal.quotas.map(({ id }) => id)).toEqual(["quota_t0", "quota_t1"])
})

test("a revoked key is refused in every process within a second, though no notification arrives", async () => {
  const others = createChangeFeed({ url: database.url, log, listen: false })
  await others.start()
  const directories = [directory(), directory({ changes: others })]
  const { secret, id } = await makeKey()
  for (const { find } of directories) expect(await find(secret)).toMatchObject({ kind: "found" })
  await database.organization("org_a", (transaction) => transaction.apiKey.update({ where: { id }, data: { revokedAt: new Date() } }))
  await until(async () => (await Promise.all(directories.map(({ find }) => find(secret)))).every((answer) => answer.kind === "absent"), REVOCATION_MS_MAX)
  await others.stop()
})

test("with notifications a revocation is known in a fraction of the poll's interval", async () => {
  const listening = createChangeFeed({ url: database.url, log, pollMs: 60_000 })
  await listening.start()
  const { find } = directory({ changes: listening })
  const { secret, id } = await makeKey()
  expect(await find(secret)).toMatchObject({ kind: "found" })
  await database.organization("org_a", (transaction) => transaction.apiKey.update({ where: { id }, data: { revokedAt: new Date() } }))
  await until(async () => !isFound(await find(secret)), REVOCATION_MS_MAX)
  await listening.stop()
})

test("a new limit, a removed member, a disabled person and a disabled organization reach a key in memory within a second", async () => {
  const { find } = directory()
  const { secret, id } = await makeKey({ membershipId: "mem_ann" })
  const quotas = async () => {
    const answer = await find(secret)
    return answer.kind === "found" ? answer.principal.quotas.map((quota) => quota.id) : []
  }
  expect(await quotas()).not.toContain("quota_new")
  await database.organization("org_a", (transaction) =>
    transaction.quota.create({ data: { id: "quota_new", organizationId: "org_a", scope: "key", scopeId: id, unit: "requests", window: "minute", limit: 1n } }),
  )
  await until(async () => (await quotas()).includes("quota_new"), REVOCATION_MS_MAX)

  const switches = [
    (disabledAt: Date | null) => database.organization("org_a", (transaction) => transaction.membership.update({ where: { id: "mem_ann" }, data: { removedAt: disabledAt } })),
    (disabledAt: Date | null) => database.system((transaction) => transaction.user.update({ where: { id: "user_ann" }, data: { disabledAt } })),
    (disabledAt: Date | null) => database.system((transaction) => transaction.organization.update({ where: { id: "org_a" }, data: { disabledAt } })),
  ]
  for (const set of switches) {
    await set(new Date())
    await until(async () => !isFound(await find(secret)), REVOCATION_MS_MAX)
    await set(null)
    await until(async () => isFound(await find(secret)), REVOCATION_MS_MAX)
  }
})

test("a key made after its secret was refused works within a second", async () => {
  const { find } = directory()
  const secret = "brought-from-elsewhere-0123456789"
  expect(await find(secret)).toEqual({ kind: "absent" })
  await database.organization("org_a", (transaction) =>
    transaction.apiKey.create({ data: { id: "key_foreign", organizationId: "org_a", name: "foreign", secretHash: hash(secret), prefix: "brought" } }),
  )
  await until(async () => isFound(await find(secret)), REVOCATION_MS_MAX)
})

test("a misspelt secret is refused without a look-up, an unknown one with one look-up", async () => {
  const { find, lookups } = directory()
  const { secret } = await makeKey()
  const typo = secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0")
  expect(find(typo)).toEqual({ kind: "absent" })
  expect(lookups()).toBe(0)
  const unknown = newSecret(getRandomValues, { test: false })
  expect(await find(unknown)).toEqual({ kind: "absent" })
  expect(find(unknown)).toEqual({ kind: "absent" })
  expect(lookups()).toBe(1)
})

test("after a change of the server's secret a key is found under the previous one, and its revocation noticed", async () => {
  const next = createSecretKey(getRandomValues(new Uint8Array(32)))
  const { find, lookups } = directory({ secrets: { plausible: isPlausible, hashes: [(secret) => hashSecret(next, secret), hash] } })
  const { secret, id } = await makeKey()
  expect(await find(secret)).toMatchObject({ kind: "found", principal: { keyId: id } })
  expect(find(secret)).toMatchObject({ kind: "found" })
  expect(lookups()).toBe(1)
  await database.organization("org_a", (transaction) => transaction.apiKey.update({ where: { id }, data: { revokedAt: new Date() } }))
  await until(async () => !isFound(await find(secret)), REVOCATION_MS_MAX)
})

test("callers of one unknown secret share a look-up", async () => {
  const { find, lookups } = directory()
  const { secret } = await makeKey()
  const answers = await Promise.all(Array.from({ length: 50 }, () => find(secret)))
  expect(answers.every(isFound)).toBe(true)
  expect(lookups()).toBe(1)
})

test("an expired key is refused from the moment it expires, also from memory", async () => {
  let now = Date.now()
  const { find } = directory({ clock: { now: () => now, monotonic: systemClock.monotonic } })
  const { secret } = await makeKey({ expiresAt: new Date(now + 60_000) })
  expect(await find(secret)).toMatchObject({ kind: "found" })
  now += 60_000
  expect(find(secret)).toEqual({ kind: "absent" })
})

test("while the database is away a known key works and an unknown one is unavailable, never absent", async () => {
  let away = false
  const failing: KeyDirectoryOptions["database"] = { sql: (scope, work) => (away ? Promise.reject(new Error("connect ECONNREFUSED")) : database.sql(scope, work)) }
  const { find } = directory({ database: failing })
  const { secret } = await makeKey()
  const second = await makeKey()
  expect(await find(secret)).toMatchObject({ kind: "found" })
  away = true
  expect(find(secret)).toMatchObject({ kind: "found" })
  expect(await find(second.secret)).toEqual({ kind: "unavailable" })
  away = false
  expect(await find(second.secret)).toMatchObject({ kind: "found" })
})

test("no more keys than allowed are held, and the one used last stays", async () => {
  const { find, lookups } = directory({ keysMax: 2 })
  const [a, b, c] = [await makeKey(), await makeKey(), await makeKey()]
  await find(a.secret)
  await find(b.secret)
  await find(a.secret)
  await find(c.secret)
  expect(lookups()).toBe(3)
  expect(find(a.secret)).toMatchObject({ kind: "found" })
  expect(lookups()).toBe(3)
  await find(b.secret)
  expect(lookups()).toBe(4)
})

test("what was read before a change that arrived meanwhile is not kept", async () => {
  const { secret, id } = await makeKey()
  let release = () => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const slow: KeyDirectoryOptions["database"] = {
    async sql(scope, work) {
      const result = await database.sql(scope, work)
      await gate
      return result
    },
  }
  const { find } = directory({ database: slow })
  const early = find(secret)
  await sleep(50)
  await database.organization("org_a", (transaction) => transaction.apiKey.update({ where: { id }, data: { revokedAt: new Date() } }))
  await sleep(REVOCATION_MS_MAX)
  release()
  await early
  expect(await find(secret)).toEqual({ kind: "absent" })
})

test("a flood of unknown secrets does not take every connection", async () => {
  const never: KeyDirectoryOptions["database"] = { sql: () => new Promise(() => {}) }
  const { find } = directory({ database: never })
  const answers = Array.from({ length: 65 }, () => find(newSecret(getRandomValues, { test: false })))
  expect(answers[64]).toEqual({ kind: "unavailable" })
  expect(await answers[0]).toEqual({ kind: "unavailable" })
})

test("which plan pays and when its allowance is renewed is known to the key, and followed within a second", async () => {
  const { find } = directory()
  const { secret } = await makeKey()
  const terms = async () => {
    const answer = await find(secret)
    return answer.kind === "found" ? [answer.principal.planId, answer.principal.allowanceRenewsAtMs] : answer.kind
  }
  expect(await terms()).toEqual([null, null])
  const [periodStart, periodEnd] = [new Date(Date.UTC(2026, 10, 1)), new Date(Date.UTC(2026, 11, 1))]
  await database.system(async (transaction) => {
    await transaction.plan.create({ data: { id: "plan_pro", name: "Pro", priceNanoUsd: 0n, period: "month", allowanceNanoUsd: 5n, models: [] } })
    await transaction.subscription.create({ data: { organizationId: "org_a", planId: "plan_pro", anchorAt: periodStart, periodStart, periodEnd, period: "month", allowanceNanoUsd: 5n, priceNanoUsd: 0n } })
  })
  await until(async () => (await terms())[0] === "plan_pro", REVOCATION_MS_MAX)
  expect(await terms()).toEqual(["plan_pro", periodEnd.getTime()])
  await database.system((transaction) => transaction.subscription.update({ where: { organizationId: "org_a" }, data: { renews: false } }))
  await until(async () => (await terms())[1] === null, REVOCATION_MS_MAX)
})
