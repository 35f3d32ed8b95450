import { getRandomValues } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import type { Member, Person, Program, Role } from "#lib/kernel/actor.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { joined } from "#test/joined.ts"
import { entryOf, makeOrganization, openLine } from "#test/money.ts"
import { createFileGrants, createWalletRepository, createWalletService, statementCsv } from "./index.ts"

const now = { ms: Date.UTC(2026, 10, 25, 12) }
const newId = createNewId(() => now.ms, (bytes) => void getRandomValues(bytes))
const clock = { now: () => now.ms, monotonic: () => 0 }

let database: TestDatabase
let wallet: ReturnType<typeof createWalletService>
let grants: ReturnType<typeof createFileGrants>
beforeAll(async () => {
  database = await createTestDatabase()
  const repository = createWalletRepository(database)
  wallet = createWalletService({ repository, clock, newId })
  grants = createFileGrants({ repository, clock, newId })
})
afterAll(() => database.drop())

const person = { userId: "user_a", email: "a@example.com", name: null, sessionId: "ses_a" } as const
const operator: Person = { ...person, kind: "person", isOperator: true }
const program: Program = { kind: "program", file: "turnpike.yaml" }
const memberOf = (organizationId: Id<"organization">, role: Role): Member => ({
  ...person,
  kind: "member",
  isOperator: false,
  organizationId,
  organizationSlug: "a",
  organizationName: "A",
  timeZone: "UTC",
  membershipId: "mem_a",
  role,
})
const usd = (dollars: number) => nanoUsd(BigInt(Math.round(dollars * 100)) * 10_000_000n)
const credit = (organizationId: string, dollars: number, idempotencyKey: string, kind: "paid" | "promotional" = "paid") => ({ organizationId, amount: usd(dollars), kind, reason: "invoice 17", idempotencyKey })

/** Uses `dollars` of the wallet, as the flusher books it. Returns the call's id. */
async function use(organizationId: Id<"organization">, dollars: number): Promise<Id<"request">> {
  const quota = await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scope: "wallet", scopeId: organizationId } }))
  const used = usd(dollars)
  await database.system(async (transaction) => {
    await transaction.quotaWindow.upsert({ where: { quotaId_windowStart: { quotaId: quota.id, windowStart: new Date(0) } }, create: { quotaId: quota.id, windowStart: new Date(0), organizationId, leased: used }, update: { leased: { increment: used } } })
    await transaction.lease.create({ data: { id: newId("lease"), processId: newId("process"), quotaId: quota.id, windowStart: new Date(0), amount: used, deadline: new Date() } })
  })
  const { processId } = await database.system((transaction) => transaction.lease.findFirstOrThrow({ where: { quotaId: quota.id, amount: used } }))
  const call = openLine({ organizationId, admittedAtMs: now.ms })
  await createBooking(database, newId)(processId as Id<"process">, [entryOf(call, { chargedNanoUsd: used, parts: [{ quotaId: quota.id as Id<"quota">, windowStart: 0, used }] })])
  return call.requestId
}

test("a credit raises the balance and the wallet's limit at once, and the books stay whole", async () => {
  const { id } = await makeOrganization(database)
  expect(await wallet.balance(operator, id)).toEqual({ ok: true, value: null })
  expect(await wallet.credit(operator, credit(id, 25, "form-0001"))).toEqual({ ok: true, value: null })
  await use(id, 4)
  expect(await wallet.balance(memberOf(id, "billing"), id)).toMatchObject({ ok: true, value: { creditedNanoUsd: usd(25), usedNanoUsd: usd(4), balanceNanoUsd: usd(21), paidNanoUsd: usd(21), promotionalNanoUsd: 0n } })
  expect((await auditBooks(database)).differences).toEqual([])
})

