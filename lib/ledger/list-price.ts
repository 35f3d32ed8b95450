import { type CatalogModel, findCatalogModel } from "#lib/catalog/models.ts"
import { type Rates, ratesInput } from "./rates.ts"

const parsed = new WeakMap<CatalogModel, Rates>()

/** A catalogue model's list price, exact: the catalogue writes decimal dollars, which become nano-USD without a float. Null: unknown. */
export function listRates(model: CatalogModel): Rates | null {
  if (model.price === undefined) return null
  const known = parsed.get(model)
  if (known !== undefined) return known
  const rates = ratesInput.parse(model.price)
  parsed.set(model, rates)
  return rates
}

/** The list price of what a provider calls `upstream`; null where the catalogue does not know one. */
export function listPrice(providerId: string, upstream: string): Rates | null {
  const model = findCatalogModel(providerId, upstream)
  return model === null ? null : listRates(model)
}
