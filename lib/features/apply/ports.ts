import type { ChannelsService } from "#lib/features/channels/index.ts"
import type { ModelsService } from "#lib/features/models/index.ts"
import type { LinkTokens, PasswordHasher } from "#lib/features/people/index.ts"
import type { PlansService } from "#lib/features/plans/index.ts"
import type { SearchService } from "#lib/features/search/index.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { FillRandom, Id, NewId } from "#lib/kernel/ids.ts"
import type { NanoUsd } from "#lib/kernel/nano-usd.ts"
import type { ApplyRepository } from "./repository.ts"

/** What the wallet's feature does for a file. */
export type WalletGrants = {
  /** The sum of the grants that this file has made to the organization. */
  granted(organizationId: Id<"organization">, file: string): Promise<NanoUsd>
  /** Posts the difference, which is negative where the file now gives less. */
  grant(organizationId: Id<"organization">, file: string, difference: NanoUsd): Promise<void>
}

/** Every service that a file needs, all inside one transaction. */
export type ApplyScope = {
  readonly repository: ApplyRepository
  readonly channels: Pick<ChannelsService, "reconcile" | "reconcileWindows">
  readonly models: Pick<ModelsService, "reconcile" | "reconcileChannelCost" | "reconcileCeiling">
  readonly search: Pick<SearchService, "reconcile">
  readonly plans: Pick<PlansService, "reconcile" | "release" | "subscribeByName">
  readonly wallet: WalletGrants
}

export type ApplyTools = {
  readonly clock: Clock
  readonly newId: NewId
  readonly fillRandom: FillRandom
  /** Hashes of a key's secret: under the current pepper first, then under earlier ones. */
  readonly secretHashes: readonly [(secret: string) => string, ...((secret: string) => string)[]]
  readonly passwords: Pick<PasswordHasher, "hash">
  readonly tokens: LinkTokens
}
