import type { Endpoints, Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ChannelRow } from "./repository.ts"

/** `failing`: the newest thing known is a failure. `untested`: nothing is known yet. `noCredential`: every credential is disabled. */
export type ChannelState = "disabled" | "noCredential" | "failing" | "working" | "untested"

export type ChannelSummary = {
  readonly id: string
  readonly name: string
  readonly providerId: string
  readonly state: ChannelState
  readonly enabled: boolean
  readonly lastError: string | null
  readonly lastErrorAt: string | null
  readonly lastSuccessAt: string | null
  readonly models: readonly { readonly name: string; readonly upstream: string }[]
  readonly priority: number
  readonly weight: number
  readonly resale: boolean
  readonly codingPlan: boolean
  readonly managedBy: string | null
}

export type ChannelDetail = ChannelSummary & {
  readonly baseUrl: string | null
  readonly endpoints: Endpoints
  readonly settings: Settings
  readonly allowPrivateNetwork: boolean
  /** Write-only: of the secret no more than its last four characters is ever read back. */
  readonly credentials: readonly { readonly id: string; readonly lastFour: string; readonly createdAt: string; readonly disabledAt: string | null }[]
}

export function stateOf(row: ChannelRow): ChannelState {
  if (!row.enabled) return "disabled"
  if (row.credentials.length > 0 && row.credentials.every((credential) => credential.disabledAt !== null)) return "noCredential"
  if (row.lastErrorAt !== null && (row.lastSuccessAt === null || row.lastErrorAt > row.lastSuccessAt)) return "failing"
  return row.lastSuccessAt === null ? "untested" : "working"
}

/** Plain data, fit for the browser: no sealed secret is in it. */
export function summarizeChannel(row: ChannelRow): ChannelSummary {
  return {
    id: row.id,
    name: row.name,
    providerId: row.providerId,
    state: stateOf(row),
    enabled: row.enabled,
    lastError: row.lastError,
    lastErrorAt: row.lastErrorAt?.toISOString() ?? null,
    lastSuccessAt: row.lastSuccessAt?.toISOString() ?? null,
    models: row.models.map(({ name, upstream }) => ({ name, upstream })),
    priority: row.priority,
    weight: row.weight,
    resale: row.resale,
    codingPlan: findProvider(row.providerId)?.codingPlan ?? false,
    managedBy: row.managedBy,
  }
}

export function describeChannel(row: ChannelRow): ChannelDetail {
  return {
    ...summarizeChannel(row),
    baseUrl: row.baseUrl,
    endpoints: row.endpoints as Endpoints,
    settings: row.settings as Settings,
    allowPrivateNetwork: row.allowPrivateNetwork,
    credentials: row.credentials.map(({ id, lastFour, createdAt, disabledAt }) => ({ id, lastFour, createdAt: createdAt.toISOString(), disabledAt: disabledAt?.toISOString() ?? null })),
  }
}
