import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import type { GatewayConfig, PublicModel, TargetPrice } from "#lib/gateway/types.ts"
import { type NanoUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { type UsageUnit, usageUnits } from "#lib/kernel/usage.ts"

/** Whose prices: a customer is served by the channels that may be resold, an internal organization by all of the operator's. */
export type Buyer = "internal" | "customer"

/** The span of what a unit is sold for, over the channels that may answer; equal where they agree. */
export type PriceSpan = { readonly least: NanoUsd; readonly most: NanoUsd }

/** A model and what it sells for, as anybody may know it: no cost, no channel. */
export type ListedModel = {
  readonly name: string
  readonly contextTokens: number | null
  readonly outputTokensMax: number | null
  /** Per million for token units, each for the others. */
  readonly prices: { readonly [U in UsageUnit]?: PriceSpan }
  /** Whether length of the prompt, time of day or a service tier change the price. */
  readonly varies: boolean
}

const PPM = 1_000_000n

/** What one unit sells for: the price itself, or the cost with its mark-up, rounded up as a charge is. */
function sellOf({ sell, cost, markupPpm }: TargetPrice, unit: UsageUnit): bigint | undefined {
  if (markupPpm === null) return sell.rates.units[unit]
  const base = cost.rates.units[unit]
  return base === undefined ? undefined : (base * BigInt(markupPpm) + PPM - 1n) / PPM
}

function listed(model: PublicModel, buyer: Buyer): ListedModel | null {
  const prices = model.targets.flatMap(({ channel, price }) => (price !== null && channel.organizationId === null && (buyer === "internal" || channel.resale) ? [price] : []))
  if (prices.length === 0) return null
  const spans = usageUnits.flatMap((unit): [UsageUnit, PriceSpan][] => {
    const amounts = prices.map((price) => sellOf(price, unit)).filter((amount) => amount !== undefined)
    if (amounts.length === 0) return []
    const [least, most] = [amounts.reduce((a, b) => (b < a ? b : a)), amounts.reduce((a, b) => (b > a ? b : a))]
    return [[unit, { least: nanoUsd(least), most: nanoUsd(most) }]]
  })
  return {
    name: model.name,
    contextTokens: model.contextTokens,
    outputTokensMax: model.outputTokensMax,
    prices: Object.fromEntries(spans),
    varies: prices.some(({ sell, cost, markupPpm }) => {
      const { tiers, schedule, serviceTiers } = (markupPpm === null ? sell : cost).rates
      return [tiers, schedule].some((list) => list !== undefined && list.length > 0) || serviceTiers !== undefined
    }),
  }
}

/** The models that a buyer can call and what they sell for, by name; the sandbox, which is no model, left out. */
export function priceList(config: GatewayConfig, buyer: Buyer): ListedModel[] {
  return [...config.models.values()]
    .filter((model) => model.name !== SANDBOX_MODEL)
    .flatMap((model) => listed(model, buyer) ?? [])
    .sort((a, b) => a.name.localeCompare(b.name, "en"))
}
