import { join } from "node:path"
import { getHeapStatistics } from "node:v8"
import { createAccount } from "#lib/adapters/account.ts"
import { createChannelHealth } from "#lib/adapters/channel-health.ts"
import { withAuthorization } from "#lib/adapters/authorization.ts"
import { createPlanExhaustionWriter } from "#lib/adapters/plan-exhaustion.ts"
import type { ChangeFeed } from "#lib/adapters/changes.ts"
import type { Database } from "#lib/adapters/database.ts"
import { createConfigHolder, loadGatewayConfig } from "#lib/adapters/gateway-config.ts"
import type { Sealer } from "#lib/adapters/sealing.ts"
import { createResponseStore } from "#lib/adapters/response-store.ts"
import { withSandbox } from "#lib/adapters/sandbox.ts"
import { createUploadFiles } from "#lib/adapters/upload-files.ts"
import { createTokenCounter } from "#lib/adapters/tokens/token-counter.ts"
import { createUpstream } from "#lib/adapters/upstream.ts"
import type { Gateway } from "#lib/gateway/exchange.ts"
import { createGateway } from "#lib/gateway/handle.ts"
import type { KeyDirectory } from "#lib/gateway/ports.ts"
import type { GatewayConfig } from "#lib/gateway/types.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { Env } from "./env.ts"
import type { Log } from "./log.ts"
import type { Money } from "./money.ts"

/** The gateway and what it keeps in memory. */
export type GatewayServices = {
  /** The process's one gateway: both mounts call it, since two copies of a lease would be two budgets. */
  readonly gateway: Gateway
  /** Channels, models and prices as the gateway knows them now; null before they were first read. */
  readonly gatewayConfig: () => GatewayConfig | null
  readonly gatewayRuntime: {
    /** Reads channels, models and prices, and from then on follows their changes. Rejects where the database does not answer. */
    start(): Promise<void>
    /** Closes the connections to providers. */
    stop(): Promise<void>
  }
}

export type GatewayServicesDependencies = {
  readonly env: Env
  readonly database: Database
  readonly sealer: Sealer
  readonly changes: ChangeFeed
  readonly keyDirectory: KeyDirectory
  readonly money: Money
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
}

const MIB = 1024 * 1024
const SECOND = 1_000
/** What large bodies may take together: a part of V8's heap, since each is there a second time once it is parsed, and room for some in any case. */
const HEAP_PER_BODIES = 4
const BODIES_MIN = 4

export function createGatewayServices({ env, database, sealer, changes, keyDirectory, money, clock, newId, log }: GatewayServicesDependencies): GatewayServices {
  const config = createConfigHolder({ load: () => loadGatewayConfig({ database, sealer, now: clock.now, log }), now: clock.now, log })
  const network = createUpstream({
    loopbackOnly: env.TURNPIKE_OFFLINE ?? false,
    headMsMax: env.TURNPIKE_UPSTREAM_HEAD_SECONDS * SECOND,
    idleMsMax: env.TURNPIKE_UPSTREAM_IDLE_SECONDS * SECOND,
    isRecorded: () => money.spool.writable,
  })
  const health = createChannelHealth({ database, now: clock.now, warn: (detail) => log("warn", "channels.health", { detail }) })
  const plans = createPlanExhaustionWriter({ database, now: clock.now, warn: (detail) => log("warn", "channels.plan", { detail }) })
  const responses = createResponseStore({ database, sealer, now: clock.now, log })
  const tokens = createTokenCounter({ warn: (detail) => log("warn", "tokens.uncounted", { detail }) })
  const bodyBytesMax = env.TURNPIKE_BODY_LIMIT_MB * MIB
  const gateway = createGateway(
    {
      clock,
      newId,
      random: Math.random,
      keys: keyDirectory,
      config: config.current,
      quota: money.quota,
      spool: money.spool,
      upstream: withSandbox(withAuthorization(network, { clock })),
      uploads: createUploadFiles(join(env.home, "uploads")),
      account: createAccount({ database, now: clock.now }),
      responses,
      health: { answered: health.answered, failed: health.failed, exhausted: plans.exhausted },
      tokens,
      log,
    },
    { bodyBytesMax, bodiesBytesMax: Math.max(BODIES_MIN * bodyBytesMax, getHeapStatistics().heap_size_limit / HEAP_PER_BODIES) },
  )
  return {
    gateway,
    gatewayConfig: config.current,
    gatewayRuntime: {
      async start() {
        changes.subscribe(["channel", "channel_model", "credential", "model", "plan", "price_rule", "setting", "subscription"], config.invalidate)
        await config.refresh()
        health.start()
        responses.start()
      },
      async stop() {
        config.stop()
        await Promise.all([health.stop(), plans.settled(), responses.stop(), tokens.close()])
        await network.close()
      },
    },
  }
}
