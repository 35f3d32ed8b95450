import type { Member, Role } from "#lib/kernel/actor.ts"

const managers: readonly Role[] = ["owner", "admin"]
const holders: readonly Role[] = ["owner", "admin", "member"]

/** Whether the member sees everybody's keys; all others see their own. */
export const maySeeAllKeys = (member: Member): boolean => managers.includes(member.role)

/** Billing and viewers call no models, so they make no keys. Keys from before their role changed stay theirs to revoke. */
export const mayCreateKeys = (member: Member): boolean => holders.includes(member.role)

/** Whether the member may make keys that belong to the organization and to nobody in particular. */
export const mayCreateOrganizationKeys = (member: Member): boolean => managers.includes(member.role)

type Owned = { readonly membershipId: string | null }

export const mayRevokeKey = (member: Member, key: Owned): boolean => maySeeAllKeys(member) || key.membershipId === member.membershipId

export const mayUpdateKey = (member: Member, key: Owned): boolean => maySeeAllKeys(member) || (mayCreateKeys(member) && key.membershipId === member.membershipId)

/** A rotation shows the new secret, and who knows it spends in the owner's name: so one's own keys, and the organization's. */
export const mayRotateKey = (member: Member, key: Owned): boolean =>
  key.membershipId === null ? mayCreateOrganizationKeys(member) : mayCreateKeys(member) && key.membershipId === member.membershipId
