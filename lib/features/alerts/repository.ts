import type { Database } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { QuotaScope, QuotaWindowKind } from "#lib/quota/types.ts"
import { toldOfAll } from "./policy.ts"

/** A money limit whose threshold was reached, and nobody was told of it in this window yet. */
export type ReachedLimit = {
  readonly quotaId: Id<"quota">
  readonly organizationId: Id<"organization">
  readonly scope: QuotaScope
  readonly window: QuotaWindowKind
  readonly windowStart: Date
  readonly limit: bigint
  readonly used: bigint
  /** The member whose limit it is, or whose key's. */
  readonly memberEmail: string | null
}

export type AlertWrite = Pick<ReachedLimit, "quotaId" | "organizationId" | "windowStart" | "limit" | "used"> & { readonly id: Id<"alert">; readonly threshold: number; readonly createdAt: Date }
export type DeliveryWrite = { readonly id: Id<"delivery">; readonly organizationId: Id<"organization">; readonly alertId: Id<"alert">; readonly channel: "mail" | "webhook"; readonly target: string; readonly nextAttemptAt: Date }

/** A message that is due, with all that it says. */
export type DueDelivery = {
  readonly id: Id<"delivery">
  readonly alertId: Id<"alert">
  readonly channel: "mail" | "webhook"
  readonly target: string
  readonly attempts: number
  readonly threshold: number
  readonly limit: bigint
  readonly used: bigint
  readonly createdAt: Date
  readonly windowStart: Date
  readonly window: QuotaWindowKind
  readonly scope: QuotaScope
  /** Of the project, the member or the key; null: the organization's own. */
  readonly name: string | null
  readonly organization: { readonly id: Id<"organization">; readonly slug: string; readonly name: string; readonly timeZone: string }
  readonly webhook: { readonly url: string; readonly sealedSecret: string } | null
}

export type WebhookRow = { readonly url: string; readonly createdAt: Date }

const SCOPES = ["wallet", "organization", "project", "member", "key"] as const

export function createAlertsRepository(database: Database) {
  return {
    /** Limits at or above this share (in per cent) in their newest window since `from`, of which nobody was told at this threshold. */
    async systemListReached(threshold: number, from: Date, countMax: number): Promise<readonly ReachedLimit[]> {
      type Row = { quota_id: Id<"quota">; organization_id: Id<"organization">; scope: QuotaScope; window: QuotaWindowKind; window_start: Date; limit: string; used: string; member_email: string | null }
      const { rows } = await database.sql(null, (client) => client.query<Row>(REACHED, [threshold, from, countMax, SCOPES]))
      return rows.map((row) => ({
        quotaId: row.quota_id,
        organizationId: row.organization_id,
        scope: row.scope,
        window: row.window,
        windowStart: row.window_start,
        limit: BigInt(row.limit),
        used: BigInt(row.used),
        memberEmail: row.member_email,
      }))
    },

    /** People who are told of all the organization's limits. */
    systemListRecipients: (organizationId: Id<"organization">): Promise<readonly string[]> =>
      database.system(async (transaction) => {
        const members = await transaction.membership.findMany({
          where: { organizationId, removedAt: null, role: { in: [...toldOfAll] }, user: { disabledAt: null } },
          select: { user: { select: { email: true } } },
          orderBy: { id: "asc" },
        })
        return members.map(({ user }) => user.email)
      }),

    /** Writes an alert with its messages; false where another process was first. */
    systemInsert: (alert: AlertWrite, deliveries: readonly DeliveryWrite[]): Promise<boolean> =>
      database.system(async (transaction) => {
        const { count } = await transaction.alert.createMany({ data: [alert], skipDuplicates: true })
        if (count === 0) return false
        await transaction.alertDelivery.createMany({ data: [...deliveries] })
        return true
      }),

    /**
     * Takes messages that are due, for one process: the next attempt is put off before anybody tries, so that no other process sends the
     * same message meanwhile and one that dies with its process is tried again.
     */
    async systemTakeDue(now: Date, leaseMs: number, countMax: number): Promise<readonly DueDelivery[]> {
      const { rows } = await database.sql(null, (client) => client.query<DueRow>(TAKE_DUE, [now, new Date(now.getTime() + leaseMs), countMax]))
      return rows.map(dueOf)
    },

    systemRecordDelivered: (id: Id<"delivery">, at: Date): Promise<unknown> =>
      database.system((transaction) => transaction.alertDelivery.update({ where: { id }, data: { deliveredAt: at, nextAttemptAt: null, lastError: null } })),

    /** `nextAttemptAt` null: it is given up. */
    systemRecordFailure: (id: Id<"delivery">, lastError: string, nextAttemptAt: Date | null): Promise<unknown> =>
      database.system((transaction) => transaction.alertDelivery.update({ where: { id }, data: { lastError, nextAttemptAt } })),

    systemHasWebhook: (organizationId: Id<"organization">): Promise<boolean> => database.system(async (transaction) => (await transaction.webhook.count({ where: { organizationId } })) > 0),

    findWebhook: (organizationId: Id<"organization">): Promise<(WebhookRow & { readonly lastError: string | null }) | null> =>
      database.organization(organizationId, async (transaction) => {
        const row = await transaction.webhook.findUnique({ where: { organizationId }, select: { url: true, createdAt: true } })
        if (row === null) return null
        const last = await transaction.alertDelivery.findFirst({ where: { organizationId, channel: "webhook" }, orderBy: { id: "desc" }, select: { lastError: true } })
        return { ...row, lastError: last?.lastError ?? null }
      }),

    writeWebhook: (organizationId: Id<"organization">, row: { readonly url: string; readonly sealedSecret: string; readonly createdAt: Date }): Promise<unknown> =>
      database.organization(organizationId, (transaction) => transaction.webhook.upsert({ where: { organizationId }, create: { organizationId, ...row }, update: row })),

    deleteWebhook: (organizationId: Id<"organization">): Promise<unknown> => database.organization(organizationId, (transaction) => transaction.webhook.deleteMany({ where: { organizationId } })),
  }
}

