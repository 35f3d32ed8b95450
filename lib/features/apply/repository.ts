import { atomically, type Database, type Transaction } from "#lib/adapters/database.ts"
import { type Budget, readBudget, readMemberDefault, writeBudget, writeMemberBudget, writeMemberDefault } from "#lib/features/budgets/index.ts"
import { insertKey, type KeyLimits, type NewKeyRow, writeKeyBudget, writeKeyLimits } from "#lib/features/keys/index.ts"
import { freeSlug } from "#lib/features/organizations/index.ts"
import type { Role } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

/** Any constant: one file is applied at a time, by whichever process. */
const APPLY_LOCK = 7_275_020
const SLUG_LOCK = 7_275_003
const APPLY_MS_MAX = 300_000

export type OrganizationWrite = { readonly name: string; readonly kind: "internal" | "customer"; readonly timeZone: string; readonly storesResponses: boolean; readonly managedBy: string }
export type InvitationWrite = { readonly role: Role; readonly budget: Budget | null; readonly managedBy: string }
export type KeyWrite = Pick<NewKeyRow, "name" | "membershipId" | "projectId" | "allowedModels" | "parameters" | "expiresAt" | "limits"> & { readonly managedBy: string }
type OrganizationId = Id<"organization">
type Target = Parameters<typeof readBudget>[2]
type Stamp = { readonly now: Date; readonly managedBy: string; readonly quotaId: () => Id<"quota"> }

/**
 * Runs the application of a file as one transaction, alone in the whole installation. What is thrown inside undoes everything.
 */
export function applyAtomically<T>(database: Database, work: (inside: Database, repository: ApplyRepository) => Promise<T>): Promise<T> {
  return atomically(database, APPLY_MS_MAX, async (inside, transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${APPLY_LOCK})`
    return work(inside, createApplyRepository(transaction))
  })
}

/** What a file reads and writes of organizations, inside the transaction of its application. */
export function createApplyRepository(transaction: Transaction) {
  return { ...organizations(transaction), ...people(transaction), ...invitations(transaction), ...keys(transaction), ...budgets(transaction) }
}

export type ApplyRepository = ReturnType<typeof createApplyRepository>

const organizationColumns = { id: true, name: true, kind: true, timeZone: true, storesResponses: true, hasWallet: true, managedBy: true } as const
const live = (now: Date) => ({ acceptedAt: null, revokedAt: null, expiresAt: { gt: now } })

function organizations(transaction: Transaction) {
  return {
    systemFindOrganizations: (name: string) => transaction.organization.findMany({ where: { name, disabledAt: null }, select: organizationColumns }),

    async systemInsertOrganization(id: OrganizationId, wantedSlug: string, row: OrganizationWrite, createdAt: Date): Promise<void> {
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${SLUG_LOCK})`
      await transaction.organization.create({ data: { id, slug: await freeSlug(transaction, wantedSlug), hasWallet: false, createdAt, ...row } })
    },

    updateOrganization: (organizationId: OrganizationId, row: OrganizationWrite) => transaction.organization.update({ where: { id: organizationId }, data: row, select: { id: true } }),

    /** Gives the organization a wallet, which begins empty: from now on it has a limit. */
    async openWallet(organizationId: OrganizationId, quotaId: Id<"quota">, now: Date, managedBy: string): Promise<void> {
      await transaction.organization.update({ where: { id: organizationId }, data: { hasWallet: true }, select: { id: true } })
      const target = { scope: "wallet", scopeId: organizationId, unit: "nanoUsd", window: "total" } as const
      await transaction.quota.upsert({
        where: { scope_scopeId_unit_window: target },
        create: { id: quotaId, organizationId, ...target, limit: 0n, managedBy, createdAt: now },
        update: { disabledAt: null },
      })
    },

    findProject: (organizationId: OrganizationId, name: string) =>
      transaction.project.findUnique({ where: { organizationId_name: { organizationId, name } }, select: { id: true, managedBy: true, archivedAt: true } }),

    insertProject: (organizationId: OrganizationId, id: Id<"project">, name: string, createdAt: Date, managedBy: string) =>
      transaction.project.create({ data: { id, organizationId, name, createdAt, managedBy }, select: { id: true } }),

    keepProject: (organizationId: OrganizationId, id: string, managedBy: string) =>
      transaction.project.update({ where: { id, organizationId }, data: { managedBy, archivedAt: null }, select: { id: true } }),
  }
}

function people(transaction: Transaction) {
  return {
    systemFindUser: (email: string) => transaction.user.findUnique({ where: { email }, select: { id: true } }),

    systemInsertUser: (id: Id<"user">, email: string, passwordHash: string, createdAt: Date, managedBy: string) =>
      transaction.user.create({ data: { id, email, passwordHash, emailVerified: createdAt, createdAt, managedBy }, select: { id: true } }),

    findMember: (organizationId: OrganizationId, email: string) =>
      transaction.membership.findFirst({ where: { organizationId, user: { email } }, select: { id: true, role: true, managedBy: true, removedAt: true } }),

    insertMember: (organizationId: OrganizationId, id: Id<"membership">, userId: string, role: Role, createdAt: Date, managedBy: string) =>
      transaction.membership.create({ data: { id, organizationId, userId, role, createdAt, managedBy }, select: { id: true } }),

    updateMember: (organizationId: OrganizationId, id: string, role: Role, managedBy: string) =>
      transaction.membership.update({ where: { id, organizationId }, data: { role, managedBy, removedAt: null }, select: { id: true } }),
  }
}

