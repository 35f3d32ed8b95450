import type pg from "pg"
import type { Usage } from "#lib/kernel/usage.ts"
import { charge } from "#lib/ledger/charge.ts"
import { decodeRates, type Rates } from "#lib/ledger/rates.ts"
import { checks, ORGANIZATIONS, PRICED_RECORDS, PRICES, TOTALS } from "./audit-sql.ts"
import type { Database } from "./database.ts"

/** Something that does not add up: what, where, what the books say and what it comes to (nano-USD or the quota's unit). */
export type Difference = { readonly finding: string; readonly subject: string; readonly recorded: bigint; readonly recomputed: bigint }

export type AuditReport = {
  readonly differences: readonly Difference[]
  readonly usageRecords: number
  readonly chargedNanoUsd: bigint
  readonly absorbedNanoUsd: bigint
  readonly organizations: readonly { readonly name: string; readonly credited: bigint; readonly used: bigint; readonly held: bigint; readonly balance: bigint }[]
}

const PAGE_MAX = 10_000
const STATEMENT_MS_MAX = 300_000

/**
 * Recomputes every balance from its entries, every posting and every quota from the usage records, and every charge from usage ×
 * price. Reads one snapshot of the database, so that it can run while the gateway works.
 */
export function auditBooks(database: Database): Promise<AuditReport> {
  const add = async (client: pg.PoolClient): Promise<AuditReport> => {
    await client.query(`SET LOCAL statement_timeout = ${STATEMENT_MS_MAX}`)
    const differences: Difference[] = []
    for (const { finding, sql } of checks) {
      const { rows } = await client.query<{ subject: string; recorded: string; recomputed: string }>(sql)
      differences.push(...rows.map((row) => ({ finding, subject: row.subject, recorded: BigInt(row.recorded), recomputed: BigInt(row.recomputed) })))
    }
    differences.push(...(await recomputeCharges(client)))
    const totals = (await client.query<{ records: string; charged: string; absorbed: string }>(TOTALS)).rows[0]
    const organizations = (await client.query<{ name: string; credited: string; used: string; held: string; balance: string }>(ORGANIZATIONS)).rows
    return {
      differences,
      usageRecords: Number(totals?.records ?? 0),
      chargedNanoUsd: BigInt(totals?.charged ?? 0),
      absorbedNanoUsd: BigInt(totals?.absorbed ?? 0),
      organizations: organizations.map((row) => ({
        name: row.name,
        credited: BigInt(row.credited),
        used: BigInt(row.used),
        held: BigInt(row.held),
        balance: BigInt(row.balance),
      })),
    }
  }
  return database.sql(null, add, { snapshot: true })
}

type PricedRow = {
  readonly id: string
  readonly admitted_at_ms: string
  readonly usage: Usage
  readonly cost_price_id: string
  readonly sell_price_id: string
  readonly markup_ppm: number | null
  readonly cost_nano_usd: string
  readonly sold_nano_usd: string
}

async function recomputeCharges(client: pg.PoolClient): Promise<readonly Difference[]> {
  const { rows: priceRows } = await client.query<{ id: string; rates: unknown }>(PRICES)
  const prices = new Map(priceRows.map((row) => [row.id, decodeRates(row.rates)]))
  const differences: Difference[] = []
  // A cursor reads each record once; pages by a key would look for their beginning again each time.
  await client.query(`DECLARE priced_records NO SCROLL CURSOR FOR ${PRICED_RECORDS}`)
  for (;;) {
    const { rows } = await client.query<PricedRow>(`FETCH ${PAGE_MAX} FROM priced_records`)
    for (const row of rows) differences.push(...chargeDifferences(row, prices))
    if (rows.length < PAGE_MAX) return differences
  }
}

function chargeDifferences(row: PricedRow, prices: ReadonlyMap<string, Rates>): readonly Difference[] {
  const differences: Difference[] = []
  const compare = (what: string, priceId: string, recorded: bigint, markupPpm: number | null) => {
    const rates = prices.get(priceId)
    if (rates === undefined) {
      differences.push({ finding: `${what} names a price that is not in the books (${priceId})`, subject: row.id, recorded, recomputed: 0n })
      return
    }
    const recomputed = charge(row.usage, rates, { admittedAtMs: Number(row.admitted_at_ms), markupPpm }).nanoUsd
    if (recomputed !== recorded) differences.push({ finding: `${what} is not usage × price`, subject: row.id, recorded, recomputed })
  }
  compare("charged + absorbed", row.sell_price_id, BigInt(row.sold_nano_usd), row.markup_ppm)
  compare("cost", row.cost_price_id, BigInt(row.cost_nano_usd), null)
  return differences
}
