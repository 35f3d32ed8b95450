import type { Usage } from "#lib/kernel/usage.ts"

type Fields = Readonly<Record<string, unknown>>

/** More tokens than any request can have: what is beyond it is not a count. */
const COUNT_MAX = 1e12

/**
 * The `usage` object of a chat completion as units that do not overlap. Sources: OpenAI (`prompt_tokens_details`,
 * `completion_tokens_details`), DeepSeek (`prompt_cache_hit_tokens`), Moonshot (`cached_tokens`), OpenRouter (`cache_write_tokens`),
 * Perplexity (`num_search_queries`), Anthropic behind OpenAI's dialect (`cache_creation_input_tokens`). Null where it counts nothing:
 * unknown is not zero (W-100).
 *
 * OpenAI counts reasoning inside `completion_tokens`; xAI beside it, which its total gives away.
 */
export function ccUsage(value: unknown, serviceTier?: unknown): Usage | null {
  const usage = record(value)
  const prompt = count(usage["prompt_tokens"])
  const completion = count(usage["completion_tokens"])
  if (prompt === undefined && completion === undefined) return null
  const promptDetails = record(usage["prompt_tokens_details"])
  const completionDetails = record(usage["completion_tokens_details"])

  const cacheRead = firstCount(promptDetails["cached_tokens"], usage["prompt_cache_hit_tokens"], usage["cached_tokens"], usage["cache_read_input_tokens"])
  const cacheWrite5m = firstCount(promptDetails["cache_write_tokens"], promptDetails["cache_creation_tokens"], usage["cache_creation_input_tokens"])
  const inputAudio = count(promptDetails["audio_tokens"])
  const reasoning = count(completionDetails["reasoning_tokens"])
  const outputAudio = count(completionDetails["audio_tokens"])
  const outputImage = count(completionDetails["image_tokens"])
  const search = firstCount(usage["num_search_queries"], record(usage["server_tool_use"])["web_search_requests"])

  const inside = countedInside(reasoning, prompt, completion, count(usage["total_tokens"])) ? (reasoning ?? 0) : 0
  return {
    ...known("input", rest(prompt, cacheRead, cacheWrite5m, inputAudio)),
    ...known("cacheRead", cacheRead),
    ...known("cacheWrite5m", cacheWrite5m),
    ...known("output", rest(completion, inside, outputAudio, outputImage)),
    ...known("reasoning", reasoning),
    ...known("inputAudio", inputAudio),
    ...known("outputAudio", outputAudio),
    ...known("outputImage", outputImage),
    ...known("search", search),
    ...(typeof serviceTier === "string" && { serviceTier }),
  }
}

function countedInside(reasoning: number | undefined, prompt: number | undefined, completion: number | undefined, total: number | undefined): boolean {
  if (reasoning === undefined || completion === undefined) return true
  if (reasoning > completion) return false
  return !(reasoning > 0 && total !== undefined && total === (prompt ?? 0) + completion + reasoning)
}

const rest = (whole: number | undefined, ...parts: readonly (number | undefined)[]): number | undefined =>
  whole === undefined ? undefined : parts.reduce<number>((left, part) => Math.max(0, left - (part ?? 0)), whole)

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : undefined

const firstCount = (...values: readonly unknown[]): number | undefined => {
  for (const value of values) {
    const found = count(value)
    if (found !== undefined) return found
  }
  return undefined
}

const known = <K extends keyof Usage>(unit: K, value: number | undefined): { readonly [U in K]?: number } =>
  (value === undefined ? {} : { [unit]: value }) as { readonly [U in K]?: number }

const record = (value: unknown): Fields => (value !== null && typeof value === "object" ? (value as Fields) : {})
