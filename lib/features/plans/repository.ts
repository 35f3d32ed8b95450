import type { Database, Transaction } from "#lib/adapters/database.ts"
import { writeLimit } from "#lib/features/budgets/index.ts"
import { grantLot, lockChanges, reduceSource } from "#lib/features/lots/index.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import type { QuotaUnit, QuotaWindowKind } from "#lib/quota/types.ts"
import type { PlanPeriod } from "./periods.ts"

type OrganizationId = Id<"organization">

/** Plans of an installation at most; its pages show all of them. */
export const PLANS_MAX = 500
/** Events of a subscription that are shown. */
const EVENTS_SHOWN = 50

export type PlanLimits = { readonly requestsPerMinute: number | null; readonly tokensPerMinute: number | null; readonly concurrent: number | null }

export type PlanRow = PlanLimits & {
  readonly id: Id<"plan">
  readonly name: string
  readonly priceNanoUsd: bigint
  readonly period: PlanPeriod
  /** Null: none. */
  readonly allowanceNanoUsd: bigint | null
  readonly markupPpm: number | null
  /** Empty: all. */
  readonly models: readonly string[]
  readonly managedBy: string | null
  readonly archivedAt: Date | null
}

export type SubscriptionRow = {
  readonly organizationId: OrganizationId
  readonly planId: Id<"plan">
  readonly anchorAt: Date
  readonly periodStart: Date
  readonly periodEnd: Date
  readonly period: PlanPeriod
  readonly allowanceNanoUsd: bigint
  readonly priceNanoUsd: bigint
  readonly renews: boolean
  readonly managedBy: string | null
}

export type EventRow = {
  readonly kind: "started" | "renewed" | "changed" | "ended"
  readonly at: Date
  readonly planId: Id<"plan"> | null
  readonly fromPlanId: Id<"plan"> | null
  readonly periodStart: Date
  readonly periodEnd: Date
  readonly dueNanoUsd: bigint
  readonly allowanceNanoUsd: bigint
  readonly authorId: Id<"user"> | null
  readonly managedBy: string | null
}

/** An event with the plans' names; null where there was none. */
export type SubscriptionEventView = EventRow & { readonly id: string; readonly planName: string | null; readonly fromPlanName: string | null }

export type SubscriptionFound = { readonly subscription: SubscriptionRow; readonly plan: PlanRow; readonly givenNanoUsd: bigint; readonly leftNanoUsd: bigint; readonly leasedNanoUsd: bigint }

export type AllowanceGrant = { readonly amountNanoUsd: bigint; readonly at: Date; readonly periodStart: Date; readonly periodEnd: Date; readonly idempotencyKey: string; readonly reason: string; readonly managedBy: string | null }
export type AllowanceReduction = { readonly byNanoUsd: bigint; readonly at: Date; readonly periodStart: Date; readonly reason: string }

/** One organization's subscription in a transaction in which nobody else changes it. */
export type SubscriptionBooks = {
  readonly timeZone: string
  readonly current: SubscriptionRow | null
  plan(planId: string): Promise<PlanRow | null>
  /** False: it was granted before, and nothing is changed. */
  grant(grant: AllowanceGrant): Promise<boolean>
  /** Takes back what is not used of a period's allowance; returns how much it was. */
  takeBack(reduction: AllowanceReduction): Promise<bigint>
  /** What the organization may use: null ends the limits of the plan before. */
  limit(plan: PlanLimits | null, now: Date): Promise<void>
  save(row: SubscriptionRow): Promise<void>
  remove(): Promise<void>
  record(event: EventRow): Promise<void>
}

/** What lots of a period's allowance are called, so that they are found again. */
const sourceOf = (organizationId: string, periodStart: Date): string => `subscription:${organizationId}:${periodStart.toISOString()}`

