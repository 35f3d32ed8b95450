import type { Member, Role } from "#lib/kernel/actor.ts"
import type { BudgetScope } from "./schema.ts"

const seesAll: readonly Role[] = ["owner", "admin", "billing", "viewer"]
const managesAll: readonly Role[] = ["owner", "admin", "billing"]

/** Whether the actor sees every budget of the organization; everybody else sees their own and those of their keys. */
export const maySeeAllBudgets = (member: Member): boolean => seesAll.includes(member.role)

/**
 * Whether a member may change a budget. A key's budget is its owner's own guard (`ownKey`); all others are how an organization
 * limits its people.
 */
export const mayChangeBudget = (member: Member, scope: BudgetScope, ownKey: boolean): boolean => managesAll.includes(member.role) || (scope === "key" && ownKey)

export const maySetMemberDefault = (member: Member): boolean => managesAll.includes(member.role)
