import type pg from "pg"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import type { Account } from "#lib/ledger/accounts.ts"
import { type PostingLine, type UsageSums, usagePosting } from "#lib/ledger/postings.ts"
import { encodeRates } from "#lib/ledger/rates.ts"
import { ADD_HOURLY, BOOK_QUOTAS, INSERT_ENTRIES, INSERT_POSTINGS, INSERT_PRICES, INSERT_RECORDS, OPEN_ACCOUNTS, TOUCH_KEYS, WALLETS } from "./booking-sql.ts"
import { noPayment, payFromWallets } from "./booking-payments.ts"
import { recordLots } from "./booking-rows.ts"
import { hourlyRows, ledgerSums, quotaSums, type WalletQuotas } from "./booking-sums.ts"
import type { Database } from "./database.ts"
import type { UsageEntry } from "./spool.ts"
import { storableJson } from "./storable-json.ts"

export type Booked = {
  /** Requests that were not in the books before. */
  readonly added: number
  /** Quotas whose lease did not cover what was booked: a fault, or a lease that was given up. */
  readonly uncoveredQuotas: readonly Id<"quota">[]
}

/** Moves ended requests of one process into the books, all or nothing. Idempotent by request id. */
export type Book = (processId: Id<"process">, entries: readonly UsageEntry[]) => Promise<Booked>

/** Prices whose row is known to exist, per process: a few per model and change of price. */
const KNOWN_PRICES_MAX = 10_000

/**
 * One transaction per call: usage records, then for those that were new the quotas, the roll-ups, the ledger and the keys' last use.
 * Plain SQL with whole batches as parameters: measured, Prisma's query building would cost more than the statements.
 */
export function createBooking(database: Database, newId: NewId): Book {
  const knownPrices = new Set<string>()

  return async (processId, given) => {
    if (given.length === 0) return { added: 0, uncoveredQuotas: [] }
    const prices = newPrices(given, knownPrices)
    const booked = await database.sql(null, async (client) => {
      const entries = (await isForgotten(client, processId)) ? given.map(atTheHouse) : given
      if (prices.size > 0) await client.query(INSERT_PRICES, [[...prices.keys()], [...prices.values()]])
      const wallets = await readWallets(client, entries)
      const postings = new Map(ledgerSums(entries, wallets).map((sums) => [sums.organizationId, newId("posting")]))
      const added = await insertRecords(client, processId, entries, postings)
      if (added.length === 0) return { added: 0, uncoveredQuotas: [] }
      const uncoveredQuotas = await bookQuotas(client, processId, added)
      await client.query(ADD_HOURLY, [JSON.stringify(hourlyRows(added), exactly)])
      await post(client, ledgerSums(added, wallets), wallets, postings, newId)
      await touchKeys(client, added)
      return { added: added.length, uncoveredQuotas }
    })
    if (knownPrices.size > KNOWN_PRICES_MAX) knownPrices.clear()
    for (const id of prices.keys()) knownPrices.add(id)
    return booked
  }
}

/** Amounts as decimal strings: JSON's own numbers end at 2^53. */
const exactly = (_name: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value)

/** The row stays locked until the books are closed, so that a process is given up before them or after. */
async function isForgotten(client: pg.PoolClient, processId: Id<"process">): Promise<boolean> {
  const { rows } = await client.query<{ forgotten: boolean }>("SELECT forgotten_at IS NOT NULL AS forgotten FROM gateway_process WHERE id = $1 FOR SHARE", [processId])
  return rows[0]?.forgotten ?? false
}

/** What it had leased was given to others: its customers' limits do not cover this call any more, so the house takes it. */
function atTheHouse({ settle, ...entry }: UsageEntry): UsageEntry {
  return { ...entry, settle: { ...settle, chargedNanoUsd: 0n, absorbedNanoUsd: settle.chargedNanoUsd + settle.absorbedNanoUsd, parts: [] } }
}

