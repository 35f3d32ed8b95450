import { createSecretKey, getRandomValues } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { z } from "zod"
import { loadKey } from "#lib/adapters/key-principal.ts"
import { createBudgetsRepository, createBudgetsService } from "#lib/features/budgets/index.ts"
import { createUsageRepository, createUsageService } from "#lib/features/usage/index.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { seedOrganization, testMember } from "#test/actors.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createKeyInput, createKeysRepository, createKeysService, hashSecret, isTestSecret, isWellFormed, type KeysService, listKeysInput, rotateKeyInput, updateKeyInput } from "./index.ts"

const DAY_MS = 86_400_000
const pepper = createSecretKey(getRandomValues(new Uint8Array(32)))
const hash = (secret: string) => hashSecret(pepper, secret)
const newId = createNewId(Date.now, getRandomValues)
let nowMs = Date.UTC(2026, 10, 25)

let database: TestDatabase
let keys: KeysService
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    for (const organization of ["a", "b"]) {
      await seedOrganization(transaction, organization, { owner: "owner", ann: "member", bob: "member", vic: "viewer" })
      await transaction.project.create({ data: { id: `proj_${organization}`, organizationId: `org_${organization}`, name: "web" } })
    }
  })
  const clock = { now: () => nowMs, monotonic: () => 0 }
  const budgets = createBudgetsService({ repository: createBudgetsRepository(database), usage: createUsageService({ repository: createUsageRepository(database), clock }), clock, newId })
  keys = createKeysService({ repository: createKeysRepository(database), budgets, clock, newId, fillRandom: getRandomValues, hashSecret: hash })
})
afterAll(() => database.drop())

const owner = testMember("a", "owner", "owner")
const ann = testMember("a", "ann", "member")
const notFound = { ok: false, error: { kind: "notFound", key: "notFound" } }

async function create(actor = ann, input: z.input<typeof createKeyInput> = { name: "laptop" }) {
  const made = await keys.create(actor, createKeyInput.parse(input))
  if (!made.ok) throw new Error(made.error.key)
  return made.value
}
const list = (actor = ann, input: z.input<typeof listKeysInput> = {}) => keys.list(actor, listKeysInput.parse(input))
const view = async (id: string, actor = owner) => (await list(actor)).keys.find((key) => key.id === id)
const principal = async (secret: string) => database.sql(null, (client) => loadKey(client, [hash(secret)]))

test("a new key's secret is answered once and stored only as a hash", async () => {
  const made = await create()
  expect(isWellFormed(made.secret)).toBe(true)
  const stored = await database.system((transaction) => transaction.$queryRaw<{ row: string }[]>`SELECT to_jsonb(api_key)::text AS row FROM api_key WHERE id = ${made.id}`)
  expect(stored[0]?.row).toContain(hash(made.secret))
  expect(stored[0]?.row).not.toContain(made.secret)
  expect(JSON.stringify(await list())).not.toContain(made.secret)
  expect(await view(made.id)).toMatchObject({ prefix: made.secret.slice(0, 10), state: "live", owner: "ann" })
})

test("everything that a key is given reaches the gateway's principal", async () => {
  const { secret, id } = await create(ann, {
    name: "all",
    projectId: "proj_a",
    models: ["glm-4.6", "fast", "fast"],
    parameters: "strict",
    requestsPerMinute: "60",
    tokensPerMinute: "100000",
    concurrent: "8",
    budget: { amount: "1.50", period: "day" },
    expiry: "30",
  })
  const loaded = await principal(secret)
  expect(loaded?.principal).toMatchObject({ keyId: id, membershipId: "mem_aann", projectId: "proj_a", allowedModels: new Set(["glm-4.6", "fast"]), parameters: "strict", expiresAtMs: nowMs + 30 * DAY_MS })
  const limits = loaded?.principal.quotas.filter(({ scope }) => scope === "key").map(({ unit, window, limit }) => [unit, window, limit])
  expect(limits).toHaveLength(4)
  expect(limits).toEqual(expect.arrayContaining([["requests", "minute", 60n], ["tokens", "minute", 100_000n], ["concurrent", "none", 8n], ["nanoUsd", "day", 1_500_000_000n]]))
})

test("a form's empty budget is none, and a bad amount is refused at its own field", () => {
  expect(createKeyInput.parse({ name: "x", budget: { period: "month" } }).settings.budget).toBeNull()
  const refused = createKeyInput.safeParse({ name: "x", budget: { amount: "abc", period: "month" } })
  expect(refused.error?.issues).toMatchObject([{ path: ["budget", "amount"], message: "errors.budgets.badAmount" }])
})

