import fc from "fast-check"
import { expect, test } from "vitest"
import { creditPosting, type PostingLine, usagePosting } from "./postings.ts"

const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 15n })
const sum = (lines: readonly PostingLine[]) => lines.reduce((total, line) => total + line.amountNanoUsd, 0n)
const amountsOf = (lines: readonly PostingLine[]) => Object.fromEntries(lines.map((line) => [line.account.kind, line.amountNanoUsd]))

test("every posting sums to zero and has no empty line", () => {
  fc.assert(
    fc.property(anyAmount, anyAmount, anyAmount, anyAmount, anyAmount, (walletNanoUsd, unbilledNanoUsd, absorbedNanoUsd, costNanoUsd, promotional) => {
      const lines = usagePosting({ organizationId: "org_a", walletNanoUsd, unbilledNanoUsd, absorbedNanoUsd, costNanoUsd }, promotional)
      expect(sum(lines)).toBe(0n)
      expect(lines.every((line) => line.amountNanoUsd !== 0n)).toBe(true)
      expect(sum(creditPosting("org_a", "paid", walletNanoUsd))).toBe(0n)
    }),
  )
})

test("promotional credit is used up before paid credit is touched", () => {
  const sums = { organizationId: "org_a", walletNanoUsd: 100n, unbilledNanoUsd: 0n, absorbedNanoUsd: 5n, costNanoUsd: 60n } as const
  expect(amountsOf(usagePosting(sums, 30n))).toEqual({ walletPromotional: -30n, walletPaid: -70n, absorbed: -5n, revenue: 105n, providerCost: -60n, accruedProviderCost: 60n })
  expect(amountsOf(usagePosting(sums, 500n))).not.toHaveProperty("walletPaid")
  expect(amountsOf(usagePosting(sums, -1n)).walletPaid).toBe(-100n)
})

test("a paid credit waits in clearing for its payment, a promotional one is the house's expense", () => {
  expect(amountsOf(creditPosting("org_a", "paid", 7n))).toEqual({ walletPaid: 7n, clearing: -7n })
  expect(amountsOf(creditPosting("org_a", "promotional", 7n))).toEqual({ walletPromotional: 7n, promotion: -7n })
})
