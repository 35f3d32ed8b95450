import { eventData } from "../sse/event-data.ts"
import { createEventSplitter } from "../sse/event-splitter.ts"
import type { StreamDecoder } from "./codec.ts"

export type SseHandlers = {
  /** The data of one event, as text; comments and events without data are none. False: nothing more is wanted. */
  take(data: string): boolean
  /** An event has grown past its bound. */
  overflow(): void
  /** The provider has closed the connection, behind the last event. */
  closed(): void
}

/** Reads a stream of server-sent events for a decoder, wherever the network cut it (W-101 to W-103, W-140). */
export function createSseDecoder({ take, overflow, closed }: SseHandlers): StreamDecoder {
  const splitter = createEventSplitter()
  let over = false
  const takeAll = (events: readonly string[]) => {
    for (const event of events) {
      const data = eventData(event)
      if (data === null || data === "") continue
      if (!take(utf8Of(data))) {
        over = true
        return
      }
    }
  }
  return {
    push(chunk) {
      if (over) return
      takeAll(splitter.push(chunk.toString("latin1")))
      if (!splitter.overflown || over) return
      over = true
      overflow()
    },
    end() {
      if (over) return
      const rest = splitter.rest()
      if (rest !== "") takeAll([rest])
      over = true
      closed()
    },
  }
}

/** Text of one character per byte as what it says; ASCII is that already. */
const utf8Of = (latin1: string): string => (/^[\x00-\x7f]*$/.test(latin1) ? latin1 : Buffer.from(latin1, "latin1").toString("utf8"))
