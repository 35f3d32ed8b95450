/** What an attempt says about the health of the credential it used. */
export type Verdict =
  | { readonly kind: "healthy" }
  /** The upstream did not answer as it should: counts toward the error rate. */
  | { readonly kind: "failing" }
  /** The credential itself was refused (401, 402, 403): no rate is needed to know that the next call fails too. */
  | { readonly kind: "refused" }
  /** The upstream asked for a pause (429): not an error, but nothing is sent before it is over. */
  | { readonly kind: "pausing"; readonly seconds: number | null }
  /** The attempt ended for a reason of ours or the client's. */
  | { readonly kind: "unknown" }

export type Breaker = {
  /** Milliseconds until the credential may be tried again; 0: now. Takes nothing. */
  waitMs(id: string): number
  /** Starts an attempt; false where the credential is not to be tried now. A started attempt ends with `report`. */
  begin(id: string): boolean
  report(id: string, verdict: Verdict): void
}

const WINDOW_MS = 30_000
const FAILURES_MIN = 5
const FAILURE_RATE_MIN = 0.5
const OPEN_MS_FIRST = 5_000
const OPEN_MS_MAX = 120_000
const REFUSED_MS_FIRST = 30_000
const PAUSE_SECONDS_DEFAULT = 5
const PAUSE_SECONDS_MAX = 600
/** Credentials that are remembered; the longest unused is forgotten first. */
const CREDENTIALS_MAX = 10_000

type Circuit = {
  /** The window's counts since `windowStart`, and those of the window before it. */
  windowStart: number
  attempts: number
  failures: number
  attemptsBefore: number
  failuresBefore: number
  /** Monotonic; 0: closed. */
  openUntil: number
  openMs: number
  /** Half open: one probe decides. */
  tripped: boolean
  probing: boolean
}

/**
 * A circuit breaker per credential (DESIGN.md, dispatch): opens on an error rate within a sliding window, never on one error, and
 * closes when a single probe succeeds. Each failed probe doubles the wait. `monotonic` is in milliseconds.
 */
export function createBreaker(monotonic: () => number): Breaker {
  const circuits = new Map<string, Circuit>()

  const circuitOf = (id: string): Circuit => {
    const known = circuits.get(id)
    if (known !== undefined) return known
    if (circuits.size >= CREDENTIALS_MAX) circuits.delete(circuits.keys().next().value ?? id)
    const made = { windowStart: monotonic(), attempts: 0, failures: 0, attemptsBefore: 0, failuresBefore: 0, openUntil: 0, openMs: 0, tripped: false, probing: false }
    circuits.set(id, made)
    return made
  }

  /** One that was never open asks for no time: most are, and each call asks several times. */
  const stillOpenMs = ({ openUntil }: Circuit): number => (openUntil === 0 ? 0 : Math.max(0, openUntil - monotonic()))

  return {
    waitMs(id) {
      const circuit = circuits.get(id)
      return circuit === undefined ? 0 : stillOpenMs(circuit)
    },
    begin(id) {
      const circuit = circuitOf(id)
      if (stillOpenMs(circuit) > 0 || circuit.probing) return false
      circuit.probing = circuit.tripped
      return true
    },
    report(id, verdict) {
      const circuit = circuitOf(id)
      const now = monotonic()
      const probed = circuit.probing
      circuit.probing = false
      switch (verdict.kind) {
        case "healthy":
          count(circuit, now, false)
          if (probed) close(circuit, now)
          return
        case "failing":
          count(circuit, now, true)
          if (probed || isFailing(circuit, now)) open(circuit, now, OPEN_MS_FIRST)
          return
        case "refused":
          open(circuit, now, REFUSED_MS_FIRST)
          return
        case "pausing":
          circuit.openUntil = Math.max(circuit.openUntil, now + 1_000 * Math.min(verdict.seconds ?? PAUSE_SECONDS_DEFAULT, PAUSE_SECONDS_MAX))
          return
        case "unknown":
          return
      }
    },
  }
}

function count(circuit: Circuit, now: number, failed: boolean): void {
  const windows = Math.floor((now - circuit.windowStart) / WINDOW_MS)
  if (windows > 0) {
    circuit.attemptsBefore = windows === 1 ? circuit.attempts : 0
    circuit.failuresBefore = windows === 1 ? circuit.failures : 0
    circuit.attempts = 0
    circuit.failures = 0
    circuit.windowStart += windows * WINDOW_MS
  }
  circuit.attempts++
  if (failed) circuit.failures++
}

/** The window before counts for the share of it that still lies within the sliding window. */
function isFailing(circuit: Circuit, now: number): boolean {
  const share = 1 - (now - circuit.windowStart) / WINDOW_MS
  const failures = circuit.failures + circuit.failuresBefore * share
  return failures >= FAILURES_MIN && failures >= FAILURE_RATE_MIN * (circuit.attempts + circuit.attemptsBefore * share)
}

function open(circuit: Circuit, now: number, firstMs: number): void {
  circuit.openMs = Math.min(Math.max(circuit.openMs * 2, firstMs), OPEN_MS_MAX)
  circuit.openUntil = now + circuit.openMs
  circuit.tripped = true
}

function close(circuit: Circuit, now: number): void {
  Object.assign(circuit, { windowStart: now, attempts: 0, failures: 0, attemptsBefore: 0, failuresBefore: 0, openUntil: 0, openMs: 0, tripped: false })
}
