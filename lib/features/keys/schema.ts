import { z } from "zod"
import { type Budget, budgetInput } from "#lib/features/budgets/index.ts"
import { searchOf } from "#lib/kernel/search.ts"

export const parameterPolicies = ["lenient", "strict"] as const
export type ParameterPolicy = (typeof parameterPolicies)[number]

export const KEY_NAME_CHARACTERS_MAX = 100
export const KEY_MODELS_MAX = 200
const MODEL_CHARACTERS_MAX = 200
const ID_CHARACTERS_MAX = 100
/** What Postgres' INTEGER holds; far above what one process can answer. */
export const RATE_MAX = 2_147_483_647
export const EXPIRY_DAYS_MAX = 3_650
export const OVERLAP_HOURS_MAX = 720

/** Limits of a key; null: none. */
export type KeyLimits = {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly concurrent: number | null
}

/** What a key may do, as far as people can change it. */
export type KeySettings = {
  readonly name: string
  readonly projectId: string | null
  readonly models: readonly string[]
  readonly parameters: ParameterPolicy
  readonly limits: KeyLimits
  readonly budget: Budget | null
}

const keyId = z.string().min(1).max(ID_CHARACTERS_MAX)
const rate = z.coerce.number().int().min(1).max(RATE_MAX).optional()

const modelNames = z
  .array(z.string().min(1).max(MODEL_CHARACTERS_MAX))
  .max(KEY_MODELS_MAX)
  .default([])
  .transform((names) => [...new Set(names)])

/** A budget without an amount is none: the form always sends the period. */
const optionalBudget = budgetInput
  .partial()
  .optional()
  .transform((budget): Budget | null => (budget?.amount === undefined ? null : { amount: budget.amount, period: budget.period ?? "total" }))

const settings = z.object({
  name: z.string().trim().min(1).max(KEY_NAME_CHARACTERS_MAX),
  projectId: keyId.optional(),
  models: modelNames,
  parameters: z.enum(parameterPolicies).default("lenient"),
  requestsPerMinute: rate,
  tokensPerMinute: rate,
  concurrent: rate,
  budget: optionalBudget,
})

const toSettings = (input: z.output<typeof settings>): KeySettings => ({
  name: input.name,
  projectId: input.projectId ?? null,
  models: input.models,
  parameters: input.parameters,
  limits: { requestsPerMinute: input.requestsPerMinute ?? null, tokensPerMinute: input.tokensPerMinute ?? null, concurrent: input.concurrent ?? null },
  budget: input.budget,
})

const days = z.coerce.number().int().min(1).max(EXPIRY_DAYS_MAX)

export const createKeyInput = settings
  .extend({
    /** `organization`: nobody's in particular, so that it outlives people; admins only. */
    owner: z.enum(["me", "organization"]).default("me"),
    kind: z.enum(["live", "test"]).default("live"),
    /** `never`, or days from now. */
    expiry: z.union([z.literal("never"), days]).default("never"),
  })
  .transform((input) => ({ settings: toSettings(input), owner: input.owner, isTest: input.kind === "test", expiry: input.expiry }))

export const updateKeyInput = settings
  .extend({
    keyId,
    /** `keep`, `never`, or days from now. */
    expiry: z.union([z.enum(["keep", "never"]), days]).default("keep"),
  })
  .transform((input) => ({ keyId: input.keyId, expiry: input.expiry, settings: toSettings(input) }))

export const revokeKeyInput = z.object({ keyId })

export const rotateKeyInput = z.object({
  keyId,
  /** How long the old secret goes on working; 0: it ends at once. */
  overlapHours: z.coerce.number().int().min(0).max(OVERLAP_HOURS_MAX).default(24),
})

export const listKeysInput = z.object({
  after: keyId.optional(),
  /** `ended`: revoked or expired. */
  state: z.enum(["live", "ended"]).default("live"),
  /** Stands in a key's name, its first characters, its project or its member; empty: all. */
  q: z.union([z.string(), z.array(z.string())]).optional().transform(searchOf),
})
