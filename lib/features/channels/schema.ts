import { z } from "zod"
import { providers } from "#lib/catalog/providers.ts"
import { isId } from "#lib/kernel/ids.ts"
import { dialects } from "#lib/wire/dialect.ts"
import { planWindowsInput } from "./plan-windows.ts"

const NAME_CHARACTERS_MAX = 80
const MODEL_CHARACTERS_MAX = 200
const MODELS_MAX = 500
const URL_CHARACTERS_MAX = 2_000
const SECRET_CHARACTERS_MAX = 16_384
const CREDENTIALS_MAX = 50
const PRIORITY_MAX = 1_000
const WEIGHT_MAX = 1_000
const SETTING_CHARACTERS_MAX = 200

const providerIds = providers.map((provider) => provider.id) as [string, ...string[]]
const url = z.string().trim().max(URL_CHARACTERS_MAX)
/** A switch of a form sends "on", a file a boolean. */
const flag = z.union([z.boolean(), z.enum(["on", "true", "false"]).transform((value) => value !== "false")])

export const modelName = z
  .string()
  .trim()
  .min(1)
  .max(MODEL_CHARACTERS_MAX)
  .regex(/^[^\s\p{Cc}]+$/u, { error: "errors.channels.modelName" })

/** A model as a channel serves it: the public name, and the upstream's where that differs. */
export const channelModelInput = z.union([modelName.transform((name) => ({ name, upstream: name })), z.strictObject({ name: modelName, upstream: modelName.optional() })]).transform(({ name, upstream }) => ({
  name,
  upstream: upstream ?? name,
}))

/** A form sends a list as one field of JSON. */
const fromJson = (value: unknown): unknown => {
  if (typeof value !== "string") return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

const modelsField = z.preprocess(
  fromJson,
  z
    .array(channelModelInput)
    .min(1, { error: "errors.channels.noModels" })
    .max(MODELS_MAX)
    .refine((models) => new Set(models.map((model) => model.name)).size === models.length, { error: "errors.channels.modelTwice" }),
)

export const secret = z.string().trim().min(1).max(SECRET_CHARACTERS_MAX)

/** What a channel is; the same in the form and in turnpike.yaml. */
export const channelInput = z.object({
  name: z.string().trim().min(1).max(NAME_CHARACTERS_MAX),
  provider: z.enum(providerIds, { error: "errors.channels.provider" }),
  baseUrl: url.optional(),
  endpoints: z.partialRecord(z.enum(dialects), url).optional(),
  models: modelsField,
  priority: z.coerce.number().int().min(0).max(PRIORITY_MAX).default(10),
  weight: z.coerce.number().int().min(1).max(WEIGHT_MAX).default(1),
  /** Absent: true, false for coding plans. */
  resale: flag.optional(),
  allowPrivateNetwork: flag.default(false),
  /** Which of them a provider's channels have is checked against the catalogue (lib/catalog/settings.ts). */
  settings: z.record(z.string().max(NAME_CHARACTERS_MAX), z.string().max(SETTING_CHARACTERS_MAX)).default({}),
})

/** A file gives a list, a form one. */
const credentials = z.union([z.array(secret).max(CREDENTIALS_MAX), secret.transform((one) => [one])]).default([])

export const createChannelInput = channelInput.extend({ credentials })

export const channelId = z.string().refine((value) => isId("channel", value))
export const credentialId = z.string().refine((value) => isId("credential", value))

export const updateChannelInput = channelInput.extend({ channelId })
export const enableChannelInput = z.object({ channelId, enabled: flag })
export const addCredentialInput = z.object({ channelId, secret })
export const enableCredentialInput = z.object({ channelId, credentialId, enabled: flag })
export const channelReference = z.object({ channelId })
export const planWindowsForm = z.object({ channelId, credentialId, windows: z.preprocess(fromJson, planWindowsInput) })
export const retryPlanInput = z.object({ channelId, credentialId })

export type ChannelInput = z.output<typeof channelInput>
export type CreateChannelInput = z.output<typeof createChannelInput>
export type UpdateChannelInput = z.output<typeof updateChannelInput>
