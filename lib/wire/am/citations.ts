import type { Citation } from "../chat/part.ts"
import { readSignature, writeSignature } from "../chat/signature.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/** A source that has an address (web search and search results guides). */
export function citationOf(value: unknown): Citation | null {
  if (!isRecord(value)) return null
  const url = value["url"] ?? value["source"]
  if (typeof url !== "string") return null
  const { title, cited_text: cited, encrypted_index: index } = value
  return { url, title: typeof title === "string" ? title : "", citedText: typeof cited === "string" ? cited : null, start: null, end: null, ...(typeof index === "string" && index !== "" && { opaque: readSignature(index, "am") }) }
}

export const citationsIn = (value: unknown): readonly Citation[] => (Array.isArray(value) ? (value as readonly unknown[]).flatMap((one) => citationOf(one) ?? []) : [])

/** A source that a search found (web search tool guide, citations). */
export const citationBlock = ({ url, title, citedText, opaque }: Citation): Fields => ({ type: "web_search_result_location", url, title, encrypted_index: opaque === undefined ? "" : writeSignature(opaque, "am"), cited_text: citedText ?? "" })

/** Whether Anthropic takes a citation back: only with its own proof of the place (web search tool guide, multi-turn conversations). */
export const isProven = ({ opaque }: Citation): boolean => opaque?.origin === "am"
