import type { Member } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { type AlertMessage, alertMessage } from "./message.ts"
import { mayManageAlerts } from "./policy.ts"
import type { AlertsRepository, DeliveryWrite, DueDelivery, ReachedLimit } from "./repository.ts"
import type { WebhookInput } from "./schema.ts"
import { webhookHeaders, webhookSecret } from "./webhook-signature.ts"

/** Shares of a limit at which people are told, in per cent; the highest first, since who is told of it needs no word of the lower. */
export const ALERT_THRESHOLDS = [100, 80] as const

/** No window that people are told of is longer than a month. */
const WINDOW_MS_MAX = 32 * 86_400_000
const LIMITS_PER_ROUND_MAX = 200
const DELIVERIES_PER_ROUND_MAX = 50
/** How long a process has for one round of messages before another one tries them. */
const ROUND_MS_MAX = 5 * 60_000
/** Waits behind each failed attempt; behind the last one a message is given up. */
const RETRY_MS: readonly number[] = [60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 8 * 3_600_000]
const ERROR_CHARACTERS_MAX = 300
const SECRET_BYTES = 24

/** How messages leave. Each rejects where the message was not taken. */
export type AlertChannels = {
  /** Null: no mail server is set, and nothing is mailed. */
  readonly mail: ((to: string, message: AlertMessage) => Promise<void>) | null
  readonly webhook: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<void>
}

export type WebhookSettings = { readonly url: string; readonly createdAt: string; readonly lastError: string | null }

type Dependencies = {
  readonly repository: AlertsRepository
  readonly channels: AlertChannels
  readonly sealer: { seal(rowId: string, text: string): string; open(rowId: string, sealed: string): string }
  readonly clock: Clock
  readonly newId: NewId
  readonly fillRandom: (bytes: Uint8Array) => void
}

/** Tells people and programs when a budget or a wallet is used up to 80 and to 100 per cent, once per window. */
export function createAlertsService({ repository, channels, sealer, clock, newId, fillRandom }: Dependencies) {
  const now = () => new Date(clock.now())

  /** Everybody who hears of this limit, each once. */
  async function deliveriesFor(reached: ReachedLimit, alertId: Id<"alert">): Promise<readonly DeliveryWrite[]> {
    const { organizationId, memberEmail } = reached
    const to = channels.mail === null ? [] : [...new Set([...(await repository.systemListRecipients(organizationId)), ...(memberEmail === null ? [] : [memberEmail])])]
    const write = (channel: DeliveryWrite["channel"], target: string): DeliveryWrite => ({ id: newId("delivery"), organizationId, alertId, channel, target, nextAttemptAt: now() })
    const called = await repository.systemHasWebhook(organizationId)
    return [...to.map((email) => write("mail", email)), ...(called ? [write("webhook", "")] : [])]
  }

  async function note(reached: ReachedLimit, threshold: number): Promise<void> {
    const { quotaId, organizationId, windowStart, limit, used } = reached
    const alert = { quotaId, organizationId, windowStart, limit, used, createdAt: now() }
    const id = newId("alert")
    const isNew = await repository.systemInsert({ ...alert, id, threshold }, await deliveriesFor(reached, id))
    if (!isNew) return
    for (const lower of ALERT_THRESHOLDS) if (lower < threshold) await repository.systemInsert({ ...alert, id: newId("alert"), threshold: lower }, [])
  }

  async function send(due: DueDelivery): Promise<void> {
    const message = alertMessage(due)
    if (due.channel === "mail") return channels.mail === null ? undefined : channels.mail(due.target, message)
    // A webhook that was taken away meanwhile wants nothing any more.
    if (due.webhook === null) return
    const secret = sealer.open(due.organization.id, due.webhook.sealedSecret)
    const body = JSON.stringify(message)
    return channels.webhook(due.webhook.url, webhookHeaders(secret, { id: due.alertId, atMs: clock.now(), body }), body)
  }

  async function deliver(due: DueDelivery): Promise<void> {
    try {
      await send(due)
    } catch (error) {
      const waitMs = RETRY_MS[due.attempts - 1]
      const detail = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_CHARACTERS_MAX)
      await repository.systemRecordFailure(due.id, detail, waitMs === undefined ? null : new Date(clock.now() + waitMs))
      return
    }
    await repository.systemRecordDelivered(due.id, now())
  }

  return {
    /** One round of the worker: finds limits that were reached, and sends what is due. Rejects where the database does not answer. */
    async runRound(): Promise<void> {
      for (const threshold of ALERT_THRESHOLDS) {
        for (const reached of await repository.systemListReached(threshold, new Date(clock.now() - WINDOW_MS_MAX), LIMITS_PER_ROUND_MAX)) await note(reached, threshold)
      }
      await Promise.all((await repository.systemTakeDue(now(), ROUND_MS_MAX, DELIVERIES_PER_ROUND_MAX)).map(deliver))
    },

    /** Where a program of the organization is told; null: nowhere. */
    async webhook(actor: Member): Promise<Result<WebhookSettings | null, FeatureError>> {
      if (!mayManageAlerts(actor)) return err(notFound)
      const row = await repository.findWebhook(actor.organizationId)
      return ok(row === null ? null : { url: row.url, createdAt: row.createdAt.toISOString(), lastError: row.lastError })
    },

    /** Sets or replaces it. The value is the new signing secret, which is shown this once. */
    async setWebhook(actor: Member, { url }: WebhookInput): Promise<Result<{ readonly secret: string }, FeatureError>> {
      if (!mayManageAlerts(actor)) return err(notFound)
      const random = new Uint8Array(SECRET_BYTES)
      fillRandom(random)
      const secret = webhookSecret(random)
      await repository.writeWebhook(actor.organizationId, { url, sealedSecret: sealer.seal(actor.organizationId, secret), createdAt: now() })
      return ok({ secret })
    },

    async removeWebhook(actor: Member): Promise<Result<null, FeatureError>> {
      if (!mayManageAlerts(actor)) return err(notFound)
      await repository.deleteWebhook(actor.organizationId)
      return ok(null)
    },
  }
}

export type AlertsService = ReturnType<typeof createAlertsService>
