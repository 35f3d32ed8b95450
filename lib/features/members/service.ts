import type { Member, Person, Role } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId, type NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Budget } from "#lib/features/budgets/index.ts"
import type { LinkTokens } from "#lib/features/people/index.ts"
import { mayChangeMember, mayGiveRole, mayManageMembers, mayReadMembers } from "./policy.ts"
import type { InvitationRow, MemberRow, MembersRepository, OpenInvitation } from "./repository.ts"

const INVITATION_SECONDS = 7 * 24 * 3600
const INVITATIONS_LISTED_MAX = 200
/** Each is a mail to whoever one likes, with a name that one has chosen: no organization may be a way to send mails by the thousand. */
export const INVITATIONS_PER_DAY_MAX = 100
const DAY_MS = 24 * 3600 * 1000

export type MembersDependencies = {
  readonly repository: MembersRepository
  readonly tokens: LinkTokens
  readonly clock: Clock
  readonly newId: NewId
}

export type MemberView = Omit<MemberRow, "userId" | "createdAt"> & { readonly joinedAt: Date; readonly self: boolean; readonly changeable: boolean }

export type InvitationView = InvitationRow & { readonly changeable: boolean }

/** What an invitation's page may tell to whoever holds its link. */
export type InvitationPreview = Pick<OpenInvitation, "email" | "role" | "organizationName" | "organizationSlug">

export type Invite = { readonly email: string; readonly role: Role; readonly budget?: Budget | undefined }

const lastOwner: FeatureError = { kind: "conflict", key: "members.lastOwner" }
const managed = (file: string): FeatureError => ({ kind: "managed", key: "managed", params: { file } })

