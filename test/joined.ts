/** All pieces of something that is written while it is read. */
export async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = ""
  for await (const piece of pieces) text += piece
  return text
}
