import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import { createLotsRepository, createLotsService, grantLot } from "#lib/features/lots/index.ts"
import type { Member, Person } from "#lib/kernel/actor.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { createLeases } from "#lib/quota/leases.ts"
import type { QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { joined } from "#test/joined.ts"
import { entryOf, makeOrganization, makeQuota, openLine, randomName, windowOf } from "#test/money.ts"
import { createWalletRepository, createWalletService, type FlaggedCallPage, POSTINGS_PER_PAGE } from "./index.ts"

const now = { ms: Date.UTC(2026, 10, 25, 12) }
const clock = { now: () => now.ms, monotonic: () => 0 }
const newId = createNewId(clock.now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
let wallet: ReturnType<typeof createWalletService>
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system((transaction) => transaction.user.create({ data: { id: "user_a", email: "ann@example.com" } }))
  wallet = createWalletService({ repository: createWalletRepository(database), clock, newId })
})
afterAll(() => database.drop())

type OrganizationId = Id<"organization">
const person = { userId: "user_a", email: "ann@example.com", name: null, sessionId: "ses_a" } as const
const operator: Person = { ...person, kind: "person", isOperator: true }
const ownerOf = (organizationId: OrganizationId): Member => ({ ...person, kind: "member", isOperator: false, organizationId, organizationSlug: "a", organizationName: "A", timeZone: "UTC", membershipId: "mem_a", role: "owner" })

const usd = (dollars: number) => nanoUsd(BigInt(Math.round(dollars * 100)) * 10_000_000n)
const movement = (organizationId: string, over: { readonly idempotencyKey?: string; readonly reason?: string } = {}) => ({ organizationId, reason: "invoice 17", idempotencyKey: `form-${randomName()}`, ...over })
const give = (id: OrganizationId, dollars: number, kind: "paid" | "promotional" = "paid", lastDay?: string) => wallet.credit(operator, { ...movement(id), amount: usd(dollars), kind, lastDay })
const adjust = (id: OrganizationId, dollars: number, kind: "paid" | "promotional" = "paid", overdraw = false) =>
  wallet.adjust(operator, { ...movement(id), amount: usd(Math.abs(dollars)), direction: dollars > 0 ? "up" : "down", kind, overdraw })
const refund = (id: OrganizationId, requestId: string, dollars?: number, idempotencyKey = `form-${randomName()}`) =>
  wallet.refundCall(operator, { ...movement(id, { idempotencyKey }), requestId, amount: dollars === undefined ? undefined : usd(dollars) })
const balance = async (id: OrganizationId) => {
  const found = await wallet.balance(operator, id)
  return found.ok ? found.value : null
}
const ok = { ok: true, value: null }
const expectCleanBooks = async () => expect((await auditBooks(database)).differences).toEqual([])

async function walletQuota(organizationId: OrganizationId): Promise<QuotaDefinition> {
  const row = await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scope: "wallet", scopeId: organizationId } }))
  return { id: row.id as Id<"quota">, scope: "wallet", scopeId: organizationId, unit: "nanoUsd", window: "total", windowSeconds: null, limit: row.limit, timeZone: "UTC", organizationId }
}

/** Calls of so many dollars each, booked in one flush. Returns their ids. `running` is held on besides, until `giveBack` is called. */
async function use(organizationId: OrganizationId, dollars: readonly number[], running = 0, budgets: readonly QuotaDefinition[] = []): Promise<{ readonly calls: readonly Id<"request">[]; readonly giveBack: () => Promise<void> }> {
  const processId = newId("process")
  const leases = createLeases(createLeaseStore(database, newId, processId), clock)
  const quotas = [await walletQuota(organizationId), ...budgets]
  const hold = async (amount: bigint) => {
    const held = await leases.hold(quotas, { nanoUsd: { worst: amount, minimum: amount } }, now.ms)
    if (!held.ok) throw new Error("refused")
    return held
  }
  const entries = []
  for (const amount of dollars.map(usd)) {
    const { parts } = leases.settle(await hold(amount), { nanoUsd: amount })
    entries.push(entryOf(openLine({ organizationId, requestId: newId("request"), admittedAtMs: now.ms }), { chargedNanoUsd: amount, parts }))
  }
  await createBooking(database, newId)(processId, entries)
  leases.flushed(entries.flatMap((entry) => entry.settle.parts))
  const kept = running === 0 ? null : await hold(usd(running))
  const giveBack = async () => {
    if (kept !== null) leases.settle(kept, {})
    await leases.returnAll()
  }
  if (kept === null) await giveBack()
  return { calls: entries.map((entry) => entry.open.requestId), giveBack }
}

