import type { StreamReader, StreamState } from "../raw-lane.ts"
import { seenOf } from "./around-lane.ts"

/** Passes bytes as they come. They say nothing of themselves: whoever closes the connection in order has sent them all. */
export function createByteReader(): StreamReader {
  let state: StreamState = { kind: "open" }
  let started = false
  const seen = seenOf(null)
  return {
    push(chunk) {
      started ||= chunk.length > 0
      return chunk
    },
    end() {
      state = started ? { kind: "finished" } : { kind: "failed", words: null }
      return ""
    },
    get state() {
      return state
    },
    get started() {
      return started
    },
    seen,
    outputTokensEstimated: 0,
    cutShort: () => null,
  }
}
