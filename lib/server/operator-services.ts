import { randomFillSync } from "node:crypto"
import { withAuthorization } from "#lib/adapters/authorization.ts"
import type { Database } from "#lib/adapters/database.ts"
import { createDirectUpstream } from "#lib/adapters/direct-upstream.ts"
import { createSealer, type Sealer } from "#lib/adapters/sealing.ts"
import { type ChannelsService, createChannelsRepository, createChannelsService } from "#lib/features/channels/index.ts"
import { createModelsRepository, createModelsService, type ModelsService } from "#lib/features/models/index.ts"
import { createPlansRepository, createPlansService, type PlansService } from "#lib/features/plans/index.ts"
import { createSearchRepository, createSearchService, type SearchService } from "#lib/features/search/index.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { Env } from "./env.ts"
import type { Secrets } from "./secrets.ts"

/** What the operator runs: channels with their sealed credentials, models and prices, plans, the search of the installation. */
export type OperatorServices = {
  readonly sealer: Sealer
  readonly channels: ChannelsService
  readonly models: ModelsService
  readonly plans: PlansService
  readonly search: SearchService
}

export type OperatorServicesDependencies = {
  readonly database: Database
  readonly clock: Clock
  readonly newId: NewId
  readonly secrets: Pick<Secrets, "sealingKeys">
  readonly env: Pick<Env, "TURNPIKE_OFFLINE">
}

export function createOperatorServices({ database, clock, newId, secrets, env }: OperatorServicesDependencies): OperatorServices {
  const sealer = createSealer(secrets.sealingKeys, (bytes) => void randomFillSync(bytes))
  // A connection test wants a connection of its own, not one of the gateway's warm ones.
  const upstream = withAuthorization(createDirectUpstream({ loopbackOnly: env.TURNPIKE_OFFLINE ?? false }), { clock })
  const models = createModelsService({ repository: createModelsRepository(database), clock, newId })
  return {
    sealer,
    channels: createChannelsService({ repository: createChannelsRepository(database), sealer, upstream, clock, newId }),
    models,
    search: createSearchService({ repository: createSearchRepository(database), sealer, clock }),
    plans: createPlansService({ repository: createPlansRepository(database, newId), models, clock, newId }),
  }
}
