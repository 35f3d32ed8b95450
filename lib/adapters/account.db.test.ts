import { afterAll, beforeAll, expect, test } from "vitest"
import type { Principal } from "#lib/gateway/types.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createAccount } from "./account.ts"

/** A Wednesday. */
const NOW = Date.UTC(2026, 10, 25, 12)
const newId = createNewId(() => NOW - 3_600_000, (bytes) => void bytes.fill(7))
const requestId = newId("request")

let database: TestDatabase
const account = () => createAccount({ database, now: () => NOW })
const principal = (organization: string, changes: Partial<Principal> = {}): Principal => ({
  keyId: `key_${organization}`,
  keyName: "laptop",
  organizationId: `org_${organization}`,
  organizationKind: "internal",
  membershipId: null,
  projectId: null,
  timeZone: "UTC",
  allowedModels: null,
  parameters: "lenient",
  test: false,
  expiresAtMs: null,
  seesChannel: true,
  planId: null,
  allowanceRenewsAtMs: null,
  storesResponses: true,
  quotas: [],
  ...changes,
})

beforeAll(async () => {
  database = await createTestDatabase()
  await database.system(async (transaction) => {
    for (const name of ["a", "b"]) {
      await transaction.organization.create({ data: { id: `org_${name}`, slug: name, name, kind: "internal", hasWallet: true } })
      await transaction.apiKey.create({ data: { id: `key_${name}`, organizationId: `org_${name}`, name, secretHash: name, prefix: `sk-tp-${name}` } })
      await transaction.quota.create({ data: { id: `quota_${name}`, organizationId: `org_${name}`, scope: "key", scopeId: `key_${name}`, unit: "nanoUsd", window: "month", limit: 10_000_000_000n } })
    }
    await transaction.quotaWindow.create({ data: { quotaId: "quota_a", organizationId: "org_a", windowStart: new Date(Date.UTC(2026, 10, 1)), used: 2_500_000_000n } })
    await transaction.ledgerAccount.create({ data: { id: "acct_a", organizationId: "org_a", kind: "walletPaid" } })
    await transaction.ledgerBalance.create({ data: { accountId: "acct_a", organizationId: "org_a", balanceNanoUsd: 20_000_000_000n } })
    const hours = [[NOW - 3_600_000, 1n], [Date.UTC(2026, 10, 23), 10n], [Date.UTC(2026, 10, 2), 100n], [Date.UTC(2026, 9, 31), 1_000n]] as const
    for (const [hour, chargedNanoUsd] of hours) {
      await transaction.usageHourly.create({ data: { organizationId: "org_a", hour: new Date(hour), model: "m", membershipId: "", keyId: "key_a", projectId: "", channelId: "chan_1", test: false, chargedNanoUsd } })
    }
    await transaction.usageHourly.create({ data: { organizationId: "org_a", hour: new Date(NOW), model: "sandbox", membershipId: "", keyId: "key_test", projectId: "", channelId: "chan_sandbox", test: true, chargedNanoUsd: 5n } })
    const record = { model: "m", upstreamModel: "u", channelId: "chan_1", providerId: "zhipu", dialect: "cc", endpoint: "chat.completions", streamed: true, status: "interrupted", costPriceId: "price_1", sellPriceId: "price_1", costNanoUsd: 5n, holdNanoUsd: 9n, durationMs: 900, firstByteMs: 120, processId: "proc_1", usage: { input: 3 } } as const
    await transaction.usageRecord.create({ data: { ...record, id: requestId, admittedAt: new Date(NOW - 3_600_000 + 20), organizationId: "org_a", keyId: "key_a", responseId: "chatcmpl-1", chargedNanoUsd: 7n } })
  })
})
afterAll(() => database.drop())

test("a key's account sums its own usage by the day, week and month of UTC, and what is left of its budget", async () => {
  const quotas = [{ id: "quota_a", scope: "key", scopeId: "key_a", unit: "nanoUsd", window: "month", windowSeconds: null, limit: 10_000_000_000n, timeZone: "UTC", organizationId: "org_a" }] as const
  expect(await account().key(principal("a", { quotas }))).toEqual({
    label: "sk-tp-a…",
    limitNanoUsd: 10_000_000_000n,
    limitRemainingNanoUsd: 7_500_000_000n,
    limitReset: "monthly",
    usageNanoUsd: { total: 1_111n, day: 1n, week: 11n, month: 111n },
    creatorUserId: null,
    expiresAtMs: null,
  })
  expect(await account().key(principal("b"))).toMatchObject({ limitNanoUsd: null, limitRemainingNanoUsd: null, limitReset: null, usageNanoUsd: { total: 0n } })
})

test("credits are what is left and what was used, without the sandbox's pretend costs", async () => {
  expect(await account().credits(principal("a"))).toEqual({ creditedNanoUsd: 20_000_001_111n, usedNanoUsd: 1_111n })
  expect(await account().credits(principal("b"))).toEqual({ creditedNanoUsd: 0n, usedNanoUsd: 0n })
})

test("a generation is found by our id and by the response's, by its own organization alone", async () => {
  for (const id of [requestId, "chatcmpl-1"]) {
    expect(await account().generation(principal("a"), id)).toEqual({
      requestId,
      responseId: "chatcmpl-1",
      model: "m",
      providerId: "zhipu",
      createdAtMs: NOW - 3_600_000 + 20,
      streamed: true,
      interrupted: true,
      finish: null,
      firstByteMs: 120,
      durationMs: 900,
      chargedNanoUsd: 7n,
      usage: { input: 3 },
    })
    expect(await account().generation(principal("b"), id)).toBeNull()
  }
  expect(await account().generation(principal("a", { seesChannel: false }), requestId)).toMatchObject({ providerId: null })
  expect(await account().generation(principal("a"), "req_unknown")).toBeNull()
})

test("an id with a NUL in it is nobody's, and no fault of the database", async () => {
  expect(await account().generation(principal("a"), "chatcmpl-\u0000")).toBeNull()
})
