import type { Actor } from "#lib/kernel/actor.ts"

/** Everybody in the organization sees its projects: keys and charts name them. */
export const mayReadProjects = (actor: Actor): boolean => actor.kind === "program" || actor.kind === "member"

export const mayManageProjects = (actor: Actor): boolean => actor.kind === "program" || (actor.kind === "member" && (actor.role === "owner" || actor.role === "admin"))