describe("promotional credit with a last day", () => {
  test("it ends with that day of the organization's calendar, and paid credit stays", async () => {
    const { id } = await makeOrganization(database)
    await database.system((transaction) => transaction.organization.update({ where: { id }, data: { timeZone: "Asia/Shanghai" } }))
    expect([await give(id, 5, "promotional", "2026-11-30"), await give(id, 20)]).toEqual([ok, ok])
    expect((await balance(id))?.lots).toMatchObject([{ kind: "walletPromotional", amountNanoUsd: usd(5), remainingNanoUsd: usd(5), expiresAt: new Date("2026-11-30T16:00:00Z"), reason: "invoice 17", ended: false }])
    await use(id, [2])
    const expiry = createLotsService({ repository: createLotsRepository(database), clock: { ...clock, now: () => Date.parse("2026-11-30T16:00:00Z") }, newId })
    await expiry.runRound()
    expect(await balance(id)).toMatchObject({ creditedNanoUsd: usd(22), usedNanoUsd: usd(2), balanceNanoUsd: usd(20), paidNanoUsd: usd(20), promotionalNanoUsd: 0n, lots: [] })
    await expectCleanBooks()
  })

  test("a day that is over is refused", async () => {
    const { id } = await makeOrganization(database)
    expect(await give(id, 5, "promotional", "2026-11-24")).toMatchObject({ ok: false, error: { key: "wallet.past", field: "lastDay" } })
  })
})

describe("adjustments", () => {
  test("paid and promotional credit is corrected up and down, by whom and why stands in the books", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 10)
    expect([await adjust(id, 5), await adjust(id, -3), await adjust(id, 4, "promotional"), await adjust(id, -1, "promotional")]).toEqual([ok, ok, ok, ok])
    expect(await balance(id)).toMatchObject({ paidNanoUsd: usd(12), promotionalNanoUsd: usd(3), creditedNanoUsd: usd(15) })
    const page = await wallet.postings(operator, id, { after: null, usage: false })
    expect(page).toMatchObject({ value: { rows: expect.arrayContaining([expect.objectContaining({ kind: "adjustment", reason: "invoice 17", authorEmail: "ann@example.com", paidNanoUsd: -usd(3) })]) } })
    await expectCleanBooks()
  })

  test("what is used or held cannot be taken, and the refusal says how much can", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 10)
    const { giveBack } = await use(id, [4], 5)
    expect(await adjust(id, -3)).toMatchObject({ ok: false, error: { kind: "conflict", key: "wallet.beyondWallet", field: "amount" } })
    await giveBack()
    expect(await adjust(id, -7)).toMatchObject({ ok: false, error: { params: { left: "6.00" } } })
    expect(await adjust(id, -6)).toEqual(ok)
    expect(await balance(id)).toMatchObject({ balanceNanoUsd: 0n })
    await expectCleanBooks()
  })

  test("a paid balance falls below zero only where that is meant, and then nothing more can be spent", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 10)
    await use(id, [8])
    expect(await adjust(id, -10, "promotional", true)).toMatchObject({ ok: false })
    expect(await adjust(id, -10, "paid", true)).toEqual(ok)
    expect(await balance(id)).toMatchObject({ balanceNanoUsd: -usd(8), paidNanoUsd: -usd(8) })
    await expect(use(id, [1])).rejects.toThrow("refused")
    await give(id, 9)
    await use(id, [1])
    expect(await balance(id)).toMatchObject({ balanceNanoUsd: 0n })
    await expectCleanBooks()
  })

  test("promotional credit is taken from the lots that would have been used first", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 5, "promotional")
    await give(id, 5, "promotional", "2026-12-01")
    await adjust(id, -7, "promotional")
    expect((await balance(id))?.lots).toMatchObject([{ expiresAt: null, remainingNanoUsd: usd(3) }])
    await expectCleanBooks()
  })

  test("one that is sent twice is posted once, and with another amount it is refused", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 10)
    const input = { ...movement(id), amount: usd(3), direction: "down", kind: "paid", overdraw: false } as const
    expect(await Promise.all([wallet.adjust(operator, input), wallet.adjust(operator, input)])).toEqual([ok, ok])
    expect(await wallet.adjust(operator, { ...input, amount: usd(2) })).toMatchObject({ ok: false, error: { key: "wallet.keyReused" } })
    expect(await balance(id)).toMatchObject({ paidNanoUsd: usd(7) })
  })
})

