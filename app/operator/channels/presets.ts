import { modelSuggestions } from "#lib/catalog/models.ts"
import type { ProviderDefinition } from "#lib/catalog/provider.ts"
import { providers } from "#lib/catalog/providers.ts"

const SUGGESTIONS_MAX = 60

export type Preset = {
  readonly id: string
  readonly name: string
  readonly suggestions: readonly string[]
}

/** What the form offers, in the reader's language. The sandbox is built in and needs no channel. */
export function presetsFor(locale: string): readonly Preset[] {
  return (providers as readonly ProviderDefinition[])
    .filter((provider) => provider.id !== "sandbox")
    .map((provider) => ({
      id: provider.id,
      name: providerName(provider, locale),
      suggestions: modelSuggestions(provider).slice(0, SUGGESTIONS_MAX),
    }))
}

export const providerName = (provider: ProviderDefinition, locale: string): string => (locale.startsWith("zh") ? (provider.nameZh ?? provider.name) : provider.name)
