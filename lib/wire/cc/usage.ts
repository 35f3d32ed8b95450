import { count, type Usage } from "#lib/kernel/usage.ts"

type Fields = Readonly<Record<string, unknown>>

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
  const input = plus(rest(prompt, sides.cacheInside, inputAudio), citations)
  const output = rest(completion, sides.reasoningInside, outputAudio, outputImage)
  const second = count(usage["prompt_audio_seconds"])
  // Member by member: a dozen objects spread into one cost 3 µs of every call.
  const known: { -readonly [U in keyof Usage]: Usage[U] } = {}
  if (input !== undefined) known.input = input
  if (cacheRead !== undefined) known.cacheRead = cacheRead
  if (cacheWrite5m !== undefined) known.cacheWrite5m = cacheWrite5m
  if (cacheWrite1h !== undefined) known.cacheWrite1h = cacheWrite1h
  if (output !== undefined) known.output = output
  if (sides.reasoning !== undefined) known.reasoning = sides.reasoning
  if (inputAudio !== undefined) known.inputAudio = inputAudio
  if (outputAudio !== undefined) known.outputAudio = outputAudio
  if (outputImage !== undefined) known.outputImage = outputImage
  if (search !== undefined) known.search = search
  if (second !== undefined) known.second = second
  if (typeof serviceTier === "string") known.serviceTier = serviceTier
  return known
}

type CacheWrites = { readonly cacheWrite5m: number | undefined; readonly cacheWrite1h: number | undefined }

/** Writes for an hour cost more than those for five minutes; where nothing tells them apart, they are the latter. */
function cacheWrites(usage: Fields, promptDetails: Fields): CacheWrites {
  const split = [promptDetails["cache_creation"], promptDetails["cache_creation_token_details"], usage["cache_creation"]].filter(isFields)
  const hour = countIn(split, "ephemeral_1h_input_tokens")
  const all =
    firstCount(promptDetails["cache_write_tokens"], promptDetails["cache_creation_tokens"], promptDetails["cache_creation_input_tokens"], usage["cache_creation_input_tokens"]) ??
    countIn(split, "cache_creation_input_tokens")
  const minutes = all === undefined ? countIn(split, "ephemeral_5m_input_tokens") : Math.max(0, all - (hour ?? 0))
  return { cacheWrite5m: minutes, cacheWrite1h: hour }
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

/** The whole without its parts, and never less than nothing. */
const rest = (whole: number | undefined, first: number | undefined, second: number | undefined, third?: number): number | undefined =>
  whole === undefined ? undefined : Math.max(0, whole - (first ?? 0) - (second ?? 0) - (third ?? 0))

const plus = (a: number | undefined, b: number | undefined): number | undefined => (b === undefined ? a : (a ?? 0) + b)

const firstCount = (...values: readonly unknown[]): number | undefined => {
  for (const value of values) {
    const found = count(value)
    if (found !== undefined) return found
  }
  return undefined
}

const countIn = (objects: readonly Fields[], name: string): number | undefined => {
  for (const object of objects) {
    const found = count(object[name])
    if (found !== undefined) return found
  }
  return undefined
}

const NO_FIELDS: Fields = {}
const isFields = (value: unknown): value is Fields => value !== null && typeof value === "object"
const record = (value: unknown): Fields => (isFields(value) ? value : NO_FIELDS)
