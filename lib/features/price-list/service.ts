import type { GatewayConfig } from "#lib/gateway/types.ts"
import type { Member, Person } from "#lib/kernel/actor.ts"
import { type ListedModel, priceList } from "./price-list.ts"
import type { PriceListRepository } from "./repository.ts"

type Dependencies = {
  readonly repository: PriceListRepository
  /** The gateway's own snapshot, so that the list says what a call would find; null before the first one was read. */
  readonly config: () => GatewayConfig | null
}

/** What models sell for, to whoever asks. */
export function createPriceListService({ repository, config }: Dependencies) {
  return {
    /** The models that somebody may come to call: a stranger as a customer would. `search` keeps the names that contain it. */
    async list(reader: Person | null, search: string): Promise<readonly ListedModel[]> {
      const snapshot = config()
      if (snapshot === null) return []
      const isInternal = reader !== null && (reader.isOperator || (await repository.systemBelongsToInternal(reader.userId)))
      const wanted = search.trim().toLowerCase()
      return priceList(snapshot, isInternal ? "internal" : "customer").filter((model) => model.name.toLowerCase().includes(wanted))
    },

    /** A model that the organization's keys can call, for an example; null where there is none yet. */
    async exampleModel(member: Member): Promise<string | null> {
      const snapshot = config()
      if (snapshot === null) return null
      const [model] = priceList(snapshot, (await repository.isInternal(member.organizationId)) ? "internal" : "customer")
      return model?.name ?? null
    },
  }
}

export type PriceListService = ReturnType<typeof createPriceListService>
