import type { PostingCursor } from "./repository.ts"

/** The cursor as it stands in a URL: the moment in base 36, a dot, the posting's id, or that of a statement's line of a day's usage. */
export const encodePostingCursor = ({ atMs, id }: PostingCursor): string => `${atMs.toString(36)}.${id}`

/** The inverse; null for anything that is not a cursor. */
export function decodePostingCursor(text: string): PostingCursor | null {
  const match = /^([0-9a-z]{1,9})\.(post_(?:[0-9A-Za-z]{1,64}|~))$/.exec(text)
  return match === null ? null : { atMs: Number.parseInt(match[1] ?? "", 36), id: match[2] ?? "" }
}
