import type { Id } from "#lib/kernel/ids.ts"
import { listPrice } from "./list-price.ts"
import { priceVersionId } from "./price-version.ts"
import type { Rates } from "./rates.ts"

/** A price with the name under which the books keep it. */
export type NamedRates = { readonly id: Id<"priceVersion">; readonly rates: Rates }

/** One row of `price_rule` with its rates: what applies to a model (on one channel, or everywhere) from a moment on. */
export type PriceRule = {
  readonly id: string
  readonly kind: "cost" | "sell"
  /** Public model name. */
  readonly model: string
  readonly channelId: string | null
  /** The organization or plan whose own sell price it is; absent: everybody's. */
  readonly ownerId?: string
  /** With `markupPpm` null too: ends the earlier rule, so that what stands behind it applies again. */
  readonly price: NamedRates | null
  readonly markupPpm: number | null
  /** Epoch milliseconds. */
  readonly effectiveFromMs: number
}

/** One way to answer for a model: which channel of which provider, and what the model is called there. */
export type PricedTarget = { readonly channelId: string; readonly providerId: string; readonly model: string; readonly upstream: string }

/** Who buys, where that changes what a model sells for. */
export type Buyer = {
  /** Whose own prices count, the first before the next: the organization's, then its plan's. */
  readonly ownerIds: readonly string[]
  /** The plan's mark-up on the answering channel's cost, where none of them has a price of its own. */
  readonly markupPpm: number | null
}

export type ResolvedPrice = {
  readonly cost: NamedRates
  readonly sell: NamedRates
  /** Sell price as parts per million of the cost; null where `sell` stands for itself. */
  readonly markupPpm: number | null
  /** Where each came from, for people: a rule of the channel, a rule of the model, the catalogue's list price, or the channel's ceiling. */
  readonly costSource: "channel" | "model" | "catalogue" | "ceiling" | "sell"
  readonly sellSource: "model" | "cost"
}

/** In place of a model's name: a channel's cost for this is its ceiling, for every model of it whose cost nobody knows. */
export const ANY_MODEL = "*"

export type PriceBook = {
  /** What a call through this target costs and sells for at a moment; null where nothing is known about its price: it is not served. */
  resolve(target: PricedTarget, atMs: number, buyer?: Buyer): ResolvedPrice | null
  /** The first moment after `atMs` at which another rule becomes effective; null where none will. Epoch milliseconds. */
  nextChangeMs(atMs: number): number | null
}

/**
 * Makes the book of all price rules. For each channel and model the newest effective rule counts, a channel's own before a model's.
 *
 * - Without a rule a catalogue model costs its list price.
 * - A model of which nothing is known costs its channel's ceiling, where the operator set one.
 * - An alias costs what its upstream model costs: rules for the public name are asked first, then those for the upstream name.
 * - A mark-up multiplies the answering channel's cost; without any sell rule a model sells at cost.
 * - What a model sells for is asked of the organization's own rules, then of its plan's, then of the plan's mark-up, then of everybody's.
 * - A model with a sell price and no known cost is served and its cost is taken to be the sell price: no margin is claimed that
 *   nobody knows of.
 */
export function createPriceBook(rules: readonly PriceRule[]): PriceBook {
  const byPlace = new Map<string, PriceRule[]>()
  // Ids of rules sort by their creation, so of two rules for one moment the later written counts.
  for (const rule of [...rules].sort((a, b) => b.effectiveFromMs - a.effectiveFromMs || (a.id < b.id ? 1 : -1))) {
    const place = placeOf(rule.kind, rule.model, rule.channelId, rule.ownerId)
    const list = byPlace.get(place)
    if (list === undefined) byPlace.set(place, [rule])
    else list.push(rule)
  }
  const effective = (kind: PriceRule["kind"], model: string, channelId: string | null, atMs: number, ownerId?: string): PriceRule | null => {
    const rule = byPlace.get(placeOf(kind, model, channelId, ownerId))?.find((candidate) => candidate.effectiveFromMs <= atMs) ?? null
    return rule !== null && rule.price === null && rule.markupPpm === null ? null : rule
  }

  const sellOf = (names: readonly string[], atMs: number, ownerId?: string): SellTerms | undefined =>
    names.map((name) => effective("sell", name, null, atMs, ownerId)).find((rule) => rule !== null)
  const ownSell = (names: readonly string[], atMs: number, { ownerIds, markupPpm }: Buyer): SellTerms | undefined =>
    ownerIds.map((ownerId) => sellOf(names, atMs, ownerId)).find((rule) => rule !== undefined) ?? (markupPpm === null ? undefined : { price: null, markupPpm })

  return {
    resolve(target, atMs, buyer) {
      const names = target.model === target.upstream ? [target.model] : [target.model, target.upstream]
      const cost = costOf(target, names, (model, channelId) => effective("cost", model, channelId, atMs))
      const sell = (buyer && ownSell(names, atMs, buyer)) ?? sellOf(names, atMs) ?? null
      if (sell?.price) {
        return { cost: cost?.price ?? sell.price, sell: sell.price, markupPpm: null, costSource: cost?.source ?? "sell", sellSource: "model" }
      }
      if (cost === null) return null
      return { cost: cost.price, sell: cost.price, markupPpm: sell?.markupPpm ?? null, costSource: cost.source, sellSource: sell === null ? "cost" : "model" }
    },
    nextChangeMs(atMs) {
      const later = rules.map((rule) => rule.effectiveFromMs).filter((moment) => moment > atMs)
      return later.length === 0 ? null : Math.min(...later)
    },
  }
}

type SellTerms = Pick<PriceRule, "price" | "markupPpm">

const placeOf = (kind: string, model: string, channelId: string | null, ownerId = "") => `${kind} ${channelId ?? ""} ${ownerId} ${model}`

type Cost = { readonly price: NamedRates; readonly source: "channel" | "model" | "catalogue" | "ceiling" }

function costOf(target: PricedTarget, names: readonly string[], effective: (model: string, channelId: string | null) => PriceRule | null): Cost | null {
  for (const name of names) {
    const own = effective(name, target.channelId)?.price
    if (own) return { price: own, source: "channel" }
    const general = effective(name, null)?.price
    if (general) return { price: general, source: "model" }
  }
  const rates = listPrice(target.providerId, target.upstream)
  if (rates !== null) return { price: { id: priceVersionId(rates), rates }, source: "catalogue" }
  const ceiling = effective(ANY_MODEL, target.channelId)?.price
  return ceiling ? { price: ceiling, source: "ceiling" } : null
}
