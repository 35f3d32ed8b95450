import type { Usage } from "#lib/kernel/usage.ts"

type Fields = Readonly<Record<string, unknown>>

/** More tokens than any request can have: what is beyond it is not a count. */
const COUNT_MAX = 1e12

/**
 * The `usage` object of a chat completion as units that do not overlap. Sources: OpenAI (`prompt_tokens_details`,
 * `completion_tokens_details`), DeepSeek (`prompt_cache_hit_tokens`), Moonshot (`cached_tokens`), OpenRouter (`cache_write_tokens`),
 * Perplexity (`num_search_queries`, `citation_tokens`), Mistral (`prompt_audio_seconds`), Alibaba and Anthropic behind OpenAI's
 * dialect (`cache_creation_input_tokens`, `cache_creation`). Null where it counts nothing: unknown is not zero (W-100).
 */
export function ccUsage(value: unknown, serviceTier?: unknown): Usage | null {
  const usage = record(value)
  const prompt = count(usage["prompt_tokens"])
  const completion = count(usage["completion_tokens"])
  if (prompt === undefined && completion === undefined) return null
  const promptDetails = record(usage["prompt_tokens_details"])
  const completionDetails = record(usage["completion_tokens_details"])

  const cacheRead = firstCount(promptDetails["cached_tokens"], usage["prompt_cache_hit_tokens"], usage["cached_tokens"], usage["cache_read_input_tokens"])
  const { cacheWrite5m, cacheWrite1h } = cacheWrites(usage, promptDetails)
  const inputAudio = count(promptDetails["audio_tokens"])
  const outputAudio = count(completionDetails["audio_tokens"])
  const outputImage = count(completionDetails["image_tokens"])
  const search = firstCount(usage["num_search_queries"], record(usage["server_tool_use"])["web_search_requests"])
  const citations = search === undefined ? undefined : count(usage["citation_tokens"])
  const reported = firstCount(completionDetails["reasoning_tokens"], usage["reasoning_tokens"])

  const cache = (cacheRead ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0)
  const sides = sidesOf({ prompt: prompt ?? 0, completion: completion ?? 0, total: count(usage["total_tokens"]), cache, reasoning: reported, research: citations !== undefined })
  return {
    ...known("input", plus(rest(prompt, sides.cacheInside, inputAudio), citations)),
    ...known("cacheRead", cacheRead),
    ...known("cacheWrite5m", cacheWrite5m),
    ...known("cacheWrite1h", cacheWrite1h),
    ...known("output", rest(completion, sides.reasoningInside, outputAudio, outputImage)),
    ...known("reasoning", sides.reasoning),
    ...known("inputAudio", inputAudio),
    ...known("outputAudio", outputAudio),
    ...known("outputImage", outputImage),
    ...known("search", search),
    ...known("second", count(usage["prompt_audio_seconds"])),
    ...(typeof serviceTier === "string" && { serviceTier }),
  }
}

/** Writes for an hour cost more than those for five minutes; where nothing tells them apart, they are the latter. */
function cacheWrites(usage: Fields, promptDetails: Fields): Pick<Usage, "cacheWrite5m" | "cacheWrite1h"> {
  const split = [promptDetails["cache_creation"], promptDetails["cache_creation_token_details"], usage["cache_creation"]].map(record)
  const hour = firstCount(...split.map((one) => one["ephemeral_1h_input_tokens"]))
  const all = firstCount(
    promptDetails["cache_write_tokens"],
    promptDetails["cache_creation_tokens"],
    promptDetails["cache_creation_input_tokens"],
    usage["cache_creation_input_tokens"],
    ...split.map((one) => one["cache_creation_input_tokens"]),
  )
  const minutes = all === undefined ? firstCount(...split.map((one) => one["ephemeral_5m_input_tokens"])) : Math.max(0, all - (hour ?? 0))
  return { ...known("cacheWrite5m", minutes), ...known("cacheWrite1h", hour) }
}

type Reported = {
  readonly prompt: number
  readonly completion: number
  readonly total: number | undefined
  /** Tokens read from caches and written to them. */
  readonly cache: number
  readonly reasoning: number | undefined
  /** Perplexity's research counts its reading and its reasoning in no other number, not even in the total. */
  readonly research: boolean
}

type Sides = { readonly cacheInside: number; readonly reasoningInside: number; readonly reasoning: number | undefined }

/**
 * What the prompt and the completion already include. OpenAI counts the cache inside the prompt and reasoning inside the completion;
 * xAI and Gemini count reasoning beside, which their total gives away, and Gemini may give no number for it but that total
 * (github.com/mozilla-ai/any-llm/issues/1290). Relays of Anthropic count the cache beside (github.com/BerriAI/litellm/issues/15056).
 * What is more than the whole cannot be inside of it.
 */
function sidesOf({ prompt, completion, total, cache, reasoning, research }: Reported): Sides {
  const beside = total === undefined ? 0 : Math.max(0, total - prompt - completion)
  const thought = reasoning ?? 0
  const cacheBeside = cache > prompt || (beside > 0 && cache > 0 && (beside === cache || beside === cache + thought))
  const reasoningBeside = research || thought > completion || (beside > 0 && thought > 0 && (beside === thought || beside === cache + thought))
  const hidden = reasoning === undefined && !cacheBeside && beside > 0 ? beside : undefined
  return { cacheInside: cacheBeside ? 0 : cache, reasoningInside: reasoningBeside ? 0 : thought, reasoning: reasoning ?? hidden }
}

const rest = (whole: number | undefined, ...parts: readonly (number | undefined)[]): number | undefined =>
  whole === undefined ? undefined : parts.reduce<number>((left, part) => Math.max(0, left - (part ?? 0)), whole)

const plus = (a: number | undefined, b: number | undefined): number | undefined => (b === undefined ? a : (a ?? 0) + b)

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
