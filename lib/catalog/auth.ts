import type { Dialect } from "#lib/wire/dialect.ts"
import type { AuthScheme, ProviderDefinition } from "./provider.ts"

/** The version of Anthropic's API that AM calls name; the only one there is (docs.anthropic.com/en/api/versioning). */
export const ANTHROPIC_VERSION = "2023-06-01"

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
