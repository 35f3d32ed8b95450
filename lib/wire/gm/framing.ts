import { dataEvent } from "../sse/event-data.ts"

/** How the pieces of a stream stand on the wire. Pieces are JSON of one character per byte, or of UTF-16: framing adds ASCII alone. */
export type Framing = {
  piece(json: string): string
  /** Behind the last piece. */
  readonly ending: string
}

/** Server-sent events where the client asked for `alt=sse`; else one JSON list that grows, as Google answers without it. */
export function createFraming(form: "events" | "list"): Framing {
  if (form === "events") return { piece: dataEvent, ending: "" }
  let begun = false
  return {
    piece(json) {
      const before = begun ? ",\n" : "["
      begun = true
      return before + json
    },
    ending: "]",
  }
}
