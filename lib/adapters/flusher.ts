import { setTimeout as sleep } from "node:timers/promises"
import type { Id } from "#lib/kernel/ids.ts"
import type { QuotaPort } from "#lib/quota/types.ts"
import type { Book } from "./booking.ts"
import { quotaSums } from "./booking-sums.ts"
import type { Spool } from "./spool.ts"

/** How long an ended call waits for others before it is booked … */
export const FLUSH_MS = 200
export const BATCH_MAX = 500
/**
 * … and how long while a batch is not full. Whatever it holds, a flush is a dozen of statements (measured over twenty organizations: 12 ms
 * of PostgreSQL's CPU, and 0.06 ms for each call), and two processes that share the calls of one would pay for twice as many.
 */
export const FLUSH_MS_MAX = 1_000
/** So few do not wait any longer: who makes a call or two wants to see them, and they cost little. */
export const HANDFUL = 10
const BACKOFF_MS_MAX = 5_000
/** What an orderly stop gives the last batches; what is left is booked from the spool at the next start. */
const STOP_MS_MAX = 15_000

export type Flusher = {
  /** Books until nothing is left, or gives up after 15 s. Resolves to whether all is booked. */
  stop(): Promise<boolean>
  /** Runs `work` while no flush is under way, and no flush while it runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Milliseconds since the oldest failure in a row; null while all is well. */
  readonly failingForMs: number | null
}

export type FlusherOptions = {
  readonly spool: Pick<Spool, "unbooked" | "booked" | "figures">
  readonly quota: Pick<QuotaPort, "flushed">
  readonly book: Book
  readonly processId: Id<"process">
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly log: (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void
}

/** Moves ended calls from the spool to Postgres, in batches, for as long as the process lives; waits and tries again while it is away. */
export function startFlusher({ spool, quota, book, processId, now, log }: FlusherOptions): Flusher {
  const turns = createTurns()
  const stopping = new AbortController()
  let failingSince: number | null = null

  /** Returns how many were booked. */
  async function flushBatch(): Promise<number> {
    const entries = spool.unbooked(BATCH_MAX)
    if (entries.length === 0) return 0
    const { uncoveredQuotas } = await book(processId, entries)
    // Also those that were in the books already: an answer that got lost must not leave its leases behind.
    quota.flushed(quotaSums(entries))
    spool.booked(entries.length)
    if (uncoveredQuotas.length > 0) log("error", "flush.uncovered", { quotas: uncoveredQuotas })
    return entries.length
  }

  async function attempt(): Promise<number | null> {
    try {
      const booked = await turns.take(flushBatch)
      if (failingSince !== null) log("info", "flush.recovered", { unbooked: spool.figures.unbooked })
      failingSince = null
      return booked
    } catch (error) {
      if (failingSince === null) log("warn", "flush.failed", { unbooked: spool.figures.unbooked, error: String(error) })
      failingSince ??= now()
      return null
    }
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {})
  const waitsForMore = () => !stopping.signal.aborted && spool.figures.unbooked > HANDFUL && spool.figures.unbooked < BATCH_MAX

  const running = (async () => {
    let backoffMs = FLUSH_MS
    while (!stopping.signal.aborted) {
      const booked = await attempt()
      backoffMs = booked === null ? Math.min(backoffMs * 2, BACKOFF_MS_MAX) : FLUSH_MS
      if (booked !== null && spool.figures.unbooked >= BATCH_MAX) continue
      await pause(backoffMs)
      for (let waitedMs = backoffMs; waitsForMore() && waitedMs < FLUSH_MS_MAX; waitedMs += FLUSH_MS) await pause(FLUSH_MS)
    }
  })()

  return {
    async stop() {
      stopping.abort()
      await running
      const deadline = now() + STOP_MS_MAX
      while (spool.figures.unbooked > 0 && now() < deadline) {
        if ((await attempt()) === null) await sleep(FLUSH_MS)
      }
      return spool.figures.unbooked === 0
    },
    exclusively: turns.take,
    get failingForMs() {
      return failingSince === null ? null : now() - failingSince
    },
  }
}

/** Lets one piece of work run at a time, in the order of asking. */
function createTurns(): { take<T>(work: () => Promise<T>): Promise<T> } {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(work) {
      const turn = last.then(work)
      last = turn.catch(() => {})
      return turn
    },
  }
}
