import type { AnswerPart, Citation, SearchPart, SearchResult } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { listOf, recordOf, textIn } from "./fields.ts"

/** Sources of one answer, and what they support: more than any answer has. */
const CITATIONS_MAX = 500

const webChunks = (metadata: Fields): readonly (Fields | null)[] => listOf(metadata["groundingChunks"]).map((chunk) => (isRecord(chunk) && isRecord(chunk["web"]) ? chunk["web"] : null))

/** What was searched and found (grounding with Google Search guide): each query is a search; which of them found what is not said. */
export function searchParts(metadata: Fields, newId: () => string): readonly SearchPart[] {
  const results = webChunks(metadata).flatMap((web): SearchResult[] => {
    const url = textIn(web?.["uri"])
    return web === null || url === null ? [] : [{ url, title: textIn(web["title"]) ?? url, pageAge: null }]
  })
  const queries = listOf(metadata["webSearchQueries"]).filter((query): query is string => typeof query === "string")
  return queries.map((query, index) => ({ kind: "search", id: newId(), query, results: index === 0 ? results : [], failed: null }))
}

/** Which stretch of the text rests on which source. Google counts bytes of UTF-8 (Segment reference). */
export function citations(metadata: Fields, text: string): readonly Citation[] {
  const chunks = webChunks(metadata)
  const bytes = Buffer.from(text, "utf8")
  const offset = (value: unknown): number => (typeof value === "number" && value > 0 ? bytes.subarray(0, value).toString("utf8").length : 0)
  return listOf(metadata["groundingSupports"])
    .filter(isRecord)
    .slice(0, CITATIONS_MAX)
    .flatMap((support) => {
      const segment = recordOf(support["segment"])
      return listOf(support["groundingChunkIndices"]).flatMap((index): Citation[] => {
        const web = typeof index === "number" ? chunks[index] : null
        const url = textIn(web?.["uri"])
        if (web === null || web === undefined || url === null) return []
        return [{ url, title: textIn(web["title"]) ?? url, citedText: textIn(segment["text"]), start: offset(segment["startIndex"]), end: offset(segment["endIndex"]) }]
      })
    })
}

/** What an answer of another dialect searched and cited, as Gemini tells it; null: nothing. */
export function groundingMetadata(parts: readonly AnswerPart[]): Fields | null {
  const searches = parts.filter((part): part is SearchPart => part.kind === "search")
  const cited = parts.flatMap((part) => (part.kind === "text" ? (part.citations ?? []).map((citation) => ({ citation, text: part.text })) : []))
  if (searches.length === 0 && cited.length === 0) return null
  const found = new Map<string, string>()
  for (const { results } of searches) for (const { url, title } of results) if (!found.has(url)) found.set(url, title)
  for (const { citation } of cited) if (!found.has(citation.url)) found.set(citation.url, citation.title)
  const urls = [...found.keys()]
  const bytesTo = (text: string, end: number | null) => (end === null ? undefined : Buffer.byteLength(text.slice(0, end)))
  return {
    webSearchQueries: searches.map(({ query }) => query),
    groundingChunks: [...found].map(([uri, title]) => ({ web: { uri, title } })),
    groundingSupports: cited.map(({ citation, text }) => ({
      segment: { startIndex: bytesTo(text, citation.start), endIndex: bytesTo(text, citation.end), text: citation.citedText ?? (citation.start === null || citation.end === null ? "" : text.slice(citation.start, citation.end)) },
      groundingChunkIndices: [urls.indexOf(citation.url)],
    })),
  }
}
