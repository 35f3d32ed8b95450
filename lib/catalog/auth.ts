import type { Dialect } from "#lib/wire/dialect.ts"
import type { AuthScheme, ProviderDefinition } from "./provider.ts"

/** The headers that present a secret. `none`, or no secret, needs none. */
export function authHeaders(scheme: AuthScheme, secret: string | null): Readonly<Record<string, string>> {
  if (secret === null) return {}
  switch (scheme) {
    case "bearer":
      return { authorization: `Bearer ${secret}` }
    case "x-api-key":
    case "x-goog-api-key":
    case "api-key":
      return { [scheme]: secret }
    case "none":
      return {}
  }
}

/** How a provider wants the secret in this dialect. */
export const authSchemeOf = (auth: ProviderDefinition["auth"], dialect: Dialect): AuthScheme => auth[dialect] ?? auth.default
