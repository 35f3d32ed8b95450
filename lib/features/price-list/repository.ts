import type { Database } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"

export function createPriceListRepository(database: Database) {
  return {
    /** Whether the organization is one of the house's own. */
    isInternal: (organizationId: Id<"organization">): Promise<boolean> =>
      database.organization(organizationId, async (transaction) => (await transaction.organization.findFirst({ where: { id: organizationId, kind: "internal" }, select: { id: true } })) !== null),

    /** Whether a person belongs to any of the house's own organizations; in the system's name, since it asks across tenants. */
    systemBelongsToInternal: (userId: Id<"user">): Promise<boolean> =>
      database.system(async (transaction) => {
        const membership = await transaction.membership.findFirst({ where: { userId, removedAt: null, organization: { kind: "internal", disabledAt: null } }, select: { id: true } })
        return membership !== null
      }),
  }
}

export type PriceListRepository = ReturnType<typeof createPriceListRepository>