describe("refunds", () => {
  test("a call is refunded up to what it was charged, in parts, and never more", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 20)
    const { calls } = await use(id, [4, 6])
    const call = calls[0] as string
    expect(await refund(id, call, 1)).toEqual(ok)
    expect(await refund(id, call, 3.01)).toMatchObject({ ok: false, error: { key: "wallet.beyondCall", params: { left: "3.00" } } })
    expect(await refund(id, call)).toEqual(ok)
    expect(await refund(id, call)).toMatchObject({ ok: false, error: { params: { left: "0.00" } } })
    expect(await balance(id)).toMatchObject({ paidNanoUsd: usd(14), balanceNanoUsd: usd(14), usedNanoUsd: usd(10) })
    await expectCleanBooks()
  })

  test("two refunds of the whole call at once give it back once, and so does one that is sent twice", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 20)
    const { calls } = await use(id, [4, 6])
    const both = await Promise.all([refund(id, calls[0] as string), refund(id, calls[0] as string)])
    expect(both.filter((one) => one.ok)).toHaveLength(1)
    expect(await Promise.all([refund(id, calls[1] as string, 6, "form-twice"), refund(id, calls[1] as string, 6, "form-twice")])).toEqual([ok, ok])
    expect(await balance(id)).toMatchObject({ paidNanoUsd: usd(20) })
    await expectCleanBooks()
  })

  test("money goes back to what paid for it: gifts do not become money", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 5, "promotional", "2026-12-01")
    await give(id, 20)
    const { calls } = await use(id, [4, 3])
    for (const call of calls) await refund(id, call)
    expect(await balance(id)).toMatchObject({ paidNanoUsd: usd(20), promotionalNanoUsd: usd(5) })
    await expectCleanBooks()
  })

  test("budgets go on counting a call that was refunded, in the window in which it was made", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 20)
    const budget = await makeQuota(database, { organizationId: id, window: "month", limit: usd(10) })
    const { calls } = await use(id, [4], 0, [budget])
    await refund(id, calls[0] as string)
    expect(await balance(id)).toMatchObject({ balanceNanoUsd: usd(20) })
    expect(await windowOf(database, budget)).toEqual({ used: usd(4), leased: 0n })
    await expectCleanBooks()
  })

  test("what an organization without a wallet was charged is refunded to its account", async () => {
    const { id } = await makeOrganization(database)
    const open = openLine({ organizationId: id, requestId: newId("request"), admittedAtMs: now.ms })
    await createBooking(database, newId)(newId("process"), [entryOf(open, { chargedNanoUsd: usd(3) })])
    expect(await refund(id, open.requestId, 2)).toEqual(ok)
    const page = await wallet.postings(operator, id, { after: null, usage: true })
    const rows = page.ok ? page.value.rows.map(({ kind, requestId, unbilledNanoUsd }) => ({ kind, requestId, unbilledNanoUsd })) : []
    expect(rows).toEqual(expect.arrayContaining([{ kind: "refund", requestId: open.requestId, unbilledNanoUsd: usd(2) }, { kind: "usage", requestId: null, unbilledNanoUsd: -usd(3) }]))
    expect(await balance(id)).toBeNull()
    await expectCleanBooks()
  })

  test("no other organization's call is refunded, and no test call", async () => {
    const [{ id }, { id: other }] = [await makeOrganization(database), await makeOrganization(database)]
    await give(id, 20)
    await give(other, 20)
    const { calls } = await use(other, [4])
    expect(await refund(id, calls[0] as string)).toMatchObject({ ok: false, error: { kind: "notFound", field: "requestId" } })
    expect(await refund(id, "req_nothing")).toMatchObject({ ok: false, error: { kind: "notFound", field: "requestId" } })
    const pretend = openLine({ organizationId: id, requestId: newId("request"), admittedAtMs: now.ms, test: true })
    await createBooking(database, newId)(newId("process"), [entryOf(pretend, { chargedNanoUsd: usd(1) })])
    expect(await refund(id, pretend.requestId)).toMatchObject({ ok: false, error: { kind: "notFound" } })
  })

  test("flagged calls that cost something are offered with what of them was refunded, and no others", async () => {
    const { id } = await makeOrganization(database)
    const call = (status: "complete" | "estimated" | "interrupted", dollars: number, test = false) => entryOf(openLine({ organizationId: id, requestId: newId("request"), admittedAtMs: now.ms, test }), { status, chargedNanoUsd: usd(dollars) })
    const [killed, guessed] = [call("interrupted", 3), call("estimated", 1)]
    await createBooking(database, newId)(newId("process"), [call("complete", 2), killed, guessed, call("interrupted", 0), call("estimated", 1, true)])
    await refund(id, killed.open.requestId, 2)
    const flagged = await wallet.flaggedCalls(operator, id, null)
    const rows = flagged.ok ? flagged.value.calls.map(({ id: call, status, chargedNanoUsd, refundedNanoUsd }) => ({ call, status, chargedNanoUsd, refundedNanoUsd })) : []
    expect(new Set(rows)).toEqual(
      new Set([
        { call: killed.open.requestId, status: "interrupted", chargedNanoUsd: usd(3), refundedNanoUsd: usd(2) },
        { call: guessed.open.requestId, status: "estimated", chargedNanoUsd: usd(1), refundedNanoUsd: 0n },
      ]),
    )
    expect(await wallet.flaggedCalls(ownerOf(id), id, null)).toMatchObject({ ok: false, error: { kind: "notFound" } })
  })

  test("paid credit that was paid back leaves the wallet, but no more than is there", async () => {
    const { id } = await makeOrganization(database)
    await give(id, 20)
    await give(id, 5, "promotional")
    await use(id, [8])
    expect(await wallet.returnPaid(operator, { ...movement(id), amount: usd(18) })).toMatchObject({ ok: false, error: { params: { left: "17.00" } } })
    expect(await wallet.returnPaid(operator, { ...movement(id), amount: usd(17) })).toEqual(ok)
    expect(await balance(id)).toMatchObject({ balanceNanoUsd: 0n, paidNanoUsd: 0n })
    await expectCleanBooks()
  })
})

