import { BYTES_PER_TOKEN } from "./estimate.ts"

export type StreamMeter = {
  /** One event with something of the answer in it, by the length of its data; `contentBytes`: of that the answer's own, where it was read. */
  add(bytes: number, contentBytes?: number): void
  /** An estimate of the output tokens so far, for streams that end without usage (W-98, W-110). */
  tokens(): number
}

/**
 * Estimates what a stream has produced without reading it. All events of a stream share an envelope: what an event that was read has
 * beside its content, or else the shortest one, which is little more than that. What the others have beyond it is content. No event is
 * worth less than one token: providers send at least one.
 */
export function createStreamMeter(): StreamMeter {
  let events = 0
  let bytes = 0
  let shortest = Number.POSITIVE_INFINITY
  return {
    add(length, contentBytes = 0) {
      events++
      bytes += length
      if (length - contentBytes < shortest) shortest = length - contentBytes
    },
    tokens: () => (events === 0 ? 0 : Math.max(events, Math.ceil((bytes - events * shortest) / BYTES_PER_TOKEN))),
  }
}
