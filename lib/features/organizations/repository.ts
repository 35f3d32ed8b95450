import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"

const SLUG_TRIES_MAX = 1000

/** The wanted slug, or the first of `acme-2`, `acme-3`, … that no organization has. */
export async function freeSlug(transaction: Transaction, wanted: string): Promise<string> {
  const taken = new Set((await transaction.organization.findMany({ where: { slug: { startsWith: wanted } }, select: { slug: true } })).map((row) => row.slug))
  for (let number = 1; number <= SLUG_TRIES_MAX; number++) {
    const slug = number === 1 ? wanted : `${wanted}-${number}`
    if (!taken.has(slug)) return slug
  }
  throw new Error(`more than ${SLUG_TRIES_MAX} organizations have the slug ${wanted}`)
}

export type OrganizationKind = "internal" | "customer"

export type NewOrganization = {
  readonly id: Id<"organization">
  readonly slug: string
  readonly name: string
  readonly kind: OrganizationKind
  readonly timeZone: string
  readonly createdAt: Date
  /** Id of the wallet's quota, which begins at 0; null: no wallet limit. */
  readonly walletQuotaId: Id<"quota"> | null
  readonly owner: { readonly membershipId: Id<"membership">; readonly userId: Id<"user"> }
}

export type OrganizationRow = {
  readonly id: Id<"organization">
  readonly slug: string
  readonly name: string
  readonly kind: OrganizationKind
  readonly timeZone: string
  readonly hasWallet: boolean
  readonly storesResponses: boolean
  readonly managedBy: string | null
  readonly disabledAt: Date | null
  readonly createdAt: Date
}

/** What its owners and admins decide. */
export type OrganizationChange = { readonly name: string; readonly timeZone: string; readonly storesResponses: boolean }

export type OrganizationMoney = { readonly id: string; readonly spentNanoUsd: bigint; readonly walletNanoUsd: bigint | null }

const columns = { id: true, slug: true, name: true, kind: true, timeZone: true, hasWallet: true, storesResponses: true, managedBy: true, disabledAt: true, createdAt: true } as const

export function createOrganizationsRepository(database: Database) {
  const { systemClient } = database
  return {
    /** Makes the organization with its owner and its wallet, all or nothing. Returns the slug it got. */
    async systemInsert(row: NewOrganization): Promise<string> {
      return database.system(async (transaction) => {
        // Slugs are chosen one at a time, so that two organizations of one name do not both take the first free one.
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(7275003)`
        const slug = await freeSlug(transaction, row.slug)
        const { walletQuotaId, owner, ...organization } = row
        await transaction.organization.create({ data: { ...organization, slug, hasWallet: walletQuotaId !== null } })
        await transaction.membership.create({ data: { id: owner.membershipId, organizationId: row.id, userId: owner.userId, role: "owner", createdAt: row.createdAt } })
        if (walletQuotaId !== null) {
          await transaction.quota.create({ data: { id: walletQuotaId, organizationId: row.id, scope: "wallet", scopeId: row.id, unit: "nanoUsd", window: "total", limit: 0n, createdAt: row.createdAt } })
        }
        return slug
      })
    },

    find: async (organizationId: Id<"organization">): Promise<OrganizationRow | null> =>
      database.organization(organizationId, (transaction) => transaction.organization.findUnique({ where: { id: organizationId }, select: columns })) as Promise<OrganizationRow | null>,

    async update(organizationId: Id<"organization">, change: OrganizationChange): Promise<void> {
      await database.organization(organizationId, (transaction) => transaction.organization.update({ where: { id: organizationId }, data: change }))
    },

    /** The organizations that a person can enter, by name. */
    systemListOfPerson: async (userId: Id<"user">) =>
      systemClient.organization.findMany({
        where: { disabledAt: null, memberships: { some: { userId, removedAt: null } } },
        select: { slug: true, name: true },
        orderBy: { name: "asc" },
      }),

    /** Newest first. `search` stands in a name, a slug or a member's address; empty: all. */
    systemListAll: async (take: number, after: Id<"organization"> | null, search: string) => {
      const word = { contains: search, mode: "insensitive" } as const
      const rows = await systemClient.organization.findMany({
        select: { ...columns, _count: { select: { memberships: { where: { removedAt: null } }, keys: { where: { revokedAt: null } } } } },
        where: search === "" ? {} : { OR: [{ name: word }, { slug: word }, { memberships: { some: { removedAt: null, user: { email: word } } } }] },
        orderBy: { id: "desc" },
        take,
        ...(after === null ? {} : { cursor: { id: after }, skip: 1 }),
      })
      return rows.map(({ _count, ...row }) => ({ ...(row as OrganizationRow), members: _count.memberships, keys: _count.keys }))
    },

    /** What each organization was charged since a moment (test calls aside), and what its wallet holds; null without a wallet. */
    systemReadMoney: (organizationIds: readonly string[], since: Date): Promise<readonly OrganizationMoney[]> =>
      database.system(
        (transaction) => transaction.$queryRaw<OrganizationMoney[]>`
          SELECT o.id,
            (SELECT coalesce(sum(u.charged_nano_usd), 0)::bigint FROM usage_hourly u
              WHERE u.organization_id = o.id AND u.hour >= ${since} AND NOT u.test) AS "spentNanoUsd",
            (SELECT (q."limit" - coalesce(w.used, 0))::bigint FROM quota q LEFT JOIN quota_window w ON w.quota_id = q.id
              WHERE o.has_wallet AND q.scope = 'wallet' AND q.scope_id = o.id AND q.disabled_at IS NULL LIMIT 1) AS "walletNanoUsd"
          FROM organization o WHERE o.id = ANY(${[...organizationIds]})`,
      ),

    systemFind: async (organizationId: Id<"organization">): Promise<OrganizationRow | null> => systemClient.organization.findUnique({ where: { id: organizationId }, select: columns }) as Promise<OrganizationRow | null>,

    async systemUpdate(organizationId: Id<"organization">, change: { readonly kind?: OrganizationKind; readonly disabledAt?: Date | null }): Promise<void> {
      await systemClient.organization.update({ where: { id: organizationId }, data: change })
    },
  }
}

export type OrganizationsRepository = ReturnType<typeof createOrganizationsRepository>
