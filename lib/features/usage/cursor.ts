/** A place in the list of calls, newest first. */
export type CallCursor = { readonly admittedAtMs: number; readonly id: string }

/** The cursor as it stands in a URL: the moment in base 36, a dot, the request id. */
export const encodeCursor = ({ admittedAtMs, id }: CallCursor): string => `${admittedAtMs.toString(36)}.${id}`

/** The inverse; null for anything that is not a cursor. */
export function decodeCursor(text: string): CallCursor | null {
  const match = /^([0-9a-z]{1,9})\.(req_[0-9A-Za-z]{1,64})$/.exec(text)
  return match === null ? null : { admittedAtMs: Number.parseInt(match[1] ?? "", 36), id: match[2] ?? "" }
}
