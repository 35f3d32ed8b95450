import type { Database } from "#lib/adapters/database.ts"
import type { ChannelHealthPort } from "#lib/gateway/ports.ts"
import { PLAN_SECONDS_UNKNOWN } from "#lib/gateway/upstream-failure.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { PlanExhaustion } from "#lib/wire/plan-words.ts"

export type PlanExhaustionWriter = Pick<ChannelHealthPort, "exhausted"> & {
  /** Resolves when what was said so far is written; never rejects. */
  settled(): Promise<void>
}

type Options = { readonly database: Database; readonly now: () => number; readonly warn: (detail: string) => void }

/**
 * Writes down what providers say of their plans, for every process and across restarts: until when nothing is sent, and when the
 * window that they named begins anew, from where it is counted then. One writing per credential at a time: a burst of refusals says
 * the same thing. What the database misses is said again by the next refusal.
 */
export function createPlanExhaustionWriter({ database, now, warn }: Options): PlanExhaustionWriter {
  const writing = new Map<string, Promise<void>>()
  return {
    exhausted(credentialId, exhaustion) {
      if (writing.has(credentialId)) return
      const written = write(database, credentialId, exhaustion, now())
        .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)))
        .finally(() => writing.delete(credentialId))
      writing.set(credentialId, written)
    },
    async settled() {
      await Promise.all(writing.values())
    },
  }
}

/** The window is the one of the named length; without a name it is the only one that there is. */
const WRITE = `
  WITH plan AS (
    UPDATE credential SET exhausted_until = greatest(coalesce(exhausted_until, '-infinity'), $2) WHERE id = $1 RETURNING id),
  windows AS (
    SELECT quota.id,
           CASE "window" WHEN 'rolling' THEN window_seconds WHEN 'day' THEN 86400 WHEN 'week' THEN 604800 WHEN 'month' THEN 2592000 END AS seconds,
           count(*) OVER () AS windows
      FROM quota JOIN plan ON quota.scope = 'credential' AND quota.scope_id = plan.id
     WHERE quota.disabled_at IS NULL)
  UPDATE quota SET anchor = $3
    FROM windows
   WHERE quota.id = windows.id AND $3::timestamptz IS NOT NULL AND (windows.seconds = $4 OR ($4::int IS NULL AND windows.windows = 1))`

async function write(database: Database, credentialId: Id<"credential">, { resetsAtMs, windowSeconds }: PlanExhaustion, atMs: number): Promise<void> {
  const until = new Date(resetsAtMs ?? atMs + PLAN_SECONDS_UNKNOWN * 1_000)
  await database.sql(null, (client) => client.query(WRITE, [credentialId, until, resetsAtMs === null ? null : until, windowSeconds]))
}
