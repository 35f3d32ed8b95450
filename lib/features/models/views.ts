import { findCatalogModel } from "#lib/catalog/models.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import { usageUnits, type UsageUnit } from "#lib/kernel/usage.ts"
import { ANY_MODEL, type PriceBook, type ResolvedPrice } from "#lib/ledger/price-resolution.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import type { DescribedModel, Everything, RecordedPriceRule, ServedModel } from "./repository.ts"

/** A price for people: exact decimal dollars, per million for token units and each for the others. */
export type PriceView = {
  readonly units: Readonly<Partial<Record<UsageUnit, string>>>
  /** Each image of a variant (`1024x1024/high`), where the price depends on it. */
  readonly images?: Readonly<Record<string, string>>
  /** It has tiers, a schedule or the like, which a table of units does not show. */
  readonly variants: boolean
}

export type TargetView = {
  readonly channelId: string
  readonly channelName: string
  readonly channelEnabled: boolean
  readonly channelManagedBy: string | null
  readonly upstream: string
  readonly cost: PriceView | null
  readonly costSource: ResolvedPrice["costSource"] | null
}

export type ModelSummary = {
  readonly name: string
  readonly enabled: boolean
  readonly contextTokens: number | null
  readonly outputTokensMax: number | null
  readonly input: readonly string[]
  readonly targets: readonly TargetView[]
  /** What customers pay through the first target; null: nothing is known, and calls are refused with 402. */
  readonly sell: PriceView | null
  readonly sellSource: ResolvedPrice["sellSource"] | null
  /** `"1.2"`; null where the sell price stands for itself. */
  readonly markup: string | null
  /** When a rule that is written down already will begin. ISO time. */
  readonly nextChangeAt: string | null
  readonly managedBy: string | null
}

export type PriceHistoryEntry = {
  readonly id: string
  readonly kind: "cost" | "sell"
  readonly channelName: string | null
  readonly price: PriceView | null
  readonly markup: string | null
  readonly effectiveFrom: string
  readonly state: "current" | "planned" | "past"
  readonly managedBy: string | null
}

/** `own` is what the operator said of the model; the summary's figures fall back to the catalogue. */
export type ModelDetail = ModelSummary & { readonly own: { readonly contextTokens: number | null; readonly outputTokensMax: number | null }; readonly history: readonly PriceHistoryEntry[] }

export function viewPrice(rates: Rates): PriceView {
  const units: Partial<Record<UsageUnit, string>> = {}
  for (const unit of usageUnits) {
    const amount = rates.units[unit]
    if (amount !== undefined) units[unit] = formatUsd(amount)
  }
  const images = Object.entries(rates.images ?? {}).map(([variant, amount]) => [variant, formatUsd(amount)] as const)
  return { units, ...(images.length > 0 && { images: Object.fromEntries(images) }), variants: (rates.tiers ?? rates.schedule ?? rates.serviceTiers) !== undefined }
}

/** Parts per million as a factor: 1,200,000 is "1.2". */
export function viewMarkup(ppm: number | null): string | null {
  return ppm === null ? null : String(ppm / 1_000_000)
}

/** All models that are described or served, by name. */
export function summarize({ described, served, rules }: Everything, book: PriceBook, atMs: number): readonly ModelSummary[] {
  const targets = Map.groupBy(served, (target) => target.model)
  const descriptions = new Map(described.map((model) => [model.name, model]))
  const names = [...new Set([...targets.keys(), ...descriptions.keys()])].sort((a, b) => a.localeCompare(b, "en"))
  return names.map((name) => summarizeModel(name, descriptions.get(name), targets.get(name) ?? [], rules, book, atMs))
}

