import { z } from "zod"
import { locales } from "#lib/kernel/locales.ts"

export const PASSWORD_CHARACTERS_MIN = 10
/** argon2 reads the whole input: a bound keeps a request's work bounded. */
export const PASSWORD_CHARACTERS_MAX = 200
const NAME_CHARACTERS_MAX = 100
const EMAIL_CHARACTERS_MAX = 254
const TOKEN_CHARACTERS_MAX = 200

/** As it is kept: trimmed, lower case. */
export const emailSchema = z.string().trim().toLowerCase().pipe(z.email().max(EMAIL_CHARACTERS_MAX))
export const passwordSchema = z.string().min(PASSWORD_CHARACTERS_MIN).max(PASSWORD_CHARACTERS_MAX)
export const personNameSchema = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)
export const tokenSchema = z.string().min(1).max(TOKEN_CHARACTERS_MAX)

/** A sign-in's password is not judged, only compared. */
export const passwordSignInSchema = z.object({ email: emailSchema, password: z.string().min(1).max(PASSWORD_CHARACTERS_MAX) })

export const registerSchema = z.object({
  name: personNameSchema,
  email: emailSchema,
  password: passwordSchema,
  /** Token of an invitation; without one, sign-up has to be open. */
  invitation: tokenSchema.optional(),
})

export const firstOperatorSchema = z.object({
  name: personNameSchema,
  email: emailSchema,
  password: passwordSchema,
  organizationName: z.string().trim().min(1).max(NAME_CHARACTERS_MAX),
})

export const setUpSchema = firstOperatorSchema.extend({ token: tokenSchema })

export const profileSchema = z.object({ name: personNameSchema })
export const localeSchema = z.object({ locale: z.enum(locales) })

export const changePasswordSchema = z.object({
  /** Absent where the person has no password yet. */
  current: z.string().max(PASSWORD_CHARACTERS_MAX).optional(),
  password: passwordSchema,
})

export const revokeSessionSchema = z.object({ sessionId: z.string().max(TOKEN_CHARACTERS_MAX) })
export const unlinkSchema = z.object({ provider: z.string().max(TOKEN_CHARACTERS_MAX) })
