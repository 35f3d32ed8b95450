import type { Dialect } from "#lib/wire/dialect.ts"

/** How a credential is presented to the provider. */
export type AuthScheme = "bearer" | "x-api-key" | "x-goog-api-key" | "api-key" | "none"

/** Base URL per dialect, normalized (lib/catalog/base-url.ts): only the operation's suffix is appended. */
export type Endpoints = Partial<Readonly<Record<Dialect, string>>>

/** The same vendor's service under other addresses: another country, another data centre. */
export type ProviderRegion = {
  readonly id: string
  readonly name: string
  readonly nameZh: string
  readonly endpoints: Endpoints
}

/** A vendor and how to speak to it: pure data. Field names are typed, so a typo does not compile. */
export type ProviderDefinition = {
  readonly id: string
  readonly name: string
  readonly nameZh?: string
  /** Base URL per dialect; only the operation's suffix is appended (DESIGN.md, "Channels and coding plans"). Empty: the operator gives it. */
  readonly endpoints: Endpoints
  readonly regions?: readonly ProviderRegion[]
  /** Dialects that a base URL given by the operator speaks, where `endpoints` does not say. */
  readonly dialects: readonly Dialect[]
  readonly auth: Partial<Readonly<Record<Dialect, AuthScheme>>> & { readonly default: AuthScheme }
  /** Paid by subscription with rolling windows: marginal cost zero, resale off by default. */
  readonly codingPlan?: boolean
  /** Runs beside Turnpike: its address is a private one, which the operator's channel may then reach. */
  readonly local?: boolean
  /** What CC calls the output limit, where the vendor no longer takes `max_tokens` for its newer models. */
  readonly outputLimitField?: "max_completion_tokens"
  /** Where a person gets a key. */
  readonly keysUrl?: string
  /** Request fields this provider refuses; the router drops and reports them. */
  readonly drop?: readonly string[]
  /** Catalogue models that the form offers first. */
  readonly suggestedModels?: readonly string[]
  /** Where the facts of this row came from, with the date they were read. */
  readonly source: string
}
