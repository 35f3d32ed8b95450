import { err, ok, type Result } from "#lib/kernel/result.ts"
import { type Dialect, dialects } from "#lib/wire/dialect.ts"
import { type BaseUrlError, normalizeBaseUrl } from "./base-url.ts"
import { cloudEndpoints } from "./cloud-endpoints.ts"
import type { Endpoints, ProviderDefinition, Settings } from "./provider.ts"
import { providers } from "./providers.ts"

export type Recognized = {
  readonly provider: ProviderDefinition
  /** Every dialect of the recognized address, not only the pasted one. */
  readonly endpoints: Endpoints
}

/**
 * Which preset a pasted URL belongs to, so that pasting a plan's URL is all that a person has to do; null for an unknown address.
 * Where two presets share an address (`/api/anthropic` of GLM), the coding plan is meant: it is the one whose buyers are given a
 * URL to paste, and it is not resold by default.
 */
export function recognizeUrl(typed: string): Recognized | null {
  const candidates = providers
    .flatMap((provider: ProviderDefinition) => endpointSets(provider).map((endpoints) => ({ provider, endpoints })))
    .sort((a, b) => Number(b.provider.codingPlan ?? false) - Number(a.provider.codingPlan ?? false))
  return candidates.find(({ endpoints }) => spokenAt(endpoints, typed).length > 0) ?? hostMatch(candidates, typed)
}

/** A path of so many segments is a vendor's own (`/api/coding/paas/v4`); shorter ones (`/v1`, `/api/v3`) mean nothing. */
const UNMISTAKABLE_SEGMENTS_MIN = 4

/** The preset whose unmistakable path a URL repeats on another host: a proxy of that vendor, or a test server that plays it. */
export function recognizePath(typed: string): ProviderDefinition | null {
  const base = normalizeBaseUrl("cc", typed)
  if (!base.ok) return null
  const path = new URL(base.value).pathname
  if (path.split("/").filter((segment) => segment !== "").length < UNMISTAKABLE_SEGMENTS_MIN) return null
  return providers.find((provider: ProviderDefinition) => endpointSets(provider).some(({ cc }) => cc !== undefined && new URL(cc).pathname === path)) ?? null
}

/**
 * The endpoints of a channel: those of the preset, or what the typed base URL says. A typed URL that is one of the preset's own
 * addresses brings all dialects of that address; any other is authoritative for the dialects that the preset says a base URL
 * speaks, or for the one dialect whose path it repeats (a proxy of `…/api/anthropic`). A cloud's addresses are made of its settings, at the
 * typed host if there is one. `extra` adds dialects or replaces them.
 * The error names the dialect whose URL cannot be used; `dialect` null stands for a base URL that is needed and absent.
 */
export function resolveEndpoints(
  provider: ProviderDefinition,
  typed: string | null,
  extra: Endpoints = {},
  settings: Settings = {},
): Result<Endpoints, { readonly dialect: Dialect | null; readonly error: BaseUrlError | "missing" }> {
  const endpoints: Partial<Record<Dialect, string>> = {}
  if (provider.hosting !== undefined) {
    const made = cloudEndpoints(provider.hosting.cloud, typed, settings)
    if (!made.ok) return err({ dialect: null, error: made.error })
    Object.assign(endpoints, made.value)
  } else if (typed === null || typed.trim() === "") Object.assign(endpoints, provider.endpoints)
  else {
    const own = endpointSets(provider).find((set) => spokenAt(set, typed).length > 0)
    if (own !== undefined) Object.assign(endpoints, own)
    else {
      for (const dialect of dialectsOfPath(provider, typed) ?? provider.dialects) {
        const base = normalizeBaseUrl(dialect, typed)
        if (!base.ok) return err({ dialect: null, error: base.error })
        endpoints[dialect] = base.value
      }
    }
  }
  for (const dialect of dialects) {
    const given = extra[dialect]
    if (given === undefined || given.trim() === "") continue
    const base = normalizeBaseUrl(dialect, given)
    if (!base.ok) return err({ dialect, error: base.error })
    endpoints[dialect] = base.value
  }
  return Object.keys(endpoints).length === 0 ? err({ dialect: null, error: "missing" }) : ok(endpoints)
}

const endpointSets = (provider: ProviderDefinition): readonly Endpoints[] => [provider.endpoints, ...(provider.regions ?? []).map((region) => region.endpoints)]

/** The dialects of a set of endpoints whose address is exactly the typed one, with or without `/v1` and an operation behind it. */
function spokenAt(endpoints: Endpoints, typed: string): readonly Dialect[] {
  return dialects.filter((dialect) => {
    const known = endpoints[dialect]
    if (known === undefined) return false
    const base = normalizeBaseUrl(dialect, typed)
    return base.ok && (base.value === known || base.value === `${known}/v1`)
  })
}

/** A URL on a host that only one preset uses means that preset, whatever its path. */
function hostMatch(candidates: readonly Recognized[], typed: string): Recognized | null {
  const host = hostOf(typed)
  if (host === null) return null
  const own = providers.find(({ hosts }: ProviderDefinition) => hosts?.test(host))
  if (own !== undefined) return { provider: own, endpoints: own.endpoints }
  const matches = candidates.filter(({ endpoints }) => Object.values(endpoints).some((known) => hostOf(known) === host))
  const [first] = matches
  return first !== undefined && !first.provider.local && matches.every(({ provider }) => provider.id === first.provider.id) ? first : null
}

function hostOf(typed: string): string | null {
  const base = normalizeBaseUrl("cc", typed)
  return base.ok ? new URL(base.value).host : null
}

/** The dialects whose path in the preset the typed URL repeats on another host; null where it repeats none. */
function dialectsOfPath(provider: ProviderDefinition, typed: string): readonly Dialect[] | null {
  const found = dialects.filter((dialect) => {
    const known = provider.endpoints[dialect]
    const base = normalizeBaseUrl(dialect, typed)
    return known !== undefined && base.ok && new URL(base.value).pathname === new URL(known).pathname
  })
  return found.length === 0 ? null : found
}
