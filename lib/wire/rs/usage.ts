import { completionTokens, promptTokens, type Usage } from "#lib/kernel/usage.ts"
import { ccUsage } from "../cc/usage.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/**
 * The `usage` of a response as units that do not overlap (API reference, responses, usage): what chat completions count, under other
 * names. Searches are counted among the answer's items, since OpenAI's usage leaves them out. Null where nothing is counted (W-100).
 */
export function rsUsage(response: Fields, searches?: number): Usage | null {
  const usage = isRecord(response["usage"]) ? response["usage"] : {}
  const counts = ccUsage(
    {
      ...usage,
      prompt_tokens: usage["input_tokens"],
      completion_tokens: usage["output_tokens"],
      prompt_tokens_details: usage["input_tokens_details"],
      completion_tokens_details: usage["output_tokens_details"],
    },
    response["service_tier"],
  )
  const search = counts?.search ?? searches
  return counts === null || search === undefined ? counts : { ...counts, search }
}

/**
 * Counts as a response shows them. OpenAI's shape has both details at all times, and its clients read them unasked, so that here alone an
 * unknown count is written as 0 (W-100; API reference, responses, usage).
 */
export function usageObject(counts: Usage, reasoningTokens: number | null = null): Fields {
  const input = promptTokens(counts)
  const output = completionTokens(counts)
  const written = (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0)
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: counts.cacheRead ?? 0, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? counts.reasoning ?? 0 },
    total_tokens: input + output,
  }
}

/** Searches among an answer's items; opening a page and finding in it cost nothing (OpenAI pricing, web search). Undefined where there are none. */
export function searchesIn(output: unknown): number | undefined {
  if (!Array.isArray(output)) return undefined
  const searches = (output as readonly unknown[]).filter(isSearchCall).length
  return searches === 0 ? undefined : searches
}

export const isSearchCall = (item: unknown): boolean =>
  isRecord(item) && item["type"] === "web_search_call" && !(isRecord(item["action"]) && (item["action"]["type"] === "open_page" || item["action"]["type"] === "find_in_page" || item["action"]["type"] === "find"))
