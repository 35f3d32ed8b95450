import fc from "fast-check"
import { expect, test } from "vitest"
import { isId } from "#lib/kernel/ids.ts"
import { priceVersionId } from "./price-version.ts"
import { decodeRates, encodeRates, ratesInput } from "./rates.ts"
import { anyRates } from "./test-arbitraries.ts"

test("equal rates have one name, however they were written down", () => {
  const name = priceVersionId(ratesInput.parse({ input: "0.60", output: "2.2" }))
  expect(priceVersionId(ratesInput.parse({ output: 2.2, input: 0.6 }))).toBe(name)
  expect(priceVersionId(ratesInput.parse({ output: 2.2, input: "0.600000001" }))).not.toBe(name)
  expect(isId("priceVersion", name)).toBe(true)
  expect(name).toHaveLength("price_".length + 22)
})

test("a price keeps its name through the database's JSON", () => {
  fc.assert(
    fc.property(anyRates, (rates) => {
      expect(priceVersionId(decodeRates(JSON.parse(encodeRates(rates))))).toBe(priceVersionId(rates))
    }),
  )
})
