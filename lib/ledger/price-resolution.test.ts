import { expect, test } from "vitest"
import { ANY_MODEL, createPriceBook, type PriceRule } from "./price-resolution.ts"
import { priceVersionId } from "./price-version.ts"
import { ratesInput } from "./rates.ts"

const named = (input: string) => {
  const rates = ratesInput.parse({ input })
  return { id: priceVersionId(rates), rates }
}
let serial = 0
const rule = (rule: Partial<PriceRule>): PriceRule => ({
  id: `rule_${String(++serial).padStart(6, "0")}`,
  kind: "cost",
  model: "m",
  channelId: null,
  price: null,
  markupPpm: null,
  effectiveFromMs: 0,
  ...rule,
})
const target = { channelId: "chan_1", providerId: "openai-compatible", model: "m", upstream: "m" }
const gpt = { ...target, model: "gpt-4o-mini", upstream: "gpt-4o-mini" }
const inputs = (book: ReturnType<typeof createPriceBook>, at = 10, of = target) => {
  const price = book.resolve(of, at)
  return price && [price.cost.rates.units.input, price.sell.rates.units.input, price.markupPpm]
}

test("a model without any price has none", () => {
  expect(createPriceBook([]).resolve(target, 10)).toBeNull()
})

test("without a rule a catalogue model costs and sells at its list price", () => {
  const price = createPriceBook([]).resolve(gpt, 10)
  expect(price).toMatchObject({ costSource: "catalogue", sellSource: "cost", markupPpm: null })
  expect(price?.cost.rates.units).toMatchObject({ input: 150_000_000n, output: 600_000_000n })
  expect(price?.sell).toEqual(price?.cost)
})

test("a channel's ceiling is what its models cost of which nothing else is known, and is marked up like any cost", () => {
  const ceiling = rule({ model: ANY_MODEL, channelId: "chan_1", price: named("30") })
  const markedUp = rule({ kind: "sell", markupPpm: 1_200_000 })
  expect(createPriceBook([ceiling]).resolve(target, 10)).toMatchObject({ costSource: "ceiling", sellSource: "cost" })
  expect(inputs(createPriceBook([ceiling, markedUp]))).toEqual([30_000_000_000n, 30_000_000_000n, 1_200_000])
  expect(createPriceBook([ceiling, markedUp]).resolve(target, 10, { ownerIds: [], markupPpm: 1_500_000 })).toMatchObject({ markupPpm: 1_500_000 })
  // It is one channel's alone, and everything that is known goes before it.
  expect(createPriceBook([ceiling]).resolve({ ...target, channelId: "chan_2" }, 10)).toBeNull()
  expect(createPriceBook([ceiling]).resolve(gpt, 10)).toMatchObject({ costSource: "catalogue" })
  expect(inputs(createPriceBook([ceiling, rule({ price: named("1") })]))?.[0]).toBe(1_000_000_000n)
  expect(createPriceBook([ceiling, rule({ model: ANY_MODEL, channelId: "chan_1", effectiveFromMs: 5 })]).resolve(target, 10)).toBeNull()
})

test("the newest effective rule counts, and a later one waits for its day", () => {
  const book = createPriceBook([
    rule({ price: named("1"), effectiveFromMs: 0 }),
    rule({ price: named("3"), effectiveFromMs: 20 }),
    rule({ price: named("2"), effectiveFromMs: 5 }),
  ])
  expect(inputs(book, 4)).toEqual([1_000_000_000n, 1_000_000_000n, null])
  expect(inputs(book, 5)).toEqual([2_000_000_000n, 2_000_000_000n, null])
  expect(inputs(book, 19)?.[0]).toBe(2_000_000_000n)
  expect(inputs(book, 20)?.[0]).toBe(3_000_000_000n)
})

test("of two rules for one moment the later written counts", () => {
  expect(inputs(createPriceBook([rule({ price: named("1") }), rule({ price: named("2") })]))?.[0]).toBe(2_000_000_000n)
})

test("a channel's own cost counts before the model's, and only on that channel", () => {
  const book = createPriceBook([rule({ price: named("1"), effectiveFromMs: 9 }), rule({ price: named("2"), channelId: "chan_1" })])
  expect(book.resolve(target, 10)).toMatchObject({ cost: named("2"), costSource: "channel" })
  expect(book.resolve({ ...target, channelId: "chan_2" }, 10)).toMatchObject({ cost: named("1"), costSource: "model" })
})

