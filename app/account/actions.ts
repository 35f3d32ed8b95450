"use server"

import { cookies } from "next/headers"
import { z } from "zod"
import { changePasswordSchema, localeSchema, profileSchema, revokeSessionSchema, unlinkSchema } from "#lib/features/people/index.ts"
import { LOCALE_COOKIE, LOCALE_COOKIE_SECONDS } from "#lib/kernel/locales.ts"
import { memberAction, personAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const updateProfile = personAction(profileSchema, (person, input) => container().people.updateProfile(person, input))

/** The language of this browser's pages, and of mails. */
export const updateLocale = personAction(localeSchema, async (person, input) => {
  const store = await cookies()
  store.set(LOCALE_COOKIE, input.locale, { path: "/", maxAge: LOCALE_COOKIE_SECONDS, sameSite: "lax" })
  return container().people.updateLocale(person, input)
})

export const changePassword = personAction(changePasswordSchema, (person, input) => container().people.changePassword(person, input))

export const unlinkAccount = personAction(unlinkSchema, (person, input) => container().people.unlink(person, input))

export const revokeSession = personAction(revokeSessionSchema, (person, input) => container().sessions.revoke(person, input))

export const revokeOtherSessions = personAction(z.object({}), async (person) => {
  const revoked = await container().sessions.revokeOthers(person)
  return revoked.ok ? { ok: true, value: null } : revoked
})

export const leaveOrganization = memberAction(z.object({}), (member) => container().members.leave(member))
