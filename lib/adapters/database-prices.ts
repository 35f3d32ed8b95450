import type { Id } from "#lib/kernel/ids.ts"
import type { PriceRule } from "#lib/ledger/price-resolution.ts"
import { decodeRates } from "#lib/ledger/rates.ts"
import type { Transaction } from "./database.ts"

/** A price rule with what only people want to know of it. */
export type RecordedPriceRule = PriceRule & { readonly managedBy: string | null; readonly createdAtMs: number }

/**
 * Price rules that hold for all organizations, with their rates, of all models or of some. An organization's own prices come with
 * plans. Shared by the gateway's snapshot and the operator's pages, so that both resolve the same prices.
 */
export async function readPriceRules(transaction: Transaction, models?: readonly string[]): Promise<readonly RecordedPriceRule[]> {
  const rows = await transaction.priceRule.findMany({ where: { organizationId: null, ...(models && { model: { in: [...models] } }) } })
  const versions = await transaction.priceVersion.findMany({ where: { id: { in: rows.flatMap((row) => row.priceVersionId ?? []) } } })
  const named = new Map(versions.map((version) => [version.id, { id: version.id as Id<"priceVersion">, rates: decodeRates(version.rates) }]))
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    model: row.model,
    channelId: row.channelId,
    price: row.priceVersionId === null ? null : (named.get(row.priceVersionId) ?? null),
    markupPpm: row.markupPpm,
    effectiveFromMs: row.effectiveFrom.getTime(),
    managedBy: row.managedBy,
    createdAtMs: row.createdAt.getTime(),
  }))
}
