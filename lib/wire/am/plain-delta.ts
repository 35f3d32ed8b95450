/** A delta of text as Anthropic writes it: most of a stream. */
export type PlainDelta = { readonly index: number; readonly text: string }

const HEAD = '{"type":"content_block_delta","index":'
const KINDS = [',"delta":{"type":"text_delta","text":"', ',"delta":{"type":"thinking_delta","thinking":"', ',"delta":{"type":"input_json_delta","partial_json":"'] as const
const ENDING = '"}}'
/** Anthropic pads its events with spaces, so that their lengths say nothing. */
const TAIL = /^\} *\} *$/
const BACKSLASH = "\\"

/**
 * Reads such an event without building its objects (measured: a stream takes a third less time to decode); null: it is written in another way, and
 * has to be parsed.
 */
export function plainDelta(data: string): PlainDelta | null {
  if (!data.startsWith(HEAD)) return null
  const comma = data.indexOf(",", HEAD.length)
  const kind = KINDS.find((words) => data.startsWith(words, comma))
  const end = data.endsWith(ENDING) ? data.length - ENDING.length : data.lastIndexOf('"')
  if (kind === undefined || comma + kind.length > end || !TAIL.test(data.slice(end + 1))) return null
  const index = Number(data.slice(HEAD.length, comma))
  const text = unescaped(data.slice(comma + kind.length, end))
  return text === null || !Number.isSafeInteger(index) ? null : { index, text }
}

/** The text of a JSON string's inside; null: it is not the inside of one string. */
function unescaped(inside: string): string | null {
  if (!inside.includes(BACKSLASH)) return inside.includes('"') ? null : inside
  try {
    return JSON.parse(`"${inside}"`) as string
  } catch {
    return null
  }
}
