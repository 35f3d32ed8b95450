import { getRandomValues } from "node:crypto"
import pg from "pg"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createBooking } from "#lib/adapters/booking.ts"
import type { Member, Person, Program, Role } from "#lib/kernel/actor.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { joined } from "#test/joined.ts"
import { entryOf, makeOrganization, openLine } from "#test/money.ts"
import { createFileGrants, createWalletRepository, createWalletService, STATEMENT_LINES_PER_PAGE, type StatementPage } from "./index.ts"

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
  const lines = await csvOf(id, "2026-12")
  expect([lines[0], lines[1], lines.at(-1)]).toEqual(["time,kind,reason,amount_usd,balance_usd", "2026-12,opening,,,25.00", "2026-12,closing,,,32.00"])
  expect(lines.at(-2)).toMatch(/,32\.00$/)
})

async function csvOf(organizationId: string, month: string): Promise<readonly string[]> {
  const csv = await wallet.statementCsv(operator, organizationId, month)
  return csv.ok ? (await joined(csv.value)).trimEnd().split("\r\n") : []
}

/** What `work` sends to PostgreSQL, as its text and parameters. */
async function statementsOf(work: () => Promise<unknown>): Promise<readonly { readonly text: string; readonly values: readonly unknown[] }[]> {
  const query = vi.spyOn(pg.Client.prototype, "query")
  try {
    await work()
    return (query.mock.calls as readonly unknown[][]).map(([statement, values]) => (typeof statement === "string" ? { text: statement, values: (values as unknown[] | undefined) ?? [] } : (statement as { text: string; values: unknown[] })))
  } finally {
    query.mockRestore()
  }
}

/** All pages of a month, as somebody reads them who follows each page's `next`. */
async function pagesOf(organizationId: string, month: string): Promise<readonly StatementPage[]> {
  const pages: StatementPage[] = []
  for (let after: string | null = null; ; after = pages.at(-1)?.next ?? null) {
    const page = await wallet.statement(operator, organizationId, month, after)
    if (!page.ok) throw new Error("no statement")
    pages.push(page.value)
    if (page.value.next === null) return pages
  }
}

test.each(["UTC", "Asia/Kathmandu", "America/New_York"])("a statement of many pages opens and closes on the ledger's figures, and each page begins where the one before it ended (%s)", async (timeZone) => {
  const { id } = await makeOrganization(database)
  await database.system((transaction) => transaction.organization.update({ where: { id }, data: { timeZone } }))
  await wallet.credit(operator, credit(id, 1_000, `form-${id}`))
  // Three at one moment, on two sides of a quarter of an hour, of a day and of the month, and between calls.
  const moments = [Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 1, 5), Date.UTC(2026, 9, 9, 18, 14, 59, 999), Date.UTC(2026, 9, 9, 18, 15), Date.UTC(2026, 9, 20, 3, 45), Date.UTC(2026, 9, 31, 23), Date.UTC(2026, 10, 2)]
  const movements = Array.from({ length: 3 * STATEMENT_LINES_PER_PAGE }, (_, i) => ({ kind: "credit", at: moments[Math.floor(i / 3) % moments.length] as number, amount: usd(1 + (i % 4)) }))
  const calls = [...moments, ...moments].map((at, i) => ({ kind: "usage", at: at + 60_000, amount: -usd(0.25 * (1 + i)) }))
  const posted = [{ kind: "credit", at: Date.UTC(2026, 8, 15), amount: usd(100) }, ...movements, ...calls]
  await database.sql(null, (client) => client.query(POST, [id, posted.map(({ kind }) => kind), posted.map(({ at }) => new Date(at)), posted.map(({ amount }) => amount)]))
  now.ms = Date.UTC(2026, 11, 1)
  const pages = await pagesOf(id, "2026-10")
  const lines = pages.flatMap((page) => page.lines)
  expect(pages.length).toBeGreaterThan(2)
  expect(new Set(lines.map((line) => line.id + line.at.getTime())).size).toBe(lines.length)
  expect(lines.map((line) => line.at.getTime())).toEqual(lines.map((line) => line.at.getTime()).toSorted((a, b) => a - b))
  for (const [i, page] of pages.entries()) {
    expect(page).toMatchObject({ openingNanoUsd: pages[0]?.beforeNanoUsd, closingNanoUsd: lines.at(-1)?.balanceNanoUsd })
    if (i > 0) expect(page.beforeNanoUsd).toBe(pages[i - 1]?.lines.at(-1)?.balanceNanoUsd)
  }
  // By the ledger itself, entry by entry.
  const { rows } = await database.sql(null, (client) => client.query<{ opening: string; closing: string }>(BY_ENTRIES, [id, timeZone]))
  expect({ opening: pages[0]?.openingNanoUsd.toString(), closing: pages[0]?.closingNanoUsd.toString() }).toEqual(rows[0])
  expect((await pagesOf(id, "2026-09"))[0]?.closingNanoUsd).toBe(pages[0]?.openingNanoUsd)
  expect((await pagesOf(id, "2026-11"))[0]?.openingNanoUsd).toBe(pages[0]?.closingNanoUsd)
  expect(await csvOf(id, "2026-10")).toHaveLength(lines.length + 3)
  expect((await csvOf(id, "2026-10")).at(-2)?.split(",").at(-1)).toBe((await csvOf(id, "2026-10")).at(-1)?.split(",").at(-1))
})

