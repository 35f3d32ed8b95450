"use server"

import { memberDefaultInput, removeBudgetInput, setBudgetInput } from "#lib/features/budgets/index.ts"
import { memberAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const setBudget = memberAction(setBudgetInput, (member, input) => container().budgets.set(member, input))

export const removeBudget = memberAction(removeBudgetInput, (member, input) => container().budgets.remove(member, input))

/** Without a budget it takes the default away. */
export const setMemberDefault = memberAction(memberDefaultInput, (member, input) => container().budgets.setMemberDefault(member, input))
