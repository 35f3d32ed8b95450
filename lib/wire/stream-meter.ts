import { BYTES_PER_TOKEN } from "./estimate.ts"

export type StreamMeter = {
  /** One event with something of the answer in it, by the length of its data. */
  add(bytes: number): void
  /** An estimate of the output tokens so far, for streams that end without usage (W-98, W-110). */
  tokens(): number
}

/**
 * Estimates what a stream has produced without reading it. All events of a stream share an envelope, and the shortest one is little
 * more than that; what the others have beyond it is content. No event is worth less than one token: providers send at least one.
 */
export function createStreamMeter(): StreamMeter {
  let events = 0
  let bytes = 0
  let shortest = Number.POSITIVE_INFINITY
  return {
    add(length) {
      events++
      bytes += length
      if (length < shortest) shortest = length
    },
    tokens: () => (events === 0 ? 0 : Math.max(events, Math.ceil((bytes - events * shortest) / BYTES_PER_TOKEN))),
  }
}
