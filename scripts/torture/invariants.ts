import { auditBooks } from "#lib/adapters/audit.ts"
import type { Database } from "#lib/adapters/database.ts"

/** What must hold at every moment of the run (DESIGN.md, "Invariants"); looked at again and again while it goes on. */
export type Invariants = {
  look(database: Database): Promise<void>
  /** A whole audit of the books as they stand, in one snapshot. */
  audit(database: Database): Promise<void>
  readonly looks: number
  readonly violations: readonly string[]
}

type WindowRow = { quota_id: string; window_start: Date; limit: string; scope: string; spent: string }

const WINDOWS = `
SELECT w.quota_id, w.window_start, q."limit", q.scope, (w.used + w.leased)::text AS spent FROM quota_window w JOIN quota q ON q.id = w.quota_id`

export function createInvariants(): Invariants {
  const violations = new Set<string>()
  const spentBefore = new Map<string, bigint>()
  const limitBefore = new Map<string, string>()
  let looks = 0

  /** Above a limit that somebody has just lowered, a budget may stand; growing there it must not. A wallet never does: nothing that is used or leased is taken from it. */
  function judge({ quota_id: id, window_start: start, limit, scope, spent }: WindowRow): void {
    const name = `${scope} ${id} from ${start.toISOString()}`
    const [now, earlier] = [BigInt(spent), spentBefore.get(name)]
    spentBefore.set(name, now)
    const isEdited = (limitBefore.get(name) ?? limit) !== limit
    limitBefore.set(name, limit)
    if (now > BigInt(limit) && !isEdited && earlier !== undefined && now > earlier) violations.add(`used + held of ${name} is ${now}, above its limit of ${limit}`)
    if (now > BigInt(limit) && scope === "wallet") violations.add(`used + held of ${name} is ${now}, above its limit of ${limit}`)
    if (now < 0n) violations.add(`used + held of ${name} is ${now}`)
  }

  return {
    async look(database) {
      const { rows } = await database.sql(null, (client) => client.query<WindowRow>(WINDOWS))
      rows.forEach(judge)
      looks += 1
    },
    async audit(database) {
      for (const { finding, subject, recorded, recomputed } of (await auditBooks(database)).differences) violations.add(`audit: ${subject}: ${finding} (${recorded}, ${recomputed})`)
    },
    get looks() {
      return looks
    },
    get violations() {
      return [...violations]
    },
  }
}
