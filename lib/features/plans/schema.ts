import { z } from "zod"
import { modelName } from "#lib/features/channels/index.ts"
import { markup, priceInput } from "#lib/features/models/index.ts"
import { type Id, isId } from "#lib/kernel/ids.ts"
import { usdAmount } from "#lib/ledger/rates.ts"
import { planPeriods } from "./periods.ts"

const NAME_CHARACTERS_MAX = 80
const MODELS_MAX = 500
/** What Postgres' INTEGER holds. */
const LIMIT_MAX = 2_147_483_647
/** $1,000,000: more is a typing error. */
const AMOUNT_NANO_USD_MAX = 1_000_000_000_000_000n

const name = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)
const amount = usdAmount.refine((value) => value <= AMOUNT_NANO_USD_MAX, { error: "errors.plans.amount" })
const allowance = amount.refine((value) => value > 0n, { error: "errors.plans.allowance" })
const limit = z.int().min(1).max(LIMIT_MAX)

/** A model that the plan lets its subscribers call, and what it costs them where that is not what it costs others. */
const planModel = z.union([
  modelName.transform((own) => ({ name: own, price: undefined, markup: undefined })),
  z
    .strictObject({ name: modelName, price: priceInput.optional(), markup: markup.optional() })
    .refine((own) => own.price === undefined || own.markup === undefined, { error: "errors.models.priceAndMarkup", path: ["markup"] })
    .transform(({ name: own, price, markup: factor }) => ({ name: own, price, markup: factor })),
])

const planModels = z
  .array(planModel)
  .max(MODELS_MAX)
  .refine((models) => new Set(models.map((model) => model.name)).size === models.length, { error: "errors.channels.modelTwice" })

/** A plan in turnpike.yaml. */
export const planInput = z.strictObject({
  name,
  price: z.strictObject({ amount, period: z.enum(planPeriods) }).describe("What it costs for each period; 0 is free"),
  allowance: allowance.optional().describe("Spent before the wallet, and given anew each period"),
  markup: markup.optional().describe("Sell prices are the answering channel's cost times this"),
  models: planModels.min(1).optional().describe("Models that may be called, by name or with a price or mark-up of their own; absent: all"),
  limits: z.strictObject({ requestsPerMinute: limit.optional(), tokensPerMinute: limit.optional(), concurrent: limit.optional() }).optional().describe("Of each subscribing organization as a whole"),
})

/** An empty field of a form is none. */
const blank = (value: unknown): unknown => (value === "" ? undefined : value)
const formLimit = z.preprocess(blank, z.coerce.number().int().min(1).max(LIMIT_MAX).optional())

/** A plan as the form sends it. Models stand one on a line; prices of single models are files' to give. */
export const planForm = z
  .object({
    name,
    amount,
    period: z.enum(planPeriods),
    allowance: z.preprocess(blank, allowance.optional()),
    markup: z.preprocess(blank, markup.optional()),
    models: z
      .string()
      .default("")
      .transform((text) => text.split(/[\n,]/).map((line) => line.trim()).filter((line) => line !== ""))
      .pipe(z.array(modelName).max(MODELS_MAX)),
    requestsPerMinute: formLimit,
    tokensPerMinute: formLimit,
    concurrent: formLimit,
  })
  .transform(({ amount: price, period, models, requestsPerMinute, tokensPerMinute, concurrent, ...rest }) => ({
    ...rest,
    price: { amount: price, period },
    models: [...new Set(models)].map((own) => ({ name: own, price: undefined, markup: undefined })),
    limits: { requestsPerMinute, tokensPerMinute, concurrent },
  }))

const planId = z.string().refine((value): value is Id<"plan"> => isId("plan", value))
const organizationId = z.string().refine((value): value is Id<"organization"> => isId("organization", value))
export const planReference = z.object({ planId })
export const subscribeInput = z.object({ organizationId, planId })
export const leaveInput = z.object({ organizationId, when: z.enum(["periodEnd", "now"]) })

export type PlanInput = z.output<typeof planInput> | z.output<typeof planForm>
export type SubscribeInput = z.output<typeof subscribeInput>
export type LeaveInput = z.output<typeof leaveInput>
