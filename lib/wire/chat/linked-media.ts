import type { AudioPart, DocumentPart, ImagePart, Media, Part, VideoPart } from "./part.ts"
import type { ChatRequest } from "./request.ts"

/** What can be brought for a provider that fetches nothing at all. */
export const isWebAddress = (address: string): boolean => /^https?:/i.test(address)

/** What may stand at an address. */
export type LinkedKind = (ImagePart | AudioPart | VideoPart | DocumentPart)["kind"]

/** The addresses of pictures, recordings, films and documents that a provider does not fetch itself (W-62), each once. */
export function linkedAddresses({ turns }: ChatRequest, isBrought: (address: string, kind: LinkedKind) => boolean): readonly string[] {
  const addresses = new Set<string>()
  for (const { parts } of turns) for (const part of parts) for (const one of part.kind === "toolResult" ? part.content : [part]) {
    const address = addressOf(one)
    if (address !== null && isBrought(address, one.kind as LinkedKind)) addresses.add(address)
  }
  return [...addresses]
}

/** The request with what was fetched in place of the addresses; new parts, the given ones stay as they are (W-78). */
export function withFetched(request: ChatRequest, fetched: ReadonlyMap<string, Media>): ChatRequest {
  const brought = <P extends Part>(part: P): P => {
    const media = fetched.get(addressOf(part) ?? "")
    return media === undefined ? part : { ...part, media }
  }
  const turns = request.turns.map((turn) => ({ ...turn, parts: turn.parts.map((part) => (part.kind === "toolResult" ? { ...part, content: part.content.map(brought) } : brought(part))) }))
  return { ...request, turns }
}

function addressOf(part: Part): string | null {
  if (part.kind !== "image" && part.kind !== "audio" && part.kind !== "video" && part.kind !== "document") return null
  return part.media.kind === "url" ? part.media.url : null
}