const limitKinds = [
  ["requestsPerMinute", "requests", "minute"],
  ["tokensPerMinute", "tokens", "minute"],
  ["concurrent", "concurrent", "none"],
] as const satisfies readonly (readonly [keyof PlanLimits, QuotaUnit, QuotaWindowKind])[]

async function writeLimits(transaction: Transaction, organizationId: OrganizationId, plan: PlanLimits | null, now: Date, newId: NewId): Promise<void> {
  for (const [name, unit, window] of limitKinds) {
    const limit = plan?.[name] ?? null
    await writeLimit(transaction, organizationId, { scope: "organization", scopeId: organizationId }, { unit, window }, limit === null ? null : BigInt(limit), { quotaId: newId("quota"), now, managedBy: null })
  }
}

/** Plans and who is on them. They belong to the installation: all but `findSubscription` runs in the system's name. */
export function createPlansRepository(database: Database, newId: NewId) {
  const books = (transaction: Transaction, organizationId: OrganizationId, timeZone: string, current: SubscriptionRow | null): SubscriptionBooks => ({
    timeZone,
    current,
    plan: async (planId) => (await transaction.plan.findUnique({ where: { id: planId } })) as PlanRow | null,
    async grant({ amountNanoUsd, at, periodStart, periodEnd, idempotencyKey, reason, managedBy }) {
      if (amountNanoUsd === 0n) return true
      const stamp = { kind: "credit", idempotencyKey, reason, authorId: null, managedBy, createdAt: at } as const
      const lot = await grantLot(transaction, organizationId, { kind: "planAllowance", amountNanoUsd, expiresAt: periodEnd, source: sourceOf(organizationId, periodStart), stamp }, newId)
      return lot !== null
    },
    takeBack: ({ periodStart, ...reduction }) =>
      reduction.byNanoUsd === 0n ? Promise.resolve(0n) : reduceSource(transaction, organizationId, { ...reduction, source: sourceOf(organizationId, periodStart) }, newId),
    limit: (plan, now) => writeLimits(transaction, organizationId, plan, now, newId),
    async save({ organizationId: _, ...row }) {
      await transaction.subscription.upsert({ where: { organizationId }, create: { organizationId, ...row }, update: row })
    },
    async remove() {
      await transaction.subscription.deleteMany({ where: { organizationId } })
    },
    async record(event) {
      await transaction.subscriptionEvent.create({ data: { id: newId("subscriptionEvent"), organizationId, ...event }, select: { id: true } })
    },
  })

  return {
    /** All plans by name, those that are archived last, with how many are on each. */
    systemList: (): Promise<readonly (PlanRow & { readonly subscribers: number })[]> =>
      database.system(async (transaction) => {
        const plans = (await transaction.plan.findMany({ orderBy: [{ archivedAt: { sort: "desc", nulls: "first" } }, { name: "asc" }], take: PLANS_MAX })) as unknown as PlanRow[]
        const counts = new Map((await transaction.subscription.groupBy({ by: ["planId"], _count: true })).map(({ planId, _count }) => [planId, _count]))
        return plans.map((plan) => ({ ...plan, subscribers: counts.get(plan.id) ?? 0 }))
      }),

    systemFind: async (planId: string): Promise<PlanRow | null> => database.system((transaction) => transaction.plan.findUnique({ where: { id: planId } })) as Promise<PlanRow | null>,

    systemFindByName: async (name: string): Promise<PlanRow | null> => database.system((transaction) => transaction.plan.findUnique({ where: { name } })) as Promise<PlanRow | null>,

    /** Adds the plan, or changes it; its limits hold for its subscribers from now on. False: the name is another one's. */
    systemWrite: ({ id, ...plan }: PlanRow, now: Date): Promise<boolean> =>
      database.system(async (transaction) => {
        await lockChanges(transaction)
        if ((await transaction.plan.count({ where: { name: plan.name, id: { not: id } } })) > 0) return false
        const columns = { ...plan, models: [...plan.models] }
        await transaction.plan.upsert({ where: { id }, create: { id, createdAt: now, ...columns }, update: columns })
        for (const { organizationId } of await transaction.subscription.findMany({ where: { planId: id }, select: { organizationId: true } })) {
          await writeLimits(transaction, organizationId as OrganizationId, plan, now, newId)
        }
        return true
      }),

    systemSetArchived: async (planId: Id<"plan">, archivedAt: Date | null): Promise<void> => {
      await database.system((transaction) => transaction.plan.update({ where: { id: planId }, data: { archivedAt }, select: { id: true } }))
    },

    /** Works on one organization's subscription while nobody else does. Null: there is no such organization. */
    systemChange: <T>(organizationId: OrganizationId, work: (books: SubscriptionBooks) => Promise<T>): Promise<T | null> =>
      database.system(async (transaction) => {
        await lockChanges(transaction)
        const organization = await transaction.organization.findUnique({ where: { id: organizationId }, select: { timeZone: true } })
        if (organization === null) return null
        const current = (await transaction.subscription.findUnique({ where: { organizationId } })) as SubscriptionRow | null
        return work(books(transaction, organizationId, organization.timeZone, current))
      }),

    /** Organizations whose period has ended, the longest ago first. */
    systemListDue: async (now: Date, countMax: number): Promise<readonly OrganizationId[]> => {
      const rows = await database.system((transaction) => transaction.subscription.findMany({ where: { periodEnd: { lte: now } }, orderBy: { periodEnd: "asc" }, take: countMax, select: { organizationId: true } }))
      return rows.map(({ organizationId }) => organizationId as OrganizationId)
    },

    /** The newest events first, with the plans' names. */
    systemListEvents: (organizationId: OrganizationId): Promise<readonly SubscriptionEventView[]> =>
      database.system(async (transaction) => {
        // A change to another length ends a period and starts one at the same moment, and ids of one millisecond sort by chance.
        const events = await transaction.subscriptionEvent.findMany({ where: { organizationId }, orderBy: [{ at: "desc" }, { kind: "asc" }, { id: "desc" }], take: EVENTS_SHOWN })
        const names = new Map((await transaction.plan.findMany({ where: { id: { in: events.flatMap(({ planId, fromPlanId }) => [planId ?? [], fromPlanId ?? []].flat()) } }, select: { id: true, name: true } })).map(({ id, name }) => [id, name]))
        const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? null))
        return events.map((event) => ({ ...(event as EventRow & { id: string }), planName: nameOf(event.planId), fromPlanName: nameOf(event.fromPlanId) }))
      }),

    /** An organization's subscription with its plan, and this period's allowance: given in all, left, and leased of the wallet it is in. */
    findSubscription: (organizationId: OrganizationId): Promise<SubscriptionFound | null> =>
      database.organization(organizationId, async (transaction) => {
        const subscription = (await transaction.subscription.findUnique({ where: { organizationId } })) as SubscriptionRow | null
        const plan = subscription === null ? null : ((await transaction.plan.findUnique({ where: { id: subscription.planId } })) as PlanRow | null)
        if (subscription === null || plan === null) return null
        const { periodStart } = subscription
        const given = await transaction.subscriptionEvent.aggregate({ where: { organizationId, periodStart }, _sum: { allowanceNanoUsd: true } })
        const left = await transaction.creditLot.aggregate({ where: { organizationId, source: sourceOf(organizationId, periodStart), endedAt: null }, _sum: { remainingNanoUsd: true } })
        const wallet = await transaction.quotaWindow.findFirst({ where: { organizationId, quota: { scope: "wallet" } }, select: { leased: true } })
        return { subscription, plan, givenNanoUsd: given._sum.allowanceNanoUsd ?? 0n, leftNanoUsd: left._sum.remainingNanoUsd ?? 0n, leasedNanoUsd: wallet?.leased ?? 0n }
      }),
  }
}

export type PlansRepository = ReturnType<typeof createPlansRepository>
