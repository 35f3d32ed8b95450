"use server"

import { cookies } from "next/headers"
import { redirect } from "next/navigation"
import { container } from "#lib/server/container.ts"
import { currentPerson, isOwnOrigin } from "#lib/server/session.ts"
import { sessionCookieName } from "#lib/server/session-cookie.ts"

/** Ends this browser's session and leads to the sign-in page. */
export async function signOut(): Promise<void> {
  if (!(await isOwnOrigin())) return
  const person = await currentPerson()
  if (person !== null) await container().sessions.end(person.sessionId)
  const store = await cookies()
  store.delete(sessionCookieName(container().env))
  redirect("/sign-in")
}
