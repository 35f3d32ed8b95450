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
  const name = sessionCookieName(container().env)
  // A cookie with the `__Secure-` prefix is only taken, and only taken away, with the attribute.
  store.set(name, "", { maxAge: 0, path: "/", secure: name.startsWith("__Secure-") })
  redirect("/sign-in")
}
