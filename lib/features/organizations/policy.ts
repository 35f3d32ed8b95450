import type { Actor, Member, Person } from "#lib/kernel/actor.ts"

/** Name and time zone. */
export const mayManageOrganization = (actor: Actor): boolean => actor.kind === "program" || (actor.kind === "member" && (actor.role === "owner" || actor.role === "admin"))

/** Where sign-up is not open, organizations are the operator's to give. */
export const mayCreateOrganization = (actor: Person | Member, signUp: "closed" | "invitation" | "open"): boolean => actor.isOperator || signUp === "open"

/** All organizations of the installation, their kind, and whether they are served. */
export const mayManageAllOrganizations = (actor: Actor): boolean => actor.kind === "program" || actor.isOperator
