import { z } from "zod"
import { awsCredential, entraCredential, serviceAccountFile } from "#lib/catalog/credentials.ts"
import { providers } from "#lib/catalog/providers.ts"
import { budgetPeriods } from "#lib/features/budgets/index.ts"
import { type PlanWindow, planWindowsInput } from "#lib/features/channels/index.ts"
import { FOREIGN_SECRET_CHARACTERS_MAX, FOREIGN_SECRET_CHARACTERS_MIN, isPlausible, parameterPolicies } from "#lib/features/keys/index.ts"
import { markup, priceInput } from "#lib/features/models/index.ts"
import { emailSchema, passwordSchema } from "#lib/features/people/index.ts"
import { planInput } from "#lib/features/plans/index.ts"
import { searchInput } from "#lib/features/search/index.ts"
import { roles } from "#lib/kernel/actor.ts"
import { isTimeZone, usdAmount } from "#lib/ledger/rates.ts"
import { dialects } from "#lib/wire/dialect.ts"

const NAME_CHARACTERS_MAX = 100
const MODEL_CHARACTERS_MAX = 200
const URL_CHARACTERS_MAX = 2_000
const SECRET_CHARACTERS_MAX = 16_384
const LIST_MAX = 1_000
/** What Postgres' INTEGER holds. */
const INTEGER_MAX = 2_147_483_647

const name = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)
const modelName = z.string().trim().min(1).max(MODEL_CHARACTERS_MAX).regex(/^\S+$/, "a model's name has no spaces")
const url = z.string().trim().min(1).max(URL_CHARACTERS_MAX)
const positive = z.int().min(1).max(INTEGER_MAX)

/** A list in which no two entries have the same name. */
function listOf<S extends z.ZodType>(entry: S, nameOf: (value: z.output<S>) => string, field: string | null) {
  return z
    .array(entry)
    .max(LIST_MAX)
    .superRefine((entries, context) => {
      const seen = new Set<string>()
      entries.forEach((value, index) => {
        const own = nameOf(value)
        if (seen.has(own)) context.addIssue({ code: "custom", path: field === null ? [index] : [index, field], message: `“${own}” stands here twice` })
        seen.add(own)
      })
    })
}

const secretText = z.string().min(1).max(SECRET_CHARACTERS_MAX)

/** Credentials of several parts. What they must hold for the channel's provider is checked with it (lib/catalog/credentials.ts). */
const credentialParts = z.union([
  awsCredential.describe("An AWS access key"),
  entraCredential.describe("An application of Microsoft Entra and its secret"),
  serviceAccountFile.describe("The JSON of a Google service account, as it was downloaded"),
])
const secretInput = z.union([secretText, credentialParts.transform((parts) => JSON.stringify(parts))])
const NO_WINDOWS: PlanWindow[] = []
const credential = z.union([
  secretText.transform((secret) => ({ secret, windows: NO_WINDOWS })),
  z.strictObject({ secret: secretInput, windows: planWindowsInput.default([]) }),
  credentialParts.transform((parts) => ({ secret: JSON.stringify(parts), windows: NO_WINDOWS })),
])

const channelModel = z.union([
  modelName.transform((own) => ({ name: own, upstream: own, cost: undefined })),
  z
    .strictObject({ name: modelName, upstream: modelName.optional(), cost: priceInput.optional() })
    .transform(({ name: own, upstream, cost }) => ({ name: own, upstream: upstream ?? own, cost })),
])

const providerIds = providers.map((provider) => provider.id)

const setting = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)
const channelSettings = z.strictObject({ region: setting.optional(), project: setting.optional(), apiVersion: setting.optional(), resource: setting.optional() })

const channel = z.strictObject({
  name: name.describe("What the channel is called; the file finds it again by this name"),
  provider: z.enum(providerIds as [string, ...string[]]).describe("A preset of the catalogue, or openai-compatible, anthropic-compatible, gemini-compatible"),
  baseUrl: url.optional().describe("Optional where the catalogue knows it; authoritative if given"),
  endpoints: z.partialRecord(z.enum(dialects), url).default({}).describe("Base URLs of further dialects of the same vendor"),
  credentials: z.array(credential).max(50).default([]),
  models: listOf(channelModel, (model) => model.name, null).min(1),
  ceiling: priceInput.optional().describe("What a call costs us at most, in USD, of its models whose cost nobody knows; without it they are refused"),
  priority: z.int().min(0).max(1_000).default(10).describe("Lower is tried first"),
  weight: z.int().min(1).max(1_000).default(1),
  resale: z.boolean().optional().describe("May customer organizations use it? Default true, false for coding plans"),
  allowPrivateNetwork: z.boolean().default(false),
  settings: channelSettings.default({}).describe("What only one vendor needs: region (bedrock, vertex), project (vertex), apiVersion and resource (azure-openai)"),
})

const model = z
  .strictObject({
    name: modelName,
    cost: priceInput.optional().describe("What a call costs us, in USD"),
    price: priceInput.optional().describe("What it is sold for, in USD"),
    markup: markup.optional().describe("Or: the answering channel's cost times this"),
    contextTokens: positive.optional(),
    outputTokensMax: positive.optional(),
    enabled: z.boolean().default(true),
  })
  .refine((own) => own.price === undefined || own.markup === undefined, { error: "a model has a price or a mark-up, not both", path: ["markup"] })

