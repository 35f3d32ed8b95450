/** The largest event that is kept while its end has not come. An image in base64 is the largest thing that providers send. */
export const EVENT_BYTES_MAX = 32 * 1024 * 1024

export type EventSplitter = {
  /** Takes bytes as text of one character per byte (latin1); returns the events that they complete, without their blank lines. */
  push(text: string): readonly string[]
  /** What came after the last blank line: an event of a stream without a final newline. Empty where there is none. */
  rest(): string
  /** Whether an event has begun that is not complete. */
  readonly pending: boolean
  /** True when an unfinished event has grown past its bound; nothing more is taken then. */
  readonly overflown: boolean
}

const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf"

/**
 * Cuts a server-sent event stream into its events, wherever the network cut it. Lines may end in LF, CRLF or CR; events come out
 * with LF. One character per byte keeps a UTF-8 character whole that two chunks share, and searching such strings costs no call
 * out of JavaScript. Each byte is searched once, so an event of a megabyte in a thousand pieces takes linear time.
 */
export function createEventSplitter(eventBytesMax = EVENT_BYTES_MAX): EventSplitter {
  let parts: string[] = []
  let bytes = 0
  let endsInNewline = false
  let endsInCarriageReturn = false
  let first = true
  let overflown = false

  const take = (last: string): string => {
    let event = last
    if (parts.length > 0) {
      parts.push(last)
      event = parts.join("")
      parts = []
      bytes = 0
    }
    if (first && event !== "") {
      first = false
      if (event.startsWith(BYTE_ORDER_MARK)) event = event.slice(BYTE_ORDER_MARK.length)
    }
    return event.charCodeAt(0) === 0x0a ? event.replace(/^\n+/, "") : event
  }

  const keep = (text: string): void => {
    if (text === "") return
    parts.push(text)
    bytes += text.length
    endsInNewline = text.endsWith("\n")
    overflown = bytes > eventBytesMax
  }

  /** LF alone: a CR ends a line at once, and an LF right behind it, even in the next chunk, belongs to it. */
  const withLineFeeds = (text: string): string => {
    const own = endsInCarriageReturn && text.startsWith("\n") ? text.slice(1) : text
    if (text !== "") endsInCarriageReturn = text.endsWith("\r")
    return own.replace(/\r\n?/g, "\n")
  }

  return {
    push(chunk) {
      if (overflown) return []
      const text = endsInCarriageReturn || chunk.includes("\r") ? withLineFeeds(chunk) : chunk
      const events: string[] = []
      const add = (event: string) => {
        if (event !== "") events.push(event)
      }
      let from = 0
      if (parts.length > 0 && endsInNewline && text.startsWith("\n")) {
        add(take("").replace(/\n$/, ""))
        from = 1
      }
      for (;;) {
        const end = text.indexOf("\n\n", from)
        if (end === -1) break
        add(take(text.slice(from, end)))
        from = end + 2
      }
      keep(from === 0 ? text : text.slice(from))
      return events
    },
    rest: () => take("").replace(/\n+$/, ""),
    get pending() {
      return parts.length > 0
    },
    get overflown() {
      return overflown
    },
  }
}
