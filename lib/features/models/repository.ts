import type { Database, Transaction } from "#lib/adapters/database.ts"
import { readOwnPriceRules, readPriceRules, type RecordedPriceRule } from "#lib/adapters/database-prices.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { ANY_MODEL, type NamedRates } from "#lib/ledger/price-resolution.ts"
import { encodeRates } from "#lib/ledger/rates.ts"
import type { Prisma } from "#prisma/generated/client.ts"

export type { RecordedPriceRule }

export type DescribedModel = {
  readonly name: string
  readonly contextTokens: number | null
  readonly outputTokensMax: number | null
  readonly enabled: boolean
  readonly managedBy: string | null
}

/** One way to answer for a model, of a channel that is not deleted. */
export type ServedModel = {
  readonly model: string
  readonly upstream: string
  readonly channelId: string
  readonly channelName: string
  readonly providerId: string
  readonly channelEnabled: boolean
  readonly channelManagedBy: string | null
}

export type PriceRuleWrite = {
  readonly id: Id<"priceRule">
  readonly kind: "cost" | "sell"
  readonly model: string
  readonly channelId: string | null
  readonly organizationId?: string
  readonly planId?: string
  readonly price: NamedRates | null
  readonly markupPpm: number | null
  readonly effectiveFrom: Date
  readonly managedBy: string | null
  readonly createdById: string | null
  readonly createdAt: Date
}

/** Whose own price a rule is. */
export type PriceOwner = { readonly organizationId: string } | { readonly planId: string }

export type Everything = { readonly described: readonly DescribedModel[]; readonly served: readonly ServedModel[]; readonly rules: readonly RecordedPriceRule[] }

/** Models, who serves them and what they cost. They belong to no organization: every function runs in the system's name. */
export function createModelsRepository(database: Database) {
  return {
    /** All models, or those of these names; rules also of the names that aliases stand for, and channels' ceilings. */
    systemRead: (names?: readonly string[]): Promise<Everything> =>
      database.system(async (transaction) => {
        const served = await readServed(transaction, names)
        const described = await transaction.model.findMany({ where: names && { name: { in: [...names] } }, orderBy: { name: "asc" } })
        return { described, served, rules: await readPriceRules(transaction, names && [...names, ...served.map((target) => target.upstream), ANY_MODEL]) }
      }),

    /** Who manages an organization's or a plan's own prices; null: there is no such owner. Files give prices to plans alone. */
    systemFindOwner: (owner: PriceOwner): Promise<{ readonly managedBy: string | null } | null> =>
      database.system(async (transaction) => {
        if ("planId" in owner) return transaction.plan.findUnique({ where: { id: owner.planId }, select: { managedBy: true } })
        return (await transaction.organization.count({ where: { id: owner.organizationId } })) === 0 ? null : { managedBy: null }
      }),

    systemReadOwn: (owner: PriceOwner): Promise<readonly RecordedPriceRule[]> => database.system((transaction) => readOwnPriceRules(transaction, owner)),

    systemFindChannel: (id: string): Promise<{ readonly id: string; readonly managedBy: string | null } | null> =>
      database.system((transaction) => transaction.channel.findFirst({ where: { id, deletedAt: null }, select: { id: true, managedBy: true } })),

    systemDescribe: (id: Id<"model">, { name, ...columns }: DescribedModel, createdAt: Date): Promise<unknown> =>
      database.system((transaction) => transaction.model.upsert({ where: { name }, create: { id, name, createdAt, ...columns }, update: columns })),

    /** Adds a rule; rates that the books do not know yet are written down with it. Rules are never changed. */
    systemAddRule: ({ price, ...rule }: PriceRuleWrite): Promise<unknown> =>
      database.system(async (transaction) => {
        if (price !== null) {
          await transaction.priceVersion.createMany({
            data: [{ id: price.id, rates: JSON.parse(encodeRates(price.rates)) as Prisma.InputJsonObject, createdAt: rule.createdAt }],
            skipDuplicates: true,
          })
        }
        await transaction.priceRule.create({ data: { ...rule, priceVersionId: price?.id ?? null } })
      }),
  }
}

export type ModelsRepository = ReturnType<typeof createModelsRepository>

async function readServed(transaction: Transaction, names?: readonly string[]): Promise<readonly ServedModel[]> {
  const rows = await transaction.channelModel.findMany({
    where: { channel: { deletedAt: null, organizationId: null }, ...(names && { name: { in: [...names] } }) },
    include: { channel: { select: { name: true, providerId: true, enabled: true, managedBy: true, priority: true } } },
  })
  return rows
    .sort((a, b) => a.channel.priority - b.channel.priority || (a.channelId < b.channelId ? -1 : 1))
    .map(({ name, upstream, channelId, channel }) => ({
      model: name,
      upstream,
      channelId,
      channelName: channel.name,
      providerId: channel.providerId,
      channelEnabled: channel.enabled,
      channelManagedBy: channel.managedBy,
    }))
}
