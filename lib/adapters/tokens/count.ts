/** Longer texts are counted in pieces: what merges bytes into tokens takes the square of a word's length (measured: 27 s for one word of 100,000 characters). */
const PIECE_CHARACTERS = 1_000

/** How one piece is counted: `gpt-tokenizer`'s own function, or a test's. */
type CountPiece = (piece: string) => number

/** The tokens of some texts, in time that grows with their length alone. */
export function countTexts(texts: readonly string[], count: CountPiece): number {
  let tokens = 0
  for (const text of texts) for (const piece of piecesOf(text)) tokens += count(piece)
  return tokens
}

/** Pieces of a text, cut before a word where one begins in the piece, so that hardly any token is cut in two. */
export function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const most = at + PIECE_CHARACTERS
    let end = Math.min(most, text.length)
    if (most < text.length) {
      const space = text.lastIndexOf(" ", most)
      const line = text.lastIndexOf("\n", most)
      const word = Math.max(space, line)
      if (word > at) end = word
    }
    yield text.slice(at, end)
    at = end
  }
}
