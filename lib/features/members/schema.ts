import { z } from "zod"
import { emailSchema } from "#lib/features/people/index.ts"
import { roles } from "#lib/kernel/actor.ts"
import { parseUsd, ZERO_USD } from "#lib/kernel/nano-usd.ts"

const ID_CHARACTERS_MAX = 100

export const budgetPeriods = ["total", "day", "week", "month"] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

/** A positive amount of dollars as text; nano-USD out. */
const amountSchema = z.string().transform((text, context) => {
  const amount = parseUsd(text)
  if (amount.ok && amount.value > ZERO_USD) return amount.value
  context.addIssue({ code: "custom", message: "errors.members.badAmount" })
  return z.NEVER
})

/** A form always sends the period: without an amount there is no budget. */
const budgetSchema = z.preprocess(
  (budget) => (typeof budget === "object" && budget !== null && !("amount" in budget) ? undefined : budget),
  z.object({ amount: amountSchema, period: z.enum(budgetPeriods) }).optional(),
)

export const inviteSchema = z.object({ email: emailSchema, role: z.enum(roles), budget: budgetSchema })
export const changeRoleSchema = z.object({ membershipId: z.string().max(ID_CHARACTERS_MAX), role: z.enum(roles) })
export const removeMemberSchema = z.object({ membershipId: z.string().max(ID_CHARACTERS_MAX) })
export const revokeInvitationSchema = z.object({ invitationId: z.string().max(ID_CHARACTERS_MAX) })
