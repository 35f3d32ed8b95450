import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { Prisma } from "#prisma/generated/client.ts"
import type { CallCursor } from "./cursor.ts"
import type { Day } from "./days.ts"
import { HISTORY_MS, lookbackStartMs, type RecentSpend } from "./forecast.ts"
import type { Dimension, Measure, Mode } from "./schema.ts"
import type { Call, Group, Sums } from "./types.ts"

/** Which calls are read. Days are calendar days of `timeZone`. */
export type UsageFilter = {
  readonly first: Day
  readonly last: Day
  readonly timeZone: string
  readonly mode: Mode
  /** Null: everybody's. */
  readonly membershipId: Id<"membership"> | null
}

type SumsRow = { requests: bigint; failures: bigint; input: bigint; cache_read: bigint; cache_write: bigint; output: bigint; charged: bigint }

/** Of rows whose charge stands in the column `charged`. */
const sumsOf = (charged: Prisma.Sql) => Prisma.sql`
  sum(requests)::bigint AS requests, sum(failures)::bigint AS failures, sum(input)::bigint AS input, sum(cache_read)::bigint AS cache_read,
  sum(cache_write)::bigint AS cache_write, sum(output)::bigint AS output, sum(${charged})::bigint AS charged`
/** Of hourly sums, and of their sums. */
const hourlySums = sumsOf(Prisma.sql`charged_nano_usd`)
const furtherSums = sumsOf(Prisma.sql`charged`)

const columns = { model: Prisma.sql`model`, member: Prisma.sql`membership_id`, key: Prisma.sql`key_id` } as const satisfies Record<Dimension, Prisma.Sql>

const orders = {
  cost: Prisma.sql`charged`,
  requests: Prisma.sql`requests`,
  tokens: Prisma.sql`input + cache_read + cache_write + output`,
} as const satisfies Record<Measure, Prisma.Sql>

/**
 * The moments between which a filter's days lie; Postgres knows when a day begins in a zone, summer time included. Roll-ups are by
 * the hour of UTC, so in zones off by half an hour the first and last half hour of a day count to its neighbour.
 */
const bounds = ({ first, last, timeZone }: UsageFilter) => ({
  from: Prisma.sql`(${first}::date)::timestamp AT TIME ZONE ${timeZone}`,
  until: Prisma.sql`(${last}::date + 1)::timestamp AT TIME ZONE ${timeZone}`,
})

function ofHours(organizationId: Id<"organization">, filter: UsageFilter): Prisma.Sql {
  const { from, until } = bounds(filter)
  const own = filter.membershipId === null ? Prisma.empty : Prisma.sql`AND membership_id = ${filter.membershipId}`
  return Prisma.sql`organization_id = ${organizationId} AND hour >= ${from} AND hour < ${until} AND test = ${filter.mode === "test"} ${own}`
}

const toSums = (row: SumsRow): Sums => ({
  requests: Number(row.requests),
  failures: Number(row.failures),
  input: Number(row.input),
  cacheRead: Number(row.cache_read),
  cacheWrite: Number(row.cache_write),
  output: Number(row.output),
  charged: nanoUsd(row.charged),
})

