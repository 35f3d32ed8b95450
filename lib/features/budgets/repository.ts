import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { QuotaUnit, QuotaWindowKind } from "#lib/quota/types.ts"
import { type Prisma } from "#prisma/generated/client.ts"
import type { Budget, BudgetPeriod, BudgetScope } from "./schema.ts"

export type { Transaction }

/** Rows of one list at most; the pages say so where more exist. */
export const BUDGET_ROWS_MAX = 500

/** Whose limit. */
export type LimitTarget = { readonly scope: BudgetScope; readonly scopeId: string }

/** What a written limit is stamped with. */
export type LimitStamp = { readonly quotaId: Id<"quota">; readonly now: Date; readonly managedBy: string | null }

export type BudgetRow = {
  readonly quotaId: Id<"quota">
  readonly scope: BudgetScope
  readonly scopeId: string
  readonly budget: Budget
  readonly inherited: boolean
  readonly managedBy: string | null
}

export type WindowUse = { readonly used: bigint; readonly leased: bigint }

/** Keys that replaced each other share one budget, which stands under the first one's id. */
export const limitsOf = (key: { readonly id: string; readonly limitsOfId: string | null }): string => key.limitsOfId ?? key.id

const budgetColumns = { id: true, scope: true, scopeId: true, window: true, limit: true, inherited: true, managedBy: true } as const
const liveBudget = { unit: "nanoUsd", disabledAt: null, scope: { in: ["organization", "project", "member", "key"] } } satisfies Prisma.QuotaWhereInput

/**
 * Sets one limit, or takes it away (`limit` null). Rows are disabled, never deleted: processes may hold leases on them, and what
 * was used in a window must still be known when the limit comes back.
 */
export async function writeLimit(
  transaction: Transaction,
  organizationId: Id<"organization">,
  target: LimitTarget,
  kind: { readonly unit: QuotaUnit; readonly window: QuotaWindowKind },
  limit: bigint | null,
  { quotaId, now, managedBy, inherited = false }: LimitStamp & { readonly inherited?: boolean },
): Promise<void> {
  const where = { ...target, ...kind }
  if (limit === null) {
    await transaction.quota.updateMany({ where: { ...where, organizationId, disabledAt: null }, data: { disabledAt: now } })
    return
  }
  await transaction.quota.upsert({
    where: { scope_scopeId_unit_window: where },
    create: { id: quotaId, organizationId, ...where, limit, inherited, managedBy, createdAt: now },
    update: { limit, inherited, managedBy, disabledAt: null },
  })
}

