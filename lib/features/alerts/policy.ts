import type { Actor } from "#lib/kernel/actor.ts"

/** Who says where an organization is told of its limits: it is about all its money. */
export const mayManageAlerts = (actor: Actor): boolean => actor.kind === "member" && (actor.role === "owner" || actor.role === "admin")

/** Roles that are told of every limit; a member or a key's owner is told of their own as well. */
export const toldOfAll = ["owner", "admin", "billing"] as const
