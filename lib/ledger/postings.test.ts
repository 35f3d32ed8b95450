import fc from "fast-check"
import { expect, test } from "vitest"
import { lotKinds } from "./lots.ts"
import { lotPosting, paidPosting, type PostingLine, splitPosting, usagePosting } from "./postings.ts"

const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 15n })
const sum = (lines: readonly PostingLine[]) => lines.reduce((total, line) => total + line.amountNanoUsd, 0n)
const amountsOf = (lines: readonly PostingLine[]) => Object.fromEntries(lines.map((line) => [line.account.kind, line.amountNanoUsd]))
const lot = { id: "lot_a", kind: "walletPromotional" } as const

test("every posting sums to zero and has no empty line", () => {
  fc.assert(
    fc.property(anyAmount, anyAmount, anyAmount, anyAmount, anyAmount, fc.constantFrom(...lotKinds), (paid, drawn, unbilledNanoUsd, absorbedNanoUsd, costNanoUsd, kind) => {
      const walletCharges = [{ admittedAtMs: 0, amountNanoUsd: paid }, { admittedAtMs: 1, amountNanoUsd: drawn }]
      const payment = { draws: [{ lotId: "lot_a", kind, amountNanoUsd: drawn } as const], paidNanoUsd: paid }
      const lines = usagePosting({ organizationId: "org_a", walletCharges, unbilledNanoUsd, absorbedNanoUsd, costNanoUsd }, payment)
      for (const posting of [lines, paidPosting("org_a", -paid), lotPosting("org_a", { id: "lot_a", kind }, drawn), splitPosting("org_a", kind, "lot_a", "lot_b", drawn + 1n)]) {
        expect(sum(posting)).toBe(0n)
        expect(posting.every((line) => line.amountNanoUsd !== 0n)).toBe(true)
      }
    }),
  )
})

test("what pays a flush is taken from its accounts, and each lot is named", () => {
  const sums = { organizationId: "org_a", walletCharges: [{ admittedAtMs: 0, amountNanoUsd: 100n }], unbilledNanoUsd: 0n, absorbedNanoUsd: 5n, costNanoUsd: 60n } as const
  const lines = usagePosting(sums, { draws: [{ lotId: "lot_a", kind: "planAllowance", amountNanoUsd: 10n }, { lotId: "lot_b", kind: "walletPromotional", amountNanoUsd: 20n }], paidNanoUsd: 70n })
  expect(amountsOf(lines)).toEqual({ planAllowance: -10n, walletPromotional: -20n, walletPaid: -70n, absorbed: -5n, revenue: 105n, providerCost: -60n, accruedProviderCost: 60n })
  expect(lines.map((line) => line.lotId)).toEqual(["lot_a", "lot_b", undefined, undefined, undefined, undefined, undefined])
})

test("a paid credit waits in clearing for its payment; what is given is the house's expense, by what it is given for", () => {
  expect(amountsOf(paidPosting("org_a", 7n))).toEqual({ walletPaid: 7n, clearing: -7n })
  expect(amountsOf(lotPosting("org_a", lot, 7n))).toEqual({ walletPromotional: 7n, promotion: -7n })
  expect(amountsOf(lotPosting("org_a", { id: "lot_a", kind: "planAllowance" }, -7n))).toEqual({ planAllowance: -7n, subscriptions: 7n })
})
