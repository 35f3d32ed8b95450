// The statements of one flush (booking.ts). Each locks its rows in one order, and every flush runs them in one order: two flushes that
// meet wait for each other and never deadlock.

export const WALLETS = `SELECT id, organization_id FROM quota WHERE scope = 'wallet' AND organization_id = ANY($1)`

export const INSERT_PRICES = `
INSERT INTO price_version (id, rates)
SELECT id, rates FROM unnest($1::text[], $2::jsonb[]) AS p(id, rates) ORDER BY id
ON CONFLICT DO NOTHING`

/**
 * `$1`: lots of `{ shared, records }` (booking-rows.ts); each record is filled up from what its lot shares. A request id that is known
 * already was booked before: its row is left as it is and not returned, so it counts nowhere else.
 */
export const INSERT_RECORDS = `
INSERT INTO usage_record (
  id, admitted_at, organization_id, project_id, membership_id, key_id, model, upstream_model, channel_id, credential_id, provider_id,
  dialect, endpoint, test, streamed, status, error_code, finish, attempts, response_id, route, input, cache_read, cache_write, output,
  reasoning, usage, cost_price_id, sell_price_id, markup_ppm, cost_nano_usd, charged_nano_usd, absorbed_nano_usd, hold_nano_usd,
  posting_id, quota_parts, first_byte_ms, duration_ms, process_id, client_session, plan)
SELECT
  id, admitted_at, organization_id, project_id, membership_id, key_id, model, upstream_model, channel_id, credential_id, provider_id,
  dialect, endpoint, test, streamed, status, error_code, finish, attempts, response_id, route, input, cache_read, cache_write, output,
  reasoning, usage, cost_price_id, sell_price_id, markup_ppm, cost_nano_usd, charged_nano_usd, absorbed_nano_usd, hold_nano_usd,
  posting_id, quota_parts, first_byte_ms, duration_ms, $2, client_session, plan
FROM json_array_elements($1::json) AS given(lot), json_populate_recordset(json_populate_record(NULL::usage_record, lot->'shared'), lot->'records')
ORDER BY id
ON CONFLICT DO NOTHING
RETURNING id`

/** `leased` falls by what the lease of this process covers; the rows that come back are those it did not cover. */
export const BOOK_QUOTAS = `
WITH booked AS (
  SELECT * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[]) AS b(quota_id, window_start, amount)
), locked AS MATERIALIZED (
  SELECT b.* FROM quota_window w JOIN booked b USING (quota_id, window_start) ORDER BY w.quota_id, w.window_start FOR UPDATE OF w
), reduced AS (
  UPDATE lease SET amount = lease.amount - l.amount
  FROM locked l
  WHERE lease.process_id = $1 AND lease.quota_id = l.quota_id AND lease.window_start = l.window_start AND lease.amount >= l.amount
  RETURNING lease.quota_id, lease.window_start, l.amount
), raised AS (
  UPDATE quota_window w SET used = w.used + l.amount, leased = w.leased - coalesce(r.amount, 0)
  FROM locked l LEFT JOIN reduced r USING (quota_id, window_start)
  WHERE w.quota_id = l.quota_id AND w.window_start = l.window_start
)
SELECT b.quota_id FROM booked b LEFT JOIN reduced r USING (quota_id, window_start) WHERE r.quota_id IS NULL`

const HOURLY_KEY = "organization_id, hour, model, membership_id, key_id, project_id, channel_id, test"
const hourlySums = ["requests", "failures", "input", "cache_read", "cache_write", "output", "charged_nano_usd", "cost_nano_usd", "plan_nano_usd", "absorbed_nano_usd"]

export const ADD_HOURLY = `
INSERT INTO usage_hourly (${HOURLY_KEY}, ${hourlySums.join(", ")})
SELECT ${HOURLY_KEY}, ${hourlySums.join(", ")} FROM json_populate_recordset(NULL::usage_hourly, $1::json)
ORDER BY ${HOURLY_KEY}
ON CONFLICT (${HOURLY_KEY}) DO UPDATE SET ${hourlySums.map((name) => `${name} = usage_hourly.${name} + EXCLUDED.${name}`).join(", ")}`

/** Their wallets' windows are locked (BOOK_QUOTAS): nobody else changes lots of these organizations, or gives them credit. */
export const LOTS = `
SELECT organization_id, id, kind, remaining_nano_usd, (extract(epoch FROM coalesce(ended_at, expires_at)) * 1000)::bigint AS ends_at_ms, ended_at IS NOT NULL AS ended
FROM credit_lot WHERE organization_id = ANY($1) AND remaining_nano_usd > 0`

export const BALANCES = "SELECT account_id, balance_nano_usd FROM ledger_balance WHERE account_id = ANY($1)"

/** What was used of a lot that had ended is not withheld any more. */
export const REDUCE_WITHHELD = `
UPDATE quota_window w SET withheld = w.withheld - u.amount
FROM unnest($1::text[], $2::bigint[]) AS u(quota_id, amount) WHERE w.quota_id = u.quota_id`

export const OPEN_ACCOUNTS = `
INSERT INTO ledger_account (id, organization_id, kind)
SELECT id, organization_id, kind::ledger_account_kind FROM unnest($1::text[], $2::text[], $3::text[]) AS a(id, organization_id, kind) ORDER BY id
ON CONFLICT DO NOTHING`

export const INSERT_POSTINGS = `
INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key)
SELECT id, organization_id, 'usage', 'usage:' || id FROM unnest($1::text[], $2::text[]) AS p(id, organization_id)`

export const INSERT_ENTRIES = `
INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd, lot_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])`

/** A statistic: at most once a minute, and never waiting for anybody. */
export const TOUCH_KEYS = `
WITH used AS (
  SELECT * FROM unnest($1::text[], $2::timestamptz[]) AS u(id, at)
), due AS MATERIALIZED (
  SELECT k.id, u.at FROM api_key k JOIN used u USING (id)
  WHERE k.last_used_at IS NULL OR k.last_used_at < u.at - interval '1 minute'
  FOR UPDATE OF k SKIP LOCKED
)
UPDATE api_key SET last_used_at = due.at FROM due WHERE api_key.id = due.id`