function invitations(transaction: Transaction) {
  const columns = ({ role, budget, managedBy }: InvitationWrite) => ({ role, managedBy, budgetNanoUsd: budget?.amount ?? null, budgetPeriod: budget?.period ?? null })
  return {
    findInvitation: (organizationId: OrganizationId, email: string, now: Date) =>
      transaction.invitation.findFirst({
        where: { organizationId, email, managedBy: { not: null }, ...live(now) },
        select: { id: true, role: true, budgetNanoUsd: true, budgetPeriod: true, managedBy: true },
      }),

    /** Takes the place of open invitations of the same e-mail. */
    async insertInvitation(organizationId: OrganizationId, id: Id<"invitation">, email: string, row: InvitationWrite, link: { readonly tokenHash: string; readonly createdAt: Date; readonly expiresAt: Date }): Promise<void> {
      await transaction.invitation.updateMany({ where: { organizationId, email, ...live(link.createdAt) }, data: { revokedAt: link.createdAt } })
      await transaction.invitation.create({ data: { id, organizationId, email, ...columns(row), ...link } })
    },

    updateInvitation: (organizationId: OrganizationId, id: string, row: InvitationWrite) =>
      transaction.invitation.update({ where: { id, organizationId }, data: columns(row), select: { id: true } }),
  }
}

const keyColumns = {
  id: true,
  organizationId: true,
  name: true,
  membershipId: true,
  projectId: true,
  allowedModels: true,
  parameters: true,
  requestsPerMinute: true,
  tokensPerMinute: true,
  concurrent: true,
  expiresAt: true,
  revokedAt: true,
  limitsOfId: true,
  secretHash: true,
  managedBy: true,
} as const

function keys(transaction: Transaction) {
  return {
    /** The key with one of these hashes, whoever's it is. */
    systemFindKeyByHash: (hashes: readonly string[]) => transaction.apiKey.findFirst({ where: { secretHash: { in: [...hashes] } }, select: keyColumns }),

    /** The newest live key of this name that a file manages. */
    findManagedKey: (organizationId: OrganizationId, name: string) =>
      transaction.apiKey.findFirst({ where: { organizationId, name, managedBy: { not: null }, revokedAt: null }, select: keyColumns, orderBy: { id: "desc" } }),

    insertKey: (organizationId: OrganizationId, row: NewKeyRow) => insertKey(transaction, organizationId, row),

    updateKey: (organizationId: OrganizationId, id: string, { limits, allowedModels, ...row }: KeyWrite) =>
      transaction.apiKey.update({ where: { id, organizationId }, data: { ...row, ...limits, allowedModels: [...allowedModels] }, select: { id: true } }),

    revokeKey: (organizationId: OrganizationId, id: string, now: Date) => transaction.apiKey.update({ where: { id, organizationId }, data: { revokedAt: now }, select: { id: true } }),

    writeKeyLimits: (organizationId: OrganizationId, limitsOfId: string, limits: KeyLimits, stamp: Stamp) => writeKeyLimits(transaction, organizationId, limitsOfId, limits, stamp),
    writeKeyBudget: (organizationId: OrganizationId, limitsOfId: string, budget: Budget | null, stamp: Stamp) => writeKeyBudget(transaction, organizationId, limitsOfId, budget, stamp),
  }
}

export type FoundKey = NonNullable<Awaited<ReturnType<ApplyRepository["systemFindKeyByHash"]>>>

function budgets(transaction: Transaction) {
  return {
    readBudget: (organizationId: OrganizationId, target: Target) => readBudget(transaction, organizationId, target),
    writeBudget: (organizationId: OrganizationId, target: Target, budget: Budget, { quotaId, ...stamp }: Stamp) =>
      writeBudget(transaction, organizationId, target, budget, { ...stamp, quotaId: quotaId() }),
    releaseBudget: (organizationId: OrganizationId, quotaId: Id<"quota">) =>
      transaction.quota.update({ where: { id: quotaId, organizationId }, data: { managedBy: null }, select: { id: true } }),
    readMemberDefault: (organizationId: OrganizationId) => readMemberDefault(transaction, organizationId),
    writeMemberDefault: (organizationId: OrganizationId, budget: Budget, stamp: Stamp) => writeMemberDefault(transaction, organizationId, budget, stamp),
    /** Gives a new member the organization's default. */
    inheritMemberBudget: (organizationId: OrganizationId, membershipId: Id<"membership">, { quotaId, now }: Stamp) =>
      writeMemberBudget(transaction, organizationId, membershipId, null, { quotaId: quotaId(), now, managedBy: null }),
  }
}
