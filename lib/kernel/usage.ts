/** Units whose prices are per million. */
export const tokenUnits = [
  "input",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite1h",
  "output",
  "reasoning",
  "inputAudio",
  "outputAudio",
  "inputImage",
  "outputImage",
] as const

/** Units whose prices are for each. `second` counts audio or video seconds, `call` the request itself. */
export const eachUnits = ["image", "second", "character", "search", "call"] as const

export const usageUnits = [...tokenUnits, ...eachUnits] as const

export type TokenUnit = (typeof tokenUnits)[number]
export type EachUnit = (typeof eachUnits)[number]
export type UsageUnit = (typeof usageUnits)[number]

/**
 * What one request consumed. Units do not overlap: `input` excludes cached and audio tokens, `output` excludes `reasoning`
 * only where the provider counts it apart, so a charge is a plain sum. Counts are non-negative integers, save `second`, which
 * may carry a fraction and is billed in milliseconds. An absent unit was not reported, which is not the same as zero.
 */
export type Usage = {
  readonly [U in UsageUnit]?: number
} & {
  /** Images by the vendor's own variant (`"1024x1024/high"`), where a price depends on it. Their sum is `image`. */
  readonly images?: Readonly<Record<string, number>>
  /** The service tier the provider says it used (`flex`, `priority`, `batch`), as the provider spells it. */
  readonly serviceTier?: string
  /**
   * What the calls before the last one used of all this, where the answer took several calls of its provider: each has its own prompt, by
   * which its tier is chosen. The last one used the rest.
   */
  readonly earlier?: readonly EarlierCall[]
  /** True where the counts are ours and not the provider's. */
  readonly estimated?: boolean
}

/** Tokens alone: all else is counted for the whole answer. */
export type EarlierCall = { readonly [U in TokenUnit]?: number } & Pick<Usage, "serviceTier">

/** What each call of an answer used, the last one last; together they never have more than the whole. */
export function callsOf(usage: Usage): readonly Usage[] {
  const { earlier = [], ...whole } = usage
  const left: { -readonly [Member in keyof Usage]: Usage[Member] } = whole
  const calls = earlier.map((call): Usage => {
    const used: { [U in TokenUnit]?: number } = {}
    for (const unit of tokenUnits) {
      const taken = Math.min(call[unit] ?? 0, left[unit] ?? 0)
      if (taken === 0) continue
      used[unit] = taken
      left[unit] = (left[unit] ?? 0) - taken
    }
    return { ...used, ...(call.serviceTier !== undefined && { serviceTier: call.serviceTier }) }
  })
  return [...calls, left]
}

/**
 * More tokens than any request can have: what is beyond it is not a count. Thousands of calls of so many, at the dearest prices there are,
 * can still be added up in the books' 64 bits.
 */
export const USAGE_COUNT_MAX = 1e9

/** A provider's count; undefined where it is none. */
export const count = (value: unknown): number | undefined => (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= USAGE_COUNT_MAX ? value : undefined)

/** The tokens of the request's whole prompt, cached part included: what context tiers are chosen by. */
export function promptTokens(usage: Usage): number {
  return (
    (usage.input ?? 0) +
    (usage.cacheRead ?? 0) +
    (usage.cacheWrite5m ?? 0) +
    (usage.cacheWrite1h ?? 0) +
    (usage.inputAudio ?? 0) +
    (usage.inputImage ?? 0)
  )
}

/** All tokens that came back, hidden reasoning included. */
export function completionTokens(usage: Usage): number {
  return (usage.output ?? 0) + (usage.reasoning ?? 0) + (usage.outputAudio ?? 0) + (usage.outputImage ?? 0)
}
