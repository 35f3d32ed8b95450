import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Lot, lotKinds, payFromLots } from "./lots.ts"

const lot = (id: string, remaining: bigint, endsAtMs: number | null, kind: Lot["kind"] = "walletPromotional"): Lot => ({ id: `lot_${id}`, kind, remainingNanoUsd: remaining, endsAtMs })
const at = (admittedAtMs: number, amountNanoUsd: bigint) => ({ admittedAtMs, amountNanoUsd })
const drawn = (payment: ReturnType<typeof payFromLots>) => Object.fromEntries(payment.draws.map((draw) => [draw.lotId, draw.amountNanoUsd]))

describe("the order of use", () => {
  test("the oldest-expiring lot pays first, whatever its kind, and one that never ends last", () => {
    const lots = [lot("never", 10n, null), lot("later", 10n, 300), lot("sooner", 10n, 200), lot("allowance", 10n, 250, "planAllowance")]
    expect(drawn(payFromLots(lots, [at(100, 25n)], 50n))).toEqual({ lot_sooner: 10n, lot_allowance: 10n, lot_later: 5n })
  })

  test("an allowance pays before promotional credit that ends at the same moment", () => {
    const lots = [lot("a", 10n, 200), lot("b", 10n, 200, "planAllowance")]
    expect(drawn(payFromLots(lots, [at(100, 10n)], 0n))).toEqual({ lot_b: 10n })
  })

  test("paid credit pays what is left when all lots are used up", () => {
    expect(payFromLots([lot("a", 10n, null)], [at(100, 25n)], 50n)).toMatchObject({ paidNanoUsd: 15n })
  })
})

describe("a lot that ends", () => {
  test("a call that was admitted before the end is paid from the lot, one at the end is not", () => {
    const lots = [lot("a", 30n, 200)]
    expect(payFromLots(lots, [at(199, 10n)], 50n)).toMatchObject({ draws: [{ lotId: "lot_a", amountNanoUsd: 10n }], paidNanoUsd: 0n })
    expect(payFromLots(lots, [at(200, 10n)], 50n)).toEqual({ draws: [], paidNanoUsd: 10n })
  })

  test("calls are paid in the order in which they were admitted", () => {
    expect(payFromLots([lot("a", 10n, 200)], [at(250, 10n), at(150, 10n)], 50n)).toMatchObject({ draws: [{ amountNanoUsd: 10n }], paidNanoUsd: 10n })
  })

  test("what was leased at the end pays later calls only where paid credit is used up", () => {
    expect(payFromLots([lot("a", 30n, 200)], [at(250, 60n)], 50n)).toMatchObject({ draws: [{ lotId: "lot_a", amountNanoUsd: 10n }], paidNanoUsd: 50n })
  })

  test("what nothing covers is owed by paid credit", () => {
    expect(payFromLots([lot("a", 30n, 200)], [at(250, 60n)], -5n)).toMatchObject({ draws: [{ amountNanoUsd: 30n }], paidNanoUsd: 30n })
  })
})

test("every charge is paid exactly, no lot gives more than it has, and paid credit goes below zero only when all is used up", () => {
  const anyLot = fc.record({ kind: fc.constantFrom(...lotKinds), remainingNanoUsd: fc.bigInt({ min: 1n, max: 50n }), endsAtMs: fc.option(fc.integer({ min: 0, max: 20 }), { nil: null }) })
  const anyCharge = fc.record({ admittedAtMs: fc.integer({ min: 0, max: 20 }), amountNanoUsd: fc.bigInt({ min: 1n, max: 60n }) })
  fc.assert(
    fc.property(fc.array(anyLot, { maxLength: 5 }), fc.array(anyCharge, { maxLength: 6 }), fc.bigInt({ min: -20n, max: 100n }), (some, charges, paid) => {
      const lots = some.map((one, i): Lot => ({ id: `lot_${i}`, ...one }))
      const payment = payFromLots(lots, charges, paid)
      const total = payment.draws.reduce((sum, draw) => sum + draw.amountNanoUsd, 0n)
      expect(total + payment.paidNanoUsd).toBe(charges.reduce((sum, charge) => sum + charge.amountNanoUsd, 0n))
      for (const draw of payment.draws) expect(draw.amountNanoUsd).toBeLessThanOrEqual(lots.find(({ id }) => id === draw.lotId)?.remainingNanoUsd ?? 0n)
      if (payment.paidNanoUsd > (paid > 0n ? paid : 0n)) expect(total).toBe(lots.reduce((sum, one) => sum + one.remainingNanoUsd, 0n))
    }),
  )
})