function summarizeModel(
  name: string,
  description: DescribedModel | undefined,
  targets: readonly ServedModel[],
  rules: readonly RecordedPriceRule[],
  book: PriceBook,
  atMs: number,
): ModelSummary {
  const priced = targets.map((target) => ({ target, price: book.resolve(target, atMs) }))
  // The router asks enabled channels first to last; the first that has a price is what most calls pay.
  const first = (priced.find(({ target, price }) => target.channelEnabled && price !== null) ?? priced.find(({ price }) => price !== null))?.price ?? null
  const [listed] = targets.flatMap((target) => findCatalogModel(target.providerId, target.upstream) ?? [])
  const next = rules.filter((rule) => rule.model === name && rule.effectiveFromMs > atMs).map((rule) => rule.effectiveFromMs)
  return {
    name,
    enabled: description?.enabled ?? true,
    contextTokens: description?.contextTokens ?? listed?.context ?? null,
    outputTokensMax: description?.outputTokensMax ?? listed?.output ?? null,
    input: listed?.input ?? [],
    targets: priced.map(({ target, price }) => ({
      channelId: target.channelId,
      channelName: target.channelName,
      channelEnabled: target.channelEnabled,
      channelManagedBy: target.channelManagedBy,
      upstream: target.upstream,
      cost: price === null ? null : viewPrice(price.cost.rates),
      costSource: price?.costSource ?? null,
    })),
    sell: first === null ? null : viewPrice(first.sell.rates),
    sellSource: first?.sellSource ?? null,
    markup: viewMarkup(first?.markupPpm ?? null),
    nextChangeAt: next.length === 0 ? null : new Date(Math.min(...next)).toISOString(),
    managedBy: description?.managedBy ?? null,
  }
}

/** Every rule of a model, the newest first; of each place (sell price, cost, a channel's cost) the newest effective one is current. */
export function viewHistory(model: string, rules: readonly RecordedPriceRule[], served: readonly ServedModel[], atMs: number): readonly PriceHistoryEntry[] {
  const channels = new Map(served.map((target) => [target.channelId, target.channelName]))
  const current = new Set<string>()
  return rules
    .filter((rule) => rule.model === model)
    .sort((a, b) => b.effectiveFromMs - a.effectiveFromMs || (a.id < b.id ? 1 : -1))
    .map((rule) => {
      const place = `${rule.kind} ${rule.channelId ?? ""}`
      const planned = rule.effectiveFromMs > atMs
      const state = planned ? "planned" : current.has(place) ? "past" : "current"
      if (!planned) current.add(place)
      return {
        id: rule.id,
        kind: rule.kind,
        channelName: rule.channelId === null ? null : (channels.get(rule.channelId) ?? rule.channelId),
        price: rule.price === null ? null : viewPrice(rule.price.rates),
        markup: viewMarkup(rule.markupPpm),
        effectiveFrom: new Date(rule.effectiveFromMs).toISOString(),
        state,
        managedBy: rule.managedBy,
      }
    })
}

/** What models of a channel cost of which nothing else is known. `price` null: they are refused. */
export type CeilingView = { readonly price: PriceView | null }

/** A channel's ceiling at a moment, of all rules. */
export function viewCeiling(rules: readonly RecordedPriceRule[], channelId: string, atMs: number): CeilingView {
  const [current] = rules
    .filter((rule) => rule.kind === "cost" && rule.model === ANY_MODEL && rule.channelId === channelId && rule.effectiveFromMs <= atMs)
    .sort((a, b) => b.effectiveFromMs - a.effectiveFromMs || (a.id < b.id ? 1 : -1))
  return { price: current === undefined || current.price === null ? null : viewPrice(current.price.rates) }
}

/** What one buyer pays for a model: a price, or a mark-up on its cost. */
export type OwnPriceView = { readonly model: string; readonly price: PriceView | null; readonly markup: string | null; readonly managedBy: string | null }

/** The rules of one buyer that hold at a moment, by model. */
export function viewOwnPrices(rules: readonly RecordedPriceRule[], atMs: number): readonly OwnPriceView[] {
  const newestFirst = rules.filter((rule) => rule.effectiveFromMs <= atMs).sort((a, b) => b.effectiveFromMs - a.effectiveFromMs || (a.id < b.id ? 1 : -1))
  const current = [...Map.groupBy(newestFirst, (rule) => rule.model).values()].flatMap(([rule]) => (rule === undefined || (rule.price === null && rule.markupPpm === null) ? [] : [rule]))
  return current
    .map((rule) => ({ model: rule.model, price: rule.price === null ? null : viewPrice(rule.price.rates), markup: viewMarkup(rule.markupPpm), managedBy: rule.managedBy }))
    .sort((a, b) => a.model.localeCompare(b.model, "en"))
}
