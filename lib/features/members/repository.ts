import type { Database, Transaction } from "#lib/adapters/database.ts"
import { type Budget, type BudgetPeriod, writeMemberBudget } from "#lib/features/budgets/index.ts"
import type { Member, Person, Role } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"

export type MemberRow = {
  readonly id: Id<"membership">
  readonly userId: Id<"user">
  readonly role: Role
  readonly managedBy: string | null
  readonly createdAt: Date
  readonly email: string
  readonly name: string | null
  /** Keys that are not revoked. */
  readonly keys: number
}

export type InvitationRow = {
  readonly id: Id<"invitation">
  readonly email: string
  readonly role: Role
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly managedBy: string | null
  readonly budget: Budget | null
}

export type NewInvitation = Omit<InvitationRow, "managedBy"> & { readonly tokenHash: string; readonly invitedById: Id<"user"> }

/** An invitation as the link's holder meets it. */
export type OpenInvitation = InvitationRow & { readonly organizationId: Id<"organization">; readonly organizationName: string; readonly organizationSlug: string }

export function createMembersRepository(database: Database) {
  return { ...memberships(database), ...invitations(database), ...acceptance(database) }
}

export type MembersRepository = ReturnType<typeof createMembersRepository>

function memberships(database: Database) {
  return {
    /** The person's live membership of the organization with this slug; in the system's name, since it decides the tenant. */
    async systemFindMember(person: Person | Member, slug: string): Promise<Member | null> {
      const row = await database.systemClient.membership.findFirst({
        where: { userId: person.userId, removedAt: null, organization: { slug, disabledAt: null } },
        select: { id: true, role: true, organization: { select: { id: true, slug: true, name: true, timeZone: true } } },
      })
      if (row === null) return null
      return {
        ...person,
        kind: "member",
        membershipId: row.id as Id<"membership">,
        role: row.role,
        organizationId: row.organization.id as Id<"organization">,
        organizationSlug: row.organization.slug,
        organizationName: row.organization.name,
        timeZone: row.organization.timeZone,
      }
    },

    async list(organizationId: Id<"organization">): Promise<readonly MemberRow[]> {
      const rows = await database.organization(organizationId, (transaction) =>
        transaction.membership.findMany({
          where: { organizationId, removedAt: null },
          select: { ...memberColumns, _count: { select: { keys: { where: { revokedAt: null } } } } },
          orderBy: { createdAt: "asc" },
        }),
      )
      return rows.map(({ user, _count, ...row }) => ({ ...row, id: row.id as Id<"membership">, userId: row.userId as Id<"user">, email: user.email, name: user.name, keys: _count.keys }))
    },

    async find(organizationId: Id<"organization">, membershipId: Id<"membership">): Promise<Omit<MemberRow, "keys"> | null> {
      const found = await database.organization(organizationId, (transaction) =>
        transaction.membership.findUnique({ where: { id: membershipId, organizationId, removedAt: null }, select: memberColumns }),
      )
      if (found === null) return null
      const { user, ...row } = found
      return { ...row, id: row.id as Id<"membership">, userId: row.userId as Id<"user">, email: user.email, name: user.name }
    },

    /** False where this would leave the organization without an owner, or the member is gone. */
    async changeRole(organizationId: Id<"organization">, membershipId: Id<"membership">, role: Role): Promise<boolean> {
      return database.organization(organizationId, async (transaction) => {
        if (role !== "owner" && (await isLastOwner(transaction, organizationId, membershipId))) return false
        const { count } = await transaction.membership.updateMany({ where: { id: membershipId, organizationId, removedAt: null }, data: { role } })
        return count === 1
      })
    },

    /** Takes a member out and revokes their keys, together. False where this would leave no owner, or the member is gone. */
    async remove(organizationId: Id<"organization">, membershipId: Id<"membership">, now: Date): Promise<boolean> {
      return database.organization(organizationId, async (transaction) => {
        if (await isLastOwner(transaction, organizationId, membershipId)) return false
        const { count } = await transaction.membership.updateMany({ where: { id: membershipId, organizationId, removedAt: null }, data: { removedAt: now } })
        await transaction.apiKey.updateMany({ where: { organizationId, membershipId, revokedAt: null }, data: { revokedAt: now } })
        return count === 1
      })
    },
  }
}

const memberColumns = { id: true, userId: true, role: true, managedBy: true, createdAt: true, user: { select: { email: true, name: true } } } as const

