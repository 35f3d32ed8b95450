import type { Actor } from "#lib/kernel/actor.ts"

/** The search belongs to the installation: its operators see and change it, and programs that run in its name. */
export const mayManageSearch = (actor: Actor): boolean => actor.kind === "program" || (actor.kind === "person" && actor.isOperator)

/** What a file manages is changed by files alone. */
export const mayChange = (actor: Actor, managedBy: string | null): boolean => actor.kind === "program" || managedBy === null
