import fc from "fast-check"
import { expect, test } from "vitest"
import { exactUsd, readableUsd } from "./money.ts"

test.each([
  [0n, "$0.00"],
  [1n, "$0.000000001"],
  [1_234_567n, "$0.00123"],
  [12_345_678n, "$0.0123"],
  [500_000_000n, "$0.50"],
  [999_999_999n, "$1.00"],
  [1_005_000_000n, "$1.01"],
  [1_234_567_890_000_000n, "$1,234,567.89"],
  [-2_500_000_000n, "−$2.50"],
])("%s nano-dollars read as %s", (amount, text) => {
  expect(readableUsd(amount, "en")).toBe(text)
})

test("the exact amount loses nothing", () => {
  expect(exactUsd(1_234_000_000_001n, "en")).toBe("$1,234.000000001")
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (amount) => {
      const [whole = "", fraction = ""] = exactUsd(amount, "en").replace(/[−$,]/g, "").split(".")
      const absolute = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"))
      expect(absolute).toBe(amount < 0n ? -amount : amount)
    }),
  )
})

test("what is read differs from the exact amount by less than half of its last digit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 15n }), (amount) => {
      const text = readableUsd(amount, "en").replace(/[$,]/g, "")
      const [whole = "", fraction = ""] = text.split(".")
      const read = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"))
      const difference = read > amount ? read - amount : amount - read
      expect(difference * 100n).toBeLessThanOrEqual(amount >= 1_000_000_000n ? 500_000_000n : amount)
    }),
  )
})
