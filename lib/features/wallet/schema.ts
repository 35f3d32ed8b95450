import { z } from "zod"
import { usdAmount } from "#lib/ledger/rates.ts"

export const REASON_CHARACTERS_MAX = 500
/** $1,000,000: a typing error is cheaper to refuse than to post back. */
const CREDIT_NANO_USD_MAX = 1_000_000_000_000_000n

/** What the operator gives to an organization. `idempotencyKey` makes a form that is sent twice one credit. */
export const creditInput = z.object({
  organizationId: z.string().startsWith("org_"),
  amount: usdAmount.refine((amount) => amount > 0n && amount <= CREDIT_NANO_USD_MAX, { error: "errors.wallet.badAmount" }),
  kind: z.enum(["paid", "promotional"]),
  reason: z.string().trim().min(1).max(REASON_CHARACTERS_MAX),
  idempotencyKey: z.string().min(8).max(200),
})
export type CreditInput = z.infer<typeof creditInput>

/** A calendar month, `2026-11`. */
export const statementMonth = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/)
