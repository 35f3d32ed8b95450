import CredentialsProvider from "next-auth/providers/credentials"
import GithubProvider from "next-auth/providers/github"
import GoogleProvider from "next-auth/providers/google"
import type { Provider } from "next-auth/providers/index"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import type { Result } from "#lib/kernel/result.ts"
import { passwordSignInSchema, tokenSchema } from "#lib/features/people/index.ts"
import type { Container } from "./container.ts"
import type { Env } from "./env.ts"
import { linkMail } from "./mails.ts"
import { publicOrigin } from "./origin.ts"

export const MAIL_LINK_SECONDS = 15 * 60

/** A sign-in provider as a button: its id at next-auth, and its own name. */
export type ProviderButton = { readonly id: "github" | "google" | "oidc"; readonly name: string }

/** The other sign-in providers of this installation. */
export function providerButtons(env: Env): readonly ProviderButton[] {
  return [
    ...(env.GITHUB_ID === undefined ? [] : [{ id: "github", name: "GitHub" } as const]),
    ...(env.GOOGLE_ID === undefined ? [] : [{ id: "google", name: "Google" } as const]),
    ...(env.OIDC_ISSUER === undefined ? [] : [{ id: "oidc", name: env.OIDC_NAME ?? "OpenID Connect" } as const]),
  ]
}

/** next-auth's providers: password and one-time link always, the others where their settings are. `address` is the client's. */
export function authProviders(container: Container, address: string | null): Provider[] {
  const { env, signIn } = container
  return [
    CredentialsProvider({
      id: "password",
      name: "Password",
      credentials: { email: {}, password: {} },
      async authorize(credentials) {
        const input = passwordSignInSchema.safeParse(credentials)
        return input.success ? userOf(await signIn.withPassword(input.data, address)) : null
      },
    }),
    CredentialsProvider({
      id: "link",
      name: "One-time link",
      credentials: { token: {} },
      async authorize(credentials) {
        const token = tokenSchema.safeParse(credentials?.token)
        return token.success ? userOf(await signIn.withLink(token.data)) : null
      },
    }),
    ...(container.mailer === null ? [] : [mailProvider(container)]),
    ...(env.GITHUB_ID === undefined || env.GITHUB_SECRET === undefined ? [] : [GithubProvider({ clientId: env.GITHUB_ID, clientSecret: env.GITHUB_SECRET })]),
    ...(env.GOOGLE_ID === undefined || env.GOOGLE_SECRET === undefined ? [] : [GoogleProvider({ clientId: env.GOOGLE_ID, clientSecret: env.GOOGLE_SECRET, checks: ["pkce", "state"] })]),
    ...oidcProvider(env),
  ]
}

/** next-auth tells a refusal by an error's message: the key of ours, and the minutes to wait where it has some. */
function userOf(result: Result<string, FeatureError>): { id: string } {
  if (result.ok) return { id: result.value }
  throw new Error([result.error.key, ...Object.values(result.error.params ?? {})].join(":"))
}

/**
 * Sign-in by mail. The mail leads to a page of ours with a button, not to next-auth's address: mail scanners follow links, and a
 * link that works once would be spent before it is read. Answers at once, whether an account exists or not, so as not to tell.
 */
function mailProvider({ env, mailer, log }: Container): Provider {
  return {
    id: "email",
    type: "email",
    name: "Email",
    server: "",
    from: "",
    maxAge: MAIL_LINK_SECONDS,
    options: {},
    sendVerificationRequest({ identifier, url }) {
      const origin = publicOrigin(env)
      const link = `${origin}/sign-in/mail${new URL(url).search}`
      void mailer?.send(linkMail("signIn", identifier, link, { origin })).catch((error: Error) => log("error", "mail.refused", { reason: error.message }))
    },
  }
}

/** What an OpenID Connect provider says about somebody; only `sub` has to be there. */
type OidcProfile = { readonly sub: string; readonly name?: string; readonly preferred_username?: string; readonly email?: string }

function oidcProvider(env: Env): Provider[] {
  if (env.OIDC_ISSUER === undefined || env.OIDC_CLIENT_ID === undefined || env.OIDC_CLIENT_SECRET === undefined) return []
  return [
    {
      id: "oidc",
      name: env.OIDC_NAME ?? "OpenID Connect",
      type: "oauth",
      wellKnown: `${env.OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`,
      clientId: env.OIDC_CLIENT_ID,
      clientSecret: env.OIDC_CLIENT_SECRET,
      authorization: { params: { scope: "openid email profile" } },
      idToken: true,
      checks: ["pkce", "state", "nonce"],
      profile: (profile: OidcProfile) => ({ id: profile.sub, name: profile.name ?? profile.preferred_username ?? null, email: profile.email ?? null }),
    },
  ]
}
