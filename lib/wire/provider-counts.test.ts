import fc from "fast-check"
import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { tokenUnits, type Usage, usageUnits } from "#lib/kernel/usage.ts"
import { charge } from "#lib/ledger/charge.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import { amUsage, laterUsage } from "./am/usage.ts"
import { brUsage } from "./br/usage.ts"
import { ccUsage } from "./cc/usage.ts"
import { gmUsage } from "./gm/usage.ts"
import { rsUsage } from "./rs/usage.ts"

/*
 * Counts are the provider's word, and money follows from them: whatever stands in their place, a usage holds counts, and a thousand calls
 * of the dearest kind fit into the books.
 */

const names = [
  ["prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "prompt_cache_hit_tokens", "reasoning_tokens", "num_search_queries", "citation_tokens", "prompt_audio_seconds", "cache_creation_input_tokens"],
  ["input_tokens", "output_tokens", "cache_read_input_tokens", "server_tool_use", "iterations", "cache_creation", "service_tier", "speed"],
  ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount", "toolUsePromptTokenCount", "promptTokensDetails"],
  ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "cacheDetails"],
].flat()
const lie = fc.oneof(fc.constantFrom<unknown>(-1, -0, 0.5, 1e9, 1e12, 2 ** 53, 1e308, Number.POSITIVE_INFINITY, Number.NaN, "7", "-7", true, null, [], [7], {}, 1n), fc.integer(), fc.double())
const inner = fc.dictionary(fc.constantFrom("cached_tokens", "audio_tokens", "image_tokens", "reasoning_tokens", "cache_write_tokens", "ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens", "web_search_requests", "__proto__"), lie)
const usages = fc.dictionary(fc.constantFrom(...names, "prompt_tokens_details", "completion_tokens_details", "input_tokens_details"), fc.oneof(lie, inner, fc.array(inner, { maxLength: 3 })))

/** $1,000 per million tokens, and as much for each search: dearer than anything on a price list. */
const dearest: Rates = { units: Object.fromEntries(usageUnits.map((unit) => [unit, nanoUsd(1_000_000_000_000n)])) }
const BOOKS_MAX = 2n ** 63n

function expectBookable(usage: Usage | null): void {
  if (usage === null) return
  for (const unit of usageUnits) {
    const counted = usage[unit]
    if (counted === undefined) continue
    expect(Number.isInteger(counted) && counted >= 0, `${unit}: ${counted}`).toBe(true)
  }
  const tokens = Object.fromEntries(tokenUnits.flatMap((unit) => (usage[unit] === undefined ? [] : [[unit, usage[unit]]]))) as Usage
  const { nanoUsd: amount } = charge(tokens, dearest, { admittedAtMs: 0 })
  expect(amount >= 0n && amount * 100n < BOOKS_MAX).toBe(true)
}

test("whatever a provider says that a call has used, it is counts that the books can hold, or nothing", () => {
  fc.assert(
    fc.property(usages, usages, fc.string(), (said, later, tier) => {
      for (const usage of [said, { ...said, ...later }]) {
        expectBookable(ccUsage(usage, tier))
        expectBookable(rsUsage({ usage, service_tier: tier }))
        expectBookable(amUsage(usage))
        expectBookable(amUsage(laterUsage(laterUsage(null, usage), later)))
        expectBookable(gmUsage(usage))
        expectBookable(brUsage(usage, { type: tier })?.counts ?? null)
      }
    }),
    { numRuns: 2_000 },
  )
})
