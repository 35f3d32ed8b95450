import { cookies, headers } from "next/headers"
import { notFound, redirect } from "next/navigation"
import { cache } from "react"
import type { Member, Person } from "#lib/kernel/actor.ts"
import { container } from "./container.ts"
import { inboundPath } from "./inbound.ts"
import { ownOrigins, safeReturnPath } from "./origin.ts"
import { sessionCookieName, sessionIdOf } from "./session-cookie.ts"

/** Who is signed in, or null. Asks the database once per request, never less: a revoked session ends at its next request. */
export const currentPerson = cache(async (): Promise<Person | null> => {
  const { env, secrets, sessions } = container()
  const sessionId = await sessionIdOf((await cookies()).get(sessionCookieName(env))?.value, secrets.nextAuthSecret)
  return sessionId === null ? null : sessions.find(sessionId)
})

/** Who is signed in. Leads to the sign-in page, and back, where nobody is. */
export async function requirePerson(): Promise<Person> {
  const person = await currentPerson()
  if (person !== null) return person
  const path = safeReturnPath(inboundPath(await headers()))
  redirect(path === "/" ? "/sign-in" : `/sign-in?returnTo=${encodeURIComponent(path)}`)
}

const enter = cache(async (organizationSlug: string): Promise<Member | null> => container().members.enter(await requirePerson(), organizationSlug))

/**
 * Who is signed in, as a member of this organization; call it in the layout or at the top of a page, before anything is sent.
 * An organization that one does not belong to, one that does not exist and a page that one's role may not see are the same 404.
 * `allowed` is one of the features' policy functions.
 */
export async function requireMember(organizationSlug: string, allowed?: (member: Member) => boolean): Promise<Member> {
  const member = await enter(organizationSlug)
  if (member === null || allowed?.(member) === false) notFound()
  return member
}

/** Who is signed in, being an operator. To everybody else the console does not exist. */
export async function requireOperator(): Promise<Person> {
  const person = await requirePerson()
  if (!person.isOperator) notFound()
  return person
}

/**
 * Whether the page that calls us is ours. Next compares Origin with Host, and lets calls without an Origin pass; here the Host has
 * no say, and every browser that runs the portal sends an Origin with a POST.
 */
export async function isOwnOrigin(): Promise<boolean> {
  const origin = (await headers()).get("origin")
  return origin !== null && ownOrigins(container().env).has(origin)
}
