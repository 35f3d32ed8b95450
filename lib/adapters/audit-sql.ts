// What `turnpike audit` adds up. Every query returns only what differs: its cause, what the books say and what it comes to.

type Check = {
  /** What is wrong where a row comes back. */
  readonly finding: string
  /** Rows of `subject`, `recorded`, `recomputed`. */
  readonly sql: string
}

/** The accounts whose sum is a wallet's balance. */
const WALLET_ACCOUNTS = "'walletPaid', 'walletPromotional', 'planAllowance'"

export const checks: readonly Check[] = [
  {
    finding: "a posting does not sum to zero",
    sql: `SELECT posting_id AS subject, 0 AS recorded, sum(amount_nano_usd) AS recomputed
          FROM ledger_entry GROUP BY posting_id HAVING sum(amount_nano_usd) <> 0`,
  },
  {
    finding: "an account's balance is not the sum of its entries",
    sql: `SELECT coalesce(b.account_id, e.account_id) AS subject, coalesce(b.balance_nano_usd, 0) AS recorded, coalesce(e.total, 0) AS recomputed
          FROM ledger_balance b
          FULL JOIN (SELECT account_id, sum(amount_nano_usd) AS total FROM ledger_entry WHERE organization_id IS NOT NULL GROUP BY account_id) e
            ON e.account_id = b.account_id
          WHERE coalesce(b.balance_nano_usd, 0) <> coalesce(e.total, 0)`,
  },
  {
    finding: "what moved a wallet in a quarter of an hour is not the sum of its entries",
    sql: `WITH entries AS (
            SELECT e.organization_id, date_bin('15 minutes', p.created_at, timestamptz 'epoch') AS quarter, p.kind, sum(e.amount_nano_usd) AS total
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
            WHERE a.kind IN (${WALLET_ACCOUNTS}) GROUP BY 1, 2, 3
          )
          SELECT kind || ' of ' || organization_id || ' from ' || to_char(quarter AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS subject,
                 coalesce(f.amount_nano_usd, 0) AS recorded, coalesce(entries.total, 0) AS recomputed
          FROM wallet_flow f FULL JOIN entries USING (organization_id, quarter, kind) WHERE coalesce(f.amount_nano_usd, 0) <> coalesce(entries.total, 0)`,
  },
  {
    finding: "the revenue of a usage posting is not what its usage records were charged and what was absorbed",
    sql: `WITH posted AS (
            SELECT e.posting_id, sum(e.amount_nano_usd) FILTER (WHERE a.kind = 'revenue') AS revenue
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
            WHERE p.kind = 'usage' GROUP BY e.posting_id
          ), used AS (
            SELECT posting_id, sum(charged_nano_usd + absorbed_nano_usd) AS revenue FROM usage_record WHERE posting_id IS NOT NULL GROUP BY posting_id
          )
          SELECT posting_id AS subject, coalesce(posted.revenue, 0) AS recorded, coalesce(used.revenue, 0) AS recomputed
          FROM posted FULL JOIN used USING (posting_id) WHERE coalesce(posted.revenue, 0) <> coalesce(used.revenue, 0)`,
  },
  {
    finding: "the provider cost of a usage posting is not that of its usage records",
    sql: `WITH posted AS (
            SELECT e.posting_id, sum(e.amount_nano_usd) FILTER (WHERE a.kind = 'accruedProviderCost') AS cost
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
            WHERE p.kind = 'usage' GROUP BY e.posting_id
          ), used AS (
            SELECT posting_id, coalesce(sum(cost_nano_usd) FILTER (WHERE NOT plan), 0) AS cost FROM usage_record WHERE posting_id IS NOT NULL GROUP BY posting_id
          )
          SELECT posting_id AS subject, coalesce(posted.cost, 0) AS recorded, coalesce(used.cost, 0) AS recomputed
          FROM posted FULL JOIN used USING (posting_id) WHERE coalesce(posted.cost, 0) <> coalesce(used.cost, 0)`,
  },
  {
    finding: "a usage record that cost something is in no posting",
    sql: `SELECT id AS subject, charged_nano_usd AS recorded, 0 AS recomputed FROM usage_record
          WHERE posting_id IS NULL AND NOT test AND charged_nano_usd + absorbed_nano_usd + CASE WHEN plan THEN 0 ELSE cost_nano_usd END > 0`,
  },
  {
    finding: "a quota's used is not the sum of what its usage records used of it",
    sql: `WITH parts AS (
            SELECT part ->> 0 AS quota_id, to_timestamp((part ->> 1)::bigint / 1000.0) AS window_start, sum((part ->> 2)::bigint) AS used
            FROM usage_record, jsonb_array_elements(quota_parts) AS part GROUP BY 1, 2
          )
          SELECT w.quota_id || ' from ' || to_char(w.window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS subject,
                 w.used AS recorded, coalesce(parts.used, 0) AS recomputed
          FROM quota_window w LEFT JOIN parts ON parts.quota_id = w.quota_id AND parts.window_start = w.window_start
          WHERE w.used <> coalesce(parts.used, 0)`,
  },
  {
    finding: "a quota's leased is not the sum of its leases",
    sql: `WITH held AS (SELECT quota_id, window_start, sum(amount) AS amount FROM lease GROUP BY quota_id, window_start)
          SELECT w.quota_id || ' from ' || to_char(w.window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS subject,
                 w.leased AS recorded, coalesce(held.amount, 0) AS recomputed
          FROM quota_window w LEFT JOIN held USING (quota_id, window_start) WHERE w.leased <> coalesce(held.amount, 0)`,
  },
  {
    finding: "a wallet's limit is not the sum of its credits",
    sql: `WITH credits AS (
            SELECT e.organization_id, sum(e.amount_nano_usd) AS total
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
            WHERE a.kind IN (${WALLET_ACCOUNTS}) AND p.kind <> 'usage' GROUP BY e.organization_id
          )
          SELECT q.id AS subject, q."limit" AS recorded, coalesce(c.total, 0) AS recomputed
          FROM quota q LEFT JOIN credits c ON c.organization_id = q.organization_id
          WHERE q.scope = 'wallet' AND q."limit" <> coalesce(c.total, 0)`,
  },
  {
    // What a file or the operator takes back may have been spent already; what ends is only taken where nobody holds it.
    finding: "more was spent of a wallet than it was ever given, less what has ended",
    sql: `WITH moved AS (
            SELECT e.organization_id, p.kind, sum(e.amount_nano_usd) AS amount
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
            WHERE a.kind IN (${WALLET_ACCOUNTS}) AND p.kind <> 'usage' GROUP BY e.organization_id, p.kind, e.posting_id
          ), given AS (
            SELECT organization_id, sum(amount) FILTER (WHERE amount > 0 OR kind = 'expiry') AS total FROM moved GROUP BY organization_id
          )
          SELECT q.id AS subject, w.used + w.leased AS recorded, coalesce(g.total, 0) AS recomputed
          FROM quota q JOIN quota_window w ON w.quota_id = q.id LEFT JOIN given g ON g.organization_id = q.organization_id
          WHERE q.scope = 'wallet' AND w.used + w.leased > coalesce(g.total, 0)`,
  },
  {
    finding: "what is leased of a wallet follows another limit than its own",
    sql: `SELECT q.id AS subject, w.ceiling AS recorded, q."limit" AS recomputed
          FROM quota q JOIN quota_window w ON w.quota_id = q.id WHERE w.ceiling IS NOT NULL AND w.ceiling <> q."limit"`,
  },
  {
    finding: "what is withheld of a wallet is not what is left of its lots that have ended",
    sql: `WITH ended AS (SELECT organization_id, sum(remaining_nano_usd) AS total FROM credit_lot WHERE ended_at IS NOT NULL GROUP BY organization_id)
          SELECT q.id AS subject, w.withheld AS recorded, coalesce(e.total, 0) AS recomputed
          FROM quota q JOIN quota_window w ON w.quota_id = q.id LEFT JOIN ended e ON q.scope = 'wallet' AND e.organization_id = q.organization_id
          WHERE w.withheld <> coalesce(e.total, 0)`,
  },
  {
    finding: "a lot's remaining is not what it began with and the entries that name it",
    sql: `WITH moved AS (SELECT lot_id, posting_id, sum(amount_nano_usd) AS amount FROM ledger_entry WHERE lot_id IS NOT NULL GROUP BY lot_id, posting_id),
          lots AS (
            SELECT l.id, l.remaining_nano_usd AS recorded, l.amount_nano_usd + coalesce(sum(m.amount) FILTER (WHERE m.posting_id <> l.posting_id), 0) AS recomputed
            FROM credit_lot l LEFT JOIN moved m ON m.lot_id = l.id GROUP BY l.id
          )
          SELECT id AS subject, recorded, recomputed FROM lots WHERE recorded <> recomputed`,
  },
  {
    finding: "an account's balance is not what is left of its lots",
    sql: `WITH lots AS (SELECT organization_id, kind::text AS kind, sum(remaining_nano_usd) AS remaining FROM credit_lot GROUP BY organization_id, kind),
          balances AS (
            SELECT b.organization_id, a.kind::text AS kind, b.balance_nano_usd AS balance FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
            WHERE a.kind IN ('walletPromotional', 'planAllowance')
          )
          SELECT kind || ' of ' || organization_id AS subject, coalesce(balance, 0) AS recorded, coalesce(remaining, 0) AS recomputed
          FROM balances FULL JOIN lots USING (organization_id, kind) WHERE coalesce(balance, 0) <> coalesce(remaining, 0)`,
  },
  {
    finding: "a subscription's period began more than once",
    sql: `SELECT organization_id || ' from ' || to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS subject, count(*) AS recorded, 1 AS recomputed
          FROM subscription_event WHERE kind IN ('started', 'renewed') GROUP BY organization_id, period_start HAVING count(*) > 1`,
  },
  {
    // A lot of an allowance was given by a credit; one that an adjustment made is the part that a change of plan took back.
    finding: "a period's allowance is not what its subscription's events gave",
    sql: `WITH given AS (
            SELECT l.source, sum(CASE p.kind WHEN 'credit' THEN l.amount_nano_usd ELSE -l.amount_nano_usd END) AS amount
            FROM credit_lot l JOIN ledger_posting p ON p.id = l.posting_id WHERE l.kind = 'planAllowance' AND l.source LIKE 'subscription:%' GROUP BY l.source
          ), told AS (
            SELECT 'subscription:' || organization_id || ':' || to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS source, sum(allowance_nano_usd) AS amount
            FROM subscription_event GROUP BY 1
          )
          SELECT source AS subject, coalesce(given.amount, 0) AS recorded, coalesce(told.amount, 0) AS recomputed
          FROM given FULL JOIN told USING (source) WHERE coalesce(given.amount, 0) <> coalesce(told.amount, 0)`,
  },
  {
    finding: "more was refunded of a call than it was charged",
    sql: `WITH refunds AS (
            SELECT p.request_id, sum(e.amount_nano_usd) AS amount FROM ledger_posting p JOIN ledger_entry e ON e.posting_id = p.id
            WHERE p.request_id IS NOT NULL AND e.organization_id IS NOT NULL GROUP BY p.request_id
          )
          SELECT r.request_id AS subject, r.amount AS recorded, coalesce(u.charged_nano_usd, 0) AS recomputed
          FROM refunds r LEFT JOIN usage_record u ON u.id = r.request_id WHERE r.amount > coalesce(u.charged_nano_usd, 0)`,
  },
  {
    finding: "an hour's roll-up is not the sum of its usage records",
    sql: `WITH records AS (
            SELECT organization_id, date_trunc('hour', admitted_at, 'UTC') AS hour, count(*) AS requests, sum(charged_nano_usd) AS charged
            FROM usage_record GROUP BY 1, 2
          ), hours AS (
            SELECT organization_id, hour, sum(requests) AS requests, sum(charged_nano_usd) AS charged FROM usage_hourly GROUP BY 1, 2
          )
          SELECT organization_id || ' at ' || to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24"Z"') AS subject,
                 coalesce(hours.charged, 0) AS recorded, coalesce(records.charged, 0) AS recomputed
          FROM hours FULL JOIN records USING (organization_id, hour)
          WHERE coalesce(hours.charged, 0) <> coalesce(records.charged, 0) OR coalesce(hours.requests, 0) <> coalesce(records.requests, 0)`,
  },
]

