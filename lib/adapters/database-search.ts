import { findSearchProvider } from "#lib/catalog/search-providers.ts"
import type { SearchConfig } from "#lib/gateway/web-search.ts"
import type { Target, TargetPrice } from "#lib/gateway/types.ts"
import { type NanoUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { priceVersionId } from "#lib/ledger/price-version.ts"
import type { Transaction } from "./database.ts"
import type { Sealer } from "./sealing.ts"

/** The name of its row, to which its sealed secret is bound. */
export const SEARCH_SETTING = "search"

/** The installation's own web search, as it is kept. */
export type SearchSetting = {
  readonly providerId: string
  readonly baseUrl: string
  readonly sealed: string | null
  readonly lastFour: string | null
  readonly allowPrivateNetwork: boolean
  /** Of one search. */
  readonly priceNanoUsd: NanoUsd
  readonly managedBy: string | null
}

type Stored = Omit<SearchSetting, "priceNanoUsd"> & { readonly priceNanoUsd: string }

export async function readSearchSetting(transaction: Transaction): Promise<SearchSetting | null> {
  const row = await transaction.setting.findUnique({ where: { name: SEARCH_SETTING } })
  if (row === null) return null
  const stored = row.value as Stored
  return { ...stored, priceNanoUsd: nanoUsd(BigInt(stored.priceNanoUsd)) }
}

export async function writeSearchSetting(transaction: Transaction, setting: SearchSetting, updatedAt: Date): Promise<void> {
  const value: Stored = { ...setting, priceNanoUsd: String(setting.priceNanoUsd) }
  await transaction.setting.upsert({ where: { name: SEARCH_SETTING }, create: { name: SEARCH_SETTING, value, updatedAt }, update: { value, updatedAt } })
}

export type InstallationSearch = { readonly search: SearchConfig; readonly priceNanoUsd: NanoUsd }

/** What the gateway asks. Throws an `UnsealFailure` where the secret does not open; null: the catalogue does not know its provider any more. */
export function openSearch({ providerId, baseUrl, sealed, allowPrivateNetwork, priceNanoUsd }: SearchSetting, sealer: Pick<Sealer, "open">): InstallationSearch | null {
  if (findSearchProvider(providerId) === null) return null
  return { search: { providerId, baseUrl, secret: sealed === null ? null : sealer.open(SEARCH_SETTING, sealed), allowPrivateNetwork }, priceNanoUsd }
}

/** A target whose price knows no search, and so whose provider is asked for none, with the price at which the installation searches for it. */
export function searchedFor(target: Target, { priceNanoUsd }: InstallationSearch): Target {
  const { price } = target
  if (price === null || price.sell.rates.units.search !== undefined) return target
  const withSearch = ({ rates }: TargetPrice["cost"]) => {
    const searching = { ...rates, units: { ...rates.units, search: priceNanoUsd } }
    return { id: priceVersionId(searching), rates: searching }
  }
  const sell = withSearch(price.sell)
  // Where a model sells at cost, both are one price and stay so.
  const cost = price.cost.rates === price.sell.rates ? sell : withSearch(price.cost)
  return { ...target, searchedPrice: { ...price, cost, sell } }
}