/** Who belongs to an organization, and who is asked to. */
export function createMembersService({ repository, tokens, clock, newId }: MembersDependencies) {
  const now = () => new Date(clock.now())

  /** The member that an action is about. An admin finds owners, but not to change them. */
  async function findChangeable(actor: Member, membershipId: string): Promise<Result<Omit<MemberRow, "keys">, FeatureError>> {
    if (!isId("membership", membershipId)) return err(notFound)
    const row = await repository.find(actor.organizationId, membershipId)
    if (row === null || !mayChangeMember(actor, row.role)) return err(notFound)
    return row.managedBy === null ? ok(row) : err(managed(row.managedBy))
  }

  return {
    /** The person as a member of the organization with this slug; null where they are none, or it does not exist or is disabled. */
    enter: (person: Person | Member, slug: string): Promise<Member | null> => repository.systemFindMember(person, slug),

    async list(actor: Member): Promise<Result<readonly MemberView[], FeatureError>> {
      if (!mayReadMembers(actor)) return err(notFound)
      const rows = await repository.list(actor.organizationId)
      return ok(
        rows.map(({ userId: _, createdAt, ...row }) => ({
          ...row,
          joinedAt: createdAt,
          self: row.id === actor.membershipId,
          changeable: row.managedBy === null && mayManageMembers(actor) && mayChangeMember(actor, row.role),
        })),
      )
    },

    /** Invitations that wait for an answer, the newest first, at most 200. */
    async listInvitations(actor: Member): Promise<Result<readonly InvitationView[], FeatureError>> {
      if (!mayManageMembers(actor)) return err(notFound)
      const rows = await repository.listInvitations(actor.organizationId, now(), INVITATIONS_LISTED_MAX)
      return ok(rows.map((row) => ({ ...row, changeable: row.managedBy === null && mayGiveRole(actor, row.role) })))
    },

    async changeRole(actor: Member, input: { readonly membershipId: string; readonly role: Role }): Promise<Result<null, FeatureError>> {
      if (!mayManageMembers(actor) || !mayGiveRole(actor, input.role)) return err(notFound)
      const found = await findChangeable(actor, input.membershipId)
      if (!found.ok) return found
      return (await repository.changeRole(actor.organizationId, found.value.id, input.role)) ? ok(null) : err(lastOwner)
    },

    /** Removes a member, whose keys are revoked in the same transaction. Their usage stays in the books. */
    async remove(actor: Member, input: { readonly membershipId: string }): Promise<Result<null, FeatureError>> {
      if (!mayManageMembers(actor)) return err(notFound)
      const found = await findChangeable(actor, input.membershipId)
      if (!found.ok) return found
      return (await repository.remove(actor.organizationId, found.value.id, now())) ? ok(null) : err(lastOwner)
    },

    /** Leaves the organization. The last owner cannot. */
    async leave(actor: Member): Promise<Result<null, FeatureError>> {
      const row = await repository.find(actor.organizationId, actor.membershipId)
      if (row === null) return err(notFound)
      if (row.managedBy !== null) return err(managed(row.managedBy))
      return (await repository.remove(actor.organizationId, actor.membershipId, now())) ? ok(null) : err(lastOwner)
    },

    /** Makes an invitation for one e-mail, good for a week. Its token is given out here and never again. */
    async invite(actor: Member, input: Invite): Promise<Result<{ readonly token: string; readonly email: string }, FeatureError>> {
      if (!mayManageMembers(actor) || !mayGiveRole(actor, input.role)) return err(notFound)
      const createdAt = now()
      if ((await repository.countInvitations(actor.organizationId, new Date(createdAt.getTime() - DAY_MS))) >= INVITATIONS_PER_DAY_MAX) return err({ kind: "conflict", key: "members.tooManyInvitations", params: { maximum: INVITATIONS_PER_DAY_MAX } })
      const token = tokens.make()
      const made = await repository.insertInvitation(actor.organizationId, {
        id: newId("invitation"),
        email: input.email,
        role: input.role,
        budget: input.budget ?? null,
        tokenHash: tokens.hash(token),
        invitedById: actor.userId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + INVITATION_SECONDS * 1000),
      })
      return made ? ok({ token, email: input.email }) : err({ kind: "conflict", key: "members.alreadyMember", field: "email" })
    },

    async revokeInvitation(actor: Member, input: { readonly invitationId: string }): Promise<Result<null, FeatureError>> {
      if (!mayManageMembers(actor) || !isId("invitation", input.invitationId)) return err(notFound)
      const row = await repository.findInvitation(actor.organizationId, input.invitationId, now())
      if (row === null || !mayGiveRole(actor, row.role)) return err(notFound)
      if (row.managedBy !== null) return err(managed(row.managedBy))
      await repository.revokeInvitation(actor.organizationId, row.id, now())
      return ok(null)
    },

    /** What a link invites to; null where it is unknown, used, revoked or too old. */
    async openInvitation(token: string): Promise<InvitationPreview | null> {
      const found = await repository.systemFindOpenInvitation(tokens.hash(token), now())
      return found === null ? null : { email: found.email, role: found.role, organizationName: found.organizationName, organizationSlug: found.organizationSlug }
    },

    /** Joins the organization of an invitation, which is made out to one e-mail and to nobody else who finds its link. */
    async accept(actor: Pick<Person, "userId" | "email">, input: { readonly token: string }): Promise<Result<{ readonly slug: string }, FeatureError>> {
      const invitation = await repository.systemFindOpenInvitation(tokens.hash(input.token), now())
      if (invitation === null) return err({ kind: "invalid", key: "auth.invitationInvalid" })
      if (invitation.email !== actor.email) return err({ kind: "conflict", key: "members.otherEmail", params: { email: invitation.email } })
      const ids: { membershipId: Id<"membership">; quotaId: Id<"quota"> } = { membershipId: newId("membership"), quotaId: newId("quota") }
      const joined = await repository.accept(invitation.organizationId, { invitationId: invitation.id, userId: actor.userId, ...ids, now: now() })
      return joined ? ok({ slug: invitation.organizationSlug }) : err({ kind: "invalid", key: "auth.invitationInvalid" })
    },
  }
}

export type MembersService = ReturnType<typeof createMembersService>
