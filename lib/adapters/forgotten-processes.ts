import type pg from "pg"
import type { Id } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Database } from "./database.ts"
import { CLOSE_LEASES } from "./processes.ts"

/** A process that does not come back for so long is given up without being asked about. */
const GIVEN_UP_AFTER = "24 hours"
/** A living process gives a sign of life every minute (lib/server/money.ts). */
const SILENT_AFTER = "3 minutes"

export type SilentProcess = {
  readonly id: Id<"process">
  readonly host: string
  readonly pid: number
  readonly heardAt: Date
  /** Leases that it holds something of. */
  readonly leases: number
}

/** Why a process cannot be given up: nobody knows it, its books are closed already, or it may still be spending. */
export type NotForgotten = "unknown" | "ended" | "alive"

type Row = { id: Id<"process">; host: string; pid: number; heard_at: Date; leases: string; ended: boolean }

const PROCESSES = `
SELECT p.id, p.host, p.pid, p.heartbeat_at AS heard_at, count(l.id) AS leases, coalesce(p.stopped_at, p.replayed_at, p.forgotten_at) IS NOT NULL AS ended
FROM gateway_process p LEFT JOIN lease l ON l.process_id = p.id AND l.amount > 0`

/**
 * Not while a lease lasts: its owner spends from it without asking. Whoever books for the process has its row locked (booking.ts), so
 * that he is done before this statement, or finds the process forgotten.
 */
const FORGET = `
UPDATE gateway_process SET forgotten_at = now()
WHERE id = $1 AND stopped_at IS NULL AND replayed_at IS NULL AND forgotten_at IS NULL AND heartbeat_at <= now() - $2::interval
  AND NOT EXISTS (SELECT 1 FROM lease WHERE process_id = $1 AND amount > 0 AND deadline > now())`

/** Processes that did not end and gave no sign of life for three minutes, longest silent first. */
export async function silentProcesses(database: Database): Promise<readonly SilentProcess[]> {
  return database.sql(null, async (client) => {
    const { rows } = await client.query<Row>(
      `${PROCESSES}
       WHERE coalesce(p.stopped_at, p.replayed_at, p.forgotten_at) IS NULL AND p.heartbeat_at <= now() - interval '${SILENT_AFTER}'
       GROUP BY p.id ORDER BY p.heartbeat_at`,
    )
    return rows.map(silentProcess)
  })
}

/**
 * Gives up a dead process: what it leased is free for others at once. What it still books, should its spool turn up, is the house's:
 * nobody's limit covers it any more.
 */
export async function forgetProcess(database: Database, processId: string): Promise<Result<SilentProcess, NotForgotten>> {
  return database.sql(null, async (client) => {
    const { rows } = await client.query<Row>(`${PROCESSES} WHERE p.id = $1 GROUP BY p.id`, [processId])
    const row = rows[0]
    if (row === undefined) return err("unknown")
    if (row.ended) return err("ended")
    return (await giveUp(client, row.id, SILENT_AFTER)) ? ok(silentProcess(row)) : err("alive")
  })
}

/** Gives up every process that was not heard of for a day, and says which. */
export async function forgetLongSilent(database: Database): Promise<readonly SilentProcess[]> {
  const forgotten: SilentProcess[] = []
  for (const process of await silentProcesses(database)) {
    if (await database.sql(null, (client) => giveUp(client, process.id, GIVEN_UP_AFTER))) forgotten.push(process)
  }
  return forgotten
}

async function giveUp(client: pg.PoolClient, processId: Id<"process">, silentFor: string): Promise<boolean> {
  const { rowCount } = await client.query(FORGET, [processId, silentFor])
  if (rowCount === 0) return false
  await client.query(CLOSE_LEASES, [processId])
  return true
}

const silentProcess = ({ id, host, pid, heard_at: heardAt, leases }: Row): SilentProcess => ({ id, host, pid, heardAt, leases: Number(leases) })
