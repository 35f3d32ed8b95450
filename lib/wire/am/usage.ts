import { count, type Usage } from "#lib/kernel/usage.ts"
import { type Fields, isRecord } from "../request-fields.ts"

const promptCounts = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"] as const
const promptFields: readonly string[] = [...promptCounts, "cache_creation"]

/**
 * The `usage` object of a message as units that do not overlap (messages reference, usage; prompt caching guide). `input_tokens` is
 * without the cached part; what was written into the cache for five minutes and for an hour stands apart, and counts as five minutes
 * where only its sum is given. Compactions are billed but stand in `iterations` alone. `searches`: as counted in the answer, for where
 * the provider counts none. Null where it counts nothing: unknown is not
 * zero (W-100).
 */
export function amUsage(value: unknown, searches?: number): Usage | null {
  const usage = record(value)
  const counts = [usage, ...compactions(usage)].map(countsOf)
  const [own] = counts
  if (own === undefined || (own.input === undefined && own.output === undefined)) return null
  const search = count(record(usage["server_tool_use"])["web_search_requests"]) ?? searches
  const tier = usage["speed"] === "fast" ? "fast" : usage["service_tier"]
  return {
    ...summed(counts, "input"),
    ...summed(counts, "cacheRead"),
    ...summed(counts, "cacheWrite5m"),
    ...summed(counts, "cacheWrite1h"),
    ...summed(counts, "output"),
    ...(search !== undefined && { search }),
    ...(typeof tier === "string" && { serviceTier: tier }),
  }
}

/**
 * The usage of a stream so far: the last count of each field, never a sum (W-99). Some providers repeat the prompt's fields in the end
 * with zeros; a prompt that was counted before is not emptied by that.
 */
export function laterUsage(earlier: Fields | null, later: unknown): Fields | null {
  if (!isRecord(later)) return earlier
  const emptied = earlier !== null && promptCounts.every((name) => (count(later[name]) ?? 0) === 0)
  const given = Object.entries(later).filter(([name, value]) => value !== null && value !== undefined && !(emptied && promptFields.includes(name)))
  return { ...earlier, ...Object.fromEntries(given) }
}

/** Searches among an answer's blocks, for providers that run them and do not count them; undefined where there are none. */
export function searchesIn(blocks: readonly unknown[]): number | undefined {
  const searches = blocks.filter((block) => isRecord(block) && block["type"] === "server_tool_use" && block["name"] === "web_search").length
  return searches === 0 ? undefined : searches
}

type Counts = { readonly [U in "input" | "cacheRead" | "cacheWrite5m" | "cacheWrite1h" | "output"]: number | undefined }

function countsOf(usage: Fields): Counts {
  const written = count(usage["cache_creation_input_tokens"])
  const byLife = record(usage["cache_creation"])
  const hour = count(byLife["ephemeral_1h_input_tokens"])
  const fiveMinutes = written === undefined ? count(byLife["ephemeral_5m_input_tokens"]) : Math.max(0, written - (hour ?? 0))
  return { input: count(usage["input_tokens"]), cacheRead: count(usage["cache_read_input_tokens"]), cacheWrite5m: fiveMinutes, cacheWrite1h: hour, output: count(usage["output_tokens"]) }
}

const compactions = (usage: Fields): readonly Fields[] =>
  Array.isArray(usage["iterations"]) ? (usage["iterations"] as readonly unknown[]).filter((one): one is Fields => isRecord(one) && one["type"] === "compaction") : []

function summed<K extends keyof Counts>(counts: readonly Counts[], unit: K): { readonly [U in K]?: number } {
  const known = counts.map((one) => one[unit]).filter((value) => value !== undefined)
  return (known.length === 0 ? {} : { [unit]: known.reduce((sum, value) => sum + value, 0) }) as { readonly [U in K]?: number }
}

const record = (value: unknown): Fields => (isRecord(value) ? value : {})
