import { completionTokens, promptTokens } from "#lib/kernel/usage.ts"
import type { ChatUsage } from "../chat/answer.ts"

/** What was used, as Google's clients read it: the prompt with its cached part, thoughts beside what was written (W-95, W-96). */
export function usageMetadata({ counts, reasoningTokens }: ChatUsage): Readonly<Record<string, number>> {
  const prompt = promptTokens(counts)
  const completion = completionTokens(counts)
  const thoughts = Math.min(counts.reasoning ?? reasoningTokens ?? 0, completion)
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: completion - thoughts,
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
    ...(counts.cacheRead !== undefined && { cachedContentTokenCount: counts.cacheRead }),
    totalTokenCount: prompt + completion,
  }
}