export function createUsageRepository(database: Database) {
  return {
    /** Whether any call of this filter was made. */
    async hasUsage(organizationId: Id<"organization">, filter: UsageFilter): Promise<boolean> {
      const rows = await database.organization(organizationId, (transaction) => transaction.$queryRaw<unknown[]>`SELECT 1 FROM usage_hourly WHERE ${ofHours(organizationId, filter)} LIMIT 1`)
      return rows.length > 0
    },

    /**
     * The sums per group, largest by `measure` first, at most `limit`; and per day, for the `chartedMax` largest one by one and the
     * rest together (`groupId` null). One statement, so that both agree, and the sums are read once. Each hour's day is found once, not
     * in every row: to find it in a time zone costs more than to add the row up.
     */
    async readReport(organizationId: Id<"organization">, filter: UsageFilter, by: Dimension, measure: Measure, limit: number, chartedMax: number) {
      const { from, until } = bounds(filter)
      return database.organization(organizationId, async (transaction) => {
        const rows = await transaction.$queryRaw<ReportRow[]>`
          WITH days AS MATERIALIZED (
            SELECT hour, (hour AT TIME ZONE ${filter.timeZone})::date AS day FROM generate_series(date_trunc('hour', ${from}, 'UTC'), ${until}, interval '1 hour') AS hour
          ), by_day AS MATERIALIZED (
            SELECT day, ${columns[by]} AS id, ${hourlySums} FROM usage_hourly JOIN days USING (hour) WHERE ${ofHours(organizationId, filter)} GROUP BY 1, 2
          ), by_group AS (
            SELECT id, ${furtherSums} FROM by_day GROUP BY 1
          ), ranked AS MATERIALIZED (
            SELECT *, row_number() OVER (ORDER BY ${orders[measure]} DESC, requests DESC, id) AS place FROM by_group ORDER BY place LIMIT ${limit}
          ), charted AS (
            SELECT id AS charted_id FROM ranked WHERE place <= ${chartedMax}
          )
          SELECT place, NULL AS day, id, requests, failures, input, cache_read, cache_write, output, charged FROM ranked
          UNION ALL
          SELECT NULL, day::text, charted_id, ${furtherSums} FROM by_day LEFT JOIN charted ON charted_id = id GROUP BY 2, 3
          ORDER BY place NULLS LAST, day, id`
        const ranked = rows.filter((row) => row.place !== null)
        const groups = await describe(transaction, by, ranked.flatMap((row) => row.id ?? []))
        return {
          charted: ranked.slice(0, chartedMax).flatMap((row) => row.id ?? []),
          groups: ranked.map((row) => ({ group: groups(row.id ?? ""), sums: toSums(row) })),
          cells: rows.flatMap((row) => (row.day === null ? [] : [{ day: row.day, groupId: row.id, sums: toSums(row) }])),
        }
      })
    },

    /**
     * What was lately spent by the organization, its projects, members and keys, by `scope id`; the organization only where everybody's
     * calls are read. Keys that replaced each other are one, as their limits are.
     */
    async readRecentSpend(organizationId: Id<"organization">, membershipId: Id<"membership"> | null, nowMs: number): Promise<ReadonlyMap<string, RecentSpend>> {
      const own = membershipId === null ? Prisma.empty : Prisma.sql`AND membership_id = ${membershipId}`
      const since = (lookback: "day" | "week") => Prisma.sql`sum(charged) FILTER (WHERE hour >= ${new Date(lookbackStartMs(lookback, nowMs))}::timestamptz)`
      const rows = await database.organization(
        organizationId,
        (transaction) => transaction.$queryRaw<RecentSpendRow[]>`
          WITH lately AS (
            SELECT hour, membership_id, project_id, key_id, sum(charged_nano_usd) AS charged
            FROM usage_hourly WHERE organization_id = ${organizationId} AND hour >= ${new Date(nowMs - HISTORY_MS)} AND NOT test ${own}
            GROUP BY 1, 2, 3, 4
          ), named AS (
            SELECT hour, charged, lately.membership_id AS member, lately.project_id AS project, coalesce(limits_of_id, key_id) AS key
            FROM lately LEFT JOIN api_key ON api_key.id = key_id
          )
          SELECT CASE WHEN GROUPING(member) = 0 THEN 'member' WHEN GROUPING(project) = 0 THEN 'project' WHEN GROUPING(key) = 0 THEN 'key' ELSE 'organization' END AS scope,
                 coalesce(member, project, key, ${organizationId}) AS id, min(hour) AS first, coalesce(${since("day")}, 0)::bigint AS day, coalesce(${since("week")}, 0)::bigint AS week
          FROM named GROUP BY GROUPING SETS ((), member, project, key) HAVING min(hour) IS NOT NULL`,
      )
      const seen = membershipId === null ? rows : rows.filter(({ scope }) => scope === "member" || scope === "key")
      return new Map(seen.map(({ scope, id, first, day, week }) => [`${scope} ${id}`, { firstMs: first.getTime(), spent: { day, week } }]))
    },

    /** Calls, newest first, at most `limit`, from the cursor on. Read along the index (organization, admitted_at, id). */
    async readCalls(organizationId: Id<"organization">, filter: UsageFilter, before: CallCursor | null, limit: number): Promise<Call[]> {
      const { from, until } = bounds(filter)
      const own = filter.membershipId === null ? Prisma.empty : Prisma.sql`AND membership_id = ${filter.membershipId}`
      // The moment once more by itself: comparing text is not leakproof, so behind row-level security the pair alone neither bounds the index
      // nor leaves newer days out (measured: 45 days back among 5 million records, 286 ms of CPU).
      const moment = Prisma.sql`${before === null ? null : new Date(before.admittedAtMs)}::timestamptz`
      const page = before === null ? Prisma.empty : Prisma.sql`AND admitted_at <= ${moment} AND (admitted_at, id) < (${moment}, ${before.id})`
      return database.organization(organizationId, async (transaction) => {
        const rows = await transaction.$queryRaw<CallRow[]>`
          SELECT id, admitted_at, model, key_id, membership_id, status::text AS status, error_code, streamed, test, input, cache_read, output,
                 charged_nano_usd, duration_ms, first_byte_ms
          FROM usage_record
          WHERE organization_id = ${organizationId} AND admitted_at >= ${from} AND admitted_at < ${until} AND test = ${filter.mode === "test"} ${own} ${page}
          ORDER BY admitted_at DESC, id DESC LIMIT ${limit}`
        const keys = await describe(transaction, "key", rows.map((row) => row.key_id))
        const members = await describe(transaction, "member", rows.flatMap((row) => row.membership_id ?? []))
        return rows.map((row) => toCall(row, keys(row.key_id), row.membership_id === null ? null : members(row.membership_id)))
      })
    },
  }
}

