import type { AuthScheme, Hosting, Settings } from "#lib/catalog/provider.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import type { QuotaDefinition } from "#lib/quota/types.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import type { SearchConfig } from "./web-search.ts"

/** Who is calling, as far as the gateway needs to know. Made from a key, kept in memory. */
export type Principal = {
  readonly keyId: Id<"key">
  readonly keyName: string
  readonly organizationId: Id<"organization">
  readonly organizationKind: "internal" | "customer"
  /** Null: the organization's own key. */
  readonly membershipId: Id<"membership"> | null
  readonly projectId: Id<"project"> | null
  readonly timeZone: string
  /** Public model names; null: all. */
  readonly allowedModels: ReadonlySet<string> | null
  readonly parameters: "lenient" | "strict"
  /** A `sk-tp-test-…` key: reaches the sandbox only and touches no wallet. */
  readonly test: boolean
  /** Epoch milliseconds. */
  readonly expiresAtMs: number | null
  /** May see which channel answered (members of internal organizations). */
  readonly seesChannel: boolean
  /** The plan that the organization is on. */
  readonly planId: Id<"plan"> | null
  /** When that plan's allowance is given anew (epoch milliseconds); null: it has none, or ends with its period. */
  readonly allowanceRenewsAtMs: number | null
  /** Whether the organization lets answers be kept. */
  readonly storesResponses: boolean
  /** Every quota that applies to a call with this key: wallet, budgets, rates, concurrency. */
  readonly quotas: readonly QuotaDefinition[]
}

/** A price with the name under which the books keep it. */
export type Priced = {
  readonly id: Id<"priceVersion">
  readonly rates: Rates
}

/** What a call through one target costs us and what it is sold for. A mark-up multiplies the cost. */
export type TargetPrice = {
  readonly cost: Priced
  readonly sell: Priced
  readonly markupPpm: number | null
}

export type CredentialConfig = {
  readonly id: Id<"credential">
  /** The opened secret. Never logged, never encoded. */
  readonly secret: string
  /** Of a coding plan: its windows as quotas, and until when the provider itself says that one of them is used up (epoch milliseconds). */
  readonly plan?: { readonly windows: readonly QuotaDefinition[]; readonly exhaustedUntilMs: number | null }
}

export type ChannelConfig = {
  readonly id: Id<"channel">
  readonly name: string
  readonly providerId: string
  readonly organizationId: Id<"organization"> | null
  /** Normalized base URL per dialect. */
  readonly endpoints: Partial<Readonly<Record<Dialect, string>>>
  readonly auth: Partial<Readonly<Record<Dialect, AuthScheme>>> & { readonly default: AuthScheme }
  readonly credentials: readonly CredentialConfig[]
  readonly priority: number
  readonly weight: number
  readonly resale: boolean
  readonly codingPlan: boolean
  readonly allowPrivateNetwork: boolean
  readonly drop: readonly string[]
  /** Of channels of a cloud that serves several makers' models. */
  readonly cloud?: { readonly hosting: Hosting; readonly settings: Settings }
}

/** One way to answer for a public model. `price` null: nothing is known about its price, and it is not served. */
export type Target = {
  readonly channel: ChannelConfig
  readonly upstreamModel: string
  readonly price: TargetPrice | null
  /**
   * What a call that searches costs where the price knows no search: the same, with the price of the installation's own. Only such calls
   * have it, since other operations count other things as searches (rerank).
   */
  readonly searchedPrice?: TargetPrice
  /** Given to a target by a call that searches: this gateway does it, for `searchedPrice`. */
  readonly searcher?: "installation"
}

export type PublicModel = {
  readonly name: string
  readonly contextTokens: number | null
  readonly outputTokensMax: number | null
  readonly createdAtMs: number
  readonly targets: readonly Target[]
}

/**
 * What this process knows of channels, models and prices: one immutable snapshot, replaced as a whole when the change counter
 * moves or `validUntilMs` (the next price that becomes effective) has come.
 */
export type GatewayConfig = {
  readonly models: ReadonlyMap<string, PublicModel>
  /**
   * What those see who buy on terms of their own: an organization with own prices, by its id, or any on a plan that prices or bounds models,
   * by the plan's.
   */
  readonly terms: ReadonlyMap<string, GatewayConfig>
  /** The installation's own search. Prices of targets that need it name what it costs. */
  readonly search?: SearchConfig
  readonly validUntilMs: number | null
}
