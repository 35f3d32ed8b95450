import type { Member } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

/** Owners, admins and billing see the whole organization's usage; everybody else their own keys' calls. */
export const seesAllUsage = (member: Member): boolean => member.role === "owner" || member.role === "admin" || member.role === "billing"

/** Whose calls a member may read: everybody's (null) or one membership's. */
export const visibleMembership = (member: Member): Id<"membership"> | null => (seesAllUsage(member) ? null : member.membershipId)