const budget = z.strictObject({ amount: usdAmount, period: z.enum(budgetPeriods) })

const project = z.strictObject({ name, budget: budget.optional() })

const member = z.strictObject({
  email: emailSchema,
  role: z.enum(roles).default("member"),
  password: passwordSchema.optional().describe("Set only when the person is created; without it an invitation link is printed"),
  budget: budget.optional(),
})

const keySecret = z
  .string()
  .min(FOREIGN_SECRET_CHARACTERS_MIN)
  .max(FOREIGN_SECRET_CHARACTERS_MAX)
  .regex(/^[\x21-\x7e]*$/, "a secret is sent in a header: letters, digits and signs of ASCII, no spaces")
  .refine(isPlausible, "this begins like one of Turnpike's own secrets, but its checksum is wrong: it is misspelt or cut")

const key = z.strictObject({
  name,
  member: emailSchema.optional().describe("Whose key it is; absent: the organization's own"),
  project: name.optional(),
  secret: keySecret.optional().describe("A key brought from elsewhere; without it a secret is made and shown once"),
  models: z.array(modelName).max(200).optional().describe("Models it may use; absent: all"),
  parameters: z.enum(parameterPolicies).optional(),
  budget: budget.optional(),
  limits: z.strictObject({ requestsPerMinute: positive.optional(), tokensPerMinute: positive.optional(), concurrent: positive.optional() }).optional(),
  expires: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: "a date is written 2027-01-01, or 2027-01-01T12:00:00+08:00" })
    .transform((text) => new Date(text))
    .optional()
    .describe("From then on it is refused; a date means its beginning in UTC"),
})

const organization = z.strictObject({
  name,
  kind: z.enum(["internal", "customer"]).optional().describe("Default internal"),
  timeZone: z.string().refine(isTimeZone, "not a time zone known to this system; use an IANA name such as Asia/Shanghai").optional(),
  storesResponses: z.boolean().optional().describe("Keep answers of the Responses API for 30 days, where a request does not say otherwise? Default true"),
  credit: usdAmount.optional().describe("The sum of this file's grants is brought to this amount; without it, and without a plan that gives an allowance, there is no wallet limit"),
  plan: name.optional().describe("The plan that it is on, by name: one of this file's, or one that is there already"),
  budget: budget.optional(),
  memberBudget: budget.optional().describe("Default for each member"),
  projects: listOf(project, (own) => own.name, "name").default([]),
  members: listOf(member, (own) => own.email, "email").default([]),
  keys: listOf(key, (own) => own.name, "name").default([]),
})

/** A key is found again by its secret: two with one secret would take turns with each application. The secret itself is told to nobody. */
function refuseSharedSecrets(organizations: readonly z.output<typeof organization>[], context: z.RefinementCtx): void {
  const names = new Map<string, string>()
  organizations.forEach(({ keys }, at) =>
    keys.forEach(({ name, secret }, index) => {
      if (secret === undefined) return
      const other = names.get(secret)
      if (other !== undefined) context.addIssue({ code: "custom", path: [at, "keys", index, "secret"], message: `the key “${other}” has this secret already` })
      names.set(secret, name)
    }),
  )
}

/** turnpike.yaml. This shape is a contract: docs/turnpike.schema.json is made of it (scripts/turnpike-schema.mjs). */
export const fileSchema = z.strictObject({
  version: z.literal(1),
  search: searchInput.optional().describe("Who searches the web for models whose channels cannot"),
  channels: listOf(channel, (own) => own.name, "name").default([]),
  models: listOf(model, (own) => own.name, "name").default([]),
  plans: listOf(planInput, (own) => own.name, "name").default([]),
  organizations: listOf(organization, (own) => own.name, "name").default([]).superRefine(refuseSharedSecrets),
})

export type FileInput = z.output<typeof fileSchema>
export type ChannelOfFile = z.output<typeof channel>
export type OrganizationOfFile = z.output<typeof organization>
export type MemberOfFile = z.output<typeof member>
export type KeyOfFile = z.output<typeof key>
export type BudgetOfFile = z.output<typeof budget>

/** The JSON Schema by which editors complete and check the file. */
export function fileJsonSchema(): Record<string, unknown> {
  return { title: "turnpike.yaml", ...z.toJSONSchema(fileSchema, { io: "input", unrepresentable: "any", override: ({ jsonSchema }) => allowVariable(jsonSchema) }) }
}

const variable = { type: "string", pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}" } as const
const narrowing = ["enum", "format", "minLength", "pattern"] as const

/** An editor sees `${NAME}`, not what will stand there: wherever a text must have a form, a variable may stand instead. */
function allowVariable(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.type !== "string" || !narrowing.some((word) => schema[word] !== undefined)) return
  const { description, default: standard, ...form } = schema
  // Zod's pattern for dates spells out every leap year; the format's name says it in a word.
  if (form.format !== undefined) delete form.pattern
  for (const word of Object.keys(schema)) delete schema[word]
  Object.assign(schema, description !== undefined && { description }, standard !== undefined && { default: standard }, { anyOf: [form, variable] })
}
