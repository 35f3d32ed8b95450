import fc from "fast-check"
import { expect, test } from "vitest"
import { formatUsd, NANO_USD_MAX, nanoUsd, parseUsd } from "./nano-usd.ts"

test("a dollar amount is read exactly", () => {
  const cases: [string, bigint][] = [
    ["0", 0n],
    ["0.60", 600_000_000n],
    ["12.5", 12_500_000_000n],
    ["0.000000001", 1n],
    ["-3", -3_000_000_000n],
    [" 25.00 ", 25_000_000_000n],
  ]
  for (const [text, amount] of cases) expect(parseUsd(text), text).toEqual({ ok: true, value: amount })
})

test("what would need rounding, or is no amount, is refused with the cure", () => {
  for (const text of ["", ".5", "1.", "1e3", "1,000", "$5", "0.0000000001", "NaN", "١٢"]) {
    const parsed = parseUsd(text)
    expect(parsed.ok, text).toBe(false)
    if (!parsed.ok) expect(parsed.error).toContain("nine decimals")
  }
})

test("an amount that Postgres could not hold is refused", () => {
  expect(parseUsd("9223372036.854775807")).toEqual({ ok: true, value: NANO_USD_MAX })
  expect(parseUsd("9223372036.854775808").ok).toBe(false)
})

test("writing and reading give the same amount back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -NANO_USD_MAX, max: NANO_USD_MAX }), (amount) => {
      expect(parseUsd(formatUsd(nanoUsd(amount)))).toEqual({ ok: true, value: amount })
    }),
  )
})

test("an amount is written with the decimals asked for and never fewer than it needs", () => {
  expect(formatUsd(1_250_000_000n)).toBe("1.25")
  expect(formatUsd(1_000_000_000n)).toBe("1.00")
  expect(formatUsd(1_000_000_000n, 0)).toBe("1")
  expect(formatUsd(37_500n)).toBe("0.0000375")
  expect(formatUsd(-1n)).toBe("-0.000000001")
})