export type UsageRepository = ReturnType<typeof createUsageRepository>

/** A group with its place among all (`day` null), or what a charted group, or all others (`id` null), came to on a day. */
type ReportRow = SumsRow & { place: bigint | null; day: string | null; id: string | null }

type RecentSpendRow = { scope: "organization" | "project" | "member" | "key"; id: string; first: Date; day: bigint; week: bigint }

type CallRow = {
  id: string
  admitted_at: Date
  model: string
  key_id: string
  membership_id: string | null
  status: Call["status"]
  error_code: string | null
  streamed: boolean
  test: boolean
  input: bigint | null
  cache_read: bigint | null
  output: bigint | null
  charged_nano_usd: bigint
  duration_ms: number
  first_byte_ms: number | null
}

const count = (value: bigint | null): number | null => (value === null ? null : Number(value))

function toCall(row: CallRow, key: Group, member: Group | null): Call {
  return {
    id: row.id,
    admittedAt: row.admitted_at,
    model: row.model,
    key,
    member,
    status: row.status,
    errorCode: row.error_code,
    streamed: row.streamed,
    test: row.test,
    input: count(row.input),
    cacheRead: count(row.cache_read),
    output: count(row.output),
    charged: nanoUsd(row.charged_nano_usd),
    durationMs: row.duration_ms,
    firstByteMs: row.first_byte_ms,
  }
}

/** Names for the ids of one dimension; an id that is gone, or empty (“no member”), has none. */
async function describe(transaction: Transaction, by: Dimension, ids: readonly string[]): Promise<(id: string) => Group> {
  const named = new Map<string, Group>()
  const wanted = { id: { in: [...new Set(ids)] } }
  switch (by) {
    case "model":
      return (id) => ({ id, name: id, hint: null })
    case "member":
      for (const { id, user } of await transaction.membership.findMany({ where: wanted, select: { id: true, user: { select: { name: true, email: true } } } })) {
        named.set(id, { id, name: user.name ?? user.email, hint: user.name === null ? null : user.email })
      }
      break
    case "key":
      for (const { id, name, prefix } of await transaction.apiKey.findMany({ where: wanted, select: { id: true, name: true, prefix: true } })) {
        named.set(id, { id, name, hint: prefix })
      }
      break
  }
  return (id) => named.get(id) ?? { id, name: null, hint: null }
}
