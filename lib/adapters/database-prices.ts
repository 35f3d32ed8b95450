import type { Id } from "#lib/kernel/ids.ts"
import type { PriceRule } from "#lib/ledger/price-resolution.ts"
import { decodeRates } from "#lib/ledger/rates.ts"
import type { Prisma } from "#prisma/generated/client.ts"
import type { Transaction } from "./database.ts"

/** A price rule with what only people want to know of it. */
export type RecordedPriceRule = PriceRule & { readonly managedBy: string | null; readonly createdAtMs: number }

/** Price rules that hold for everybody, with their rates, of all models or of some. */
export const readPriceRules = (transaction: Transaction, models?: readonly string[]): Promise<readonly RecordedPriceRule[]> =>
  read(transaction, { organizationId: null, planId: null, ...(models && { model: { in: [...models] } }) })

/** Those and every organization's and plan's own sell prices: what the gateway resolves with. */
export const readAllPriceRules = (transaction: Transaction): Promise<readonly RecordedPriceRule[]> => read(transaction, {})

/** The sell prices of one organization or plan. */
export const readOwnPriceRules = (transaction: Transaction, owner: { readonly organizationId: string } | { readonly planId: string }): Promise<readonly RecordedPriceRule[]> => read(transaction, owner)

async function read(transaction: Transaction, where: Prisma.PriceRuleWhereInput): Promise<readonly RecordedPriceRule[]> {
  const rows = await transaction.priceRule.findMany({ where })
  const versions = await transaction.priceVersion.findMany({ where: { id: { in: rows.flatMap((row) => row.priceVersionId ?? []) } } })
  const named = new Map(versions.map((version) => [version.id, { id: version.id as Id<"priceVersion">, rates: decodeRates(version.rates) }]))
  return rows.map((row) => {
    const ownerId = row.organizationId ?? row.planId
    return {
      id: row.id,
      kind: row.kind,
      model: row.model,
      channelId: row.channelId,
      ...(ownerId !== null && { ownerId }),
      price: row.priceVersionId === null ? null : (named.get(row.priceVersionId) ?? null),
      markupPpm: row.markupPpm,
      effectiveFromMs: row.effectiveFrom.getTime(),
      managedBy: row.managedBy,
      createdAtMs: row.createdAt.getTime(),
    }
  })
}
