import { randomBytes, randomFillSync } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createSealer } from "#lib/adapters/sealing.ts"
import type { Member } from "#lib/kernel/actor.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { type AlertChannels, type AlertMessage, createAlertsRepository, createAlertsService } from "./index.ts"
import { webhookHeaders } from "./webhook-signature.ts"

const MONTH = new Date("2026-11-01T00:00:00Z")
const owner: Member = { kind: "member", userId: "user_ann", email: "ann@example.com", name: null, isOperator: false, sessionId: "ses_1", organizationId: "org_a", organizationSlug: "a", organizationName: "Acme", timeZone: "UTC", membershipId: "mem_ann", role: "owner" }

let database: TestDatabase
let now = 0
const mails: { to: string; message: AlertMessage }[] = []
const posts: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = []
/** The receiver refuses as long as this is set. */
let refusal: string | null = null
const channels: AlertChannels = {
  mail: (to, message) => Promise.resolve(void mails.push({ to, message })),
  webhook(url, headers, body) {
    posts.push({ url, headers, body })
    return refusal === null ? Promise.resolve() : Promise.reject(new Error(refusal))
  },
}
const service = (over: Partial<AlertChannels> = {}) =>
  createAlertsService({
    repository: createAlertsRepository(database),
    channels: { ...channels, ...over },
    sealer: createSealer([{ version: "test", key: Buffer.alloc(32, 7) }], (bytes) => void randomFillSync(bytes)),
    clock: { now: () => now, monotonic: () => now },
    newId: createNewId(() => now, (bytes) => void randomFillSync(bytes)),
    fillRandom: (bytes) => bytes.set(randomBytes(bytes.length)),
  })

beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    await transaction.organization.createMany({ data: [{ id: "org_a", slug: "a", name: "Acme", kind: "internal", hasWallet: true }, { id: "org_b", slug: "b", name: "Other", kind: "internal", hasWallet: false }] })
    for (const [name, role] of [["ann", "owner"], ["bob", "member"], ["cat", "billing"], ["dan", "viewer"]] as const) {
      await transaction.user.create({ data: { id: `user_${name}`, email: `${name}@example.com` } })
      await transaction.membership.create({ data: { id: `mem_${name}`, organizationId: "org_a", userId: `user_${name}`, role } })
    }
  })
})
afterAll(() => database.drop())
beforeEach(async () => {
  now = Date.parse("2026-11-25T12:00:00Z")
  mails.length = 0
  posts.length = 0
  refusal = null
  await database.system(async (transaction) => {
    await transaction.alertDelivery.deleteMany()
    await transaction.alert.deleteMany()
    await transaction.webhook.deleteMany()
    await transaction.quotaWindow.deleteMany()
    await transaction.quota.deleteMany()
  })
})

const budget = (id: string, scope: "organization" | "member" | "wallet", scopeId: string, used: bigint, more: { limit?: bigint; window?: "month" | "total"; windowStart?: Date; organizationId?: string } = {}) =>
  database.system(async (transaction) => {
    const { limit = 1_000_000_000n, window = "month", windowStart = MONTH, organizationId = "org_a" } = more
    await transaction.quota.create({ data: { id, organizationId, scope, scopeId, unit: "nanoUsd", window, limit } })
    await transaction.quotaWindow.create({ data: { quotaId: id, organizationId, windowStart, used } })
  })
const use = (quotaId: string, used: bigint) => database.system((transaction) => transaction.quotaWindow.updateMany({ where: { quotaId }, data: { used } }))

test("at 80 and at 100 per cent those who look after the money are told once, and a member of their own limit", async () => {
  await budget("quota_org", "organization", "org_a", 799_999_999n)
  await budget("quota_bob", "member", "mem_bob", 10n)
  const alerts = service()
  await alerts.runRound()
  expect(mails).toEqual([])

  await use("quota_org", 800_000_000n)
  await use("quota_bob", 900_000_000n)
  await alerts.runRound()
  await alerts.runRound()
  expect(mails.map(({ to, message }) => `${to} ${message.limit.scope} ${message.limit.percent}`).sort()).toEqual(["ann@example.com member 80", "ann@example.com organization 80", "bob@example.com member 80", "cat@example.com member 80", "cat@example.com organization 80"])
  expect(mails.find(({ message }) => message.limit.scope === "member")?.message.limit).toMatchObject({ name: "bob@example.com", usedUsd: "0.90", limitUsd: "1.00", resetsAt: "2026-12-01T00:00:00.000Z" })

  mails.length = 0
  await use("quota_org", 1_000_000_000n)
  await alerts.runRound()
  expect(mails.map(({ message }) => message.limit.percent)).toEqual([100, 100])
})

