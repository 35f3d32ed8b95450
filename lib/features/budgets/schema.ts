import { z } from "zod"
import { type NanoUsd, parseUsd } from "#lib/kernel/nano-usd.ts"

export const budgetPeriods = ["total", "day", "week", "month"] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

export const budgetScopes = ["organization", "project", "member", "key"] as const
export type BudgetScope = (typeof budgetScopes)[number]

/** What may be spent in one period; days, weeks (from Monday) and months are those of the organization's time zone. */
export type Budget = { readonly amount: NanoUsd; readonly period: BudgetPeriod }

const TEXT_CHARACTERS_MAX = 100

/** A dollar amount as a person types it: digits with at most nine decimals, not negative. */
export const budgetAmount = z
  .string()
  .max(TEXT_CHARACTERS_MAX)
  .transform((text, context): NanoUsd => {
    const parsed = parseUsd(text.trim().replace(/^\$/, ""))
    if (parsed.ok && parsed.value >= 0n) return parsed.value
    context.addIssue({ code: "custom", message: "errors.budgets.badAmount" })
    return z.NEVER
  })

export const budgetInput = z.object({ amount: budgetAmount, period: z.enum(budgetPeriods) })

export const setBudgetInput = z.object({
  scope: z.enum(budgetScopes),
  scopeId: z.string().min(1).max(TEXT_CHARACTERS_MAX),
  budget: budgetInput,
})

export const removeBudgetInput = setBudgetInput.pick({ scope: true, scopeId: true })

export const memberDefaultInput = z.object({
  /** Absent: members without a budget of their own have none. */
  budget: budgetInput.optional(),
})
