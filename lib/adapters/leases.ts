import { setTimeout as sleep } from "node:timers/promises"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { LEASE_MS, SLICE_DIVISOR } from "#lib/quota/lease-rules.ts"
import type { LeaseAnswer, LeaseAsk, LeaseStore, WindowKey } from "#lib/quota/lease-store.ts"
import { encodeRecall, RECALL_CHANNEL } from "#lib/quota/recall-message.ts"
import type { Database } from "./database.ts"

/** A request waits no longer than this for a lease to grow. */
const ANSWER_MS_MAX = 3_000
/** What the others need to hear of a recall and to give back: two round trips of theirs. Who asks again gives them three times as long. */
const RECALL_MS = 60
const RECALL_PATIENCE = 3
/** A notification carries 8,000 bytes; a window takes about 50. */
const RECALLED_WINDOWS_MAX = 100
const LEASE_INTERVAL = `${LEASE_MS / 1000} seconds`

/**
 * One statement, so that a process that dies in the middle leaves nothing half done. Every writer of windows locks them in this order. Of
 * what is available, a process gets the least that it needs, or half where it could use more: the others may be short as well. The
 * quota's row may be older than the window's, whose lock this waited for: a limit that was lowered meanwhile stands in `ceiling`. What
 * has ended covers what is leased already, and nothing else.
 */
const GROW = `
WITH asked AS (
  SELECT * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[], $8::text[])
    AS a(quota_id, window_start, minimum, wanted, slice_max, fair, lease_id)
), locked AS MATERIALIZED (
  SELECT a.*, GREATEST(LEAST(q."limit", w.ceiling) - GREATEST(w.withheld - w.leased, 0), 0) AS "limit", w.used, w.leased
  FROM quota_window w JOIN asked a USING (quota_id, window_start) JOIN quota q ON q.id = w.quota_id
  ORDER BY w.quota_id, w.window_start
  FOR UPDATE OF w
), judged AS (
  SELECT *, GREATEST("limit" - used - leased, 0) AS available FROM locked
), granted AS (
  SELECT quota_id, window_start, lease_id, LEAST(available, GREATEST(minimum, LEAST(wanted, CASE WHEN fair THEN available / 2 ELSE available END)) + LEAST(slice_max, available / ${SLICE_DIVISOR})) AS amount
  FROM judged
  WHERE (SELECT count(*) = cardinality($2) AND bool_and(available >= minimum) FROM judged)
), raised AS (
  UPDATE quota_window w SET leased = w.leased + g.amount
  FROM granted g WHERE w.quota_id = g.quota_id AND w.window_start = g.window_start AND g.amount > 0
), written AS (
  INSERT INTO lease (id, process_id, quota_id, window_start, amount, state, deadline)
  SELECT lease_id, $1, quota_id, window_start, amount, 'active', now() + interval '${LEASE_INTERVAL}' FROM granted WHERE amount > 0
  ON CONFLICT (process_id, quota_id, window_start)
    DO UPDATE SET amount = lease.amount + EXCLUDED.amount, state = 'active', deadline = EXCLUDED.deadline
)
SELECT j.quota_id, (extract(epoch FROM j.window_start) * 1000)::bigint AS window_start, j."limit", j.used,
       j.leased + coalesce(g.amount, 0) AS leased, coalesce(g.amount, 0) AS granted
FROM judged j LEFT JOIN granted g USING (quota_id, window_start)`

/** Windows come into being with their first question. */
const MAKE_WINDOWS = `
INSERT INTO quota_window (quota_id, window_start, organization_id)
SELECT q.id, a.window_start, q.organization_id
FROM unnest($1::text[], $2::timestamptz[]) AS a(quota_id, window_start) JOIN quota q ON q.id = a.quota_id
ORDER BY q.id, a.window_start
ON CONFLICT DO NOTHING`

const GIVE_BACK = `
WITH given AS (
  SELECT * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[]) AS g(quota_id, window_start, amount)
), locked AS MATERIALIZED (
  SELECT g.* FROM quota_window w JOIN given g USING (quota_id, window_start) ORDER BY w.quota_id, w.window_start FOR UPDATE OF w
), reduced AS (
  UPDATE lease SET amount = lease.amount - l.amount
  FROM locked l WHERE lease.process_id = $1 AND lease.quota_id = l.quota_id AND lease.window_start = l.window_start
  RETURNING lease.quota_id, lease.window_start, l.amount
)
UPDATE quota_window w SET leased = w.leased - r.amount
FROM reduced r WHERE w.quota_id = r.quota_id AND w.window_start = r.window_start`