test("nobody of a tenant moves money or reads who did", async () => {
  const { id } = await makeOrganization(database)
  await give(id, 20)
  const { calls } = await use(id, [4])
  const owner = ownerOf(id)
  const notFound = { ok: false, error: { kind: "notFound" } }
  expect(await wallet.adjust(owner, { ...movement(id), amount: usd(1), direction: "up", kind: "paid", overdraw: false })).toMatchObject(notFound)
  expect(await wallet.refundCall(owner, { ...movement(id), requestId: calls[0] as string, amount: undefined })).toMatchObject(notFound)
  expect(await wallet.returnPaid(owner, { ...movement(id), amount: usd(1) })).toMatchObject(notFound)
  expect(await wallet.postings(owner, id, { after: null, usage: false })).toMatchObject(notFound)
  expect(await balance(id)).toMatchObject({ balanceNanoUsd: usd(16) })
})

test("postings are read page by page, newest first, each once", async () => {
  const { id } = await makeOrganization(database)
  for (let i = 0; i < POSTINGS_PER_PAGE + 3; i++) {
    now.ms += i % 3 === 0 ? 1 : 0
    await give(id, 1 + i)
  }
  await use(id, [1])
  const first = await wallet.postings(operator, id, { after: null, usage: false })
  const second = await wallet.postings(operator, id, { after: first.ok ? first.value.next : null, usage: false })
  const rows = [first, second].flatMap((page) => (page.ok ? page.value.rows : []))
  expect([first, second].map((page) => page.ok && page.value.rows.length)).toEqual([POSTINGS_PER_PAGE, 3])
  expect(second).toMatchObject({ value: { next: null } })
  expect(new Set(rows.map((row) => row.id)).size).toBe(POSTINGS_PER_PAGE + 3)
  expect(rows.map((row) => row.at.getTime())).toEqual(rows.map((row) => row.at.getTime()).toSorted((a, b) => b - a))
})

