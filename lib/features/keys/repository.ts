import type { Database, Transaction } from "#lib/adapters/database.ts"
import { writeBudget, writeLimit } from "#lib/features/budgets/index.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Budget } from "#lib/features/budgets/index.ts"
import type { KeyLimits, KeySettings, ParameterPolicy } from "./schema.ts"

export type NewKeyRow = {
  readonly id: Id<"key">
  readonly membershipId: string | null
  readonly projectId: string | null
  readonly name: string
  readonly secretHash: string
  readonly prefix: string
  readonly test: boolean
  readonly allowedModels: readonly string[]
  readonly parameters: ParameterPolicy
  readonly limits: KeyLimits
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly rotatedFromId: string | null
  readonly limitsOfId: string | null
  readonly managedBy: string | null
}

/** What the limits of a key are stamped with; `quotaId` is called once per limit. */
export type KeyStamp = { readonly now: Date; readonly managedBy: string | null; readonly quotaId: () => Id<"quota"> }

const MODELS_MAX = 500

const keyColumns = {
  id: true,
  membershipId: true,
  projectId: true,
  name: true,
  prefix: true,
  test: true,
  allowedModels: true,
  parameters: true,
  requestsPerMinute: true,
  tokensPerMinute: true,
  concurrent: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  lastUsedAt: true,
  rotatedFromId: true,
  limitsOfId: true,
  managedBy: true,
  project: { select: { name: true } },
  membership: { select: { user: { select: { name: true, email: true } } } },
} as const

const live = (now: Date) => ({ revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] })
/** The texts by which a key is known to people. */
const named = (search: string) => {
  const word = { contains: search, mode: "insensitive" } as const
  return { OR: [{ name: word }, { prefix: { startsWith: search } }, { project: { name: word } }, { membership: { user: { OR: [{ name: word }, { email: word }] } } }] }
}
const ended = (now: Date) => ({ OR: [{ revokedAt: { not: null } }, { expiresAt: { lte: now } }] })

export async function insertKey(transaction: Transaction, organizationId: Id<"organization">, row: NewKeyRow): Promise<void> {
  const { limits, allowedModels, ...columns } = row
  await transaction.apiKey.create({ data: { ...columns, ...limits, allowedModels: [...allowedModels], organizationId } })
}

/** Makes the quota rows of a key's limits say what its columns say; the gateway reads the quotas, the portal the columns. */
export async function writeKeyLimits(transaction: Transaction, organizationId: Id<"organization">, limitsOfId: string, limits: KeyLimits, stamp: KeyStamp): Promise<void> {
  const target = { scope: "key", scopeId: limitsOfId } as const
  const kinds = [
    [{ unit: "requests", window: "minute" }, limits.requestsPerMinute],
    [{ unit: "tokens", window: "minute" }, limits.tokensPerMinute],
    [{ unit: "concurrent", window: "none" }, limits.concurrent],
  ] as const
  for (const [kind, limit] of kinds) {
    await writeLimit(transaction, organizationId, target, kind, limit === null ? null : BigInt(limit), { ...stamp, quotaId: stamp.quotaId() })
  }
}

export async function writeKeyBudget(transaction: Transaction, organizationId: Id<"organization">, limitsOfId: string, budget: Budget | null, stamp: KeyStamp): Promise<void> {
  await writeBudget(transaction, organizationId, { scope: "key", scopeId: limitsOfId }, budget, { ...stamp, quotaId: stamp.quotaId() })
}

/** Changes a key's settings; those it shares with the keys that it replaced, or that replaced it, change there too. */
export async function writeKeySettings(
  transaction: Transaction,
  organizationId: Id<"organization">,
  key: { readonly id: string; readonly limitsOfId: string | null },
  settings: KeySettings,
  stamp: KeyStamp,
): Promise<void> {
  const { name, projectId, models, parameters, limits, budget } = settings
  await transaction.apiKey.update({ where: { id: key.id, organizationId }, data: { name, projectId, allowedModels: [...models], parameters } })
  const limitsOfId = key.limitsOfId ?? key.id
  await transaction.apiKey.updateMany({ where: { organizationId, OR: [{ id: limitsOfId }, { limitsOfId }] }, data: limits })
  await writeKeyLimits(transaction, organizationId, limitsOfId, limits, stamp)
  await writeKeyBudget(transaction, organizationId, limitsOfId, budget, stamp)
}

/** Ends a key at `expiresAt`, unless it ends earlier by itself. */
export async function endKeyBy(transaction: Transaction, organizationId: Id<"organization">, keyId: string, expiresAt: Date): Promise<void> {
  await transaction.apiKey.updateMany({
    where: { id: keyId, organizationId, OR: [{ expiresAt: null }, { expiresAt: { gt: expiresAt } }] },
    data: { expiresAt },
  })
}