/**
 * A lease that was fenced meanwhile is ours still: its amount was never given to anybody. Empty ones are left to expire: a limit per
 * minute leaves one behind with every minute. The windows are locked first, as by everybody who changes leases: otherwise a
 * renewal and a growth of the same process could wait for each other.
 */
const RENEW = `
WITH mine AS (
  SELECT quota_id, window_start FROM lease WHERE process_id = $1 AND state <> 'closed' AND amount > 0
), locked AS MATERIALIZED (
  SELECT w.quota_id, w.window_start FROM quota_window w JOIN mine USING (quota_id, window_start) ORDER BY w.quota_id, w.window_start FOR UPDATE OF w
)
UPDATE lease SET deadline = now() + interval '${LEASE_INTERVAL}', state = 'active'
FROM locked k WHERE lease.process_id = $1 AND lease.quota_id = k.quota_id AND lease.window_start = k.window_start AND lease.state <> 'closed' AND lease.amount > 0
RETURNING lease.quota_id, (extract(epoch FROM lease.window_start) * 1000)::bigint AS window_start, lease.amount`

type GrowRow = { quota_id: Id<"quota">; window_start: string; limit: string; used: string; leased: string; granted: string }

/** The leases of one process in Postgres. Plain SQL: Prisma has no words for these statements, and they are the gateway's slow path. */
export function createLeaseStore(database: Database, newId: NewId, processId: Id<"process">): LeaseStore {
  const keys = (list: readonly WindowKey[]) => [list.map((one) => one.quotaId), list.map((one) => new Date(one.windowStart).toISOString())] as const

  async function ask(asks: readonly LeaseAsk[]): Promise<readonly LeaseAnswer[]> {
    const amounts = [asks.map((one) => one.minimum), asks.map((one) => one.wanted), asks.map((one) => one.sliceMax), asks.map((one) => one.fair)]
    const values = [processId, ...keys(asks), ...amounts, asks.map(() => newId("lease"))]
    const { rows } = await database.sql(null, (client) => client.query<GrowRow>(GROW, values))
    return rows.map((row) => ({
      quotaId: row.quota_id,
      windowStart: Number(row.window_start),
      limit: BigInt(row.limit),
      used: BigInt(row.used),
      leased: BigInt(row.leased),
      granted: BigInt(row.granted),
    }))
  }

  async function grow(asks: readonly LeaseAsk[]): Promise<readonly LeaseAnswer[]> {
    const answers = await ask(asks)
    if (answers.length === asks.length) return answers
    // In a transaction of its own: making one window while holding the lock of another could deadlock with who does the reverse.
    await database.sql(null, (client) => client.query(MAKE_WINDOWS, [...keys(asks)]))
    return ask(asks)
  }

  return {
    grow: (asks) => answeredInTime(grow(asks)),

    giveBack: (amounts) =>
      answeredInTime(
        database.sql(null, async (client) => {
          await client.query(GIVE_BACK, [processId, ...keys(amounts), amounts.map((one) => one.amount)])
        }),
      ),

    async recall(windows, time) {
      const payload = encodeRecall(windows.slice(0, RECALLED_WINDOWS_MAX))
      await answeredInTime(database.sql(null, (client) => client.query("SELECT pg_notify($1, $2)", [RECALL_CHANNEL, payload])))
      await sleep(RECALL_MS * RECALL_PATIENCE ** time)
    },

    renew: () =>
      answeredInTime(
        database.sql(null, async (client) => {
          const { rows } = await client.query<{ quota_id: Id<"quota">; window_start: string; amount: string }>(RENEW, [processId])
          return rows.map((row) => ({ quotaId: row.quota_id, windowStart: Number(row.window_start), amount: BigInt(row.amount) }))
        }),
      ),
  }
}

/** Rejects after `ANSWER_MS_MAX`. What the statement does after that is found by the next `renew`. */
async function answeredInTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`PostgreSQL did not answer within ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
