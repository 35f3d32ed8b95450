import { type Database, openDatabase } from "#lib/adapters/database.ts"
import { createRandomPool } from "#lib/adapters/random-pool.ts"
import { createMailer, type Mailer } from "#lib/adapters/mail.ts"
import { createPriceListRepository, createPriceListService, type PriceListService } from "#lib/features/price-list/index.ts"
import { createLotsRepository, createLotsService, type LotsService } from "#lib/features/lots/index.ts"
import { createUsageRepository, createUsageService, type UsageService } from "#lib/features/usage/index.ts"
import { createWalletRepository, createWalletService, type WalletService } from "#lib/features/wallet/index.ts"
import { type Clock, systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type NewId } from "#lib/kernel/ids.ts"
import { type AlertServices, createAlertServices } from "./alert-services.ts"
import { type Env, readEnv } from "./env.ts"
import { createGatewayServices, type GatewayServices } from "./gateway-services.ts"
import { createKeyServices, type KeyServices } from "./key-services.ts"
import { createLog, type Log } from "./log.ts"
import { createMoney, type Money } from "./money.ts"
import { publicOrigin } from "./origin.ts"
import { createOperatorServices, type OperatorServices } from "./operator-services.ts"
import { createPeopleServices, type PeopleServices } from "./people-services.ts"
import { deriveSecrets, readRootSecret, type Secrets } from "./secrets.ts"

/** What is made once per process and shared by pages, actions, workers and the gateway. Services are wired here and nowhere else. */
export type Container = PeopleServices & KeyServices & OperatorServices & GatewayServices & AlertServices & {
  readonly env: Env
  readonly secrets: Secrets
  readonly clock: Clock
  readonly log: Log
  readonly newId: NewId
  readonly database: Database
  readonly usage: UsageService
  readonly priceList: PriceListService
  readonly wallet: WalletService
  readonly lots: LotsService
  /** Leases, spool and flusher of this process; idle until the worker `money` starts it. */
  readonly money: Money
  /** Null without SMTP_URL: nothing is mailed. */
  readonly mailer: Mailer | null
}

export function createContainer(env: Env, secrets: Secrets, databaseUrl: string): Container {
  const clock = systemClock
  const log = createLog(env.TURNPIKE_LOG, clock.now, (line) => void process.stderr.write(line))
  const newId = createNewId(clock.now, createRandomPool())
  const database = openDatabase(databaseUrl, env.TURNPIKE_DATABASE_CONNECTIONS)
  const mailer = env.SMTP_URL === undefined ? null : createMailer(env.SMTP_URL, env.SMTP_FROM ?? `turnpike@${new URL(publicOrigin(env)).hostname}`)
  const people = createPeopleServices({ database, clock, newId, env })
  const usage = createUsageService({ repository: createUsageRepository(database), clock })
  const keys = createKeyServices({ database, usage, databaseUrl, secrets, clock, newId, log })
  const operator = createOperatorServices({ database, clock, newId, secrets, env })
  const wallet = createWalletService({ repository: createWalletRepository(database), clock, newId })
  const lots = createLotsService({ repository: createLotsRepository(database), clock, newId })
  const money = createMoney({ home: env.home, database, databaseUrl, clock, newId, log })
  const gateway = createGatewayServices({ env, database, sealer: operator.sealer, changes: keys.changes, keyDirectory: keys.keyDirectory, money, clock, newId, log })
  const alerts = createAlertServices({ env, database, sealer: operator.sealer, mailer, clock, newId, log })
  const priceList = createPriceListService({ repository: createPriceListRepository(database), config: gateway.gatewayConfig })
  return { env, secrets, clock, log, newId, database, ...people, ...keys, ...operator, ...gateway, ...alerts, usage, priceList, wallet, lots, money, mailer }
}

/** Next bundles its own copy of every module, so the one container stands on `globalThis` under a symbol that both copies know. */
const slot = Symbol.for("turnpike.container")
const shared = globalThis as { [slot]?: Container }

export function registerContainer(container: Container): void {
  shared[slot] = container
}

/** The process's container. Made on first use where `server.ts` did not run (`next start` on a plain host: `DATABASE_URL` is then needed). */
export function container(): Container {
  const existing = shared[slot]
  if (existing !== undefined) return existing
  const env = readEnv()
  if (env.DATABASE_URL === undefined) throw new Error("Without Turnpike's own server (npm start), DATABASE_URL must be set.")
  const secrets = deriveSecrets(readRootSecret(env.home, env.TURNPIKE_SECRET), env.TURNPIKE_SECRET_PREVIOUS)
  const made = createContainer(env, secrets, env.DATABASE_URL)
  registerContainer(made)
  return made
}