test("a later page of movements, of a statement and of flagged calls is read along the index that leaves the many others out", async () => {
  const { id } = await makeOrganization(database)
  const at = Date.UTC(2026, 10, 20)
  const statements = await statementsOf(async () => {
    await wallet.postings(operator, id, { after: `${at.toString(36)}.post_x`, usage: false })
    await wallet.statement(operator, id, "2026-11", `${at.toString(36)}.post_x`)
    await wallet.flaggedCalls(operator, id, `${at.toString(36)}.req_x`)
  })
  const paged = statements.filter(({ text }) => /LIMIT/.test(text) && /ledger_posting p|usage_record call/.test(text))
  expect(paged).toHaveLength(3)
  for (const { text, values } of paged) {
    expect(text).not.toMatch(/\boffset\b/i)
    const plan = await database.sql(text.includes("wallet_flow") ? id : null, async (client) => {
      for (const scan of ["seqscan", "bitmapscan"]) await client.query(`SET LOCAL enable_${scan} = off`)
      const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${text}`, [...values])
      return rows.map((row) => row["QUERY PLAN"]).join("\n")
    })
    const index = text.includes("usage_record call") ? /using \S*(?:flagged_idx|organization_id_admitted_at_id_idx\d+)/ : /using ledger_posting_movements_idx/
    expect(plan).toMatch(index)
    expect(plan).toMatch(/Index Cond: .*(?:created_at|admitted_at) [<>]=/)
  }
})

/** Postings of paid credit, each at its moment: what the service posts has the present one. */
const POST = `
WITH given AS (
  SELECT 'post_' || substr($1, 5) || number AS id, kind::posting_kind, at, amount FROM unnest($2::text[], $3::timestamptz[], $4::bigint[]) WITH ORDINALITY AS g(kind, at, amount, number)
), posted AS (
  INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key, created_at) SELECT id, $1, kind, id, at FROM given RETURNING id
)
INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd)
SELECT 'ent_' || id || side, id, account, organization, side * amount FROM given JOIN posted USING (id)
CROSS JOIN (VALUES (1, 'acct_walletPaid' || substr($1, 5), $1), (-1, 'acct_houseClearing', NULL)) AS line(side, account, organization)`

const BY_ENTRIES = `
SELECT sum(e.amount_nano_usd) FILTER (WHERE p.created_at < timestamp '2026-10-01' AT TIME ZONE $2)::text AS opening,
       sum(e.amount_nano_usd) FILTER (WHERE p.created_at < timestamp '2026-11-01' AT TIME ZONE $2)::text AS closing
FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id JOIN ledger_account a ON a.id = e.account_id
WHERE e.organization_id = $1 AND a.kind IN ('walletPaid', 'walletPromotional', 'planAllowance')`
