import { decode } from "next-auth/jwt"
import type { Env } from "./env.ts"
import { publicOrigin } from "./origin.ts"

type OriginSettings = Pick<Env, "HOST" | "PORT" | "TURNPIKE_URL">

/** next-auth's own names for its cookies; the prefix makes browsers refuse them over plain http. */
const cookieName = (env: OriginSettings, name: string): string => `${publicOrigin(env).startsWith("https:") ? "__Secure-" : ""}next-auth.${name}`

export const sessionCookieName = (env: OriginSettings): string => cookieName(env, "session-token")

/** Where next-auth leads in the end. */
export const callbackCookieName = (env: OriginSettings): string => cookieName(env, "callback-url")

/** The session id in a cookie's token, or null where the token is not ours, was tampered with or has expired. */
export async function sessionIdOf(token: string | undefined, secret: string): Promise<string | null> {
  if (token === undefined) return null
  const payload = await decode({ token, secret }).catch(() => null)
  return typeof payload?.sid === "string" ? payload.sid : null
}