test("an update takes limits away as well as setting them", async () => {
  const { secret, id } = await create(ann, { name: "before", requestsPerMinute: "60", concurrent: "8", budget: { amount: "1", period: "day" } })
  expect(await keys.update(ann, updateKeyInput.parse({ keyId: id, name: "after", concurrent: "4", expiry: "7" }))).toEqual({ ok: true, value: null })
  expect(await view(id)).toMatchObject({ name: "after", limits: { requestsPerMinute: null, concurrent: 4 }, budget: null, expiresAtMs: nowMs + 7 * DAY_MS })
  const loaded = await principal(secret)
  expect(loaded?.principal.quotas.map(({ unit, limit }) => [unit, limit])).toEqual([["concurrent", 4n]])
})

test("a rotation keeps the old secret for the overlap, and both share one budget and one set of limits", async () => {
  const old = await create(ann, { name: "rotated", requestsPerMinute: "60", budget: { amount: "1", period: "total" } })
  const rotated = await keys.rotate(ann, rotateKeyInput.parse({ keyId: old.id, overlapHours: "2" }))
  if (!rotated.ok) throw new Error(rotated.error.key)
  const [before, after] = await Promise.all([principal(old.secret), principal(rotated.value.secret)])
  expect(before?.principal.expiresAtMs).toBe(nowMs + 7_200_000)
  expect(after?.principal.expiresAtMs).toBeNull()
  expect(after?.principal.quotas).toHaveLength(2)
  expect(after?.principal.quotas).toEqual(before?.principal.quotas)
  // Changing the successor changes what both meet, and a second rotation still shares it.
  await keys.update(ann, updateKeyInput.parse({ keyId: rotated.value.id, name: "rotated", requestsPerMinute: "30" }))
  const again = await keys.rotate(ann, rotateKeyInput.parse({ keyId: rotated.value.id, overlapHours: "0" }))
  if (!again.ok) throw new Error(again.error.key)
  for (const secret of [old.secret, again.value.secret]) {
    expect((await principal(secret))?.principal.quotas.map(({ scopeId, limit }) => [scopeId, limit]), secret).toEqual([[old.id, 30n]])
  }
  nowMs += 1
  expect(await view(rotated.value.id)).toBeUndefined()
})

test("the models to choose from are those that the organization may use: not what only internal organizations may, nor what is switched off, nor what their plan leaves out", async () => {
  await database.system(async (transaction) => {
    const channels = [["resold", true, true, null], ["plan", false, true, null], ["off", true, false, null], ["own", false, true, "org_a"], ["others", false, true, "org_b"]] as const
    for (const [name, resale, enabled, organizationId] of channels) {
      await transaction.channel.create({ data: { id: `chan_${name}`, name, providerId: "openai", endpoints: {}, resale, enabled, organizationId } })
      await transaction.channelModel.create({ data: { id: `cmod_${name}`, channelId: `chan_${name}`, organizationId, name: `model-${name}`, upstream: "m" } })
    }
    await transaction.channelModel.create({ data: { id: "cmod_x", channelId: "chan_resold", name: "model-hidden", upstream: "m" } })
    await transaction.model.create({ data: { id: "model_x", name: "model-hidden", enabled: false } })
  })
  expect(await keys.models(owner)).toEqual(["model-own", "model-resold"])
  await database.system((transaction) => transaction.organization.update({ where: { id: "org_a" }, data: { kind: "internal" } }))
  expect(await keys.models(owner)).toEqual(["model-own", "model-plan", "model-resold"])
  // Neither what the organization's plan leaves out.
  const day = { anchorAt: new Date(nowMs), periodStart: new Date(nowMs), periodEnd: new Date(nowMs + DAY_MS), period: "day" } as const
  await database.system(async (transaction) => {
    await transaction.plan.create({ data: { id: "plan_narrow", name: "Narrow", priceNanoUsd: 0n, period: "day", models: ["model-resold", "model-elsewhere"] } })
    await transaction.subscription.create({ data: { organizationId: "org_a", planId: "plan_narrow", ...day, allowanceNanoUsd: 0n, priceNanoUsd: 0n } })
  })
  expect(await keys.models(owner)).toEqual(["model-resold"])
})

test("an ended key is neither rotated nor changed, and a revoked one stays revoked", async () => {
  const { secret, id } = await create()
  expect(await keys.revoke(ann, { keyId: id })).toEqual({ ok: true, value: null })
  expect((await principal(secret))?.usable).toBe(false)
  expect(await keys.rotate(ann, rotateKeyInput.parse({ keyId: id }))).toMatchObject({ ok: false, error: { key: "keys.notLive" } })
  expect(await keys.update(ann, updateKeyInput.parse({ keyId: id, name: "x" }))).toMatchObject({ ok: false, error: { key: "keys.notLive" } })
  expect((await list(ann, { state: "ended" })).keys.map((key) => key.id)).toContain(id)
})

