import fc from "fast-check"
import { expect, test } from "vitest"
import { parseUsd } from "#lib/kernel/nano-usd.ts"
import { dueOf, type PlanTerms, prorate } from "./proration.ts"

const usd = (text: string): bigint => {
  const parsed = parseUsd(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const plan = (price: string, allowance: string, period: PlanTerms["period"] = "month"): PlanTerms => ({ period, priceNanoUsd: usd(price), allowanceNanoUsd: usd(allowance) })
const DAY_MS = 86_400_000
const november = { startMs: Date.UTC(2026, 10, 1), endMs: Date.UTC(2026, 11, 1) }

test("a larger plan on the 21st of 30 days gives and costs a third of the difference", () => {
  expect(prorate(plan("10", "20"), november, plan("40", "80"), november.startMs + 20 * DAY_MS)).toEqual({ continues: true, allowanceNanoUsd: usd("20"), dueNanoUsd: usd("10") })
})

test("a smaller plan takes back and credits as much, at its share of what was not used", () => {
  const change = prorate(plan("40", "80"), november, plan("10", "20"), november.startMs + 20 * DAY_MS)
  expect(change).toEqual({ continues: true, allowanceNanoUsd: -usd("20"), dueNanoUsd: -usd("10") })
  expect(dueOf(change, usd("20"))).toBe(-usd("10"))
  expect(dueOf(change, usd("5"))).toBe(-usd("2.5"))
  expect(dueOf(change, 0n)).toBe(0n)
})

test("a plan of another length, or none, gives back the rest of the old one alone", () => {
  const halfway = november.startMs + 15 * DAY_MS
  for (const to of [plan("99", "99", "year"), null]) expect(prorate(plan("10", "20"), november, to, halfway)).toEqual({ continues: false, allowanceNanoUsd: -usd("10"), dueNanoUsd: -usd("5") })
})

test("at the period's first moment everything changes, at its end nothing", () => {
  const [from, to] = [plan("10", "20"), plan("40", "80")]
  expect(prorate(from, november, to, november.startMs)).toMatchObject({ allowanceNanoUsd: usd("60"), dueNanoUsd: usd("30") })
  expect(prorate(from, november, to, november.endMs)).toMatchObject({ allowanceNanoUsd: 0n, dueNanoUsd: 0n })
})

test("a credit without an allowance is whole, and what is due for more is not reduced", () => {
  expect(dueOf(prorate(plan("10", "0"), november, null, november.startMs), 0n)).toBe(-usd("10"))
  expect(dueOf(prorate(plan("10", "80"), november, plan("40", "20"), november.startMs), 0n)).toBe(usd("30"))
})

test("what does not divide is rounded by less than a nano-dollar, in the customer's favour", () => {
  const amount = fc.bigInt({ min: 0n, max: 10_000n })
  const at = fc.integer({ min: november.startMs, max: november.endMs })
  fc.assert(
    fc.property(amount, amount, amount, amount, at, (oldPrice, newPrice, oldAllowance, newAllowance, atMs) => {
      const change = prorate({ period: "month", priceNanoUsd: oldPrice, allowanceNanoUsd: oldAllowance }, november, { period: "month", priceNanoUsd: newPrice, allowanceNanoUsd: newAllowance }, atMs)
      const [rest, whole] = [BigInt(november.endMs - atMs), BigInt(november.endMs - november.startMs)]
      const [extraAllowance, spared] = [change.allowanceNanoUsd * whole - (newAllowance - oldAllowance) * rest, (newPrice - oldPrice) * rest - change.dueNanoUsd * whole]
      for (const favour of [extraAllowance, spared]) {
        expect(favour).toBeGreaterThanOrEqual(0n)
        expect(favour).toBeLessThan(whole)
      }
    }),
  )
})
