import type { Database } from "#lib/adapters/database.ts"
import { makePartitions, DAYS_AHEAD } from "#lib/adapters/partitions.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { makeOrganization, makeQuota } from "#test/money.ts"

const DAY_MS = 86_400_000
const MEMBERS = 25
/** Two for each member. */
const KEYS = 50
const PROJECTS = 5
const WALLET_NANO_USD = 10n ** 15n
/** As many records as a flush of a busy organization brings together. */
const RECORDS_PER_POSTING = 50
/** Credits besides, evenly over the days: more than a statement's page of each month. */
const CREDITS = 6_000
/** A call in so many was interrupted. */
const FLAGGED_EVERY = 20_000

/** A member who calls once in so many records: what their list of calls is looked up in is almost all others'. */
const QUIET_EVERY = 100_000
export const QUIET_MEMBER = "mem_quiet"
export const BUSY_MEMBER = "mem_1"

export type FillOptions = { readonly records: number; readonly firstDayMs: number; readonly days: number }

/**
 * Fills a database with the usage of one organization, evenly over the days, with the hourly sums and the postings that the flusher would
 * have made, many credits, and a budget for everybody and everything. Each key asks for two models of four within an hour. Returns the organization.
 */
export async function fillPortal(database: Database, { records, firstDayMs, days }: FillOptions): Promise<Id<"organization">> {
  for (let day = 0; day < days; day += DAYS_AHEAD) await makePartitions(database, firstDayMs + day * DAY_MS)
  const { id } = await makeOrganization(database, { walletNanoUsd: WALLET_NANO_USD })
  const members = [...Array.from({ length: MEMBERS }, (_, i) => `mem_${i}`), QUIET_MEMBER]
  const projects = Array.from({ length: PROJECTS }, (_, i) => `proj_${i}`)
  const keys = [...Array.from({ length: KEYS }, (_, i) => ({ id: `key_${i}`, membershipId: `mem_${i % MEMBERS}` })), { id: "key_quiet", membershipId: QUIET_MEMBER }]
  await database.system(async (transaction) => {
    await transaction.user.createMany({ data: members.map((member) => ({ id: `user_${member}`, email: `${member}@bench.example`, name: member })) })
    await transaction.membership.createMany({ data: members.map((member) => ({ id: member, organizationId: id, userId: `user_${member}`, role: "member" as const })) })
    await transaction.project.createMany({ data: projects.map((project) => ({ id: project, organizationId: id, name: project })) })
    await transaction.apiKey.createMany({ data: keys.map((key) => ({ ...key, organizationId: id, name: key.id, secretHash: key.id, prefix: "sk-tp-" })) })
  })
  const scopes = { organization: [id], project: projects, member: members, key: keys.map((key) => key.id) } as const
  for (const scope of ["organization", "project", "member", "key"] as const) {
    for (const scopeId of scopes[scope]) await makeQuota(database, { organizationId: id, scope, scopeId, window: "month", limit: WALLET_NANO_USD })
  }
  await database.sql(null, async (client) => {
    await client.query("SET LOCAL statement_timeout = 0")
    await client.query(RECORDS, [records, id, new Date(firstDayMs), days])
    for (const sql of [HOURS, ACCOUNTS]) await client.query(sql)
    await client.query(POSTINGS, [id, new Date(firstDayMs), days])
    for (const sql of [ENTRIES, "ANALYZE"]) await client.query(sql)
  })
  return id
}

const RECORDS = `
INSERT INTO usage_record (id, admitted_at, organization_id, project_id, membership_id, key_id, model, upstream_model, channel_id, provider_id, dialect, endpoint, streamed, status,
  input, cache_read, output, usage, cost_price_id, sell_price_id, cost_nano_usd, charged_nano_usd, hold_nano_usd, duration_ms, process_id)
SELECT 'req_' || lpad(i::text, 12, '0'), $3::timestamptz + i * ($4::int * interval '1 day' / $1::int), $2, 'proj_' || k % ${PROJECTS},
       CASE WHEN quiet THEN '${QUIET_MEMBER}' ELSE 'mem_' || k % ${MEMBERS} END, CASE WHEN quiet THEN 'key_quiet' ELSE 'key_' || k END,
       model, model, 'chan_' || k % 2, 'zhipu', 'cc', 'chat/completions', i % 2 = 0, (CASE WHEN i % ${FLAGGED_EVERY} = 7 THEN 'interrupted' ELSE 'complete' END)::usage_status, input, 200, output, jsonb_build_object('input', input, 'cacheRead', 200, 'output', output),
       'price_cost', 'price_sell', input * 600 + output * 2200, input * 720 + output * 2640, 5000000, 1000, 'proc_bench'
FROM (SELECT i, i % ${KEYS} AS k, i % ${QUIET_EVERY} = 0 AS quiet, 100 + i % 1000 AS input, 20 + i % 300 AS output FROM generate_series(0, $1::int - 1) AS i) AS numbered
CROSS JOIN LATERAL (SELECT (ARRAY['glm-4.6', 'glm-5', 'claude-sonnet-5', 'gpt-5.2'])[1 + (k + i / ${KEYS} % 2) % 4] AS model) AS asked`

const HOURS = `
INSERT INTO usage_hourly (organization_id, hour, model, membership_id, key_id, project_id, channel_id, test, requests, input, cache_read, output, charged_nano_usd, cost_nano_usd)
SELECT organization_id, date_trunc('hour', admitted_at, 'UTC'), model, membership_id, key_id, project_id, channel_id, test, count(*), sum(input), sum(cache_read), sum(output), sum(charged_nano_usd), sum(cost_nano_usd)
FROM usage_record GROUP BY 1, 2, model, membership_id, key_id, project_id, channel_id, test`

const ACCOUNTS = `
INSERT INTO ledger_account (id, organization_id, kind) VALUES ('acct_houseRevenue', NULL, 'revenue'), ('acct_houseClearing', NULL, 'clearing') ON CONFLICT DO NOTHING`

const POSTINGS = `
INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key, created_at)
SELECT 'post_usage' || substr(id, 5)::int / ${RECORDS_PER_POSTING}, $1, 'usage'::posting_kind, 'usage:' || substr(id, 5)::int / ${RECORDS_PER_POSTING}, max(admitted_at) FROM usage_record GROUP BY substr(id, 5)::int / ${RECORDS_PER_POSTING}
UNION ALL
SELECT 'post_credit' || i, $1, 'credit', 'credit:' || i, $2::timestamptz + i * ($3::int * interval '1 day' / ${CREDITS}) FROM generate_series(0, ${CREDITS} - 1) AS i`

const ENTRIES = `
INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd)
SELECT 'ent_' || p.id || side, p.id, account, organization, side * amount
FROM ledger_posting p JOIN (
  SELECT 'post_usage' || substr(id, 5)::int / ${RECORDS_PER_POSTING} AS id, -sum(charged_nano_usd)::bigint AS amount FROM usage_record GROUP BY 1
  UNION ALL SELECT 'post_credit' || i, 1000000000 FROM generate_series(0, ${CREDITS} - 1) AS i
) AS made ON made.id = p.id
CROSS JOIN LATERAL (VALUES (1, 'acct_walletPaid' || substr(p.organization_id, 5), p.organization_id), (-1, CASE p.kind WHEN 'usage' THEN 'acct_houseRevenue' ELSE 'acct_houseClearing' END, NULL)) AS line (side, account, organization)`
