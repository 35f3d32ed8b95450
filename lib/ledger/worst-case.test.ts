import fc from "fast-check"
import { expect, test } from "vitest"
import { completionTokens, eachUnits, promptTokens, tokenUnits, type Usage } from "#lib/kernel/usage.ts"
import { charge } from "./charge.ts"
import { ratesInput } from "./rates.ts"
import { anyRates, anyUsage } from "./test-arbitraries.ts"
import { tokensAffordable, type UsageBound, worstCaseNanoUsd } from "./worst-case.ts"

const admittedAtMs = Date.UTC(2026, 10, 25, 12)
const anyMarkup = fc.option(fc.integer({ min: 0, max: 10_000_000 }))

const boundOf = (usage: Usage, slack: number): UsageBound => ({
  inputTokens: promptTokens(usage) + slack,
  outputTokens: completionTokens(usage) + slack,
  units: tokenUnits,
  each: Object.fromEntries(eachUnits.map((unit) => [unit, usage[unit] ?? 0])),
})

test("no usage within the bound costs more than the worst case", () => {
  fc.assert(
    fc.property(anyRates, anyUsage, fc.nat({ max: 100_000 }), anyMarkup, (rates, usage, slack, markupPpm) => {
      const options = { admittedAtMs, markupPpm }
      expect(charge(usage, rates, options).nanoUsd).toBeLessThanOrEqual(worstCaseNanoUsd(boundOf(usage, slack), rates, options))
    }),
    { numRuns: 2000 },
  )
})

test("the tokens that a hold buys never cost more than the hold, and one more would", () => {
  fc.assert(
    fc.property(anyRates, anyUsage, anyMarkup, fc.bigInt({ min: 0n, max: 10n ** 15n }), (rates, usage, markupPpm, hold) => {
      const options = { admittedAtMs, markupPpm }
      const bound = boundOf(usage, 0)
      const outputTokens = tokensAffordable(hold, bound, rates, options)
      const empty = worstCaseNanoUsd({ ...bound, outputTokens: 0 }, rates, options)
      if (empty > hold) expect(outputTokens).toBe(0)
      else if (outputTokens < Number.MAX_SAFE_INTEGER) {
        expect(worstCaseNanoUsd({ ...bound, outputTokens }, rates, options)).toBeLessThanOrEqual(hold)
        expect(worstCaseNanoUsd({ ...bound, outputTokens: outputTokens + 1 }, rates, options)).toBeGreaterThan(hold)
      }
    }),
    { numRuns: 2000 },
  )
})

test("a text request is not held at the rates of audio, and a tier it cannot reach does not count", () => {
  const rates = ratesInput.parse({ input: "2.5", inputAudio: "40", output: "10", outputAudio: "80", tiers: [{ above: 200_000, input: "5", output: "20" }] })
  // 1,000 × $2.50/M + 1,000 × $10/M
  expect(worstCaseNanoUsd({ inputTokens: 1000, outputTokens: 1000 }, rates, { admittedAtMs })).toBe(12_500_000n)
})

test("output that costs nothing is not limited", () => {
  const rates = ratesInput.parse({ input: "0.02" })
  expect(tokensAffordable(1_000n, { inputTokens: 10, outputTokens: 0 }, rates, { admittedAtMs })).toBe(Number.MAX_SAFE_INTEGER)
})
