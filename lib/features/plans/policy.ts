import type { Actor } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

/** Plans are the operator's, and those of a file that the operator applies; organizations do not choose theirs yet. */
export const mayManagePlans = (actor: Actor): boolean => actor.kind === "program" || actor.isOperator

/** Who may see which plan an organization is on: the operator, and everybody in it, since all of them use it up. */
export function maySeeSubscription(actor: Actor, organizationId: Id<"organization">): boolean {
  return mayManagePlans(actor) || (actor.kind === "member" && actor.organizationId === organizationId)
}

/** What a file manages is changed by files alone. */
export const mayChange = (actor: Actor, managedBy: string | null): boolean => actor.kind === "program" || managedBy === null
