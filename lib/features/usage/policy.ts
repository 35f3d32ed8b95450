import type { Actor, Member } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

/** A member sees their own keys' calls; everybody else, the viewer included, the whole organization's. */
export const seesAllUsage = (member: Member): boolean => member.role !== "member"

/** Whose calls a member may read: everybody's (null) or one membership's. */
export const visibleMembership = (member: Member): Id<"membership"> | null => (seesAllUsage(member) ? null : member.membershipId)

/** Who may know what all of an organization spends: its members who see everybody's calls, and the operator. */
export const maySeeSpend = (actor: Actor, organizationId: Id<"organization">): boolean =>
  actor.kind === "member" && actor.organizationId === organizationId ? seesAllUsage(actor) : actor.kind === "program" || actor.isOperator
