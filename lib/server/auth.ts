import type { Account, AuthOptions, User } from "next-auth"
import { decode } from "next-auth/jwt"
import { SESSION_SECONDS } from "#lib/features/people/index.ts"
import type { Person } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { authAdapter } from "./auth-adapter.ts"
import { authProviders } from "./auth-providers.ts"
import type { Container } from "./container.ts"
import { publicOrigin } from "./origin.ts"

/** What is known of the request that next-auth handles. */
export type AuthRequest = {
  readonly address: string | null
  readonly userAgent: string | null
  /** Who is signed in in this browser already. */
  readonly current: Person | null
  /** Where next-auth will lead in the end: an invitation's page vouches for whoever comes from it. */
  readonly returnTo: string | null
}

/**
 * next-auth's options for one request. The browser's cookie is an encrypted JWT that holds the id of a session row and nothing
 * else; whether that row still counts is asked each time (lib/server/session.ts, and `decode` below for next-auth itself).
 */
export function authOptions(container: Container, request: AuthRequest): AuthOptions {
  const { secrets, sessions, log } = container
  return {
    secret: secrets.nextAuthSecret,
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    adapter: authAdapter(container.providerSignIn),
    providers: authProviders(container, request.address),
    pages: { signIn: "/sign-in", error: "/sign-in", verifyRequest: "/sign-in/mail-sent" },
    jwt: {
      async decode(params) {
        const token = await decode(params)
        const person = typeof token?.sid === "string" ? await sessions.find(token.sid) : null
        // next-auth links an account to `sub`: only a session that still counts has one.
        return token === null || person === null ? null : { ...token, sub: person.userId }
      },
    },
    callbacks: {
      signIn: ({ user, account, email }) => mayEnter(container, request, user, account, email?.verificationRequest === true),
      async jwt({ token, user }) {
        if (user === undefined) return { sid: token.sid }
        return { sid: await beginSession(container, request, user.id as Id<"user">) }
      },
      // Pages ask lib/server/session.ts; to the browser a session says only until when.
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sid === "string") await sessions.end(token.sid)
      },
    },
    logger: {
      error: (code, metadata) => log("error", "sign-in.failed", { code, reason: reasonOf(metadata) }),
      warn: (code) => log("warn", "sign-in.warning", { code }),
      debug: () => {},
    },
  }
}

/** Linking an account signs nobody in anew, unless it just ended their session; somebody else who signs in ends the one before. */
async function beginSession({ sessions }: Container, { current, address, userAgent }: AuthRequest, userId: Id<"user">): Promise<Id<"session">> {
  if (current?.userId === userId && (await sessions.find(current.sessionId)) !== null) return current.sessionId
  if (current !== null) await sessions.end(current.sessionId)
  return sessions.start(userId, { address, userAgent })
}

/**
 * Whether somebody who comes from another provider or a mail may come in; a text is where they are led instead. Asking for a mail
 * answers the same for everybody, so as not to tell who has an account.
 */
async function mayEnter(container: Container, { address, current, returnTo }: AuthRequest, user: User, account: Account | null, asksForMail: boolean): Promise<boolean | string> {
  if (account?.type === "credentials") return true
  const isMail = account?.type === "email"
  const email = user.email?.trim().toLowerCase() ?? null
  const origin = publicOrigin(container.env)
  if (asksForMail && !(await container.signIn.countRequest(email ?? "", address)).ok) return `${origin}/sign-in?error=TooManyAttempts`
  const verdict = await container.providerSignIn.mayEnter({
    account: isMail ? null : account,
    email,
    invitation: invitationOf(returnTo),
    signedIn: current !== null,
  })
  if (verdict === "yes") return true
  return asksForMail ? `${origin}/sign-in/mail-sent` : `${origin}/sign-in?error=${verdict}`
}

/** The token of an invitation whose page somebody wants to come back to. */
export function invitationOf(returnTo: string | null): string | null {
  return returnTo === null ? null : (/\/invitation\/([A-Za-z0-9_-]+)(?:[?#]|$)/.exec(returnTo)?.[1] ?? null)
}

/** An error's own words; the metadata around may hold a provider's tokens. */
function reasonOf(metadata: Error | { readonly error?: unknown }): string {
  const error = metadata instanceof Error ? metadata : metadata.error
  return error instanceof Error ? error.message : "unknown"
}