export type AlertsRepository = ReturnType<typeof createAlertsRepository>

/** Keys that replaced each other share one budget under the first one's id, so a key's owner is the first one's. */
const REACHED = `
  WITH newest AS (
    SELECT DISTINCT ON (quota.id) quota.id AS quota_id, quota.organization_id, quota.scope, quota.scope_id, quota."window", quota."limit", w.window_start, w.used
      FROM quota JOIN quota_window w ON w.quota_id = quota.id
     WHERE quota.unit = 'nanoUsd' AND quota.disabled_at IS NULL AND quota.organization_id IS NOT NULL AND quota."limit" > 0
       AND quota.scope = ANY($4::quota_scope[]) AND (w.window_start >= $2 OR quota."window" = 'total')
     ORDER BY quota.id, w.window_start DESC)
  SELECT newest.quota_id, newest.organization_id, newest.scope, newest."window", newest.window_start, newest."limit", newest.used, person.email AS member_email
    FROM newest
    LEFT JOIN api_key ON newest.scope = 'key' AND api_key.id = newest.scope_id
    LEFT JOIN membership ON membership.id = CASE newest.scope WHEN 'member' THEN newest.scope_id WHEN 'key' THEN api_key.membership_id END AND membership.removed_at IS NULL
    LEFT JOIN app_user person ON person.id = membership.user_id AND person.disabled_at IS NULL
   WHERE newest.used * 100 >= newest."limit" * $1
     AND NOT EXISTS (
       SELECT FROM alert WHERE alert.quota_id = newest.quota_id AND alert.window_start = newest.window_start AND alert.threshold = $1 AND alert."limit" = newest."limit")
   ORDER BY newest.quota_id
   LIMIT $3`

const TAKE_DUE = `
  WITH due AS (
    SELECT id FROM alert_delivery WHERE next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED),
  taken AS (
    UPDATE alert_delivery SET attempts = attempts + 1, next_attempt_at = $2 FROM due WHERE alert_delivery.id = due.id RETURNING alert_delivery.*)
  SELECT taken.id, taken.alert_id, taken.channel, taken.target, taken.attempts, alert.threshold, alert."limit", alert.used, alert.created_at, alert.window_start,
         quota."window", quota.scope, coalesce(project.name, person.name, person.email, api_key.name) AS name,
         organization.id AS organization_id, organization.slug, organization.name AS organization_name, organization.time_zone,
         webhook.url AS webhook_url, webhook.sealed_secret
    FROM taken
    JOIN alert ON alert.id = taken.alert_id
    JOIN quota ON quota.id = alert.quota_id
    JOIN organization ON organization.id = taken.organization_id
    LEFT JOIN webhook ON webhook.organization_id = taken.organization_id
    LEFT JOIN project ON quota.scope = 'project' AND project.id = quota.scope_id
    LEFT JOIN api_key ON quota.scope = 'key' AND api_key.id = quota.scope_id
    LEFT JOIN membership ON quota.scope = 'member' AND membership.id = quota.scope_id
    LEFT JOIN app_user person ON person.id = membership.user_id
   ORDER BY taken.id`

type DueRow = {
  id: Id<"delivery">
  alert_id: Id<"alert">
  channel: "mail" | "webhook"
  target: string
  attempts: number
  threshold: number
  limit: string
  used: string
  created_at: Date
  window_start: Date
  window: QuotaWindowKind
  scope: QuotaScope
  name: string | null
  organization_id: Id<"organization">
  slug: string
  organization_name: string
  time_zone: string
  webhook_url: string | null
  sealed_secret: string | null
}

const dueOf = (row: DueRow): DueDelivery => ({
  id: row.id,
  alertId: row.alert_id,
  channel: row.channel,
  target: row.target,
  attempts: row.attempts,
  threshold: row.threshold,
  limit: BigInt(row.limit),
  used: BigInt(row.used),
  createdAt: row.created_at,
  windowStart: row.window_start,
  window: row.window,
  scope: row.scope,
  name: row.name,
  organization: { id: row.organization_id, slug: row.slug, name: row.organization_name, timeZone: row.time_zone },
  webhook: row.webhook_url === null || row.sealed_secret === null ? null : { url: row.webhook_url, sealedSecret: row.sealed_secret },
})
