import { expect, test } from "vitest"
import { decodeRates, encodeRates, ratesInput } from "./rates.ts"

test("a price is read exactly, with all its variants", () => {
  const rates = ratesInput.parse({
    input: "0.60",
    cacheRead: 0.11,
    output: "2.20",
    tiers: [{ above: 200_000, input: "1.20" }, { from: 128_000, input: "0.90" }],
    serviceTiers: { flex: { input: "0.30" } },
    schedule: [{ days: ["sat"], from: "22:00", to: "06:00", timeZone: "Asia/Shanghai", output: "1" }],
    images: { "1024x1024/high": "0.167" },
  })
  expect(rates).toEqual({
    units: { input: 600_000_000n, cacheRead: 110_000_000n, output: 2_200_000_000n },
    tiers: [
      { from: 128_000, input: 900_000_000n },
      { from: 200_001, input: 1_200_000_000n },
    ],
    serviceTiers: { flex: { input: 300_000_000n } },
    schedule: [{ days: ["sat"], from: "22:00", to: "06:00", timeZone: "Asia/Shanghai", output: 1_000_000_000n }],
    images: { "1024x1024/high": 167_000_000n },
  })
})

test("what the books keep is what was read", () => {
  const rates = ratesInput.parse({ output: "2", input: 0.0000001, tiers: [{ above: 1, input: "3" }], images: { a: "1" } })
  expect(decodeRates(JSON.parse(encodeRates(rates)))).toEqual(rates)
})

test("equal prices have equal text, whatever the order they were written in", () => {
  expect(encodeRates(ratesInput.parse({ input: "1", output: "2.0" }))).toBe(encodeRates(ratesInput.parse({ output: "2", input: "1.00" })))
})

test.each([
  [{ inptu: "1" }, /inptu/],
  [{ input: "-1" }, /cannot be negative/],
  [{ input: "a lot" }, /not a dollar amount/],
  [{ tiers: [{ above: 1, from: 1, input: "1" }] }, /either above or from/],
  [{ schedule: [{ from: "25:00", to: "06:00", timeZone: "UTC" }] }, /HH:MM/],
  [{ schedule: [{ from: "22:00", to: "06:00", timeZone: "Mars/Base" }] }, /IANA/],
])("a bad price %j is refused by name", (input, words) => {
  const parsed = ratesInput.safeParse(input)
  expect(parsed.success).toBe(false)
  if (!parsed.success) expect(JSON.stringify(parsed.error.issues)).toMatch(words)
})
