import { expect, test } from "vitest"
import type { ChannelConfig, GatewayConfig, PublicModel, Target } from "#lib/gateway/types.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import { priceList } from "./price-list.ts"

const channel = (rest: Partial<ChannelConfig> = {}): ChannelConfig => ({
  id: "chan_1",
  name: "secret-upstream",
  providerId: "openai",
  organizationId: null,
  endpoints: {},
  auth: { default: "bearer" },
  credentials: [],
  priority: 0,
  weight: 1,
  resale: true,
  codingPlan: false,
  allowPrivateNetwork: false,
  drop: [],
  ...rest,
})
const rates = (input: bigint, rest: Partial<Rates> = {}) => ({ id: "price_1" as const, rates: { units: { input: nanoUsd(input), output: nanoUsd(input * 4n) }, ...rest } })
const target = (price: Target["price"], rest: Partial<ChannelConfig> = {}): Target => ({ channel: channel(rest), upstreamModel: "m", price })
const config = (models: Record<string, readonly Target[]>): GatewayConfig => ({
  models: new Map(Object.entries(models).map(([name, targets]): [string, PublicModel] => [name, { name, contextTokens: 128_000, outputTokensMax: null, createdAtMs: 0, targets }])),
  terms: new Map(),
  validUntilMs: null,
})
const explicit = (input: bigint) => ({ cost: rates(1n), sell: rates(input), markupPpm: null })

test("a model is listed at what it sells for, and nothing of its cost or channel is told", () => {
  const [model] = priceList(config({ "glm-4.6": [target(explicit(720_000_000n))] }), "customer")
  expect(model).toEqual({
    name: "glm-4.6",
    contextTokens: 128_000,
    outputTokensMax: null,
    prices: { input: { least: 720_000_000n, most: 720_000_000n }, output: { least: 2_880_000_000n, most: 2_880_000_000n } },
    varies: false,
  })
})

test("a mark-up is shown as the price it makes, rounded up", () => {
  const [model] = priceList(config({ m: [target({ cost: rates(1_000_001n), sell: rates(1_000_001n), markupPpm: 1_200_000 })] }), "customer")
  expect(model?.prices.input).toEqual({ least: 1_200_002n, most: 1_200_002n })
})

test("where channels differ, the span is shown", () => {
  const [model] = priceList(config({ m: [target(explicit(5n)), target(explicit(3n)), target(explicit(4n))] }), "customer")
  expect(model?.prices.input).toEqual({ least: 3n, most: 5n })
})

test("a customer is offered nothing that may not be resold, that has no price, or that is an organization's own", () => {
  const models = config({
    plan: [target(explicit(1n), { resale: false })],
    unpriced: [target(null)],
    byok: [target(explicit(1n), { organizationId: "org_1" })],
    sandbox: [target(explicit(1n))],
    both: [target(explicit(1n), { resale: false }), target(explicit(9n))],
  })
  expect(priceList(models, "customer").map((model) => [model.name, model.prices.input?.least])).toEqual([["both", 9n]])
  expect(priceList(models, "internal").map((model) => [model.name, model.prices.input?.least])).toEqual([["both", 1n], ["plan", 1n]])
})

test("a price that depends on more than the units says so", () => {
  const tiered = { cost: rates(1n), sell: rates(1n, { tiers: [{ from: 200_000, input: nanoUsd(2n) }] }), markupPpm: null }
  expect(priceList(config({ m: [target(tiered)] }), "customer")[0]?.varies).toBe(true)
})
