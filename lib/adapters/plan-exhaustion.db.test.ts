import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createPlanExhaustionWriter } from "./plan-exhaustion.ts"

const NOW = Date.UTC(2026, 10, 25)
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    await transaction.channel.create({ data: { id: "chan_a", name: "a", providerId: "zhipu-coding", endpoints: {}, resale: false } })
    for (const id of ["cred_two", "cred_one"]) await transaction.credential.create({ data: { id, channelId: "chan_a", sealed: "x", lastFour: "1234" } })
    const quota = { scope: "credential", unit: "prompts", limit: 600n } as const
    await transaction.quota.createMany({
      data: [
        { ...quota, id: "quota_5h", scopeId: "cred_two", window: "rolling", windowSeconds: 18_000 },
        { ...quota, id: "quota_week", scopeId: "cred_two", window: "week" },
        { ...quota, id: "quota_only", scopeId: "cred_one", window: "rolling", windowSeconds: 18_000 },
      ],
    })
  })
})
afterAll(() => database.drop())

const anchorOf = async (id: string) => (await database.system((transaction) => transaction.quota.findUniqueOrThrow({ where: { id } }))).anchor
const restingUntil = async (id: string) => (await database.system((transaction) => transaction.credential.findUniqueOrThrow({ where: { id } }))).exhaustedUntil

test("the named window is counted from its reset, the only one where none is named, and the plan rests until then", async () => {
  const writer = createPlanExhaustionWriter({ database, now: () => NOW, warn: expect.unreachable })
  writer.exhausted("cred_two", { resetsAtMs: NOW + 7_000, windowSeconds: 604_800 })
  writer.exhausted("cred_one", { resetsAtMs: NOW + 9_000, windowSeconds: null })
  await writer.settled()
  expect([await anchorOf("quota_5h"), await anchorOf("quota_week"), await anchorOf("quota_only")]).toEqual([null, new Date(NOW + 7_000), new Date(NOW + 9_000)])
  expect([await restingUntil("cred_two"), await restingUntil("cred_one")]).toEqual([new Date(NOW + 7_000), new Date(NOW + 9_000)])
})

test("without a reset the plan rests a while and its windows stay; an earlier word never shortens a later one", async () => {
  const writer = createPlanExhaustionWriter({ database, now: () => NOW + 3_600_000, warn: expect.unreachable })
  writer.exhausted("cred_two", { resetsAtMs: null, windowSeconds: 18_000 })
  await writer.settled()
  expect(await anchorOf("quota_5h")).toBeNull()
  expect(await restingUntil("cred_two")).toEqual(new Date(NOW + 3_600_000 + 600_000))
  writer.exhausted("cred_two", { resetsAtMs: NOW + 3_700_000, windowSeconds: null })
  await writer.settled()
  expect(await restingUntil("cred_two")).toEqual(new Date(NOW + 3_600_000 + 600_000))
})

test("a database that is away is warned of and never rejects", async () => {
  const warnings: string[] = []
  const away = { ...database, sql: () => Promise.reject(new Error("away")) }
  const writer = createPlanExhaustionWriter({ database: away, now: () => NOW, warn: (detail) => void warnings.push(detail) })
  writer.exhausted("cred_one", { resetsAtMs: null, windowSeconds: null })
  await writer.settled()
  expect(warnings).toEqual(["away"])
})
