import type { Database } from "#lib/adapters/database.ts"
import { createLotsRepository, createLotsService, grantLot } from "#lib/features/lots/index.ts"
import { createWalletRepository, createWalletService } from "#lib/features/wallet/index.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { priceVersionId } from "#lib/ledger/price-version.ts"
import { encodeRates, ratesInput } from "#lib/ledger/rates.ts"
import { makeOrganization, makeQuota } from "#test/money.ts"

const newId = createNewId(Date.now, (bytes) => void crypto.getRandomValues(bytes))
const ORGANIZATIONS = 20
/** As many records as a flush of a busy organization brings together. */
const RECORDS_PER_POSTING = 100
const DAYS = 10
/** Per organization. */
const LOTS = 20
const REFUNDS = 20
/** More than all records can cost. */
const CREDIT_NANO_USD = 10n ** 15n

const cost = ratesInput.parse({ input: "0.60", output: "2.20" })
const price = ratesInput.parse({ input: "0.72", output: "2.64" })

export type FillOptions = { readonly records: number; readonly firstDayMs: number }

/**
 * Fills empty books with usage as the flusher would have written it: records over ten days, postings with their entries, the quotas of a
 * wallet and a budget each, the hourly sums; and with other movements of money. Everything follows from the number of a record, so that it can be added up in one's head.
 * Returns what was charged in all.
 */
export async function fillBooks(database: Database, { records, firstDayMs }: FillOptions): Promise<bigint> {
  const made: { readonly id: Id<"organization">; readonly wallet: string; readonly budget: string }[] = []
  for (let i = 0; i < ORGANIZATIONS; i++) {
    const { id, wallet } = await makeOrganization(database, { walletNanoUsd: CREDIT_NANO_USD })
    const budget = await makeQuota(database, { organizationId: id, limit: CREDIT_NANO_USD })
    made.push({ id, wallet: wallet?.id ?? "", budget: budget.id })
  }
  const charged = await database.sql(null, async (client) => {
    await client.query("SET LOCAL statement_timeout = 0")
    for (const rates of [cost, price]) await client.query("INSERT INTO price_version (id, rates) VALUES ($1, $2)", [priceVersionId(rates), encodeRates(rates)])
    await client.query(RECORDS, [records, made.map(({ id }) => id), made.map(({ wallet }) => wallet), made.map(({ budget }) => budget), new Date(firstDayMs), priceVersionId(cost), priceVersionId(price)])
    for (const sql of [ACCOUNTS, POSTINGS, ENTRIES, WINDOWS, HOURS, "ANALYZE"]) await client.query(sql)
    const { rows } = await client.query<{ charged: string }>("SELECT sum(charged_nano_usd) AS charged FROM usage_record")
    return BigInt(rows[0]?.charged ?? 0)
  })
  for (const [number, { id }] of made.entries()) await moveMoney(database, id, number)
  return charged
}

/** What else stands in books: credit of which some has expired, and calls that were refunded. The first calls of an organization are `number`, `number` + 20, … */
async function moveMoney(database: Database, organizationId: Id<"organization">, number: number): Promise<void> {
  const wallet = createWalletService({ repository: createWalletRepository(database), clock: systemClock, newId })
  const movement = (words: string) => ({ organizationId, reason: "the bench", idempotencyKey: `bench-${words}` })
  for (let i = 0; i < LOTS; i++) {
    const stamp = { kind: "credit", idempotencyKey: `lot:${organizationId}:${i}`, reason: "the bench", authorId: null, managedBy: null, createdAt: new Date() } as const
    const expiresAt = i % 2 === 0 ? new Date(0) : null
    await database.system((transaction) => grantLot(transaction, organizationId, { kind: "walletPromotional", amountNanoUsd: 1_000_000n, expiresAt, source: null, stamp }, newId))
  }
  for (let i = 0; i < REFUNDS; i++) {
    const requestId = `req_${String(number + i * ORGANIZATIONS).padStart(12, "0")}`
    const refunded = await wallet.refundCall({ kind: "program", file: null }, { ...movement(requestId), requestId, amount: undefined })
    if (!refunded.ok) throw new Error(`${requestId} could not be refunded: ${refunded.error.key}`)
  }
  await createLotsService({ repository: createLotsRepository(database), clock: systemClock, newId }).runRound()
}

