import type { Actor, Role } from "#lib/kernel/actor.ts"

const isRole = (actor: Actor, ...allowed: readonly Role[]): boolean => actor.kind === "program" || (actor.kind === "member" && allowed.includes(actor.role))

/** Who belongs to the organization, and with what budget. */
export const mayReadMembers = (actor: Actor): boolean => isRole(actor, "owner", "admin", "billing")

/** Inviting, removing and changing members. */
export const mayManageMembers = (actor: Actor): boolean => isRole(actor, "owner", "admin")

/** Owners are made and unmade by owners alone: an admin can neither become one nor remove one. */
export const mayGiveRole = (actor: Actor, role: Role): boolean => isRole(actor, "owner") || (isRole(actor, "admin") && role !== "owner")

/** Whether the actor may change or remove somebody who has this role. */
export const mayChangeMember = (actor: Actor, role: Role): boolean => mayGiveRole(actor, role)

/** The roles that the actor can choose from, the mightiest first. */
export const rolesToGive = (actor: Actor): readonly Role[] => (["owner", "admin", "billing", "member", "viewer"] as const).filter((role) => mayGiveRole(actor, role))
