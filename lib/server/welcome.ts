import { SANDBOX_MODEL } from "#lib/catalog/models.ts"

/** Paths of the one-time links that the program prints (app/(auth)). */
export const setUpPath = (token: string): string => `/setup?token=${encodeURIComponent(token)}`
export const signInLinkPath = (token: string): string => `/sign-in/link?token=${encodeURIComponent(token)}`

/**
 * What is printed when the server is ready. `setUpToken` null: there is an operator. `demoKey` null: somebody has switched it off.
 * The call can be copied as it stands.
 */
export function welcomeLines({ origin, setUpToken, demoKey }: { readonly origin: string; readonly setUpToken: string | null; readonly demoKey: string | null }): readonly string[] {
  const lines = [`Turnpike is ready on ${origin}`]
  if (setUpToken !== null) lines.push("", "Set up the first operator (this link works once, for a day):", "", `  ${origin}${setUpPath(setUpToken)}`)
  if (demoKey !== null) {
    const body = JSON.stringify({ model: SANDBOX_MODEL, messages: [{ role: "user", content: "Hello" }] })
    lines.push("", "A first call, answered by the built-in sandbox:", "", `  curl ${origin}/api/v1/chat/completions \\`, `    -H "Authorization: Bearer ${demoKey}" \\`, `    -H "Content-Type: application/json" \\`, `    -d '${body}'`)
  }
  return lines
}
