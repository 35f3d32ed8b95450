import { z } from "zod"
import { usdAmount } from "#lib/ledger/rates.ts"

export const REASON_CHARACTERS_MAX = 500
/** $1,000,000: a typing error is cheaper to refuse than to post back. */
const AMOUNT_NANO_USD_MAX = 1_000_000_000_000_000n

const amount = usdAmount.refine((value) => value > 0n && value <= AMOUNT_NANO_USD_MAX, { error: "errors.wallet.badAmount" })
/** What an HTML form sends of a field that was left empty. */
const empty = z.literal("").transform(() => undefined)

/** What every movement of money says. `idempotencyKey` makes a form that is sent twice one posting. */
const movement = z.object({
  organizationId: z.string().startsWith("org_"),
  reason: z.string().trim().min(1).max(REASON_CHARACTERS_MAX),
  idempotencyKey: z.string().min(8).max(200),
})
export type MovementInput = z.infer<typeof movement>

/** What the operator gives to an organization. `lastDay`: of promotional credit, by the organization's calendar; absent: it does not expire. */
export const creditInput = movement.extend({
  amount,
  kind: z.enum(["paid", "promotional"]),
  lastDay: z.iso.date().or(empty).optional(),
})
export type CreditInput = z.infer<typeof creditInput>

/** A correction, up or down. `overdraw`: paid credit may fall below zero by it, such as after a payment that was charged back. */
export const adjustInput = movement.extend({
  amount,
  direction: z.enum(["up", "down"]),
  kind: z.enum(["paid", "promotional"]),
  overdraw: z.stringbool().or(z.boolean()).default(false),
})
export type AdjustInput = z.infer<typeof adjustInput>

/** Gives a call back, or a part of it; without an amount all that was not refunded before. */
export const refundCallInput = movement.extend({ requestId: z.string().trim().startsWith("req_", { error: "errors.wallet.badRequest" }), amount: amount.or(empty).optional() })
export type RefundCallInput = z.infer<typeof refundCallInput>

/** Paid credit whose money went back outside of these books. */
export const returnPaidInput = movement.extend({ amount })
export type ReturnPaidInput = z.infer<typeof returnPaidInput>

/** A calendar month, `2026-11`. */
export const statementMonth = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/)
