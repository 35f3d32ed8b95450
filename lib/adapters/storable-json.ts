/** Escapes as `JSON.stringify` writes them, in their order, so that the second half of an escaped backslash begins none. */
const ESCAPES = /\\(?:u([0-9a-f]{4})|.)/g
const SUSPECT = /\\u(?:0000|d[89a-f])/
const REPLACEMENT_CHARACTER = "\ufffd"

/**
 * A value as JSON that Postgres takes: its texts hold neither NUL nor half of a surrogate pair (manual, JSON types, 8.14), and providers,
 * who repeat what clients have sent, say both. Each is replaced by U+FFFD. `JSON.stringify` escapes a surrogate only where it stands alone.
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value)
  if (!SUSPECT.test(json)) return json
  return json.replace(ESCAPES, (escape, code: string | undefined) => (code !== undefined && (code === "0000" || code.startsWith("d")) ? REPLACEMENT_CHARACTER : escape))
}

/** A text as Postgres takes it for a parameter; half of a surrogate pair is replaced on its way by the driver. */
export const storableText = (text: string): string => text.replaceAll("\0", REPLACEMENT_CHARACTER)