export function createKeysRepository(database: Database) {
  return {
    transaction: <T>(organizationId: Id<"organization">, work: (transaction: Transaction) => Promise<T>): Promise<T> => database.organization(organizationId, work),

    /** Newest first, at most `limit`, those older than the key `after` that `search` finds; of one member alone where `membershipId` is given. */
    list: (
      organizationId: Id<"organization">,
      { membershipId, after, state, search, now, limit }: { membershipId: Id<"membership"> | null; after: string | null; state: "live" | "ended"; search: string; now: Date; limit: number },
    ) =>
      database.organization(organizationId, (transaction) =>
        transaction.apiKey.findMany({
          where: {
            organizationId,
            ...(membershipId !== null && { membershipId }),
            // Ids begin with the time of creation, so their order is that of age.
            ...(after !== null && { id: { lt: after } }),
            ...(state === "live" ? live(now) : ended(now)),
            ...(search !== "" && { AND: named(search) }),
          },
          select: keyColumns,
          orderBy: { id: "desc" },
          take: limit,
        }),
      ),

    find: (organizationId: Id<"organization">, keyId: string) =>
      database.organization(organizationId, (transaction) => transaction.apiKey.findFirst({ where: { id: keyId, organizationId }, select: keyColumns })),

    countLive: (organizationId: Id<"organization">, now: Date): Promise<number> =>
      database.organization(organizationId, (transaction) => transaction.apiKey.count({ where: { organizationId, ...live(now) } })),

    /**
     * How many keys are live, when one of them was last used, and how many are not the demo key (a test key of nobody's, whose secret only
     * the first start prints); of one member alone where `membershipId` is given.
     */
    summarize: (organizationId: Id<"organization">, membershipId: Id<"membership"> | null, now: Date) =>
      database.organization(organizationId, async (transaction) => {
        const where = { organizationId, ...(membershipId !== null && { membershipId }), ...live(now) }
        const { _count, _max } = await transaction.apiKey.aggregate({ where, _count: true, _max: { lastUsedAt: true } })
        const given = await transaction.apiKey.count({ where: { ...where, NOT: { membershipId: null, test: true } } })
        return { live: _count, given, lastUsedAt: _max.lastUsedAt }
      }),

    projects: (organizationId: Id<"organization">) =>
      database.organization(organizationId, (transaction) =>
        transaction.project.findMany({ where: { organizationId, archivedAt: null }, select: { id: true, name: true }, orderBy: { name: "asc" }, take: 500 }),
      ),

    /** Names of the models that the organization may call, at most 500. In the system's name: the operator's channels are no tenant's rows. */
    systemModelNames: (organizationId: Id<"organization">): Promise<readonly string[]> =>
      database.system(async (transaction) => {
        const { kind } = await transaction.organization.findUniqueOrThrow({ where: { id: organizationId }, select: { kind: true } })
        const subscription = await transaction.subscription.findUnique({ where: { organizationId }, select: { planId: true } })
        const plan = subscription === null ? null : await transaction.plan.findUnique({ where: { id: subscription.planId }, select: { models: true } })
        const operators = { organizationId: null, ...(kind === "customer" && { resale: true }) }
        const served = await transaction.channelModel.findMany({
          where: { channel: { enabled: true, deletedAt: null, OR: [operators, { organizationId }] }, ...(plan !== null && plan.models.length > 0 && { name: { in: plan.models } }) },
          select: { name: true },
          distinct: ["name"],
          orderBy: { name: "asc" },
          take: MODELS_MAX,
        })
        const hidden = await transaction.model.findMany({ where: { enabled: false }, select: { name: true } })
        const hiddenNames = new Set(hidden.map(({ name }) => name))
        return served.map(({ name }) => name).filter((name) => !hiddenNames.has(name))
      }),

    /** Sets the end of a key; null: never. */
    setExpiry: (transaction: Transaction, organizationId: Id<"organization">, keyId: string, expiresAt: Date | null) =>
      transaction.apiKey.update({ where: { id: keyId, organizationId }, data: { expiresAt }, select: { id: true } }),

    /** Revokes a key once and for all; false where it was already. */
    revoke: (organizationId: Id<"organization">, keyId: string, now: Date): Promise<boolean> =>
      database.organization(organizationId, async (transaction) => {
        const { count } = await transaction.apiKey.updateMany({ where: { id: keyId, organizationId, revokedAt: null }, data: { revokedAt: now } })
        return count === 1
      }),
  }
}

export type KeysRepository = ReturnType<typeof createKeysRepository>
export type KeyRow = NonNullable<Awaited<ReturnType<KeysRepository["find"]>>>
