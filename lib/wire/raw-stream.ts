import type { CutShort, Seen, StreamReader, StreamState } from "./raw-lane.ts"
import { createEventSplitter } from "./sse/event-splitter.ts"
import { wordsOf } from "./upstream-words.ts"

/** The provider says that no more is to come. */
export const STREAM_OVER: StreamState = { kind: "finished" }
const OPEN: StreamState = { kind: "open" }

/** An error in the stream, with what it says; or, of anything that has no words, something that is no stream of this dialect. */
export const streamFailed = (said: unknown): StreamState => ({ kind: "failed", words: wordsOf(said) })

/** What one dialect knows of its streams: what each event means, and when an answer is whole. */
export type StreamEvents = {
  /** Learns from one event, without its blank line; returns what the client gets of it, or how it ends the stream. */
  take(event: string): string | StreamState
  /** Whether this is an event, and not half of one that never came. */
  isEvent(text: string): boolean
  /** Whether nothing is missing of the answer when the stream ends here. */
  readonly whole: boolean
  /** What tells a client that the answer is whole; ours to write, since providers write it behind broken answers or not at all. */
  readonly ending: string
  readonly started: boolean
  readonly seen: Seen
  readonly outputTokensEstimated: number
  /** The events that end an answer at our own limit, `ending` not among them. From then on the answer is whole. */
  cutShort(end: CutShort): string
  /** `StreamReader.answer`. */
  answer?(): Buffer | null
}

/** Reads a stream of server-sent events on its way to a client of the same dialect. */
export function createRawStream(events: StreamEvents): StreamReader {
  const splitter = createEventSplitter()
  let state: StreamState = OPEN
  const is = (kind: StreamState["kind"]): boolean => state.kind === kind

  function takeAll(texts: readonly string[]): string {
    let out = ""
    for (const text of texts) {
      const taken = events.take(text)
      if (typeof taken !== "string") {
        state = taken
        break
      }
      out += taken
    }
    return out
  }

  /** An end, said or by closing, makes an answer complete only where nothing of it is missing (W-104, W-141). */
  function conclude(): string {
    state = events.whole ? STREAM_OVER : streamFailed(null)
    return events.whole ? events.ending : ""
  }

  return {
    push(chunk) {
      if (!is("open")) return ""
      const text = chunk.toString("latin1")
      const aligned = !splitter.pending
      const out = takeAll(splitter.push(text))
      if (splitter.overflown) {
        state = streamFailed(null)
        return ""
      }
      if (is("finished")) return out + conclude()
      // Nothing was held back, changed or left out: the bytes go on as they are.
      return aligned && out === text ? chunk : out
    },
    end() {
      if (!is("open")) return ""
      const rest = splitter.rest()
      // An event without its blank line is whole, or half of one that never came: that half is nobody's to see.
      const out = events.isEvent(rest) ? takeAll([rest]) : ""
      return is("failed") ? out : out + conclude()
    },
    get state() {
      return state
    },
    get started() {
      return events.started
    },
    get seen() {
      return events.seen
    },
    get outputTokensEstimated() {
      return events.outputTokensEstimated
    },
    cutShort(end) {
      if (!is("open") || events.whole) return null
      state = STREAM_OVER
      return events.cutShort(end) + events.ending
    },
    answer: () => events.answer?.() ?? null,
  }
}
