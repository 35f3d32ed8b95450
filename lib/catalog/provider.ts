import type { ModelTraits } from "#lib/wire/chat/model-traits.ts"
import type { EmbedderId } from "#lib/wire/around/embedding-lanes.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import type { EnvelopeId } from "#lib/wire/envelope.ts"

/** A header with the secret in it. */
export type HeaderScheme = "bearer" | "x-api-key" | "x-goog-api-key" | "api-key" | "none"

/**
 * What takes more than that (lib/adapters/authorization.ts). `aws`: a signature over the request, or a Bedrock API key. `google`: an
 * access token that a service account is given. `entra`: Azure's key, or an access token that an application is given.
 */
export const cloudSchemes = ["aws", "google", "entra"] as const
export type CloudScheme = (typeof cloudSchemes)[number]

/** How a credential is presented to the provider. */
export type AuthScheme = HeaderScheme | CloudScheme

/** Base URL per dialect, normalized (lib/catalog/base-url.ts): only the operation's suffix is appended. */
export type Endpoints = Partial<Readonly<Record<Dialect, string>>>

/** The same vendor's service under other addresses: another country, another data centre. */
export type ProviderRegion = {
  readonly id: string
  readonly name: string
  readonly nameZh: string
  readonly endpoints: Endpoints
}

/** What a channel of a provider says beside its address and its key (`settings` of turnpike.yaml). */
export type SettingField = {
  readonly name: "region" | "project" | "apiVersion" | "resource"
  readonly required: boolean
  /** What a value looks like, whole. */
  readonly pattern: RegExp
  readonly example: string
}

export type Settings = Readonly<Partial<Record<SettingField["name"], string>>>

/** A cloud that serves models of several makers, or a vendor with services at several places: where its calls differ from those of the dialects it speaks. */
export type Hosting = {
  /** By whose rules addresses are made of a host and the settings (lib/catalog/cloud-endpoints.ts). */
  readonly cloud: "azure" | "bedrock" | "vertex" | "cohere"
  /** Upstream models that a dialect may be asked for; absent: all. */
  readonly models?: Partial<Readonly<Record<Dialect, RegExp>>>
  /** What stands before a model's name there to say which of the cloud's places may answer. */
  readonly place?: RegExp
  /** Dialects in which only their own clients are asked for; everybody else is translated into another one. */
  readonly ownClientsOnly?: readonly Dialect[]
  /** Suffixes in place of a dialect's own, `null` for an operation that there is not. */
  readonly paths?: Partial<Readonly<Record<Dialect, Readonly<Record<string, string | null>>>>>
  /** How its models embed, where otherwise than Gemini's own API: the first whose names fit. `path` is a suffix like those of `paths`. */
  readonly embedders?: readonly { readonly models: RegExp; readonly embedder: EmbedderId; readonly path: string }[]
  /** How it packs what a dialect says. */
  readonly envelopes?: Partial<Readonly<Record<Dialect, EnvelopeId>>>
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
  readonly hosting?: Hosting
  readonly settings?: readonly SettingField[]
  /** Hosts that are this provider's, where no endpoint of the catalogue has them. */
  readonly hosts?: RegExp
  /** What CC calls the output limit, where the vendor no longer takes `max_tokens` for its newer models. */
  readonly outputLimitField?: "max_completion_tokens"
  /** What holds for every model behind this provider, whatever its family is like elsewhere (lib/catalog/model-traits.ts). */
  readonly traits?: Partial<ModelTraits>
  /** What holds for some of the models behind it, and comes before both: the first whose lower-case names fit. */
  readonly modelTraits?: readonly { readonly models: RegExp; readonly traits: Partial<ModelTraits> }[]
  /** Where a person gets a key. */
  readonly keysUrl?: string
  /** Request fields this provider refuses; the router drops and reports them. */
  readonly drop?: readonly string[]
  /** Catalogue models that the form offers first. */
  readonly suggestedModels?: readonly string[]
  /** Where the facts of this row came from, with the date they were read. */
  readonly source: string
}