test("who is told of 100 per cent at once is told nothing of 80, and a limit that is raised is told of anew", async () => {
  await budget("quota_org", "organization", "org_a", 1_500_000_000n)
  const alerts = service()
  await alerts.runRound()
  await alerts.runRound()
  expect(mails.map(({ message }) => message.limit.percent)).toEqual([100, 100])
  mails.length = 0
  await database.system((transaction) => transaction.quota.update({ where: { id: "quota_org" }, data: { limit: 1_800_000_000n } }))
  await alerts.runRound()
  expect(mails.map(({ message }) => message.limit.percent)).toEqual([80, 80])
})

test("old windows, other units and limits without anybody to tell are left alone", async () => {
  await budget("quota_old", "organization", "org_a", 1_000_000_000n, { windowStart: new Date("2026-09-01T00:00:00Z") })
  await budget("quota_other", "organization", "org_b", 1_000_000_000n, { organizationId: "org_b" })
  await service().runRound()
  expect(mails).toEqual([])
})

test("a webhook gets a signed message, is tried again with growing waits until it is taken, and is given up in the end", async () => {
  const alerts = service({ mail: null })
  const set = await alerts.setWebhook(owner, { url: "https://hooks.example/a" })
  const secret = set.ok ? set.value.secret : ""
  await budget("quota_wallet", "wallet", "org_a", 850_000_000n, { window: "total", windowStart: new Date(0) })
  refusal = "The receiver answered 500."
  await alerts.runRound()
  now += 59_000
  await alerts.runRound()
  expect(posts).toHaveLength(1)
  now += 2_000
  await alerts.runRound()
  expect(posts).toHaveLength(2)
  expect(await alerts.webhook(owner)).toMatchObject({ value: { lastError: "The receiver answered 500." } })
  refusal = null
  now += 10 * 60_000
  await alerts.runRound()
  now += 24 * 3_600_000
  await alerts.runRound()
  expect(posts).toHaveLength(3)
  const [first, , last] = posts
  expect(last?.headers["webhook-id"]).toBe(first?.headers["webhook-id"])
  expect(last?.headers).toEqual(webhookHeaders(secret, { id: last?.headers["webhook-id"] ?? "", atMs: now - 24 * 3_600_000, body: last?.body ?? "" }))
  expect(JSON.parse(last?.body ?? "")).toMatchObject({ type: "limit.reached", organization: { slug: "a" }, limit: { scope: "wallet", percent: 80, usedUsd: "0.85", resetsAt: null } })
  expect(await alerts.webhook(owner)).toMatchObject({ value: { lastError: null } })

  refusal = "The receiver answered 500."
  await use("quota_wallet", 1_000_000_000n)
  for (let day = 0; day < 10; day++) {
    await alerts.runRound()
    now += 24 * 3_600_000
  }
  expect(posts).toHaveLength(3 + 6)
})

test("two processes send each message once", async () => {
  await budget("quota_org", "organization", "org_a", 900_000_000n)
  await Promise.all([service().runRound(), service().runRound()])
  expect(mails.map(({ to }) => to).sort()).toEqual(["ann@example.com", "cat@example.com"])
})

test("nobody but owners and admins sees or sets a webhook, and another organization's is not there", async () => {
  const alerts = service()
  for (const role of ["billing", "member", "viewer"] as const) {
    expect(await alerts.webhook({ ...owner, role })).toMatchObject({ ok: false, error: { kind: "notFound" } })
    expect(await alerts.setWebhook({ ...owner, role }, { url: "https://hooks.example/a" })).toMatchObject({ ok: false })
    expect(await alerts.removeWebhook({ ...owner, role })).toMatchObject({ ok: false })
  }
  await alerts.setWebhook(owner, { url: "https://hooks.example/a" })
  expect(await alerts.webhook({ ...owner, organizationId: "org_b" })).toEqual({ ok: true, value: null })
  await alerts.removeWebhook(owner)
  expect(await alerts.webhook(owner)).toEqual({ ok: true, value: null })
})
