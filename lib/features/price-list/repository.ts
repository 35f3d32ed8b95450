import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Prisma } from "#prisma/generated/client.ts"

/** An organization as a buyer. */
export type BuyerRow = { readonly organizationId: Id<"organization">; readonly kind: "internal" | "customer"; readonly planId: Id<"plan"> | null }

/** Of a person's organizations as many decide what prices they see. */
const ORGANIZATIONS_MAX = 20

export function createPriceListRepository(database: Database) {
  return {
    findBuyer: (organizationId: Id<"organization">): Promise<BuyerRow | null> =>
      database.organization(organizationId, async (transaction) => (await readBuyers(transaction, { id: organizationId }))[0] ?? null),

    /** The organizations that a person is in; in the system's name, since it asks across tenants. */
    systemListBuyers: (userId: Id<"user">): Promise<readonly BuyerRow[]> =>
      database.system((transaction) => readBuyers(transaction, { disabledAt: null, memberships: { some: { userId, removedAt: null } } })),
  }
}

export type PriceListRepository = ReturnType<typeof createPriceListRepository>

async function readBuyers(transaction: Transaction, where: Prisma.OrganizationWhereInput): Promise<readonly BuyerRow[]> {
  const organizations = await transaction.organization.findMany({ where, select: { id: true, kind: true }, orderBy: { id: "asc" }, take: ORGANIZATIONS_MAX })
  const subscriptions = await transaction.subscription.findMany({ where: { organizationId: { in: organizations.map(({ id }) => id) } }, select: { organizationId: true, planId: true } })
  const plans = new Map(subscriptions.map(({ organizationId, planId }) => [organizationId, planId as Id<"plan">]))
  return organizations.map(({ id, kind }) => ({ organizationId: id as Id<"organization">, kind, planId: plans.get(id) ?? null }))
}
