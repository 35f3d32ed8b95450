import { isAscii, isUtf8 } from "node:buffer"

/** The ASCII body that was read last, with its text: such a text is at the same time one of one character per byte. */
let read: { readonly body: Buffer; readonly text: string } | null = null

/** The text of a body; null where it is not valid UTF-8. */
export function textOf(body: Buffer): string | null {
  if (!isAscii(body)) return isUtf8(body) ? body.toString("utf8") : null
  const text = body.toString("latin1")
  read = { body, text }
  return text
}

/**
 * A body as a text of one character per byte. Most calls are checked and patched in one go, and most bodies are ASCII: then it is the text
 * that was checked, a copy of the prompt less. It is given away once, so that no prompt stays behind.
 */
export function byteTextOf(body: Buffer): string {
  const text = read?.body === body ? read.text : body.toString("latin1")
  read = null
  return text
}
