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
import { type Rounds, startRounds } from "./rounds.ts"

const ROUND_MS = 10_000

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

  return { alerts, alertRounds: { start: () => startRounds("alerts", ROUND_MS, alerts.runRound, log) } }
}