test("a credit that is sent twice is given once, and with another amount it is refused", async () => {
  const { id } = await makeOrganization(database)
  const twice = await Promise.all([wallet.credit(operator, credit(id, 10, "form-0002")), wallet.credit(operator, credit(id, 10, "form-0002"))])
  expect(twice).toEqual([{ ok: true, value: null }, { ok: true, value: null }])
  expect(await wallet.credit(operator, credit(id, 11, "form-0002"))).toMatchObject({ ok: false, error: { key: "wallet.keyReused" } })
  expect(await wallet.balance(operator, id)).toMatchObject({ value: { balanceNanoUsd: usd(10) } })
})

test("promotional credit is used before paid credit", async () => {
  const { id } = await makeOrganization(database)
  await wallet.credit(operator, credit(id, 5, "form-0003", "promotional"))
  await wallet.credit(operator, credit(id, 20, "form-0004"))
  await use(id, 3)
  expect(await wallet.balance(operator, id)).toMatchObject({ value: { promotionalNanoUsd: usd(2), paidNanoUsd: usd(20) } })
  await use(id, 6)
  expect(await wallet.balance(operator, id)).toMatchObject({ value: { promotionalNanoUsd: 0n, paidNanoUsd: usd(16), balanceNanoUsd: usd(16) } })
  expect((await auditBooks(database)).differences).toEqual([])
})

test("nobody of a tenant gives credit, and nobody of another organization sees a wallet", async () => {
  const [{ id }, { id: other }] = [await makeOrganization(database), await makeOrganization(database)]
  await wallet.credit(operator, credit(id, 1, "form-0005"))
  expect(await wallet.credit(memberOf(id, "owner"), credit(id, 1, "form-0006"))).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await wallet.balance(memberOf(other, "owner"), id)).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await wallet.statement(memberOf(id, "member"), id, "2026-11")).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await wallet.credit(operator, credit("org_nobody", 1, "form-0007"))).toMatchObject({ ok: false, error: { kind: "notFound" } })
})

test("a file brings the sum of its own grants to an amount, whatever else was given or spent", async () => {
  const { id } = await makeOrganization(database)
  const bring = async (dollars: number) => {
    const difference = usd(dollars) - (await grants.granted(id, "turnpike.yaml"))
    if (difference !== 0n) await grants.grant(id, "turnpike.yaml", nanoUsd(difference))
  }
  await bring(25)
  await wallet.credit(program, credit(id, 5, "form-0008"))
  await use(id, 12)
  await bring(25)
  expect(await wallet.balance(operator, id)).toMatchObject({ value: { creditedNanoUsd: usd(30), balanceNanoUsd: usd(18) } })
  await bring(10)
  expect(await grants.granted(id, "turnpike.yaml")).toBe(usd(10))
  expect(await wallet.balance(operator, id)).toMatchObject({ value: { creditedNanoUsd: usd(15), balanceNanoUsd: usd(3) } })
  expect((await auditBooks(database)).differences).toEqual([])
})

test("a statement closes on what the next one opens with", async () => {
  const { id } = await makeOrganization(database)
  await wallet.credit(operator, credit(id, 25, "form-0009"))
  now.ms = Date.UTC(2026, 11, 1, 0)
  await wallet.credit(operator, credit(id, 7, "form-0010"))
  now.ms = Date.UTC(2026, 10, 25, 12)
  expect(await wallet.statement(operator, id, "2026-11")).toMatchObject({ value: { openingNanoUsd: 0n, closingNanoUsd: usd(25), lines: [{ kind: "credit", reason: "invoice 17", amountNanoUsd: usd(25) }] } })
  expect(await wallet.statement(operator, id, "2026-12")).toMatchObject({ value: { openingNanoUsd: usd(25), closingNanoUsd: usd(32) } })
  expect(await wallet.statement(operator, id, "2026-13")).toMatchObject({ ok: false })
  const december = await wallet.statement(operator, id, "2026-12")
  const lines = december.ok ? (await joined(statementCsv(december.value))).trimEnd().split("\r\n") : []
  expect([lines[0], lines[1], lines.at(-1)]).toEqual(["time,kind,reason,amount_usd,balance_usd", "2026-12,opening,,,25.00", "2026-12,closing,,,32.00"])
  expect(lines.at(-2)).toMatch(/,32\.00$/)
})
