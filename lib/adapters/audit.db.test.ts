import { getRandomValues } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { grantLot } from "#lib/features/lots/index.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createLeases } from "#lib/quota/leases.ts"
import type { QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { entryOf, makeOrganization, makeQuota, openLine } from "#test/money.ts"
import { auditBooks } from "./audit.ts"
import { createBooking } from "./booking.ts"
import { createLeaseStore } from "./leases.ts"

const admittedAtMs = Date.UTC(2026, 10, 25, 12, 30)
const clock = { now: () => admittedAtMs, monotonic: () => 0 }
const newId = createNewId(clock.now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
  await fillBooks()
})
afterEach(() => database.drop())

/** An organization with paid and promotional credit and a budget, and three calls of $0.01 that were booked in two flushes. */
async function fillBooks(): Promise<void> {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: 1_000_000_000n })
  const stamp = { kind: "credit", idempotencyKey: "welcome", reason: "welcome", authorId: null, managedBy: null, createdAt: new Date(admittedAtMs) } as const
  await database.system((transaction) => grantLot(transaction, id, { kind: "walletPromotional", amountNanoUsd: 35_000_000n, expiresAt: null, source: null, stamp }, newId))
  const quotas = [wallet as QuotaDefinition, await makeQuota(database, { organizationId: id, window: "month", limit: 500_000_000n })]
  const processId = newId("process")
  const leases = createLeases(createLeaseStore(database, newId, processId), clock)
  const book = createBooking(database, newId)
  for (const calls of [1, 2]) {
    const entries = []
    for (let i = 0; i < calls; i++) {
      const hold = await leases.hold(quotas, { nanoUsd: { worst: 20_000_000n, minimum: 1n } }, admittedAtMs)
      if (!hold.ok) throw new Error("refused")
      entries.push(entryOf(openLine({ organizationId: id, requestId: newId("request"), admittedAtMs }), { chargedNanoUsd: 10_000_000n, parts: leases.settle(hold, { nanoUsd: 10_000_000n }).parts }))
    }
    await book(processId, entries)
    leases.flushed(entries.flatMap((entry) => entry.settle.parts))
  }
}

test("untouched books add up, and the totals are those of the calls", async () => {
  const report = await auditBooks(database)
  expect(report).toMatchObject({ differences: [], usageRecords: 3, chargedNanoUsd: 30_000_000n, absorbedNanoUsd: 0n })
  expect(report.organizations).toMatchObject([{ credited: 1_035_000_000n, used: 30_000_000n, balance: 1_005_000_000n }])
})

/** Each is one way in which books go wrong; triggers that forbid it are taken away first. */
const faults: readonly (readonly [string, string, RegExp])[] = [
  ["a usage record whose charge was changed", "UPDATE usage_record SET charged_nano_usd = charged_nano_usd - 1 WHERE id = (SELECT min(id) FROM usage_record)", /charged \+ absorbed is not usage × price|revenue of a usage posting/],
  ["a usage record that was lost", "DELETE FROM usage_record WHERE id = (SELECT min(id) FROM usage_record)", /quota's used/],
  ["a call that is in the books and in no posting", "UPDATE usage_record SET posting_id = NULL", /in no posting/],
  ["a quota that forgot a flush", "UPDATE quota_window SET used = used - 10000000", /quota's used/],
  ["a lease that was given back without its window", "UPDATE lease SET amount = 0", /leased/],
  ["a wallet that was raised without a credit", `UPDATE quota SET "limit" = "limit" + 1 WHERE scope = 'wallet'`, /wallet's limit/],
  ["a lot that was used without an entry", "UPDATE credit_lot SET remaining_nano_usd = remaining_nano_usd - 1", /a lot's remaining is not[^]*what is left of its lots/],
  ["an entry that names no lot", "ALTER TABLE ledger_entry DISABLE TRIGGER append_only; UPDATE ledger_entry SET lot_id = NULL WHERE lot_id IS NOT NULL AND amount_nano_usd < 0", /a lot's remaining/],
  ["a lot that ended and is not withheld", "UPDATE credit_lot SET ended_at = now()", /what is withheld of a wallet/],
  ["a wallet that is leased at another limit", `UPDATE quota_window w SET ceiling = w.ceiling + 1 FROM quota q WHERE q.id = w.quota_id AND q.scope = 'wallet'`, /follows another limit/],
  ["a call that was refunded twice", "INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key, request_id) SELECT 'post_' || n, organization_id, 'refund', 'refund ' || n, id FROM (SELECT * FROM usage_record LIMIT 1) r, generate_series(1, 2) n; INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd) SELECT 'ent_' || p.id || a.kind, p.id, a.id, a.organization_id, CASE a.kind WHEN 'walletPaid' THEN 10000000 ELSE -10000000 END FROM ledger_posting p JOIN ledger_account a ON a.kind = 'clearing' OR (a.kind = 'walletPaid' AND a.organization_id = p.organization_id) WHERE p.kind = 'refund'", /more was refunded/],
  ["a period that began twice", "INSERT INTO subscription_event (id, organization_id, kind, at, period_start, period_end, due_nano_usd, allowance_nano_usd) SELECT 'sube_' || n, o.id, 'renewed', now(), '2026-11-01T00:00:00.250Z', '2026-12-01T00:00:00.250Z', 0, 0 FROM organization o, generate_series(1, 2) n", /began more than once/],
  ["an allowance that was told and never given", "INSERT INTO subscription_event (id, organization_id, kind, at, period_start, period_end, due_nano_usd, allowance_nano_usd) SELECT 'sube_' || n, o.id, 'renewed', now(), '2026-11-01T00:00:00.250Z', '2026-12-01T00:00:00.250Z', 0, 5000000 FROM organization o, generate_series(1, 1) n", /a period's allowance is not what/],
  ["an allowance that nobody was told of", "UPDATE credit_lot SET kind = 'planAllowance', source = 'subscription:' || organization_id || ':2026-11-01T00:00:00.250Z'", /a period's allowance is not what/],
  ["a balance that drifted", "UPDATE ledger_balance SET balance_nano_usd = balance_nano_usd + 1", /account's balance/],
  ["a statement's sums that drifted", "UPDATE wallet_flow SET amount_nano_usd = amount_nano_usd + 1 WHERE kind = 'usage'", /what moved a wallet in a quarter of an hour/],
  ["an entry that was lost", "ALTER TABLE ledger_entry DISABLE TRIGGER append_only; DELETE FROM ledger_entry WHERE id = (SELECT min(id) FROM ledger_entry)", /does not sum to zero/],
  ["a roll-up that was added twice", "UPDATE usage_hourly SET requests = requests * 2, charged_nano_usd = charged_nano_usd * 2", /roll-up/],
  ["a price that was changed after the fact", `ALTER TABLE price_version DISABLE TRIGGER append_only; UPDATE price_version SET rates = '{"units":{"input":"2000000000"}}'`, /usage × price/],
]

describe("each fault is found", () => {
  test.each(faults)("%s", async (_name, sql, finding) => {
    await database.sql(null, (client) => client.query(sql))
    const { differences } = await auditBooks(database)
    expect(differences.map((one) => one.finding).join("\n")).toMatch(finding)
  })
})
