import type { AccountPort, Generation, KeyAccount } from "#lib/gateway/ports.ts"
import type { Principal } from "#lib/gateway/types.ts"
import { idTimeMs, isId } from "#lib/kernel/ids.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { windowAt } from "#lib/quota/windows.ts"
import type { Database } from "./database.ts"
import { storableText } from "./storable-json.ts"

type Options = { readonly database: Pick<Database, "sql">; readonly now: () => number }

/** Days whose records are searched for a response's id, which does not say when it was made. */
const RESPONSE_ID_DAYS_MAX = 30
const DAY_MS = 24 * 3600 * 1000
/** A request is admitted a moment after its id was made: the body has to arrive first. */
const ADMITTED_AFTER_MS_MAX = DAY_MS

/** Reads the books for OpenRouter's account endpoints, in the name of the key's organization alone. */
export function createAccount({ database, now }: Options): AccountPort {
  return {
    key: (principal) => database.sql(principal.organizationId, async (client) => {
      const budget = budgetOf(principal, now())
      const { rows } = await client.query<KeyRow>(READ_KEY, [principal.keyId, new Date(now()), budget?.quotaId ?? null, budget === null ? null : new Date(budget.windowStartMs)])
      const [row] = rows
      if (row === undefined) throw new Error(`key ${principal.keyId} is gone`)
      return keyAccount(row, principal, budget)
    }),
    credits: (principal) => database.sql(principal.organizationId, async (client) => {
      const { rows } = await client.query<{ balance: string; used: string }>(READ_CREDITS, [principal.organizationId])
      const used = BigInt(rows[0]?.used ?? 0)
      return { creditedNanoUsd: BigInt(rows[0]?.balance ?? 0) + used, usedNanoUsd: used }
    }),
    generation: (principal, id) => database.sql(principal.organizationId, async (client) => {
      const madeMs = isId("request", id) ? idTimeMs(id) : null
      const from = madeMs ?? now() - RESPONSE_ID_DAYS_MAX * DAY_MS
      const until = madeMs === null ? now() + DAY_MS : madeMs + ADMITTED_AFTER_MS_MAX
      const { rows } = await client.query<RecordRow>(madeMs === null ? READ_BY_RESPONSE : READ_BY_REQUEST, [principal.organizationId, storableText(id), new Date(from), new Date(until)])
      return rows[0] === undefined ? null : generation(rows[0], principal)
    }),
  }
}

type Budget = { readonly quotaId: string; readonly limit: bigint; readonly reset: KeyAccount["limitReset"]; readonly windowStartMs: number }

/** A key's own budget of money; OpenRouter knows one limit per key. */
function budgetOf({ quotas }: Principal, atMs: number): Budget | null {
  const quota = quotas.find(({ scope, unit }) => scope === "key" && unit === "nanoUsd")
  if (quota === undefined) return null
  const reset = ({ day: "daily", week: "weekly", month: "monthly" } as const)[quota.window as "day" | "week" | "month"] ?? null
  return { quotaId: quota.id, limit: quota.limit, reset, windowStartMs: windowAt(quota, atMs).startMs }
}

type KeyRow = {
  readonly prefix: string
  readonly expires_at: Date | null
  readonly user_id: string | null
  readonly budget_used: string
  readonly total: string
  readonly day: string
  readonly week: string
  readonly month: string
}

const READ_KEY = `
  WITH sums AS (
    SELECT coalesce(sum(charged_nano_usd), 0) AS total,
           coalesce(sum(charged_nano_usd) FILTER (WHERE hour >= date_trunc('day', $2::timestamptz, 'UTC')), 0) AS day,
           coalesce(sum(charged_nano_usd) FILTER (WHERE hour >= date_trunc('week', $2::timestamptz, 'UTC')), 0) AS week,
           coalesce(sum(charged_nano_usd) FILTER (WHERE hour >= date_trunc('month', $2::timestamptz, 'UTC')), 0) AS month
      FROM usage_hourly WHERE key_id = $1)
  SELECT k.prefix, k.expires_at, m.user_id, s.total::text, s.day::text, s.week::text, s.month::text,
         coalesce((SELECT used FROM quota_window WHERE quota_id = $3 AND window_start = $4), 0)::text AS budget_used
    FROM api_key AS k CROSS JOIN sums AS s LEFT JOIN membership AS m ON m.id = k.membership_id
   WHERE k.id = $1`

function keyAccount(row: KeyRow, { expiresAtMs }: Principal, budget: Budget | null): KeyAccount {
  const left = budget === null ? null : budget.limit - BigInt(row.budget_used)
  return {
    label: `${row.prefix}…`,
    limitNanoUsd: budget?.limit ?? null,
    limitRemainingNanoUsd: left !== null && left < 0n ? 0n : left,
    limitReset: budget?.reset ?? null,
    usageNanoUsd: { total: BigInt(row.total), day: BigInt(row.day), week: BigInt(row.week), month: BigInt(row.month) },
    creatorUserId: row.user_id,
    expiresAtMs,
  }
}

/** What was credited is what is left and what was used: the sum of every credit without adding up the entries of a busy wallet. */
const READ_CREDITS = `
  SELECT (SELECT coalesce(sum(balance_nano_usd), 0) FROM ledger_balance WHERE organization_id = $1)::text AS balance,
         (SELECT coalesce(sum(charged_nano_usd), 0) FROM usage_hourly WHERE organization_id = $1 AND NOT test)::text AS used`

type RecordRow = {
  readonly id: string
  readonly response_id: string | null
  readonly model: string
  readonly provider_id: string
  readonly admitted_at: Date
  readonly streamed: boolean
  readonly status: string
  readonly finish: string | null
  readonly first_byte_ms: number | null
  readonly duration_ms: number
  readonly charged_nano_usd: string
  readonly usage: Usage
}

/** The days between $3 and $4 are the partitions that are searched. */
const readRecord = (column: "id" | "response_id") => `
  SELECT id, response_id, model, provider_id, admitted_at, streamed, status, finish, first_byte_ms, duration_ms, charged_nano_usd::text, usage
    FROM usage_record
   WHERE organization_id = $1 AND ${column} = $2 AND admitted_at BETWEEN $3 AND $4
   ORDER BY admitted_at DESC LIMIT 1`
const READ_BY_REQUEST = readRecord("id")
const READ_BY_RESPONSE = readRecord("response_id")

const generation = (row: RecordRow, { seesChannel }: Principal): Generation => ({
  requestId: row.id,
  responseId: row.response_id,
  model: row.model,
  providerId: seesChannel ? row.provider_id : null,
  createdAtMs: row.admitted_at.getTime(),
  streamed: row.streamed,
  interrupted: row.status === "interrupted",
  finish: row.finish,
  firstByteMs: row.first_byte_ms,
  durationMs: row.duration_ms,
  chargedNanoUsd: BigInt(row.charged_nano_usd),
  usage: row.usage,
})