test("a member sees and changes their own keys, an admin all, a viewer makes none, and a stranger finds nothing", async () => {
  const { id } = await create(ann)
  const [bob, vic, stranger] = [testMember("a", "bob", "member"), testMember("a", "vic", "viewer"), testMember("b", "owner", "owner")]
  expect((await list(bob)).keys).toEqual([])
  expect((await list(stranger)).keys).toEqual([])
  expect((await list(owner)).keys.map((key) => key.id)).toContain(id)
  for (const actor of [bob, vic, stranger]) {
    expect(await keys.revoke(actor, { keyId: id }), actor.name ?? "").toEqual(notFound)
    expect(await keys.update(actor, updateKeyInput.parse({ keyId: id, name: "x" }))).toEqual(notFound)
    expect(await keys.rotate(actor, rotateKeyInput.parse({ keyId: id }))).toEqual(notFound)
  }
  expect(await keys.create(vic, createKeyInput.parse({ name: "x" }))).toEqual(notFound)
  expect(await keys.create(ann, createKeyInput.parse({ name: "x", owner: "organization" }))).toEqual(notFound)
  expect(await keys.create(ann, createKeyInput.parse({ name: "x", projectId: "proj_b" }))).toMatchObject({ ok: false, error: { key: "keys.unknownProject" } })
  // An admin ends anybody's key but does not get to know a secret that spends in another's name.
  expect(await keys.rotate(owner, rotateKeyInput.parse({ keyId: id }))).toEqual(notFound)
  expect(await keys.revoke(owner, { keyId: id })).toEqual({ ok: true, value: null })
  const { id: shared } = await create(owner, { name: "shared", owner: "organization", kind: "test" })
  expect(await view(shared)).toMatchObject({ owner: null, isOwn: false, test: true, may: { rotate: true } })
})

test("a test key is known by its secret's form", async () => {
  expect(isTestSecret((await create(ann, { name: "t", kind: "test" })).secret)).toBe(true)
})

test("what a file manages is read-only", async () => {
  const { id } = await create(ann)
  await database.system((transaction) => transaction.apiKey.update({ where: { id }, data: { managedBy: "turnpike.yaml" } }))
  const refused = { ok: false, error: { kind: "managed", params: { file: "turnpike.yaml" } } }
  expect(await keys.revoke(ann, { keyId: id })).toMatchObject(refused)
  expect(await keys.update(ann, updateKeyInput.parse({ keyId: id, name: "x" }))).toMatchObject(refused)
  expect(await view(id)).toMatchObject({ may: { update: false, rotate: false, revoke: false } })
})

test("keys are found by a part of their name, project or member, or by their first characters, and only those that one may see", async () => {
  const made = await create(ann, { name: "Needle 针", projectId: "proj_a" })
  const found = async (q: string, actor = owner) => (await list(actor, { q })).keys.map((key) => key.id)
  for (const q of ["needle", " 针 ", made.secret.slice(0, 10)]) expect(await found(q), q).toEqual([made.id])
  expect(await found("web")).toContain(made.id)
  expect(await found("ann")).toContain(made.id)
  expect(await found("no such key")).toEqual([])
  expect(await found("needle", testMember("a", "bob", "member"))).toEqual([])
})

test("the summary counts every live key that one may see, not only a page of them", async () => {
  const before = await keys.summary(owner)
  const { id } = await create()
  const usedAt = new Date(nowMs - 1_000)
  await database.system((transaction) => transaction.apiKey.update({ where: { id }, data: { lastUsedAt: usedAt } }))
  expect(await keys.summary(owner)).toEqual({ live: before.live + 1, given: before.given + 1, lastUsedAtMs: usedAt.getTime() })
  expect(await keys.summary(testMember("a", "bob", "member"))).toMatchObject({ lastUsedAtMs: null })
  await keys.revoke(ann, { keyId: id })
  expect((await keys.summary(owner)).live).toBe(before.live)
})

test("the demo key is live, and is not one that somebody was given", async () => {
  const before = await keys.summary(owner)
  await create(owner, { name: "Demo", kind: "test", owner: "organization" })
  expect(await keys.summary(owner)).toMatchObject({ live: before.live + 1, given: before.given })
})

test("pages of keys follow each other without a gap or a repetition", async () => {
  const bob = testMember("a", "bob", "member")
  const made: string[] = []
  for (let i = 0; i < 60; i++) made.push((await create(bob, { name: `key ${i}` })).id)
  const first = await list(bob)
  const second = await list(bob, { after: first.nextAfter ?? "" })
  expect(first.keys).toHaveLength(50)
  expect(second.nextAfter).toBeNull()
  expect([...first.keys, ...second.keys].map((key) => key.id)).toEqual([...made].sort().reverse())
})
