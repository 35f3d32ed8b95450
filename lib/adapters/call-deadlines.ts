import { type Bagged, createBag } from "#lib/kernel/bag.ts"

/** How late a deadline is noticed at most. */
const SWEEP_MS_MAX = 1_000
/** Short deadlines are looked at more often, so that none is late by more than this part of itself. */
const SWEEPS_PER_DEADLINE = 4

/** A call in progress. */
export type Watched = Bagged & {
  /** When something last came of its answer's body, monotonic; infinite while nothing is waited for. */
  heardMs: number
}

export type CallDeadlines = {
  /** Follows a call until `forget`; `late` is told once, in words, when it takes too long. */
  watch(late: (detail: string) => void): Watched
  forget(call: Watched): void
  /** Monotonic milliseconds. */
  now(): number
  stop(): void
}

type Call = Watched & { readonly startedMs: number; readonly late: (detail: string) => void }

/** Looks after all calls of an adapter with one timer. Measured: timers of their own cost each call 3 µs, nearly all of which end unused. */
export function createCallDeadlines({ idleMsMax, totalMsMax }: { readonly idleMsMax: number; readonly totalMsMax: number }): CallDeadlines {
  const calls = createBag<Call>()
  const now = () => performance.now()

  function sweep(): void {
    const at = now()
    for (const call of calls.all()) {
      if (at - call.startedMs >= totalMsMax) call.late(`not over after ${totalMsMax / 1000} s`)
      else if (at - call.heardMs >= idleMsMax) call.late(`nothing came for ${idleMsMax / 1000} s`)
    }
  }

  const timer = setInterval(sweep, Math.min(SWEEP_MS_MAX, Math.max(1, Math.min(idleMsMax, totalMsMax) / SWEEPS_PER_DEADLINE))).unref()
  return {
    watch(late) {
      const call: Call = { place: -1, startedMs: now(), heardMs: Number.POSITIVE_INFINITY, late }
      calls.add(call)
      return call
    },
    forget: (call) => calls.remove(call as Call),
    now,
    stop: () => clearInterval(timer),
  }
}
