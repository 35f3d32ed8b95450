import type { Dialect } from "#lib/wire/dialect.ts"
import { type AuthScheme, type CloudScheme, cloudSchemes, type HeaderScheme, type ProviderDefinition } from "./provider.ts"

const headers = {
  bearer: (secret) => ({ authorization: `Bearer ${secret}` }),
  "x-api-key": (secret) => ({ "x-api-key": secret }),
  "x-goog-api-key": (secret) => ({ "x-goog-api-key": secret }),
  "api-key": (secret) => ({ "api-key": secret }),
  none: () => ({}),
} as const satisfies Record<HeaderScheme, (secret: string) => Readonly<Record<string, string>>>

/** The headers that present a secret. `none`, or no secret, needs none. */
export const authHeaders = (scheme: HeaderScheme, secret: string | null): Readonly<Record<string, string>> => (secret === null ? {} : headers[scheme](secret))

/** How a provider wants the secret in this dialect. */
export const authSchemeOf = (auth: ProviderDefinition["auth"], dialect: Dialect): AuthScheme => auth[dialect] ?? auth.default

/** Whether a secret is presented by more than a header with it. */
export const isCloudScheme = (scheme: AuthScheme): scheme is CloudScheme => (cloudSchemes as readonly string[]).includes(scheme)
