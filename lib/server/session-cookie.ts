import { decode } from "next-auth/jwt"
import type { Env } from "./env.ts"
import { publicOrigin } from "./origin.ts"

/** next-auth's own name for it; the prefix makes browsers refuse it over plain http. */
export const sessionCookieName = (env: Env): string =>
  publicOrigin(env).startsWith("https:") ? "__Secure-next-auth.session-token" : "next-auth.session-token"

/** The session id in a cookie's token, or null where the token is not ours, was tampered with or has expired. */
export async function sessionIdOf(token: string | undefined, secret: string): Promise<string | null> {
  if (token === undefined) return null
  const payload = await decode({ token, secret }).catch(() => null)
  return typeof payload?.sid === "string" ? payload.sid : null
}
