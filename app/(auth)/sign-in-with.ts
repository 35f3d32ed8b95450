import { signIn } from "next-auth/react"

/** A refusal as lib/server/auth-providers.ts encodes it: a key below `errors`, and the minutes to wait. */
export type SignInRefusal = { readonly key: "auth.wrongPassword" | "auth.tooManyAttempts" | "auth.linkSpent"; readonly minutes: number }

/** Signs in through next-auth without leaving the page. Null: done, the cookie is set. */
export async function signInWith(provider: "password" | "link", credentials: Readonly<Record<string, string>>): Promise<SignInRefusal | null> {
  const answer = await signIn(provider, { ...credentials, redirect: false })
  if (answer?.ok === true && answer.error === null) return null
  const [key, minutes] = (answer?.error ?? "").split(":")
  switch (key) {
    case "auth.tooManyAttempts":
    case "auth.linkSpent":
      return { key, minutes: Number(minutes ?? 0) }
    case undefined:
    default:
      return { key: "auth.wrongPassword", minutes: 0 }
  }
}