function newPrices(entries: readonly UsageEntry[], known: ReadonlySet<string>): ReadonlyMap<string, string> {
  const prices = new Map<string, string>()
  for (const entry of entries) {
    for (const { id, rates } of entry.prices) if (!known.has(id) && !prices.has(id)) prices.set(id, encodeRates(rates))
  }
  return prices
}

async function readWallets(client: pg.PoolClient, entries: readonly UsageEntry[]): Promise<WalletQuotas> {
  const organizations = [...new Set(entries.map((entry) => entry.open.organizationId))]
  const { rows } = await client.query<{ id: Id<"quota">; organization_id: Id<"organization"> }>(WALLETS, [organizations])
  return new Map(rows.map((row) => [row.organization_id, row.id]))
}

async function insertRecords(
  client: pg.PoolClient,
  processId: Id<"process">,
  entries: readonly UsageEntry[],
  postings: ReadonlyMap<Id<"organization">, Id<"posting">>,
): Promise<readonly UsageEntry[]> {
  const { rows } = await client.query<{ id: string }>(INSERT_RECORDS, [storableJson(recordLots(entries, postings)), processId])
  const ids = new Set(rows.map((row) => row.id))
  return entries.filter((entry) => ids.delete(entry.open.requestId))
}

async function bookQuotas(client: pg.PoolClient, processId: Id<"process">, entries: readonly UsageEntry[]): Promise<readonly Id<"quota">[]> {
  const sums = quotaSums(entries)
  if (sums.length === 0) return []
  const { rows } = await client.query<{ quota_id: Id<"quota"> }>(BOOK_QUOTAS, [
    processId,
    sums.map((sum) => sum.quotaId),
    sums.map((sum) => new Date(sum.windowStart).toISOString()),
    sums.map((sum) => sum.used),
  ])
  return rows.map((row) => row.quota_id)
}

async function post(client: pg.PoolClient, sums: readonly UsageSums[], wallets: WalletQuotas, postings: ReadonlyMap<Id<"organization">, Id<"posting">>, newId: NewId): Promise<void> {
  if (sums.length === 0) return
  const payments = await payFromWallets(client, sums, wallets)
  const lines = sums.flatMap((one) => usagePosting(one, payments.get(one.organizationId) ?? noPayment).map((line) => ({ ...line, postingId: postings.get(one.organizationId) as Id<"posting"> })))
  await openAccounts(client, lines.map((line) => line.account))
  await client.query(INSERT_POSTINGS, [sums.map((one) => postings.get(one.organizationId)), sums.map((one) => one.organizationId)])
  await insertEntries(client, lines, newId)
}

async function openAccounts(client: pg.PoolClient, accounts: readonly Account[]): Promise<void> {
  const distinct = [...new Map(accounts.map((account) => [account.id, account])).values()]
  await client.query(OPEN_ACCOUNTS, [distinct.map((one) => one.id), distinct.map((one) => one.organizationId), distinct.map((one) => one.kind)])
}

async function insertEntries(client: pg.PoolClient, lines: readonly (PostingLine & { readonly postingId: Id<"posting"> })[], newId: NewId): Promise<void> {
  await client.query(INSERT_ENTRIES, [
    lines.map(() => newId("entry")),
    lines.map((line) => line.postingId),
    lines.map((line) => line.account.id),
    lines.map((line) => line.account.organizationId),
    lines.map((line) => line.amountNanoUsd),
    lines.map((line) => line.lotId ?? null),
  ])
}

async function touchKeys(client: pg.PoolClient, entries: readonly UsageEntry[]): Promise<void> {
  const lastUse = new Map<Id<"key">, number>()
  for (const { open } of entries) lastUse.set(open.keyId, Math.max(open.admittedAtMs, lastUse.get(open.keyId) ?? 0))
  await client.query(TOUCH_KEYS, [[...lastUse.keys()], [...lastUse.values()].map((at) => new Date(at).toISOString())])
}
