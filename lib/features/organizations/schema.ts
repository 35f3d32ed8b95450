import { z } from "zod"

const NAME_CHARACTERS_MAX = 100

export const organizationNameSchema = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)

/** An IANA name that this runtime knows (`Asia/Shanghai`, `UTC`). */
export const timeZoneSchema = z.string().refine(isTimeZone, { error: "errors.organization.badTimeZone" })

export const organizationKinds = ["internal", "customer"] as const

export const createOrganizationSchema = z.object({ name: organizationNameSchema, timeZone: timeZoneSchema.default("UTC") })
export const createOrganizationByOperatorSchema = createOrganizationSchema.extend({ kind: z.enum(organizationKinds) })
export const updateOrganizationSchema = z.object({
  name: organizationNameSchema,
  timeZone: timeZoneSchema,
  /** A switch that is off is not in the form. */
  storesResponses: z.union([z.boolean(), z.literal("on").transform(() => true)]).default(false),
})
export const setOrganizationKindSchema = z.object({ organizationId: z.string().max(100), kind: z.enum(organizationKinds) })
export const setOrganizationDisabledSchema = z.object({ organizationId: z.string().max(100), disabled: z.stringbool().or(z.boolean()) })

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    return false
  }
}
