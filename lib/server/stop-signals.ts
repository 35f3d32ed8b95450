/**
 * One Ctrl-C reaches us several times: from the terminal, and again from npm and the launcher, which pass it on. What follows the
 * first within this time is its echo.
 */
const ECHO_MS_MAX = 1_000

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

export type StopSignals = {
  /** Resolves at the first signal. */
  readonly stopped: Promise<void>
  readonly isStopped: boolean
}

/** Listens for the signals that end a server. `onSecond` is called at one that follows the first but is no echo of it. */
export function listenForStop(monotonic: () => number, onSecond: () => void, source: Pick<NodeJS.Process, "on"> = process): StopSignals {
  let firstMs: number | null = null
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  const onSignal = () => {
    if (firstMs === null) {
      firstMs = monotonic()
      resolve()
    } else if (monotonic() - firstMs > ECHO_MS_MAX) onSecond()
  }
  for (const signal of signals) source.on(signal, onSignal)
  return {
    stopped,
    get isStopped() {
      return firstMs !== null
    },
  }
}