const RECORDS = `
INSERT INTO usage_record (id, admitted_at, organization_id, key_id, model, upstream_model, channel_id, provider_id, dialect, endpoint, streamed, status, input, output,
  usage, cost_price_id, sell_price_id, cost_nano_usd, charged_nano_usd, hold_nano_usd, posting_id, quota_parts, duration_ms, process_id)
SELECT 'req_' || lpad(i::text, 12, '0'), $5::timestamptz + i * (interval '${DAYS} days' / $1::int), organization, 'key_' || i % 200, 'glm-4.6', 'glm-4.6', 'chan_1', 'zhipu', 'cc', 'chat/completions',
       i % 2 = 0, 'complete', input, output, jsonb_build_object('input', input, 'output', output), $6, $7, input * 600 + output * 2200, charged, charged * 2,
       'post_' || n || 'x' || i / (${ORGANIZATIONS} * ${RECORDS_PER_POSTING}),
       jsonb_build_array(jsonb_build_array(wallet, 0, charged::text), jsonb_build_array(budget, 0, charged::text)), 1000, 'proc_1'
FROM (SELECT i, i % ${ORGANIZATIONS} AS n, 100 + i % 1000 AS input, 20 + i % 300 AS output FROM generate_series(0, $1::int - 1) AS i) AS numbered
CROSS JOIN LATERAL (SELECT ($2::text[])[n + 1] AS organization, ($3::text[])[n + 1] AS wallet, ($4::text[])[n + 1] AS budget, (input * 720 + output * 2640)::bigint AS charged) AS made`

const ACCOUNTS = `
INSERT INTO ledger_account (id, organization_id, kind)
SELECT 'acct_house' || upper(left(kind, 1)) || substr(kind, 2), NULL, kind::ledger_account_kind FROM unnest(ARRAY['revenue', 'providerCost', 'accruedProviderCost']) AS kind
ON CONFLICT DO NOTHING`

const POSTINGS = `
INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key)
SELECT DISTINCT posting_id, organization_id, 'usage'::posting_kind, 'usage:' || posting_id FROM usage_record`

const ENTRIES = `
INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd)
SELECT 'entr_' || row_number() OVER (), posting_id, account, CASE WHEN account LIKE 'acct_house%' THEN NULL ELSE organization_id END, amount
FROM (SELECT posting_id, organization_id, sum(charged_nano_usd) AS charged, sum(cost_nano_usd) AS cost FROM usage_record GROUP BY 1, 2) AS sums
CROSS JOIN LATERAL (VALUES ('acct_walletPaid' || substr(organization_id, 5), -charged), ('acct_houseRevenue', charged), ('acct_houseProviderCost', -cost), ('acct_houseAccruedProviderCost', cost)) AS line (account, amount)`

const WINDOWS = `
INSERT INTO quota_window (quota_id, window_start, organization_id, used)
SELECT q.id, to_timestamp(0), q.organization_id, sums.charged
FROM quota q JOIN (SELECT organization_id, sum(charged_nano_usd) AS charged FROM usage_record GROUP BY 1) AS sums USING (organization_id)
ON CONFLICT (quota_id, window_start) DO UPDATE SET used = EXCLUDED.used`

const HOURS = `
INSERT INTO usage_hourly (organization_id, hour, model, membership_id, key_id, project_id, channel_id, test, requests, input, output, charged_nano_usd, cost_nano_usd)
SELECT organization_id, date_trunc('hour', admitted_at, 'UTC'), model, '', key_id, '', channel_id, test, count(*), sum(input), sum(output), sum(charged_nano_usd), sum(cost_nano_usd)
FROM usage_record GROUP BY 1, 2, model, key_id, channel_id, test`
