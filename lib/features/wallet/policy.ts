import type { Actor, Role } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

const readers: readonly Role[] = ["owner", "admin", "billing", "viewer"]

/** Money is given by the operator alone, and by a file that the operator applies. */
export const mayCredit = (actor: Actor): boolean => actor.kind === "program" || actor.isOperator

/** Who may read a wallet and its statement: the operator, and those of the organization who look after its money. */
export function maySeeWallet(actor: Actor, organizationId: Id<"organization">): boolean {
  if (actor.kind === "program" || actor.isOperator) return true
  return actor.kind === "member" && actor.organizationId === organizationId && readers.includes(actor.role)
}
