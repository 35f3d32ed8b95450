/** Each partial image of a stream costs so many image tokens (OpenAI image generation guide, partial images). */
export const PARTIAL_IMAGE_TOKENS = 100

/**
 * Tokens of one image, at most. GPT Image 1 makes 272 to 408 of low, 1,056 to 1,584 of medium, 4,160 to 6,240 of high quality (OpenAI,
 * image generation guide, cost); GPT Image 2 up to 7,024 of high quality at 1024×1024 and 12,329 at 3584×2048, which is the largest that
 * was read from the guide's calculator. Of `xhigh` and `max` (GPT Image 2.5) no figures are published: four times as much is held.
 */
const highest: Readonly<Record<string, number>> = { low: 500, medium: 2_000, high: 7_200, standard: 7_200, hd: 7_200 }
const UNPUBLISHED_TOKENS = 28_800
/** The pixels up to which these hold. Larger images are at most twice as dear: 12,329 tokens for 7 million pixels. */
const STANDARD_PIXELS = 1536 * 1024
const LARGE_FACTOR = 2

/** `size`, `quality` null: the provider chooses, and for images without a size of their own no larger one than the standard. */
export function imageTokensHigh(size: string | null, quality: string | null): number {
  const tokens = highest[quality ?? "high"] ?? UNPUBLISHED_TOKENS
  return pixelsOf(size) > STANDARD_PIXELS ? tokens * LARGE_FACTOR : tokens
}

const likely: Readonly<Record<string, number>> = { low: 272, medium: 1_056, high: 4_160 }

/** As GPT Image 1 has it at 1024×1024: for answers that count nothing. */
export function imageTokensLikely(size: string | null, quality: string | null): number {
  const tokens = likely[quality ?? "medium"] ?? likely["high"] ?? 0
  return pixelsOf(size) > 1024 * 1024 ? Math.ceil(tokens * 1.5) : tokens
}

function pixelsOf(size: string | null): number {
  const [width, height] = /^(\d{1,5})[x×](\d{1,5})$/.exec(size ?? "")?.slice(1).map(Number) ?? []
  return (width ?? 0) * (height ?? 0)
}
