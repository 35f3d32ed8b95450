import { z } from "zod"
import { modelName } from "#lib/features/channels/index.ts"
import { isId } from "#lib/kernel/ids.ts"
import { parseUsd } from "#lib/kernel/nano-usd.ts"
import { usageUnits, type UsageUnit } from "#lib/kernel/usage.ts"
import { type Rates, ratesObject, toRates, type UnitRates } from "#lib/ledger/rates.ts"

const PPM = 1_000_000
const MARKUP_PATTERN = /^(\d{1,4})(?:\.(\d{1,6}))?$/
const TOKENS_MAX = 100_000_000

/** A mark-up as people write it: `"1.20"` is 20 % more than the cost. Parses to parts per million, exactly. */
export const markup = z.union([z.string(), z.number()]).transform((value, context): number => {
  const match = MARKUP_PATTERN.exec(String(value).trim())
  if (match === null) {
    context.addIssue({ code: "custom", message: "errors.models.markup" })
    return z.NEVER
  }
  return Number(match[1]) * PPM + Number((match[2] ?? "").padEnd(6, "0"))
})

/** A day begins at midnight UTC; an instant carries its offset. Parses to epoch milliseconds. */
export const effectiveDate = z.union([z.iso.date(), z.iso.datetime({ offset: true })], { error: "errors.models.date" }).transform((text) => Date.parse(text))

/** A price in turnpike.yaml: `Rates`, and from when on they hold (absent: from now on). */
export const priceInput = ratesObject.extend({ effective: effectiveDate.optional() }).transform(({ effective, ...price }) => ({
  rates: toRates(price),
  effectiveFromMs: effective ?? null,
}))

/** A price as the form sends it: one amount for each unit that was filled in. What a form cannot say (tiers, schedules) files can. */
const formAmount = z.string().transform((text, context) => {
  const amount = parseUsd(text)
  if (amount.ok && amount.value >= 0n) return amount.value
  context.addIssue({ code: "custom", message: "errors.models.amount" })
  return z.NEVER
})
const formUnits = Object.fromEntries(usageUnits.map((unit) => [unit, formAmount.optional()])) as Record<UsageUnit, z.ZodOptional<typeof formAmount>>
const formPrice = z
  .strictObject(formUnits)
  .refine((units) => Object.values(units).some((amount) => amount !== undefined), { error: "errors.models.noAmount" })
  .transform((units): Rates => ({ units: Object.fromEntries(Object.entries(units).filter(([, amount]) => amount !== undefined)) as UnitRates }))

const channelId = z.string().refine((value) => isId("channel", value))

/** `clear` ends the rule, so that what stands behind it (the model's price, the list price) applies again. */
export const setCostInput = z.object({
  model: modelName,
  channelId: channelId.optional(),
  mode: z.enum(["price", "clear"]),
  price: formPrice.optional(),
  effective: effectiveDate.optional(),
})

/** What a call of a channel costs at most whose model nobody knows the cost of. `clear`: such a model is refused. */
export const setCeilingInput = setCostInput.omit({ model: true }).extend({ channelId })

export const setSellInput = z.object({
  model: modelName,
  mode: z.enum(["price", "markup", "clear"]),
  price: formPrice.optional(),
  markup: markup.optional(),
  effective: effectiveDate.optional(),
})

/** What one buyer pays: an organization, or whoever is on a plan. `clear`: what others pay. */
export const setOwnPriceInput = setSellInput
  .extend({
    organizationId: z.string().refine((value) => isId("organization", value)).optional(),
    planId: z.string().refine((value) => isId("plan", value)).optional(),
  })
  .transform(({ organizationId, planId, ...sell }, context) => {
    if (organizationId !== undefined && planId === undefined) return { ...sell, owner: { organizationId } }
    if (planId !== undefined && organizationId === undefined) return { ...sell, owner: { planId } }
    context.addIssue({ code: "custom", message: "errors.input.invalid" })
    return z.NEVER
  })

const tokens = z.coerce.number().int().min(1).max(TOKENS_MAX)
export const describeModelInput = z.object({
  model: modelName,
  contextTokens: tokens.optional(),
  outputTokensMax: tokens.optional(),
  enabled: z.union([z.boolean(), z.literal("on").transform(() => true)]).default(false),
})

/** A row of `models` in turnpike.yaml. */
export const modelInput = z
  .strictObject({
    name: modelName,
    cost: priceInput.optional(),
    price: priceInput.optional(),
    markup: markup.optional(),
    contextTokens: tokens.optional(),
    outputTokensMax: tokens.optional(),
    enabled: z.boolean().default(true),
  })
  .refine((model) => model.price === undefined || model.markup === undefined, { error: "errors.models.priceAndMarkup", path: ["markup"] })

export type PriceInput = z.output<typeof priceInput>
export type SetCostInput = z.output<typeof setCostInput>
export type SetCeilingInput = z.output<typeof setCeilingInput>
export type SetSellInput = z.output<typeof setSellInput>
export type SetOwnPriceInput = z.output<typeof setOwnPriceInput>
export type DescribeModelInput = z.output<typeof describeModelInput>
export type ModelInput = z.output<typeof modelInput>
