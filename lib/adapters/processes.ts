import type { Id } from "#lib/kernel/ids.ts"
import type { Database } from "./database.ts"

/** Who this process is, in the registry that all processes share. */
export type ProcessIdentity = {
  readonly id: Id<"process">
  /** The home folder's own id: only who has the folder has the spool, and may replay it. */
  readonly homeId: string
  readonly host: string
  readonly pid: number
}

export type Processes = {
  register(startedAt: Date): Promise<void>
  /** A sign of life. False: the process was given up meanwhile, so nobody may be charged for what it serves. */
  heartbeat(): Promise<boolean>
  /** Earlier processes of this home that were not closed, oldest first. */
  unclosed(): Promise<readonly Id<"process">[]>
  /** Ends a process whose usage is all booked: what it had leased and not used is free again. */
  close(processId: Id<"process">, how: "stopped" | "replayed"): Promise<void>
  /** Frees what a closed or forgotten process leased in its very last moment, by a statement that ended after its close. */
  closeLeftovers(): Promise<void>
  /** Marks leases whose owner let the deadline pass. They stay counted: only the owner's spool knows what was used of them. */
  fenceExpired(): Promise<number>
}

/** Returns what a process leased and did not use. */
export const CLOSE_LEASES = `
WITH mine AS (
  SELECT quota_id, window_start FROM lease WHERE process_id = $1 AND state <> 'closed'
), locked AS MATERIALIZED (
  SELECT w.quota_id, w.window_start FROM quota_window w JOIN mine USING (quota_id, window_start)
  ORDER BY w.quota_id, w.window_start FOR UPDATE OF w
), returned AS (
  SELECT l.quota_id, l.window_start, l.amount FROM lease l JOIN locked USING (quota_id, window_start) WHERE l.process_id = $1
), closed AS (
  UPDATE lease SET amount = 0, state = 'closed' FROM locked k
  WHERE lease.process_id = $1 AND lease.quota_id = k.quota_id AND lease.window_start = k.window_start
)
UPDATE quota_window w SET leased = w.leased - r.amount FROM returned r WHERE w.quota_id = r.quota_id AND w.window_start = r.window_start`

/** A lease that somebody is changing at this moment is left for the next time: waiting for it could be a deadlock. */
const FENCE_EXPIRED = `
WITH expired AS MATERIALIZED (
  SELECT id FROM lease WHERE state = 'active' AND deadline < now() AND amount > 0 FOR UPDATE SKIP LOCKED
)
UPDATE lease SET state = 'fenced' FROM expired WHERE lease.id = expired.id`

/** The registry of gateway processes in Postgres. */
export function createProcesses(database: Database, identity: ProcessIdentity): Processes {
  return {
    register: (startedAt) =>
      database.sql(null, async (client) => {
        await client.query("INSERT INTO gateway_process (id, home_id, host, pid, started_at, heartbeat_at) VALUES ($1, $2, $3, $4, $5, now())", [
          identity.id,
          identity.homeId,
          identity.host,
          identity.pid,
          startedAt,
        ])
      }),
    heartbeat: () =>
      database.sql(null, async (client) => {
        const { rowCount } = await client.query("UPDATE gateway_process SET heartbeat_at = now() WHERE id = $1 AND forgotten_at IS NULL", [identity.id])
        return rowCount !== 0
      }),
    unclosed: () =>
      database.sql(null, async (client) => {
        const { rows } = await client.query<{ id: Id<"process"> }>(
          "SELECT id FROM gateway_process WHERE home_id = $1 AND id <> $2 AND stopped_at IS NULL AND replayed_at IS NULL ORDER BY started_at",
          [identity.homeId, identity.id],
        )
        return rows.map((row) => row.id)
      }),
    close: (processId, how) =>
      database.sql(null, async (client) => {
        await client.query(CLOSE_LEASES, [processId])
        await client.query(`UPDATE gateway_process SET ${how === "stopped" ? "stopped_at" : "replayed_at"} = now() WHERE id = $1`, [processId])
      }),
    closeLeftovers: () =>
      database.sql(null, async (client) => {
        const { rows } = await client.query<{ id: Id<"process"> }>(
          `SELECT DISTINCT p.id FROM gateway_process p JOIN lease l ON l.process_id = p.id
           WHERE l.amount > 0 AND (p.stopped_at IS NOT NULL OR p.replayed_at IS NOT NULL OR p.forgotten_at IS NOT NULL) AND p.id <> $1`,
          [identity.id],
        )
        for (const { id } of rows) await client.query(CLOSE_LEASES, [id])
      }),
    fenceExpired: () =>
      database.sql(null, async (client) => {
        const { rowCount } = await client.query(FENCE_EXPIRED)
        return rowCount ?? 0
      }),
  }
}
