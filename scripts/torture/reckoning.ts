import type { Database } from "#lib/adapters/database.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { TortureCall } from "./calls.ts"
import { chargeOf, prices } from "./world.ts"

export type Record = {
  readonly id: string
  readonly status: string
  readonly usage: Usage
  readonly responseId: string | null
  readonly charged: bigint
  readonly absorbed: bigint
  readonly cost: bigint
  readonly hold: bigint
  readonly processId: string
}

type Row = { id: string; status: string; usage: Usage; response_id: string | null; charged: string; absorbed: string; cost: string; hold: string; process_id: string }

export async function readRecords(database: Database): Promise<readonly Record[]> {
  const { rows } = await database.sql(null, (client) =>
    client.query<Row>(`
      SELECT id, status, usage, response_id, charged_nano_usd AS charged, absorbed_nano_usd AS absorbed, cost_nano_usd AS cost, hold_nano_usd AS hold, process_id
      FROM usage_record`),
  )
  return rows.map((row) => ({ id: row.id, status: row.status, usage: row.usage, responseId: row.response_id, charged: BigInt(row.charged), absorbed: BigInt(row.absorbed), cost: BigInt(row.cost), hold: BigInt(row.hold), processId: row.process_id }))
}

/** Parts that were counted in another window than the one of their moment: days and months as PostgreSQL's calendar has them, apart from ours. */
export async function misplacedParts(database: Database): Promise<readonly string[]> {
  const { rows } = await database.sql(null, (client) =>
    client.query<{ words: string }>(`
      SELECT r.id || ': ' || q."window" || ' of ' || to_timestamp((part ->> 1)::bigint / 1000.0) || ' at ' || r.admitted_at || ' in ' || o.time_zone AS words
      FROM usage_record r JOIN organization o ON o.id = r.organization_id, jsonb_array_elements(r.quota_parts) AS part JOIN quota q ON q.id = part ->> 0
      WHERE q."window" IN ('day', 'month')
        AND to_timestamp((part ->> 1)::bigint / 1000.0) <> date_trunc(q."window"::text, r.admitted_at AT TIME ZONE o.time_zone) AT TIME ZONE o.time_zone`),
  )
  return rows.map(({ words }) => words)
}

export type Reckoning = {
  readonly differences: readonly string[]
  /** Calls by what became of them. */
  readonly delivered: number
  readonly flagged: number
  readonly neverReached: number
  readonly cut: number
  readonly absorbedNanoUsd: bigint
}

export type ReckoningOptions = {
  readonly calls: readonly TortureCall[]
  readonly records: readonly Record[]
  /** The process that was given up: the house pays for what it had not booked. */
  readonly forgotten: ReadonlySet<string>
  readonly repricing: Repricing | null
}

/** When the change of the price began and when it was done. */
export type Repricing = { readonly startedMs: number; readonly doneMs: number }

/** A process knows of a change within a second while the database answers; an outage and a busy machine come on top. */
const PRICE_KNOWN_MS_MAX = 30_000

/**
 * The equation of the run: a call whose usage was delivered is charged exactly usage × price, to the nano-dollar; every other call that
 * reached the provider has one record, flagged, charged no more than its hold; and there is no record beside these.
 */
export function reckon({ calls, records, forgotten, repricing }: ReckoningOptions): Reckoning {
  const differences: string[] = []
  const byId = new Map<string, Record>()
  for (const record of records) {
    if (byId.has(record.id)) differences.push(`${record.id} stands in the books twice`)
    byId.set(record.id, record)
  }
  const unmatched = new Set(byId.keys())
  let [delivered, flagged, neverReached, nameless, namelessReached, cut] = [0, 0, 0, 0, 0, 0]

  for (const call of calls) {
    const reached = call.exchanges.length > 0
    if (call.limit !== null) cut += 1
    if (call.requestId === null) {
      nameless += 1
      if (reached) namelessReached += 1
      continue
    }
    const record = byId.get(call.requestId)
    unmatched.delete(call.requestId)
    if (record === undefined) {
      if (reached) differences.push(`${words(call)} reached the provider and has no record`)
      else neverReached += 1
      continue
    }
    const problem = judge(call, record, forgotten.has(record.processId), repricing)
    if (problem !== null) differences.push(`${words(call)}, ${record.status}: ${problem}`)
    if (record.status === "complete") delivered += 1
    else flagged += 1
  }
  // Who was killed before the head, or whose client left before it, has a record under an id that nobody was told.
  if (unmatched.size > nameless) differences.push(`${unmatched.size} records belong to none of the ${nameless} calls that ended before they had a name`)
  if (namelessReached > unmatched.size) differences.push(`${namelessReached} calls reached the provider before they had a name, and only ${unmatched.size} have a record`)
  for (const id of unmatched) {
    const problem = bounded(byId.get(id)!)
    if (problem !== null) differences.push(`${id}: ${problem}`)
  }
  return { differences, delivered, flagged, neverReached, cut, absorbedNanoUsd: records.reduce((sum, { absorbed }) => sum + absorbed, 0n) }
}

const words = ({ number, requestId, status, exchanges, finish }: TortureCall): string =>
  `call ${number} (${requestId ?? "nameless"}, ${status ?? "no answer"}, ${finish ?? "no finish"}, provider: ${exchanges.map(({ outcome, sequence }) => `${outcome} ${sequence}`).join(" then ") || "none"})`

function judge(call: TortureCall, record: Record, isForgotten: boolean, repricing: Repricing | null): string | null {
  const last = call.exchanges.at(-1)
  const whole = last?.outcome === "complete" ? last.reportedUsage : null
  if (record.status !== "complete") {
    if (call.whole && call.limit === null && whole !== null) return "its usage was delivered, and it is not booked as complete"
    return bounded(record)
  }
  // A stream that is cut behind its finish and its usage lacks nothing but the end mark.
  const usage = whole ?? (last?.outcome === "cut" && call.finish !== null ? last.reportedUsage : null)
  if (usage === null) return "it is complete, and no usage was delivered"
  if (!(record.responseId?.endsWith(`sim${String(last?.sequence).padStart(6, "0")}`) ?? false)) return `it is booked for the answer ${record.responseId}`
  const due = prices.map((price) => chargeOf(usage, price))
  const sold = record.charged + record.absorbed
  const possible = due.filter((_, generation) => (generation === 0 ? repricing === null || call.startedMs < repricing.doneMs + PRICE_KNOWN_MS_MAX : repricing !== null && call.endedMs >= repricing.startedMs))
  if (!possible.includes(sold)) return `${sold} nano-USD for ${JSON.stringify(usage)}, which comes to ${possible.join(" or ")}`
  if (record.absorbed > 0n && !isForgotten && sold <= record.hold) return `the house absorbed ${record.absorbed} although ${record.hold} were held`
  return null
}

/** What holds for every record whose usage was not delivered, whether its client knows its name or not. */
function bounded(record: Record): string | null {
  if (record.status === "complete") return null
  if (record.status === "failed") return record.charged + record.absorbed + record.cost === 0n ? null : `it failed and costs ${record.charged + record.absorbed}`
  if (record.usage.estimated === true || Object.keys(record.usage).length === 0) return record.charged <= record.hold ? null : `it is charged ${record.charged}, above its hold of ${record.hold}`
  return null
}
