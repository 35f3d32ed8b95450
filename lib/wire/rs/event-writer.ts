export type EventWriter = {
  /** One event; the number that it has in the sequence is added. */
  write(type: string, members: object): string
  /** The same for members that are JSON text already, without their braces. */
  writeJson(type: string, members: string): string
  /** Everything of a delta before its text: the same for all deltas of one place. */
  beginning(type: string, place: object): string
  /** A delta, from its beginning, its text and what stands behind the text: most of a stream, so that only the text is written anew. */
  delta(beginning: string, text: string, rest: string): string
  /** Events written so far. */
  readonly count: number
}

/** Writes events as OpenAI's server does: named, and numbered from 0 (API reference, responses streaming). */
export function createEventWriter(): EventWriter {
  let count = 0
  return {
    write: (type, members) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members, sequence_number: count++ })}\n\n`,
    writeJson: (type, members) => `event: ${type}\ndata: {"type":"${type}",${members},"sequence_number":${count++}}\n\n`,
    beginning: (type, place) => `event: ${type}\ndata: ${JSON.stringify({ type, ...place }).slice(0, -1)},"delta":`,
    delta: (beginning, text, rest) => `${beginning}${JSON.stringify(text)}${rest},"sequence_number":${count++}}\n\n`,
    get count() {
      return count
    },
  }
}
