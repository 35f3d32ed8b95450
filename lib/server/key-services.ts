import { createSecretKey, getRandomValues } from "node:crypto"
import { type ChangeFeed, createChangeFeed } from "#lib/adapters/changes.ts"
import type { Database } from "#lib/adapters/database.ts"
import { createKeyDirectory } from "#lib/adapters/key-directory.ts"
import { type BudgetsService, createBudgetsRepository, createBudgetsService } from "#lib/features/budgets/index.ts"
import { createKeysRepository, createKeysService, hashSecret, isPlausible, type KeysService } from "#lib/features/keys/index.ts"
import type { UsageService } from "#lib/features/usage/index.ts"
import type { KeyDirectory } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { Log } from "./log.ts"
import type { Secrets } from "./secrets.ts"

/** Everything about keys: the portal's services, the gateway's directory, and the feed that keeps what is in memory true. */
export type KeyServices = {
  readonly changes: ChangeFeed
  readonly keyDirectory: KeyDirectory
  readonly keys: KeysService
  readonly budgets: BudgetsService
}

export type KeyServicesDependencies = {
  readonly database: Database
  readonly usage: UsageService
  readonly databaseUrl: string
  readonly secrets: Pick<Secrets, "peppers">
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
}

export function createKeyServices({ database, usage, databaseUrl, secrets, clock, newId, log }: KeyServicesDependencies): KeyServices {
  const [hash, ...previous] = hashers(secrets)
  const changes = createChangeFeed({ url: databaseUrl, log })
  const budgets = createBudgetsService({ repository: createBudgetsRepository(database), usage, clock, newId })
  return {
    changes,
    keyDirectory: createKeyDirectory({ database, changes, clock, log, secrets: { plausible: isPlausible, hashes: [hash, ...previous] } }),
    keys: createKeysService({ repository: createKeysRepository(database), budgets, clock, newId, fillRandom: getRandomValues, hashSecret: hash }),
    budgets,
  }
}

type Hasher = (secret: string) => string

/** The hash under the current pepper, then those under earlier ones: keys are made with the first and found under any. */
export function hashers({ peppers: [current, ...previous] }: Pick<Secrets, "peppers">): readonly [Hasher, ...Hasher[]] {
  const hasher = ({ key }: { readonly key: Buffer }): Hasher => {
    const pepper = createSecretKey(key)
    return (secret) => hashSecret(pepper, secret)
  }
  return [hasher(current), ...previous.map(hasher)]
}
