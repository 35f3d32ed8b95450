import type { Member } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

/** A member sees their own keys' calls; everybody else, the viewer included, the whole organization's. */
export const seesAllUsage = (member: Member): boolean => member.role !== "member"

/** Whose calls a member may read: everybody's (null) or one membership's. */
export const visibleMembership = (member: Member): Id<"membership"> | null => (seesAllUsage(member) ? null : member.membershipId)
