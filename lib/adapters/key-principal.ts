import type pg from "pg"
import type { Principal } from "#lib/gateway/types.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { QuotaDefinition, QuotaScope, QuotaUnit, QuotaWindowKind } from "#lib/quota/types.ts"

/** A key as the database has it. */
export type LoadedKey = {
  readonly secretHash: string
  readonly principal: Principal
  /** False: revoked, or its organization disabled, its member removed, its person disabled. Expiry is the reader's to check. */
  readonly usable: boolean
  /** Ids of the key, the one whose limits it shares, the organization, member, project and person: a change of any of them makes this out of date. */
  readonly owners: readonly string[]
}

type KeyRow = {
  readonly secret_hash: string
  readonly id: Id<"key">
  readonly limits_of_id: Id<"key"> | null
  readonly name: string
  readonly organization_id: Id<"organization">
  readonly membership_id: Id<"membership"> | null
  readonly project_id: Id<"project"> | null
  readonly user_id: Id<"user"> | null
  readonly kind: "internal" | "customer"
  readonly time_zone: string
  readonly stores_responses: boolean
  readonly plan_id: Id<"plan"> | null
  readonly allowance_renews_at: Date | null
  readonly allowed_models: readonly string[]
  readonly parameters: "lenient" | "strict"
  readonly test: boolean
  readonly expires_at: Date | null
  readonly usable: boolean
  readonly quotas: readonly QuotaRow[]
}

type QuotaRow = {
  readonly id: Id<"quota">
  readonly scope: QuotaScope
  readonly scopeId: string
  readonly unit: QuotaUnit
  readonly window: QuotaWindowKind
  readonly windowSeconds: number | null
  /** A decimal string: JSON numbers end at 2^53. */
  readonly limit: string
}

/**
 * The key and every quota of a call with it, in one statement. The sandbox's pretend costs must not eat what real calls may spend,
 * so of the money a test key meets only its own budget.
 */
const LOAD_KEY = `
  SELECT k.secret_hash, k.id, k.limits_of_id, k.name, k.organization_id, k.membership_id, k.project_id, m.user_id, o.kind, o.time_zone, o.stores_responses, s.plan_id,
         CASE WHEN s.renews AND s.allowance_nano_usd > 0 THEN s.period_end END AS allowance_renews_at,
         k.allowed_models, k.parameters, k.test, k.expires_at,
         (k.revoked_at IS NULL AND o.disabled_at IS NULL AND m.removed_at IS NULL AND u.disabled_at IS NULL) AS usable,
         (SELECT coalesce(json_agg(json_build_object('id', q.id, 'scope', q.scope, 'scopeId', q.scope_id, 'unit', q.unit,
                                                     'window', q."window", 'windowSeconds', q.window_seconds, 'limit', q."limit"::text)
                                   ORDER BY q.id), '[]')
            FROM (VALUES ('wallet', o.id), ('organization', o.id), ('project', k.project_id), ('member', k.membership_id), ('key', coalesce(k.limits_of_id, k.id)))
                   AS applies (scope, scope_id)
            JOIN quota AS q ON q.scope = applies.scope::quota_scope AND q.scope_id = applies.scope_id
           WHERE q.disabled_at IS NULL AND NOT (k.test AND q.unit = 'nanoUsd' AND q.scope <> 'key')) AS quotas
    FROM api_key AS k
    JOIN organization AS o ON o.id = k.organization_id
    LEFT JOIN subscription AS s ON s.organization_id = o.id
    LEFT JOIN membership AS m ON m.id = k.membership_id
    LEFT JOIN app_user AS u ON u.id = m.user_id
   WHERE k.secret_hash = ANY($1)`

/** Reads the key whose secret has one of these hashes; null where there is none. The client must act for the system. */
export async function loadKey(client: pg.ClientBase, secretHashes: readonly string[]): Promise<LoadedKey | null> {
  const { rows } = await client.query<KeyRow>(LOAD_KEY, [secretHashes])
  const [row] = rows
  if (row === undefined) return null
  const owners = [row.id, row.limits_of_id, row.organization_id, row.membership_id, row.project_id, row.user_id]
  return { secretHash: row.secret_hash, principal: toPrincipal(row), usable: row.usable, owners: owners.filter((owner) => owner !== null) }
}

function toPrincipal(row: KeyRow): Principal {
  return {
    keyId: row.id,
    keyName: row.name,
    organizationId: row.organization_id,
    organizationKind: row.kind,
    membershipId: row.membership_id,
    projectId: row.project_id,
    timeZone: row.time_zone,
    allowedModels: row.allowed_models.length === 0 ? null : new Set(row.allowed_models),
    parameters: row.parameters,
    test: row.test,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    seesChannel: row.kind === "internal",
    planId: row.plan_id,
    allowanceRenewsAtMs: row.allowance_renews_at?.getTime() ?? null,
    storesResponses: row.stores_responses,
    quotas: row.quotas.map((quota) => toQuota(quota, row)),
  }
}

const toQuota = (quota: QuotaRow, { time_zone, organization_id }: KeyRow): QuotaDefinition => ({
  ...quota,
  limit: BigInt(quota.limit),
  timeZone: time_zone,
  organizationId: organization_id,
})
