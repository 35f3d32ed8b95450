import { configFor } from "#lib/gateway/terms.ts"
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
    /**
     * The models that somebody may come to call: a stranger as a customer would, a member at the terms of their organization (its plan, its own
     * prices). Whose organizations buy on different terms sees those of everybody. `search` keeps the names that contain it.
     */
    async list(reader: Person | null, search: string): Promise<readonly ListedModel[]> {
      const snapshot = config()
      if (snapshot === null) return []
      const buyers = reader === null ? [] : await repository.systemListBuyers(reader.userId)
      const isInternal = reader?.isOperator === true || buyers.some(({ kind }) => kind === "internal")
      const terms = new Set(buyers.map((buyer) => configFor(snapshot, buyer)))
      const [own] = terms
      const wanted = search.trim().toLowerCase()
      return priceList(terms.size === 1 && own !== undefined ? own : snapshot, isInternal ? "internal" : "customer").filter((model) => model.name.toLowerCase().includes(wanted))
    },

    /** A model that the organization's keys can call, for an example; null where there is none yet. */
    async exampleModel(member: Member): Promise<string | null> {
      const snapshot = config()
      const buyer = snapshot === null ? null : await repository.findBuyer(member.organizationId)
      if (snapshot === null || buyer === null) return null
      return priceList(configFor(snapshot, buyer), buyer.kind)[0]?.name ?? null
    },
  }
}

export type PriceListService = ReturnType<typeof createPriceListService>
