/** Time is passed in, so that tests own it and a process survives a stepped wall clock. */
export type Clock = {
  /** Wall clock: milliseconds since the Unix epoch. For what is written down and for windows. */
  now(): number
  /** Monotonic milliseconds since an arbitrary start. For durations and lease deadlines. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
