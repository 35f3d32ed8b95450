import type { Actor } from "#lib/kernel/actor.ts"

/** Models and prices belong to the installation: its operators see and change them, and programs that run in its name. */
export const mayManageModels = (actor: Actor): boolean => actor.kind === "program" || (actor.kind === "person" && actor.isOperator)

/** What a file manages is changed by files alone, so that the next `turnpike apply` finds what it left. */
export const mayChange = (actor: Actor, managedBy: string | null): boolean => actor.kind === "program" || managedBy === null