/** Sets the one budget of a target: a budget of another period that it had before ends. Null takes it away. */
export async function writeBudget(
  transaction: Transaction,
  organizationId: Id<"organization">,
  target: LimitTarget,
  budget: Budget | null,
  stamp: LimitStamp & { readonly inherited?: boolean },
): Promise<void> {
  // Two writers with different periods would otherwise each leave a budget.
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${target.scopeId}, 0))`
  await transaction.quota.updateMany({
    where: { ...target, organizationId, unit: "nanoUsd", disabledAt: null, ...(budget && { window: { not: budget.period } }) },
    data: { disabledAt: stamp.now },
  })
  if (budget !== null) await writeLimit(transaction, organizationId, target, { unit: "nanoUsd", window: budget.period }, budget.amount, stamp)
}

/** The live budget of one target. */
export async function readBudget(transaction: Transaction, organizationId: Id<"organization">, target: LimitTarget): Promise<BudgetRow | null> {
  const row = await transaction.quota.findFirst({ where: { ...liveBudget, ...target, organizationId }, select: budgetColumns })
  return row === null ? null : toBudgetRow(row)
}

/** What each member without a budget of their own gets; null: none. */
export async function readMemberDefault(transaction: Transaction, organizationId: Id<"organization">): Promise<{ budget: Budget | null; managedBy: string | null }> {
  const row = await transaction.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { memberBudgetNanoUsd: true, memberBudgetPeriod: true, managedBy: true },
  })
  const { memberBudgetNanoUsd: amount, memberBudgetPeriod: period } = row
  return { budget: amount === null || period === null ? null : { amount: nanoUsd(amount), period }, managedBy: row.managedBy }
}

/**
 * Sets a member's own budget. Null takes it away, and the organization's default applies again; so it also is what a new member is
 * given. Called by whoever creates members, in the same transaction.
 */
export async function writeMemberBudget(
  transaction: Transaction,
  organizationId: Id<"organization">,
  membershipId: Id<"membership">,
  budget: Budget | null,
  stamp: LimitStamp,
): Promise<void> {
  const target = { scope: "member", scopeId: membershipId } as const
  if (budget !== null) return writeBudget(transaction, organizationId, target, budget, stamp)
  const { budget: inherited } = await readMemberDefault(transaction, organizationId)
  await writeBudget(transaction, organizationId, target, inherited, { ...stamp, managedBy: null, inherited: true })
}

/** Sets the default for members and makes the inherited budget of every member follow it. `quotaId` is called once per member. */
export async function writeMemberDefault(
  transaction: Transaction,
  organizationId: Id<"organization">,
  budget: Budget | null,
  { now, quotaId }: { readonly now: Date; readonly quotaId: () => Id<"quota"> },
): Promise<void> {
  await transaction.organization.update({
    where: { id: organizationId },
    data: { memberBudgetNanoUsd: budget?.amount ?? null, memberBudgetPeriod: budget?.period ?? null },
  })
  const members = await transaction.membership.findMany({ where: { organizationId, removedAt: null }, select: { id: true } })
  const own = await transaction.quota.findMany({ where: { ...liveBudget, organizationId, scope: "member", inherited: false }, select: { scopeId: true } })
  const withOwn = new Set(own.map(({ scopeId }) => scopeId))
  const followers = members.filter(({ id }) => !withOwn.has(id)).map(({ id }) => id)
  if (followers.length === 0) return
  // In the order that every writer of several quotas keeps, so that none waits for another in a circle.
  await transaction.$executeRaw`
    SELECT id FROM quota WHERE organization_id = ${organizationId} AND scope = 'member' AND scope_id = ANY(${followers}) ORDER BY id FOR UPDATE`
  await transaction.quota.updateMany({
    where: { ...liveBudget, organizationId, scope: "member", scopeId: { in: followers }, ...(budget && { window: { not: budget.period } }) },
    data: { disabledAt: now },
  })
  if (budget === null) return
  const ids = followers.map(quotaId)
  await transaction.$executeRaw`
    INSERT INTO quota (id, organization_id, scope, scope_id, unit, "window", "limit", inherited, created_at)
    SELECT id, ${organizationId}, 'member', scope_id, 'nanoUsd', ${budget.period}::quota_window_kind, ${budget.amount}, true, ${now}
      FROM unnest(${ids}::text[], ${followers}::text[]) AS followers (id, scope_id)
    ON CONFLICT (scope, scope_id, unit, "window")
      DO UPDATE SET "limit" = excluded."limit", inherited = true, managed_by = NULL, disabled_at = NULL`
}

export function createBudgetsRepository(database: Database) {
  return {
    transaction: <T>(organizationId: Id<"organization">, work: (transaction: Transaction) => Promise<T>): Promise<T> => database.organization(organizationId, work),

    /** Everything that can have a budget, with the live budgets; of one member alone where `membershipId` is given. */
    list: (organizationId: Id<"organization">, membershipId: Id<"membership"> | null) =>
      database.organization(organizationId, async (transaction) => {
        const own = membershipId === null ? {} : { membershipId }
        const keys = await transaction.apiKey.findMany({
          where: { organizationId, revokedAt: null, ...own },
          select: { id: true, limitsOfId: true, name: true, membershipId: true, membership: { select: { user: { select: { email: true, name: true } } } } },
          orderBy: { name: "asc" },
          take: BUDGET_ROWS_MAX + 1,
        })
        const members = await transaction.membership.findMany({
          where: { organizationId, removedAt: null, ...(membershipId !== null && { id: membershipId }) },
          select: { id: true, role: true, user: { select: { email: true, name: true } } },
          orderBy: { user: { email: "asc" } },
          take: BUDGET_ROWS_MAX + 1,
        })
        const projects = membershipId !== null ? [] : await transaction.project.findMany({
          where: { organizationId, archivedAt: null },
          select: { id: true, name: true },
          orderBy: { name: "asc" },
          take: BUDGET_ROWS_MAX + 1,
        })
        const ids = [organizationId, ...keys.map(limitsOf), ...members.map(({ id }) => id), ...projects.map(({ id }) => id)]
        const budgets = await transaction.quota.findMany({ where: { ...liveBudget, organizationId, scopeId: { in: ids } }, select: budgetColumns })
        return { keys, members, projects, budgets: budgets.map(toBudgetRow), memberDefault: await readMemberDefault(transaction, organizationId) }
      }),

    /** The live budgets of these keys. */
    ofKeys: (organizationId: Id<"organization">, scopeIds: readonly string[]): Promise<readonly BudgetRow[]> =>
      database.organization(organizationId, async (transaction) => {
        const rows = await transaction.quota.findMany({ where: { ...liveBudget, organizationId, scope: "key", scopeId: { in: [...scopeIds] } }, select: budgetColumns })
        return rows.map(toBudgetRow)
      }),

    /** What was used and is held in the given windows, by quota id. */
    async use(organizationId: Id<"organization">, windows: readonly { readonly quotaId: Id<"quota">; readonly start: Date }[]): Promise<ReadonlyMap<string, WindowUse>> {
      if (windows.length === 0) return new Map()
      const rows = await database.organization(
        organizationId,
        (transaction) => transaction.$queryRaw<readonly { quotaId: string; used: bigint; leased: bigint }[]>`
          SELECT quota_window.quota_id AS "quotaId", used, leased
            FROM unnest(${windows.map(({ quotaId }) => quotaId)}::text[], ${windows.map(({ start }) => start)}::timestamptz[]) AS wanted (quota_id, start)
            JOIN quota_window ON quota_window.quota_id = wanted.quota_id AND quota_window.window_start = wanted.start
           WHERE quota_window.organization_id = ${organizationId}`,
      )
      return new Map(rows.map(({ quotaId, used, leased }) => [quotaId, { used, leased }]))
    },

    /** Whether something with this id can have a budget here; for a key also whose it is. */
    findTarget: (organizationId: Id<"organization">, { scope, scopeId }: LimitTarget): Promise<{ membershipId: string | null } | null> =>
      database.organization(organizationId, async (transaction) => {
        const where = { id: scopeId, organizationId }
        switch (scope) {
          case "organization":
            return scopeId === organizationId ? { membershipId: null } : null
          case "project":
            return (await transaction.project.count({ where: { ...where, archivedAt: null } })) === 0 ? null : { membershipId: null }
          case "member":
            return (await transaction.membership.count({ where: { ...where, removedAt: null } })) === 0 ? null : { membershipId: scopeId }
          case "key":
            return transaction.apiKey.findFirst({
              where: { organizationId, revokedAt: null, OR: [{ id: scopeId, limitsOfId: null }, { limitsOfId: scopeId }] },
              select: { membershipId: true },
            })
        }
      }),
  }
}

export type BudgetsRepository = ReturnType<typeof createBudgetsRepository>

function toBudgetRow(row: { id: string; scope: string; scopeId: string; window: string; limit: bigint; inherited: boolean; managedBy: string | null }): BudgetRow {
  return {
    quotaId: row.id as Id<"quota">,
    scope: row.scope as BudgetScope,
    scopeId: row.scopeId,
    budget: { amount: nanoUsd(row.limit), period: row.window as BudgetPeriod },
    inherited: row.inherited,
    managedBy: row.managedBy,
  }
}
