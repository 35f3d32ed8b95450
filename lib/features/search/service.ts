import { findSearchProvider, type SearchProvider } from "#lib/catalog/search-providers.ts"
import type { Actor, Program } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { mayChange, mayManageSearch } from "./policy.ts"
import { SEARCH_SETTING, type SearchRepository, type SearchSetting } from "./repository.ts"
import type { SearchInput } from "./schema.ts"

/** The search as operators see it: its key by the last four characters alone. */
export type SearchView = {
  readonly provider: string
  readonly baseUrl: string
  readonly lastFour: string | null
  readonly allowPrivateNetwork: boolean
  /** Decimal dollars. */
  readonly price: string
  readonly managedBy: string | null
}

type Dependencies = {
  readonly repository: SearchRepository
  readonly sealer: { seal(rowId: string, text: string): string; open(rowId: string, sealed: string): string }
  readonly clock: Clock
}

const LAST = 4

/** The installation's own web search, which answers for channels that cannot search. */
export function createSearchService({ repository, sealer, clock }: Dependencies) {
  const now = () => new Date(clock.now())

  /** The key that a setting goes on with. The same key sealed anew would be another row each time a file is applied. */
  function sealedKey(provider: SearchProvider, apiKey: string | undefined, before: SearchSetting | null): Result<Pick<SearchSetting, "sealed" | "lastFour">, FeatureError> {
    if (provider.auth === null) return ok({ sealed: null, lastFour: null })
    const kept = before !== null && before.providerId === provider.id ? before : null
    if (apiKey === undefined) {
      return kept?.sealed == null ? err({ kind: "invalid", key: "search.keyMissing", field: "apiKey", params: { provider: provider.name } }) : ok({ sealed: kept.sealed, lastFour: kept.lastFour })
    }
    if (kept !== null && isSame(kept, apiKey)) return ok({ sealed: kept.sealed, lastFour: kept.lastFour })
    return ok({ sealed: sealer.seal(SEARCH_SETTING, apiKey), lastFour: apiKey.slice(-LAST) })
  }

  function isSame({ sealed }: SearchSetting, apiKey: string): boolean {
    try {
      return sealed !== null && sealer.open(SEARCH_SETTING, sealed) === apiKey
    } catch {
      return false
    }
  }

  function settingOf(input: SearchInput, before: SearchSetting | null, managedBy: string | null): Result<SearchSetting, FeatureError> {
    const provider = findSearchProvider(input.provider)
    if (provider === null) return err({ kind: "invalid", key: "search.provider", field: "provider" })
    const baseUrl = input.baseUrl === undefined || input.baseUrl === "" ? provider.baseUrl : input.baseUrl
    if (baseUrl === null) return err({ kind: "invalid", key: "search.addressMissing", field: "baseUrl", params: { provider: provider.name } })
    if (!isCallable(baseUrl)) return err({ kind: "invalid", key: "search.address", field: "baseUrl" })
    const key = sealedKey(provider, input.apiKey, before)
    if (!key.ok) return key
    return ok({ providerId: provider.id, baseUrl, ...key.value, allowPrivateNetwork: input.allowPrivateNetwork, priceNanoUsd: input.price, managedBy })
  }

  return {
    /** Null: there is none. */
    async find(actor: Actor): Promise<Result<SearchView | null, FeatureError>> {
      if (!mayManageSearch(actor)) return err(notFound)
      const setting = await repository.systemRead()
      return ok(setting === null ? null : viewOf(setting))
    },

    /** `apiKey` absent: the one that is there stays. */
    async save(actor: Actor, input: SearchInput): Promise<Result<null, FeatureError>> {
      if (!mayManageSearch(actor)) return err(notFound)
      const before = await repository.systemRead()
      if (before !== null && !mayChange(actor, before.managedBy)) return err(managed(before))
      const setting = settingOf(input, before, null)
      if (!setting.ok) return setting
      await repository.systemWrite(setting.value, now())
      return ok(null)
    },

    async remove(actor: Actor): Promise<Result<null, FeatureError>> {
      if (!mayManageSearch(actor)) return err(notFound)
      const before = await repository.systemRead()
      if (before !== null && !mayChange(actor, before.managedBy)) return err(managed(before))
      await repository.systemRemove()
      return ok(null)
    },

    /** Brings it to what a file says. */
    async reconcile(program: Program, input: SearchInput): Promise<Result<"created" | "updated" | "unchanged", FeatureError>> {
      const before = await repository.systemRead()
      const setting = settingOf(input, before, program.file)
      if (!setting.ok) return setting
      if (before !== null && isEqual(before, setting.value)) return ok("unchanged")
      await repository.systemWrite(setting.value, now())
      return ok(before === null ? "created" : "updated")
    },
  }
}

export type SearchService = ReturnType<typeof createSearchService>

const managed = ({ managedBy }: SearchSetting): FeatureError => ({ kind: "managed", key: "managed", params: { file: managedBy ?? "" } })

const isEqual = (one: SearchSetting, other: SearchSetting): boolean => (Object.keys(one) as (keyof SearchSetting)[]).every((name) => one[name] === other[name])

const viewOf = ({ providerId, baseUrl, lastFour, allowPrivateNetwork, priceNanoUsd, managedBy }: SearchSetting): SearchView => ({ provider: providerId, baseUrl, lastFour, allowPrivateNetwork, price: formatUsd(priceNanoUsd), managedBy })

/** An address that holds no secret: those are sealed, and addresses are shown. */
function isCallable(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, username, password, search } = new URL(address)
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "" && search === ""
}
