import { hostedUrl, servesModel } from "#lib/catalog/base-url.ts"
import { recognizePath, recognizeUrl, resolveEndpoints } from "#lib/catalog/endpoints.ts"
import type { Endpoints, Hosting, Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import { type Dialect, dialects } from "#lib/wire/dialect.ts"

export type Preview =
  | { readonly ok: true; readonly urls: readonly { readonly dialect: Dialect; readonly url: string }[] }
  | { readonly ok: false; readonly dialect: Dialect | null; readonly error: "invalid" | "scheme" | "credentials" | "missing" }

/** What a draft of a channel says about its addresses so far. */
export type AddressDraft = {
  readonly providerId: string
  readonly baseUrl: string
  readonly extra: Endpoints
  readonly settings: Settings
  /** The upstream's name for the first model; empty: none yet. */
  readonly model: string
}

/** The exact URL that each dialect's calls will go to, from what is typed so far. */
export function previewOf({ providerId, baseUrl, extra, settings, model }: AddressDraft): Preview {
  const provider = findProvider(providerId)
  if (provider === null) return { ok: false, dialect: null, error: "missing" }
  const typed = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""))
  const endpoints = resolveEndpoints(provider, baseUrl, extra, typed)
  return endpoints.ok ? previewOfEndpoints(endpoints.value, model, provider.hosting) : { ok: false, ...endpoints.error }
}

/** The same of a channel that stands. Without a model its place in the path is shown as `{model}`. */
export function previewOfEndpoints(endpoints: Endpoints, model: string, hosting?: Hosting): Preview {
  const urls = dialects.flatMap((dialect) => {
    const base = endpoints[dialect]
    if (base === undefined || (model !== "" && !servesModel(hosting, dialect, model))) return []
    const url = hostedUrl(hosting, dialect, base, "chat", model === "" ? "{model}" : model)
    return url === null ? [] : [{ dialect, url: url.replace("%7Bmodel%7D", "{model}") }]
  })
  return { ok: true, urls }
}

/**
 * Which preset a typed URL asks for: the one whose address it is, or whose unmistakable path it repeats on another host; else a
 * compatible one, by the dialect that its path speaks of.
 * Null while the text is no URL yet, so that the choice does not jump while somebody types.
 */
export function presetOf(typed: string): string | null {
  const recognized = recognizeUrl(typed)
  if (recognized !== null) return recognized.provider.id
  const behindProxy = recognizePath(typed)
  if (behindProxy !== null) return behindProxy.id
  if (!/^(?:https?:\/\/)?[^/\s]+(?:\.|:\d)/.test(typed.trim())) return null
  if (/anthropic|\/messages\b/i.test(typed)) return "anthropic-compatible"
  if (/gemini|generativelanguage|v1beta|:generateContent/i.test(typed)) return "gemini-compatible"
  return "openai-compatible"
}

/** Whether an address is one that only a channel with access to the private network reaches, as far as its text says. */
export function looksPrivate(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[::1\]|\[f[cd])/i.test(hostname) || !/[.:]/.test(hostname) || /\.(?:local|internal|lan)$/i.test(hostname)
}
