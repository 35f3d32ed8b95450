import { randomFillSync } from "node:crypto"
import type { Database } from "#lib/adapters/database.ts"
import { createDirectUpstream } from "#lib/adapters/direct-upstream.ts"
import type { Mailer } from "#lib/adapters/mail.ts"
import type { Sealer } from "#lib/adapters/sealing.ts"
import { createWebhookPost } from "#lib/adapters/webhook-post.ts"
import { type AlertsService, createAlertsRepository, createAlertsService } from "#lib/features/alerts/index.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { Env } from "./env.ts"
import type { Log } from "./log.ts"
import { alertMail } from "./mails.ts"
import { publicOrigin } from "./origin.ts"

const ROUND_MS = 10_000

type Rounds = { stop(): Promise<void> }

export type AlertServices = {
  readonly alerts: AlertsService
  readonly alertRounds: { start(): Rounds }
}

type Dependencies = { readonly env: Env; readonly database: Database; readonly sealer: Sealer; readonly mailer: Mailer | null; readonly clock: Clock; readonly newId: NewId; readonly log: Log }

export function createAlertServices({ env, database, sealer, mailer, clock, newId, log }: Dependencies): AlertServices {
  const alerts = createAlertsService({
    repository: createAlertsRepository(database),
    channels: {
      mail: mailer === null ? null : (to, message) => mailer.send(alertMail(to, message, publicOrigin(env))),
      webhook: createWebhookPost(createDirectUpstream({ loopbackOnly: env.TURNPIKE_OFFLINE ?? false }), env.TURNPIKE_WEBHOOK_PRIVATE_NETWORK),
    },
    sealer,
    clock,
    newId,
    fillRandom: (bytes) => void randomFillSync(bytes),
  })

  /** A round begins when the one before it has ended; one that fails is only logged, since the next one finds the same. */
  function start(): Rounds {
    let running: Promise<void> = Promise.resolve()
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      running = alerts
        .runRound()
        .catch((error: unknown) => log("warn", "alerts.failed", { detail: error instanceof Error ? error.message : String(error) }))
        .finally(() => {
          busy = false
        })
    }, ROUND_MS)
    return {
      async stop() {
        clearInterval(timer)
        await running
      },
    }
  }

  return { alerts, alertRounds: { start } }
}