/** Locks the owners until the transaction ends: two owners who leave at once would otherwise each see the other. */
async function isLastOwner(transaction: Transaction, organizationId: Id<"organization">, membershipId: Id<"membership">): Promise<boolean> {
  const owners = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM membership WHERE organization_id = ${organizationId} AND role = 'owner' AND removed_at IS NULL ORDER BY id FOR UPDATE`
  return owners.length === 1 && owners[0]?.id === membershipId
}

const invitationColumns = { id: true, email: true, role: true, createdAt: true, expiresAt: true, managedBy: true, budgetNanoUsd: true, budgetPeriod: true } as const

type StoredInvitation = Omit<InvitationRow, "budget" | "id"> & { readonly id: string; readonly budgetNanoUsd: bigint | null; readonly budgetPeriod: BudgetPeriod | null }

function invitationOf({ budgetNanoUsd, budgetPeriod, id, ...row }: StoredInvitation): InvitationRow {
  return { ...row, id: id as Id<"invitation">, budget: budgetNanoUsd === null || budgetPeriod === null ? null : { amount: nanoUsd(budgetNanoUsd), period: budgetPeriod } }
}

const isOpen = (now: Date) => ({ acceptedAt: null, revokedAt: null, expiresAt: { gt: now } })

function invitations(database: Database) {
  return {
    async listInvitations(organizationId: Id<"organization">, now: Date, take: number): Promise<readonly InvitationRow[]> {
      const rows = await database.organization(organizationId, (transaction) =>
        transaction.invitation.findMany({ where: { organizationId, ...isOpen(now) }, select: invitationColumns, orderBy: { createdAt: "desc" }, take }),
      )
      return rows.map(invitationOf)
    },

    /** Invitations that were made by people since then, whatever became of them. */
    countInvitations(organizationId: Id<"organization">, since: Date): Promise<number> {
      return database.organization(organizationId, (transaction) => transaction.invitation.count({ where: { organizationId, managedBy: null, createdAt: { gte: since } } }))
    },

    /** Takes the place of open invitations of the same e-mail. False where the e-mail belongs to a member already. */
    async insertInvitation(organizationId: Id<"organization">, { budget, ...row }: NewInvitation): Promise<boolean> {
      return database.organization(organizationId, async (transaction) => {
        if ((await transaction.membership.count({ where: { organizationId, removedAt: null, user: { email: row.email } } })) > 0) return false
        await transaction.invitation.updateMany({ where: { organizationId, email: row.email, managedBy: null, ...isOpen(row.createdAt) }, data: { revokedAt: row.createdAt } })
        await transaction.invitation.create({ data: { ...row, organizationId, budgetNanoUsd: budget?.amount ?? null, budgetPeriod: budget?.period ?? null } })
        return true
      })
    },

    async findInvitation(organizationId: Id<"organization">, invitationId: Id<"invitation">, now: Date): Promise<InvitationRow | null> {
      const row = await database.organization(organizationId, (transaction) =>
        transaction.invitation.findUnique({ where: { id: invitationId, organizationId, ...isOpen(now) }, select: invitationColumns }),
      )
      return row === null ? null : invitationOf(row)
    },

    async revokeInvitation(organizationId: Id<"organization">, invitationId: Id<"invitation">, now: Date): Promise<void> {
      await database.organization(organizationId, (transaction) => transaction.invitation.updateMany({ where: { id: invitationId, organizationId, ...isOpen(now) }, data: { revokedAt: now } }))
    },
  }
}

export type Acceptance = {
  readonly invitationId: Id<"invitation">
  readonly userId: Id<"user">
  readonly membershipId: Id<"membership">
  readonly quotaId: Id<"quota">
  readonly now: Date
}

function acceptance(database: Database) {
  return {
    /** The open invitation of a link; in the system's name, since its holder is no member yet. */
    async systemFindOpenInvitation(tokenHash: string, now: Date): Promise<OpenInvitation | null> {
      const row = await database.systemClient.invitation.findUnique({
        where: { tokenHash, ...isOpen(now), organization: { disabledAt: null } },
        select: { ...invitationColumns, organizationId: true, organization: { select: { name: true, slug: true } } },
      })
      if (row === null) return null
      const { organization, organizationId, ...invitation } = row
      return { ...invitationOf(invitation), organizationId: organizationId as Id<"organization">, organizationName: organization.name, organizationSlug: organization.slug }
    },

    /** Uses the invitation up and makes the member with their budget, together. False where the invitation is no longer open. */
    async accept(organizationId: Id<"organization">, { invitationId, userId, membershipId, quotaId, now }: Acceptance): Promise<boolean> {
      return database.organization(organizationId, async (transaction) => {
        const used = await transaction.invitation.updateManyAndReturn({ where: { id: invitationId, organizationId, ...isOpen(now) }, data: { acceptedAt: now }, select: invitationColumns })
        const stored = used[0]
        if (stored === undefined) return false
        const invitation = invitationOf(stored)
        const id = await join(transaction, organizationId, { membershipId, userId, role: invitation.role, managedBy: invitation.managedBy, now })
        if (id !== null) await writeMemberBudget(transaction, organizationId, id, invitation.budget, { quotaId, now, managedBy: invitation.managedBy })
        return true
      })
    },
  }
}

type Joining = { readonly membershipId: Id<"membership">; readonly userId: Id<"user">; readonly role: Role; readonly managedBy: string | null; readonly now: Date }

/** The membership's id: a new one, or that of somebody who comes back. Null where they are a member already, whose role stays. */
async function join(transaction: Transaction, organizationId: Id<"organization">, { membershipId, userId, role, managedBy, now }: Joining): Promise<Id<"membership"> | null> {
  const existing = await transaction.membership.findUnique({ where: { organizationId_userId: { organizationId, userId } }, select: { id: true, removedAt: true } })
  if (existing === null) {
    await transaction.membership.create({ data: { id: membershipId, organizationId, userId, role, managedBy, createdAt: now } })
    return membershipId
  }
  if (existing.removedAt === null) return null
  await transaction.membership.update({ where: { id: existing.id }, data: { role, managedBy, removedAt: null } })
  return existing.id as Id<"membership">
}