export const TOTALS = `
SELECT count(*) AS records, coalesce(sum(charged_nano_usd) FILTER (WHERE NOT test), 0) AS charged,
       coalesce(sum(absorbed_nano_usd) FILTER (WHERE NOT test), 0) AS absorbed
FROM usage_record`

/** `held` is what processes lease of the wallet, unflushed usage included. */
export const ORGANIZATIONS = `
SELECT o.name, coalesce(c.credited, 0) AS credited, coalesce(u.used, 0) AS used, coalesce(w.leased, 0) AS held, coalesce(b.balance, 0) AS balance
FROM organization o
LEFT JOIN (SELECT e.organization_id, sum(e.amount_nano_usd) AS credited
           FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
           WHERE a.kind IN (${WALLET_ACCOUNTS}) AND p.kind <> 'usage' GROUP BY 1) c ON c.organization_id = o.id
LEFT JOIN (SELECT organization_id, sum(charged_nano_usd) AS used FROM usage_record WHERE NOT test GROUP BY 1) u ON u.organization_id = o.id
LEFT JOIN (SELECT q.organization_id, sum(w.leased) AS leased FROM quota q JOIN quota_window w ON w.quota_id = q.id WHERE q.scope = 'wallet' GROUP BY 1) w
  ON w.organization_id = o.id
LEFT JOIN (SELECT b.organization_id, sum(b.balance_nano_usd) AS balance FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
           WHERE a.kind IN (${WALLET_ACCOUNTS}) GROUP BY 1) b ON b.organization_id = o.id
ORDER BY o.name`

/** Charges that can be computed again: what the provider's own usage came to. */
export const PRICED_RECORDS = `
SELECT id, (extract(epoch FROM admitted_at) * 1000)::bigint AS admitted_at_ms, usage, cost_price_id, sell_price_id, markup_ppm, cost_nano_usd,
       charged_nano_usd + absorbed_nano_usd AS sold_nano_usd
FROM usage_record WHERE status <> 'interrupted'`

export const PRICES = "SELECT id, rates FROM price_version"
