import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseUsd } from "#lib/kernel/nano-usd.ts"
import { tokenUnits, type Usage } from "#lib/kernel/usage.ts"
import { charge } from "./charge.ts"
import { ratesInput } from "./rates.ts"
import { anyRates, anyUsage } from "./test-arbitraries.ts"

const admittedAtMs = Date.UTC(2026, 10, 25, 12)
const cost = (usage: Usage, price: unknown, markupPpm?: number) => charge(usage, ratesInput.parse(price), { admittedAtMs, ...(markupPpm !== undefined && { markupPpm }) }).nanoUsd
const usd = (text: string) => {
  const parsed = parseUsd(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe("charges worked by hand", () => {
  test("cached input has its own rate and plain input another", () => {
    // 900 × $0.60/M = $0.00054; 100 × $0.11/M = $0.000011; 500 × $2.20/M = $0.0011
    expect(cost({ input: 900, cacheRead: 100, output: 500 }, { input: "0.60", cacheRead: "0.11", output: "2.20" })).toBe(usd("0.001651"))
  })
  test("a cache read without a rate of its own costs as much as input, reasoning as much as output", () => {
    expect(cost({ cacheRead: 1_000_000 }, { input: "3", output: "15" })).toBe(usd("3"))
    expect(cost({ reasoning: 1_000_000 }, { input: "3", output: "15" })).toBe(usd("15"))
  })
  test("5-minute and 1-hour cache writes stay apart", () => {
    // 1,000 × $3.75/M + 1,000 × $6/M
    expect(cost({ cacheWrite5m: 1000, cacheWrite1h: 1000 }, { input: "3", cacheWrite5m: "3.75", cacheWrite1h: "6", output: "15" })).toBe(usd("0.00975"))
  })
  test("a rate of zero is free and does not fall back", () => {
    expect(cost({ cacheRead: 1_000_000 }, { input: "3", cacheRead: "0" })).toBe(0n)
  })
  test("a fraction of a nano-dollar is rounded up once for the whole request", () => {
    // 1 × $0.0375/M = 37.5 nano; twice is 75 exactly; 37.5 + 37.5 + 0.0001 rounds up to 76
    expect(cost({ input: 1 }, { input: "0.0375" })).toBe(38n)
    expect(cost({ input: 1, output: 1 }, { input: "0.0375", output: "0.0375" })).toBe(75n)
    expect(cost({ input: 1, output: 1, cacheRead: 1 }, { input: "0.0375", output: "0.0375", cacheRead: "0.0000001" })).toBe(76n)
  })
  test("a mark-up multiplies before the one rounding", () => {
    // 1 × 37.5 × 1.2 = 45 exactly; rounded before it would have been 38 × 1.2 = 45.6
    expect(cost({ input: 1 }, { input: "0.0375" }, 1_200_000)).toBe(45n)
  })
  test("a tier holds for the whole request and is chosen by the whole prompt, cached part included", () => {
    const price = { input: "1.25", output: "10", cacheRead: "0.31", tiers: [{ above: 200_000, input: "2.50", output: "15" }] }
    expect(cost({ input: 200_000, output: 1000 }, price)).toBe(usd("0.26"))
    // 200,001 tokens: 150,001 × $2.50/M + 50,000 × $0.31/M + 1,000 × $15/M
    expect(cost({ input: 150_001, cacheRead: 50_000, output: 1000 }, price)).toBe(usd("0.4055025"))
  })
  test("of an answer that took several calls each is charged by its own tier, and all of it is divided and rounded once", () => {
    const price = { input: "1.25", output: "10", cacheRead: "0.31", tiers: [{ above: 200_000, input: "2.50", output: "15" }], search: "0.01" }
    const usage = { input: 350_001, cacheRead: 50_000, output: 3_000, search: 2, earlier: [{ input: 100_000, output: 1_000 }, { input: 150_001, cacheRead: 50_000, output: 500 }] }
    // 100,000 × $1.25/M + 1,000 × $10/M; 150,001 × $2.50/M + 50,000 × $0.31/M + 500 × $15/M; 100,000 × $1.25/M + 1,500 × $10/M; 2 × $0.01
    expect(cost(usage, price)).toBe(usd("0.135") + usd("0.3980025") + usd("0.14") + usd("0.02"))
    expect(cost({ input: 3, earlier: [{ input: 1 }, { input: 1 }] }, { input: "0.0005" })).toBe(2n)
  })
  test("calls of an answer never have more than the whole answer", () => {
    const price = { input: "1", output: "10" }
    expect(cost({ input: 10, output: 5, earlier: [{ input: 8, output: 9 }, { input: 8, cacheRead: 3 }] }, price)).toBe(cost({ input: 10, output: 5 }, price))
  })
  test("a service tier replaces the units it names, by the provider's own word", () => {
    const price = { input: "2", output: "8", serviceTiers: { flex: { input: "1", output: "4" } } }
    expect(cost({ input: 1_000_000, serviceTier: "flex" }, price)).toBe(usd("1"))
    expect(cost({ input: 1_000_000, serviceTier: "default" }, price)).toBe(usd("2"))
    expect(cost({ input: 1_000_000, serviceTier: "constructor" }, price)).toBe(usd("2"))
  })
  test("images cost by the variant that the price names, others by the plain price", () => {
    const price = { image: "0.04", images: { "1024x1024/high": "0.167" } }
    expect(cost({ image: 3, images: { "1024x1024/high": 2, "1024x1024/low": 1 } }, price)).toBe(usd("0.374"))
  })
  test("seconds are billed by the millisecond", () => {
    expect(cost({ second: 1.1 }, { second: "0.0001" })).toBe(110_000n)
    expect(cost({ second: 1.1001 }, { second: "0.0001" })).toBe(110_100n)
  })
  test("searches, characters and calls are counted each", () => {
    expect(cost({ search: 2, character: 10, call: 1 }, { search: "0.01", character: "0.000015", call: "0.005" })).toBe(usd("0.02515"))
  })
  test("the hours of a scheduled price are those of its own time zone", () => {
    const price = { input: "2", schedule: [{ days: [], from: "00:30", to: "08:30", timeZone: "Asia/Shanghai", input: "1" }] }
    const at = (iso: string) => charge({ input: 1_000_000 }, ratesInput.parse(price), { admittedAtMs: Date.parse(iso) }).nanoUsd
    expect(at("2026-11-24T16:30:00Z")).toBe(usd("1"))
    expect(at("2026-11-25T00:29:59Z")).toBe(usd("1"))
    expect(at("2026-11-25T00:30:00Z")).toBe(usd("2"))
  })
  test("usage with nothing in it costs nothing", () => {
    expect(cost({}, { input: "3", call: "1" })).toBe(0n)
  })
})

describe("for any price and usage", () => {
  test("the charge is the sum of its lines, divided once and rounded up", () => {
    fc.assert(
      fc.property(anyRates, anyUsage, fc.option(fc.integer({ min: 0, max: 10_000_000 })), (rates, usage, markupPpm) => {
        const { nanoUsd, lines } = charge(usage, rates, { admittedAtMs, markupPpm })
        const exact = lines.reduce((sum, line) => sum + line.numerator, 0n) * BigInt(markupPpm ?? 1_000_000)
        expect(nanoUsd * 10n ** 12n).toBeGreaterThanOrEqual(exact)
        expect((nanoUsd - 1n) * 10n ** 12n).toBeLessThan(exact === 0n ? 1n : exact)
      }),
    )
  })
  test("without tiers, a unit more never costs less", () => {
    fc.assert(
      fc.property(anyRates, anyUsage, fc.constantFrom(...tokenUnits), (rates, usage, unit) => {
        const { tiers: _, ...flat } = rates
        const more = { ...usage, [unit]: (usage[unit] ?? 0) + 1 }
        expect(charge(more, flat, { admittedAtMs }).nanoUsd).toBeGreaterThanOrEqual(charge(usage, flat, { admittedAtMs }).nanoUsd)
      }),
    )
  })
})