test("a rule counts before the list price, and an empty rule brings the list price back", () => {
  const book = createPriceBook([rule({ model: "gpt-4o-mini", price: named("1") }), rule({ model: "gpt-4o-mini", effectiveFromMs: 5 })])
  expect(book.resolve(gpt, 4)?.costSource).toBe("model")
  expect(book.resolve(gpt, 5)?.costSource).toBe("catalogue")
})

test("an alias costs what its upstream model costs, and sells for what that sells for", () => {
  const alias = { ...target, model: "fast", upstream: "m" }
  const book = createPriceBook([rule({ price: named("1") }), rule({ kind: "sell", price: named("4") })])
  expect(inputs(book, 10, alias)).toEqual([1_000_000_000n, 4_000_000_000n, null])
  expect(createPriceBook([]).resolve({ ...gpt, model: "small" }, 10)?.cost).toEqual(createPriceBook([]).resolve(gpt, 10)?.cost)
})

test("an alias's own price counts before its upstream model's", () => {
  const alias = { ...target, model: "fast", upstream: "m" }
  const book = createPriceBook([rule({ price: named("1") }), rule({ model: "fast", channelId: "chan_1", price: named("3") })])
  expect(inputs(book, 10, alias)?.[0]).toBe(3_000_000_000n)
})

test("a mark-up multiplies the answering channel's cost", () => {
  const book = createPriceBook([rule({ price: named("1") }), rule({ price: named("2"), channelId: "chan_1" }), rule({ kind: "sell", markupPpm: 1_200_000 })])
  expect(inputs(book)).toEqual([2_000_000_000n, 2_000_000_000n, 1_200_000])
  expect(inputs(book, 10, { ...target, channelId: "chan_2" })).toEqual([1_000_000_000n, 1_000_000_000n, 1_200_000])
})

test("a mark-up on an unknown cost is no price", () => {
  expect(createPriceBook([rule({ kind: "sell", markupPpm: 1_200_000 })]).resolve(target, 10)).toBeNull()
})

test("an organization's own price counts first, then its plan's for the model, then the plan's mark-up, then the model's", () => {
  const [own, plan, everybody] = ["org_a", "plan_a", undefined].map((ownerId, i) => rule({ kind: "sell", price: named(String(5 + i)), ...(ownerId !== undefined && { ownerId }) })) as [PriceRule, PriceRule, PriceRule]
  const sells = (rules: readonly PriceRule[], markupPpm: number | null) => {
    const price = createPriceBook([rule({ price: named("1") }), ...rules]).resolve(target, 10, { ownerIds: ["org_a", "plan_a"], markupPpm })
    return [price?.sell.rates.units.input, price?.markupPpm]
  }
  expect(sells([own, plan, everybody], 2_000_000)).toEqual([5_000_000_000n, null])
  expect(sells([plan, everybody], 2_000_000)).toEqual([6_000_000_000n, null])
  expect(sells([everybody], 2_000_000)).toEqual([1_000_000_000n, 2_000_000])
  expect(sells([everybody], null)).toEqual([7_000_000_000n, null])
  expect(sells([rule({ kind: "sell", ownerId: "org_b", price: named("9") })], null)).toEqual([1_000_000_000n, null])
})

test("a newer sell price replaces a mark-up, and the other way round", () => {
  const book = createPriceBook([
    rule({ price: named("1") }),
    rule({ kind: "sell", markupPpm: 1_200_000 }),
    rule({ kind: "sell", price: named("5"), effectiveFromMs: 5 }),
    rule({ kind: "sell", markupPpm: 1_500_000, effectiveFromMs: 8 }),
  ])
  expect([4, 5, 8].map((at) => inputs(book, at)?.slice(1))).toEqual([
    [1_000_000_000n, 1_200_000],
    [5_000_000_000n, null],
    [1_000_000_000n, 1_500_000],
  ])
})

test("a model that is sold and whose cost nobody knows claims no margin", () => {
  expect(createPriceBook([rule({ kind: "sell", price: named("5") })]).resolve(target, 10)).toMatchObject({ cost: named("5"), sell: named("5"), costSource: "sell" })
})

test("the book says when it changes next", () => {
  const book = createPriceBook([rule({ effectiveFromMs: 5 }), rule({ effectiveFromMs: 30 }), rule({ effectiveFromMs: 20 })])
  expect([4, 5, 20, 30].map((at) => book.nextChangeMs(at))).toEqual([5, 20, 30, null])
})
