import type { z } from "zod"
import { type BudgetsService, type BudgetState, limitsOf } from "#lib/features/budgets/index.ts"
import type { Member } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { FillRandom, Id, NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { mayCreateKeys, mayCreateOrganizationKeys, mayRevokeKey, mayRotateKey, maySeeAllKeys, mayUpdateKey } from "./policy.ts"
import { endKeyBy, insertKey, type KeyRow, type KeysRepository, writeKeyBudget, writeKeyLimits, writeKeySettings } from "./repository.ts"
import type { createKeyInput, KeyLimits, listKeysInput, ParameterPolicy, revokeKeyInput, rotateKeyInput, updateKeyInput } from "./schema.ts"
import { displayPrefix, newSecret } from "./secret.ts"

/** A key as its page shows it; plain data for the browser. Times are epoch milliseconds. */
export type KeyView = {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly test: boolean
  readonly state: "live" | "expired" | "revoked"
  /** The member whose key it is; null: the organization's. */
  readonly owner: string | null
  readonly isOwn: boolean
  readonly project: { readonly id: string; readonly name: string } | null
  /** Public model names; empty: all. */
  readonly models: readonly string[]
  readonly parameters: ParameterPolicy
  readonly limits: KeyLimits
  readonly budget: BudgetState | null
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  readonly revokedAtMs: number | null
  readonly lastUsedAtMs: number | null
  readonly rotatedFromId: string | null
  readonly managedBy: string | null
  readonly may: { readonly update: boolean; readonly rotate: boolean; readonly revoke: boolean }
}

/** `given`: without the demo key. Times are epoch milliseconds; null: no live key was used yet. */
export type KeySummary = { readonly live: number; readonly given: number; readonly lastUsedAtMs: number | null }

export type KeyPage = { readonly keys: readonly KeyView[]; readonly nextAfter: string | null }

/** The secret leaves the server here and never again. `models` empty: all. */
export type MadeKey = { readonly id: Id<"key">; readonly name: string; readonly secret: string; readonly test: boolean; readonly models: readonly string[] }

export type KeysDependencies = {
  readonly repository: KeysRepository
  readonly budgets: Pick<BudgetsService, "ofKeys">
  readonly clock: Clock
  readonly newId: NewId
  readonly fillRandom: FillRandom
  /** The hash under the current pepper. */
  readonly hashSecret: (secret: string) => string
}

export const KEYS_PAGE_ROWS = 50
/** Keys that are neither revoked nor expired, per organization. */
const LIVE_KEYS_MAX = 5_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export function createKeysService(deps: KeysDependencies) {
  const { repository, budgets, clock, newId, fillRandom, hashSecret } = deps
  const now = () => new Date(clock.now())
  const daysFromNow = (days: number) => new Date(clock.now() + days * DAY_MS)
  const stamp = () => ({ now: now(), managedBy: null, quotaId: () => newId("quota") })

  const makeSecret = (test: boolean) => {
    const secret = newSecret(fillRandom, { test })
    return { secret, secretHash: hashSecret(secret), prefix: displayPrefix(secret) }
  }

  async function views(actor: Member, rows: readonly KeyRow[]): Promise<readonly KeyView[]> {
    const state = await budgets.ofKeys(actor, [...new Set(rows.map(limitsOf))])
    return rows.map((row) => toView(row, state.get(limitsOf(row)) ?? null, actor, clock.now()))
  }

  /** The key where the actor may do this with it. What they may not see, and what is not theirs to change, does not exist. */
  async function find(actor: Member, keyId: string, may: (member: Member, key: KeyRow) => boolean): Promise<Result<KeyRow, FeatureError>> {
    const row = await repository.find(actor.organizationId, keyId)
    if (row === null || !may(actor, row)) return err(notFound)
    return row.managedBy === null ? ok(row) : err({ kind: "managed", key: "managed", params: { file: row.managedBy } })
  }

  const projectExists = async (actor: Member, projectId: string | null) =>
    projectId === null || (await repository.projects(actor.organizationId)).some(({ id }) => id === projectId)

  return {
    /** One page of keys, newest first: everybody's for admins, else the actor's own. Of `q`, those that it finds. */
    async list(actor: Member, { after, state, q: search }: z.output<typeof listKeysInput>): Promise<KeyPage> {
      const membershipId = maySeeAllKeys(actor) ? null : actor.membershipId
      const rows = await repository.list(actor.organizationId, { membershipId, after: after ?? null, state, search, now: now(), limit: KEYS_PAGE_ROWS + 1 })
      const page = rows.slice(0, KEYS_PAGE_ROWS)
      return { keys: await views(actor, page), nextAfter: rows.length > page.length ? (page.at(-1)?.id ?? null) : null }
    },

    /** How many live keys the actor may see, and when one of them was last used. */
    async summary(actor: Member): Promise<KeySummary> {
      const membershipId = maySeeAllKeys(actor) ? null : actor.membershipId
      const { live, given, lastUsedAt } = await repository.summarize(actor.organizationId, membershipId, now())
      return { live, given, lastUsedAtMs: lastUsedAt?.getTime() ?? null }
    },

    /** Projects that a key may belong to. */
    projects: (actor: Member): Promise<readonly { readonly id: string; readonly name: string }[]> => repository.projects(actor.organizationId),

    /** Names of the models that a key of the organization could be allowed. */
    models: (actor: Member): Promise<readonly string[]> => repository.systemModelNames(actor.organizationId),

    /** Makes a key and answers its secret, this once. */
    async create(actor: Member, input: z.output<typeof createKeyInput>): Promise<Result<MadeKey, FeatureError>> {
      const { settings, owner, isTest, expiry } = input
      if (!mayCreateKeys(actor) || (owner === "organization" && !mayCreateOrganizationKeys(actor))) return err(notFound)
      if (!(await projectExists(actor, settings.projectId))) return err({ kind: "invalid", key: "keys.unknownProject", field: "projectId" })
      if ((await repository.countLive(actor.organizationId, now())) >= LIVE_KEYS_MAX) return err({ kind: "conflict", key: "keys.tooMany", params: { maximum: LIVE_KEYS_MAX } })
      const id = newId("key")
      const { secret, ...stored } = makeSecret(isTest)
      await repository.transaction(actor.organizationId, async (transaction) => {
        await insertKey(transaction, actor.organizationId, {
          id,
          ...stored,
          membershipId: owner === "organization" ? null : actor.membershipId,
          projectId: settings.projectId,
          name: settings.name,
          test: isTest,
          allowedModels: settings.models,
          parameters: settings.parameters,
          limits: settings.limits,
          createdAt: now(),
          expiresAt: expiry === "never" ? null : daysFromNow(expiry),
          rotatedFromId: null,
          limitsOfId: null,
          managedBy: null,
        })
        await writeKeyLimits(transaction, actor.organizationId, id, settings.limits, stamp())
        await writeKeyBudget(transaction, actor.organizationId, id, settings.budget, stamp())
      })
      return ok({ id, name: settings.name, secret, test: isTest, models: settings.models })
    },

    async update(actor: Member, { keyId, settings, expiry }: z.output<typeof updateKeyInput>): Promise<Result<null, FeatureError>> {
      const found = await find(actor, keyId, mayUpdateKey)
      if (!found.ok) return found
      if (stateOf(found.value, clock.now()) !== "live") return err({ kind: "conflict", key: "keys.notLive" })
      if (!(await projectExists(actor, settings.projectId))) return err({ kind: "invalid", key: "keys.unknownProject", field: "projectId" })
      await repository.transaction(actor.organizationId, async (transaction) => {
        await writeKeySettings(transaction, actor.organizationId, found.value, settings, stamp())
        if (expiry !== "keep") await repository.setExpiry(transaction, actor.organizationId, keyId, expiry === "never" ? null : daysFromNow(expiry))
      })
      return ok(null)
    },

    /** Ends a key for good: refused by every process within a second. */
    async revoke(actor: Member, { keyId }: z.output<typeof revokeKeyInput>): Promise<Result<null, FeatureError>> {
      const found = await find(actor, keyId, mayRevokeKey)
      if (!found.ok) return found
      await repository.revoke(actor.organizationId, keyId, now())
      return ok(null)
    },

    /** Makes a successor with the same rights, limits and budget; the old secret goes on working for the overlap. */
    async rotate(actor: Member, { keyId, overlapHours }: z.output<typeof rotateKeyInput>): Promise<Result<MadeKey, FeatureError>> {
      const found = await find(actor, keyId, mayRotateKey)
      if (!found.ok) return found
      const old = found.value
      if (stateOf(old, clock.now()) !== "live") return err({ kind: "conflict", key: "keys.notLive" })
      const id = newId("key")
      const { secret, ...stored } = makeSecret(old.test)
      await repository.transaction(actor.organizationId, async (transaction) => {
        const { requestsPerMinute, tokensPerMinute, concurrent, membershipId, projectId, name, test, allowedModels, parameters, expiresAt } = old
        await insertKey(transaction, actor.organizationId, {
          id,
          ...stored,
          membershipId,
          projectId,
          name,
          test,
          allowedModels,
          parameters,
          limits: { requestsPerMinute, tokensPerMinute, concurrent },
          createdAt: now(),
          expiresAt,
          rotatedFromId: old.id,
          limitsOfId: limitsOf(old),
          managedBy: null,
        })
        await endKeyBy(transaction, actor.organizationId, old.id, new Date(clock.now() + overlapHours * HOUR_MS))
      })
      return ok({ id, name: old.name, secret, test: old.test, models: old.allowedModels })
    },
  }
}

export type KeysService = ReturnType<typeof createKeysService>

function stateOf(row: Pick<KeyRow, "revokedAt" | "expiresAt">, nowMs: number): KeyView["state"] {
  if (row.revokedAt !== null) return "revoked"
  return row.expiresAt !== null && row.expiresAt.getTime() <= nowMs ? "expired" : "live"
}

function toView(row: KeyRow, budget: BudgetState | null, actor: Member, nowMs: number): KeyView {
  const state = stateOf(row, nowMs)
  const isOpen = state === "live" && row.managedBy === null
  const user = row.membership?.user
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    test: row.test,
    state,
    owner: user === undefined ? null : (user.name ?? user.email),
    isOwn: row.membershipId === actor.membershipId,
    project: row.projectId === null || row.project === null ? null : { id: row.projectId, name: row.project.name },
    models: row.allowedModels,
    parameters: row.parameters,
    limits: { requestsPerMinute: row.requestsPerMinute, tokensPerMinute: row.tokensPerMinute, concurrent: row.concurrent },
    budget,
    createdAtMs: row.createdAt.getTime(),
    expiresAtMs: row.expiresAt?.getTime() ?? null,
    revokedAtMs: row.revokedAt?.getTime() ?? null,
    lastUsedAtMs: row.lastUsedAt?.getTime() ?? null,
    rotatedFromId: row.rotatedFromId,
    managedBy: row.managedBy,
    may: { update: isOpen && mayUpdateKey(actor, row), rotate: isOpen && mayRotateKey(actor, row), revoke: isOpen && mayRevokeKey(actor, row) },
  }
}