test("a statement has allowances and what expired, and closes on what is left", async () => {
  const { id } = await makeOrganization(database)
  const expireAt = (day: number) => {
    now.ms = Date.UTC(2026, 10, day)
    return createLotsService({ repository: createLotsRepository(database), clock, newId }).runRound()
  }
  now.ms = Date.UTC(2026, 10, 10)
  await give(id, 5, "promotional", "2026-11-12")
  now.ms = Date.UTC(2026, 10, 11)
  const stamp = { kind: "credit", idempotencyKey: `period:${id}`, reason: "Team, November", authorId: null, managedBy: null, createdAt: new Date(now.ms) } as const
  await database.system((transaction) => grantLot(transaction, id, { kind: "planAllowance", amountNanoUsd: usd(20), expiresAt: new Date(Date.UTC(2026, 11, 1)), source: "period_1", stamp }, newId))
  await expireAt(13)
  await expireAt(30)
  const statement = await wallet.statement(operator, id, "2026-11")
  expect(statement.ok && statement.value.lines.map(({ kind, reason, amountNanoUsd }) => [kind, reason, amountNanoUsd])).toEqual([
    ["credit", "invoice 17", usd(5)],
    ["credit", "Team, November", usd(20)],
    ["expiry", "invoice 17", -usd(5)],
  ])
  expect(statement).toMatchObject({ value: { closingNanoUsd: (await balance(id))?.balanceNanoUsd } })
  const csv = await wallet.statementCsv(operator, id, "2026-11")
  expect(csv.ok && (await joined(csv.value))).toContain("expiry,invoice 17,-5.00,20.00")
  await expireAt(31)
  expect(await wallet.statement(operator, id, "2026-12")).toMatchObject({ value: { openingNanoUsd: usd(20), closingNanoUsd: 0n, lines: [{ kind: "expiry", amountNanoUsd: -usd(20) }] } })
})

test("flagged calls are found behind however many others, page by page, newest first, each once", async () => {
  const { id } = await makeOrganization(database)
  const flagged = Array.from({ length: 23 }, (_, i) => entryOf(openLine({ organizationId: id, requestId: newId("request"), admittedAtMs: now.ms - 60_000 - Math.floor(i / 4) }), { status: "interrupted", chargedNanoUsd: usd(1) }))
  await createBooking(database, newId)(newId("process"), flagged)
  await database.sql(null, (client) => client.query(NEWER_CALLS, [flagged[0]?.open.requestId, new Date(now.ms), 6_000]))
  const pages: FlaggedCallPage[] = []
  for (let after: string | null = null; pages.length === 0 || after !== null; after = pages.at(-1)?.next ?? null) {
    const page = await wallet.flaggedCalls(operator, id, after)
    if (page.ok) pages.push(page.value)
  }
  expect(pages.map(({ calls }) => calls.length)).toEqual([10, 10, 3])
  const calls = pages.flatMap((page) => page.calls)
  expect(new Set(calls.map((call) => call.id))).toEqual(new Set(flagged.map(({ open }) => open.requestId)))
  expect(calls.map((call) => call.at.getTime())).toEqual(calls.map((call) => call.at.getTime()).toSorted((a, b) => b - a))
})

/** The record of a call, so many times more, all of them newer and complete. */
const NEWER_CALLS = `
INSERT INTO usage_record (id, admitted_at, organization_id, key_id, model, upstream_model, channel_id, provider_id, dialect, endpoint, streamed, status, usage, cost_price_id, sell_price_id,
  cost_nano_usd, charged_nano_usd, hold_nano_usd, duration_ms, process_id)
SELECT r.id || i, $2, organization_id, key_id, model, upstream_model, channel_id, provider_id, dialect, endpoint, streamed, 'complete', usage, cost_price_id, sell_price_id, 0, 1, 1, 1, process_id
FROM usage_record r, generate_series(1, $3::int) AS i WHERE r.id = $1`
