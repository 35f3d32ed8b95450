export const SEARCH_CHARACTERS_MAX = 200

/** What a list is searched for, from an address that anybody may have typed: trimmed and bounded; empty where there is none. */
export const searchOf = (value: string | readonly string[] | undefined): string => (typeof value === "string" ? value.trim().slice(0, SEARCH_CHARACTERS_MAX) : "")

/** Whether every word of `search` stands in one of the texts, whatever its case. An empty search finds everything. */
export function isFound(search: string, texts: readonly (string | null)[]): boolean {
  const lower = texts.flatMap((text) => (text === null ? [] : [text.toLowerCase()]))
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => word === "" || lower.some((text) => text.includes(word)))
}
