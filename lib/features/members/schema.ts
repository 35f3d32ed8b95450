import { z } from "zod"
import { budgetInput } from "#lib/features/budgets/index.ts"
import { emailSchema } from "#lib/features/people/index.ts"
import { roles } from "#lib/kernel/actor.ts"

const ID_CHARACTERS_MAX = 100

/** A form always sends the period: without an amount there is no budget. */
const budgetSchema = z.preprocess(
  (budget) => (typeof budget === "object" && budget !== null && !("amount" in budget) ? undefined : budget),
  budgetInput.optional(),
)

export const inviteSchema = z.object({ email: emailSchema, role: z.enum(roles), budget: budgetSchema })
export const changeRoleSchema = z.object({ membershipId: z.string().max(ID_CHARACTERS_MAX), role: z.enum(roles) })
export const removeMemberSchema = z.object({ membershipId: z.string().max(ID_CHARACTERS_MAX) })
export const revokeInvitationSchema = z.object({ invitationId: z.string().max(ID_CHARACTERS_MAX) })
