import { resolveEndpoints } from "#lib/catalog/endpoints.ts"
import type { ProviderDefinition } from "#lib/catalog/provider.ts"
import { readCredential } from "#lib/catalog/credentials.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import { readSettings } from "#lib/catalog/settings.ts"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { ChannelRow, ChannelWrite } from "./repository.ts"
import type { ChannelInput } from "./schema.ts"

/** The preset of a stored channel or of a checked input; an unknown one is a bug. */
export function providerOf(id: string): ProviderDefinition {
  const provider = findProvider(id)
  if (provider === null) throw new Error(`channel of the unknown provider ${id}`)
  return provider
}

/** What an input makes of a channel: endpoints resolved, defaults of the preset filled in. */
export function channelOf(input: ChannelInput, managedBy: string | null): Result<ChannelWrite, FeatureError> {
  const provider = providerOf(input.provider)
  const settings = readSettings(provider, input.settings)
  if (!settings.ok) {
    const { problem, field, example } = settings.error
    return err({ kind: "invalid", key: `channels.setting.${problem}`, field: `settings.${field}`, params: { field, example, provider: provider.name } })
  }
  const endpoints = resolveEndpoints(provider, input.baseUrl ?? null, input.endpoints, settings.value)
  if (!endpoints.ok) {
    const { dialect, error } = endpoints.error
    return err({ kind: "invalid", key: `channels.url.${error}`, field: dialect === null ? "baseUrl" : `endpoints.${dialect}` })
  }
  return ok({
    name: input.name,
    providerId: provider.id,
    baseUrl: input.baseUrl === undefined || input.baseUrl === "" ? null : input.baseUrl,
    endpoints: endpoints.value,
    models: input.models,
    priority: input.priority,
    weight: input.weight,
    resale: input.resale ?? provider.codingPlan !== true,
    allowPrivateNetwork: input.allowPrivateNetwork,
    settings: settings.value,
    managedBy,
  })
}

/** Credentials as they are kept; the first one that its provider cannot use is refused. `field`: where the input has them. */
export function credentialsOf(providerId: string, given: readonly string[], field: string): Result<readonly string[], FeatureError> {
  const kept: string[] = []
  for (const secret of given) {
    const read = readCredential(providerOf(providerId), secret)
    if (!read.ok) return err({ kind: "invalid", key: `channels.credential.${read.error}`, field })
    kept.push(read.value)
  }
  return ok(kept)
}

/** JSON with sorted keys: equal data gives equal text. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )

/** Whether a channel is already what a file says of it, its credentials aside. */
export function isSame(row: ChannelRow, channel: ChannelWrite): boolean {
  const byName = (models: ChannelWrite["models"]) => models.map(({ name, upstream }) => [name, upstream].join("\n")).sort()
  const { models, ...wanted } = channel
  const columns = Object.fromEntries(Object.keys(wanted).map((name) => [name, row[name as keyof typeof wanted]]))
  return canonical(columns) === canonical(wanted) && canonical(byName(row.models)) === canonical(byName(models))
}
