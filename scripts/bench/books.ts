import { setTimeout as delay } from "node:timers/promises"
import { openDatabase } from "#lib/adapters/database.ts"
import { CHARGE_PER_CALL } from "./exchange.ts"

const FLUSH_MS_MAX = 60_000

export type Books = { readonly records: number; readonly chargedNanoUsd: bigint; readonly postedNanoUsd: bigint; readonly problems: readonly string[] }

/**
 * Waits until the flushers have booked `calls` usage records and compares every sum with what was called: each record complete and
 * charged exactly, the wallet's postings equal to the charges, nothing left leased beyond what processes hold.
 */
export async function readBooks(databaseUrl: string, calls: number): Promise<Books> {
  const database = openDatabase(databaseUrl)
  try {
    const deadline = performance.now() + FLUSH_MS_MAX
    const count = () => database.sql(null, async (client) => Number((await client.query<{ count: string }>("SELECT count(*) FROM usage_record WHERE NOT test")).rows[0]!.count))
    while ((await count()) < calls && performance.now() < deadline) await delay(200)
    const [sums, odd, posted] = await database.sql(null, async (client) => [
      (await client.query<{ records: string; charged: string }>("SELECT count(*) AS records, coalesce(sum(charged_nano_usd), 0) AS charged FROM usage_record WHERE NOT test")).rows[0]!,
      (await client.query<{ status: string; charged: string; count: string }>("SELECT status, charged_nano_usd AS charged, count(*) FROM usage_record WHERE NOT test AND (status <> 'complete' OR charged_nano_usd <> $1) GROUP BY 1, 2", [CHARGE_PER_CALL.toString()])).rows,
      (await client.query<{ posted: string }>("SELECT coalesce(-sum(e.amount_nano_usd), 0) AS posted FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id WHERE p.kind = 'usage' AND a.kind::text LIKE 'wallet%'")).rows[0]!,
    ] as const)
    const books = { records: Number(sums.records), chargedNanoUsd: BigInt(sums.charged), postedNanoUsd: BigInt(posted.posted) }
    const owed = BigInt(calls) * CHARGE_PER_CALL
    return {
      ...books,
      problems: [
        ...(books.records === calls ? [] : [`${calls} calls were made, ${books.records} usage records stand in the books`]),
        ...(books.chargedNanoUsd === owed ? [] : [`${owed} nano-USD were owed, ${books.chargedNanoUsd} were charged`]),
        ...(books.postedNanoUsd === owed ? [] : [`${owed} nano-USD were owed, ${books.postedNanoUsd} were posted to the wallet`]),
        ...odd.map((row) => `${row.count} records are ${row.status} at ${row.charged} nano-USD`),
      ],
    }
  } finally {
    await database.close()
  }
}
