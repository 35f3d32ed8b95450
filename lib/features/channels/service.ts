import { readCredential, shownPart } from "#lib/catalog/credentials.ts"
import type { Endpoints, Settings } from "#lib/catalog/provider.ts"
import type { UpstreamPort } from "#lib/gateway/ports.ts"
import type { Actor, Program } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { canonical, channelOf, credentialsOf, isSame, providerOf } from "./channel-write.ts"
import { type ConnectionResult, testConnection } from "./connection-test.ts"
import { mayChange, mayManageChannels } from "./policy.ts"
import { describePlan, type PlanView } from "./plan-views.ts"
import { planLimit, type PlanWindow } from "./plan-windows.ts"
import type { ChannelRow, ChannelsRepository, ModelRow } from "./repository.ts"
import type { ChannelInput, CreateChannelInput, UpdateChannelInput } from "./schema.ts"
import { type ChannelDetail, type ChannelSummary, describeChannel, summarizeChannel } from "./views.ts"

/** Seals and opens credentials (lib/adapters/sealing.ts). */
export type CredentialSealer = { seal(rowId: string, text: string): string; open(rowId: string, sealed: string): string }

type Dependencies = {
  readonly repository: ChannelsRepository
  readonly sealer: CredentialSealer
  readonly upstream: UpstreamPort
  readonly clock: Clock
  readonly newId: NewId
}

/** `channelId` null: a dialect did not answer as it should, and nothing was kept. */
export type TestedSave = { readonly channelId: Id<"channel"> | null; readonly results: readonly ConnectionResult[] }

export type Reconciled = "created" | "updated" | "unchanged"

/** No window of a plan is longer than a month. */
const PLAN_WINDOW_MS_MAX = 32 * 86_400_000

const monthStart = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))

/** Channels of the installation: what upstreams there are, with which credentials, for which models. */
export function createChannelsService({ repository, sealer, upstream, clock, newId }: Dependencies) {
  const now = () => new Date(clock.now())

  const sealed = (secret: string) => {
    const id = newId("credential")
    return { id, sealed: sealer.seal(id, secret), lastFour: lastFourOf(secret), createdAt: now() }
  }

  const modelRows = (models: ChannelInput["models"]): ModelRow[] => models.map((model) => ({ id: newId("channelModel"), ...model }))

  const setWindows = (id: Id<"credential">, windows: readonly PlanWindow[]) =>
    repository.systemSetWindows(id, windows, windows.map((window) => ({ id: newId("quota"), ...planLimit(window) })), now())

  /** The channel, if the actor may see it; and may change it, where that is asked. */
  async function find(actor: Actor, id: string, change: boolean): Promise<Result<ChannelRow, FeatureError>> {
    if (!mayManageChannels(actor)) return err(notFound)
    const row = await repository.systemFind(id)
    if (row === null) return err(notFound)
    return change && !mayChange(actor, row.managedBy) ? err(managed(row.managedBy)) : ok(row)
  }

  /** The first enabled secret; null where the channel has none. */
  function firstSecret(row: ChannelRow): Result<string | null, FeatureError> {
    const credential = row.credentials.find(({ disabledAt }) => disabledAt === null)
    if (credential === undefined) return ok(null)
    try {
      return ok(sealer.open(credential.id, credential.sealed))
    } catch {
      return err({ kind: "unavailable", key: "channels.credentialUnreadable", params: { lastFour: credential.lastFour } })
    }
  }

  async function create(actor: Actor, input: CreateChannelInput): Promise<Result<{ readonly channelId: Id<"channel"> }, FeatureError>> {
    if (!mayManageChannels(actor)) return err(notFound)
    const channel = channelOf(input, managerOf(actor))
    if (!channel.ok) return channel
    const credentials = credentialsOf(input.provider, input.credentials, "credentials")
    if (!credentials.ok) return credentials
    const id = newId("channel")
    const created = await repository.systemCreate(id, channel.value, modelRows(input.models), credentials.value.map(sealed), now())
    return created ? ok({ channelId: id }) : err(nameTaken(input.name))
  }

  async function update(actor: Actor, { channelId, ...input }: UpdateChannelInput): Promise<Result<null, FeatureError>> {
    const found = await find(actor, channelId, true)
    if (!found.ok) return found
    const channel = channelOf(input, managerOf(actor))
    if (!channel.ok) return channel
    const updated = await repository.systemUpdate(found.value.id as Id<"channel">, channel.value, modelRows(input.models))
    return updated ? ok(null) : err(nameTaken(input.name))
  }

  /** A real small call with what a form holds, before anything is kept. */
  async function testDraft(actor: Actor, input: CreateChannelInput): Promise<Result<readonly ConnectionResult[], FeatureError>> {
    if (!mayManageChannels(actor)) return err(notFound)
    const channel = channelOf(input, null)
    if (!channel.ok) return channel
    const credentials = credentialsOf(input.provider, input.credentials, "credentials")
    if (!credentials.ok) return credentials
    const { providerId, endpoints, settings, allowPrivateNetwork } = channel.value
    const draft = { provider: providerOf(providerId), endpoints, settings, secret: credentials.value[0] ?? null, upstreamModels: input.models.map(({ upstream: name }) => name), allowPrivateNetwork }
    return ok(await testConnection({ upstream, clock }, draft))
  }

  /** A real small call with what a channel holds, or would hold after the given change; its outcome becomes the channel's state. */
  async function test(actor: Actor, input: { readonly channelId: string; readonly change?: ChannelInput }): Promise<Result<readonly ConnectionResult[], FeatureError>> {
    const found = await find(actor, input.channelId, false)
    if (!found.ok) return found
    const row = found.value
    const changed = input.change === undefined ? null : channelOf(input.change, null)
    if (changed?.ok === false) return changed
    const secret = firstSecret(row)
    if (!secret.ok) return secret
    const models = changed === null || changed.value.models.length === 0 ? row.models : changed.value.models
    const results = await testConnection(
      { upstream, clock },
      {
        provider: providerOf(changed?.value.providerId ?? row.providerId),
        endpoints: changed?.value.endpoints ?? (row.endpoints as Endpoints),
        settings: changed?.value.settings ?? (row.settings as Settings),
        secret: secret.value,
        upstreamModels: models.map((model) => model.upstream),
        allowPrivateNetwork: changed?.value.allowPrivateNetwork ?? row.allowPrivateNetwork,
      },
    )
    const failure = results.find((result) => !result.ok)
    if (changed === null) await repository.systemRecordOutcome(row.id as Id<"channel">, { at: now(), error: failure === undefined ? null : summaryOf(failure) })
    return ok(results)
  }

  return {
    async list(actor: Actor): Promise<Result<readonly ChannelSummary[], FeatureError>> {
      if (!mayManageChannels(actor)) return err(notFound)
      return ok((await repository.systemList()).map(summarizeChannel))
    },

    async get(actor: Actor, id: string): Promise<Result<ChannelDetail, FeatureError>> {
      const found = await find(actor, id, false)
      return found.ok ? ok(describeChannel(found.value)) : found
    },

    create,

    update,

    async setEnabled(actor: Actor, input: { readonly channelId: string; readonly enabled: boolean }): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.channelId, true)
      if (!found.ok) return found
      await repository.systemSetEnabled(found.value.id as Id<"channel">, input.enabled)
      return ok(null)
    },

    async remove(actor: Actor, input: { readonly channelId: string }): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.channelId, true)
      if (!found.ok) return found
      await repository.systemDelete(found.value.id as Id<"channel">, now())
      return ok(null)
    },

    async addCredential(actor: Actor, input: { readonly channelId: string; readonly secret: string }): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.channelId, true)
      if (!found.ok) return found
      const given = credentialsOf(found.value.providerId, [input.secret], "secret")
      if (!given.ok) return given
      for (const secret of given.value) {
        if (found.value.credentials.some((credential) => credential.disabledAt === null && opens(sealer, credential, secret))) {
          return err({ kind: "conflict", key: "channels.credentialTwice", field: "secret" })
        }
        await repository.systemAddCredential(found.value.id as Id<"channel">, sealed(secret))
      }
      return ok(null)
    },

    async setCredentialEnabled(actor: Actor, input: { readonly channelId: string; readonly credentialId: string; readonly enabled: boolean }): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.channelId, true)
      if (!found.ok) return found
      const known = await repository.systemSetCredentialDisabled(found.value.id as Id<"channel">, input.credentialId as Id<"credential">, input.enabled ? null : now())
      return known ? ok(null) : err(notFound)
    },

    testDraft,
    test,

    /** Creates a channel once every dialect has answered a real call, or at once where the person says so (`anyway`). */
    async createTested(actor: Actor, input: CreateChannelInput, anyway: boolean): Promise<Result<TestedSave, FeatureError>> {
      const tested = anyway ? ok([]) : await testDraft(actor, input)
      if (!tested.ok) return tested
      if (tested.value.some((result) => !result.ok)) return ok({ channelId: null, results: tested.value })
      const created = await create(actor, input)
      if (!created.ok) return created
      if (!anyway) await repository.systemRecordOutcome(created.value.channelId, { at: now(), error: null })
      return ok({ ...created.value, results: tested.value })
    },

    /** The same for a change. */
    async updateTested(actor: Actor, input: UpdateChannelInput, anyway: boolean): Promise<Result<TestedSave, FeatureError>> {
      const tested = anyway ? ok([]) : await test(actor, { channelId: input.channelId, change: input })
      if (!tested.ok) return tested
      if (tested.value.some((result) => !result.ok)) return ok({ channelId: null, results: tested.value })
      const updated = await update(actor, input)
      if (!updated.ok) return updated
      const channelId = input.channelId as Id<"channel">
      if (!anyway) await repository.systemRecordOutcome(channelId, { at: now(), error: null })
      return ok({ channelId, results: tested.value })
    },

    /**
     * Brings the channel of this name to what a file says of it: made, changed, or left alone. Credentials that the file no longer
     * names are disabled, new ones are added; equal ones are recognized and stay.
     */
    async reconcile(actor: Program, input: CreateChannelInput): Promise<Result<{ readonly channelId: Id<"channel">; readonly outcome: Reconciled }, FeatureError>> {
      const row = await repository.systemFindByName(input.name)
      if (row === null) {
        const created = await create(actor, input)
        return created.ok ? ok({ ...created.value, outcome: "created" }) : created
      }
      const id = row.id as Id<"channel">
      const channel = channelOf(input, managerOf(actor))
      if (!channel.ok) return channel
      const credentials = credentialsOf(input.provider, input.credentials, "credentials")
      if (!credentials.ok) return credentials
      let changed = !isSame(row, channel.value)
      if (changed) await repository.systemUpdate(id, channel.value, modelRows(input.models))
      for (const credential of row.credentials) {
        const wanted = credentials.value.some((secret) => opens(sealer, credential, secret))
        if (wanted === (credential.disabledAt === null)) continue
        changed = true
        await repository.systemSetCredentialDisabled(id, credential.id as Id<"credential">, wanted ? null : now())
      }
      for (const secret of new Set(credentials.value)) {
        if (row.credentials.some((credential) => opens(sealer, credential, secret))) continue
        changed = true
        await repository.systemAddCredential(id, sealed(secret))
      }
      return ok({ channelId: id, outcome: changed ? "updated" : "unchanged" })
    },

    /** Brings the plan windows of the channel's credential with this secret to what a file says. True where they differed. */
    async reconcileWindows(_actor: Program, channelId: Id<"channel">, secret: string, windows: readonly PlanWindow[]): Promise<boolean> {
      const row = await repository.systemFind(channelId)
      const given = row === null ? null : readCredential(providerOf(row.providerId), secret)
      const credential = given?.ok === true ? row?.credentials.find((candidate) => opens(sealer, candidate, given.value)) : undefined
      if (credential === undefined || canonical(credential.windows) === canonical(windows)) return false
      await setWindows(credential.id as Id<"credential">, windows)
      return true
    },

    /** The plan windows of a channel's keys with what was used, and what the plan saved this month. Null: no key has a plan. */
    async plan(actor: Actor, id: string): Promise<Result<PlanView | null, FeatureError>> {
      const found = await find(actor, id, false)
      if (!found.ok) return found
      const row = found.value
      if (!(providerOf(row.providerId).codingPlan ?? false) && row.credentials.every(({ windows, exhaustedUntil }) => canonical(windows) === "[]" && exhaustedUntil === null)) return ok(null)
      const at = now()
      const [quotas, savedNanoUsd] = await Promise.all([
        repository.systemListPlanQuotas(row.credentials.map((credential) => credential.id), new Date(at.getTime() - PLAN_WINDOW_MS_MAX)),
        repository.systemSumPlanValue(row.id as Id<"channel">, monthStart(at)),
      ])
      return ok(describePlan(row, quotas, savedNanoUsd, at.getTime()))
    },

    async setPlanWindows(actor: Actor, input: { readonly channelId: string; readonly credentialId: string; readonly windows: readonly PlanWindow[] }): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.channelId, true)
      if (!found.ok) return found
      if (!found.value.credentials.some(({ id }) => id === input.credentialId)) return err(notFound)
      await setWindows(input.credentialId as Id<"credential">, input.windows)
      return ok(null)
    },

    /** Calls go to the plan again, whatever its provider said: it may have been topped up. */
    async retryPlan(actor: Actor, input: { readonly channelId: string; readonly credentialId: string }): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.channelId, false)
      if (!found.ok) return found
      const known = await repository.systemClearExhaustion(found.value.id as Id<"channel">, input.credentialId as Id<"credential">)
      return known ? ok(null) : err(notFound)
    },
  }
}

export type ChannelsService = ReturnType<typeof createChannelsService>

const managed = (by: string | null): FeatureError => ({ kind: "managed", key: "managed", params: { file: by ?? "" } })
const nameTaken = (name: string): FeatureError => ({ kind: "conflict", key: "channels.nameTaken", field: "name", params: { name } })
const managerOf = (actor: Actor): string | null => (actor.kind === "program" ? actor.file : null)

const LAST_CHARACTERS = 4
/** Of a secret shorter than this, four characters would be too much of it. */
const SHOWN_SECRET_CHARACTERS_MIN = 12

function lastFourOf(secret: string): string {
  const shown = shownPart(secret)
  return shown.length < SHOWN_SECRET_CHARACTERS_MIN ? "" : shown.slice(-LAST_CHARACTERS)
}

function opens(sealer: CredentialSealer, credential: ChannelRow["credentials"][number], secret: string): boolean {
  try {
    return sealer.open(credential.id, credential.sealed) === secret
  } catch {
    // Sealed with a secret that is lost: it is equal to nothing, and a file that names it again heals it.
    return false
  }
}

/** One line for the channel's state. */
const summaryOf = ({ dialect, status, problem, words }: ConnectionResult): string => [`${dialect.toUpperCase()}: ${status === null ? problem : `HTTP ${status}`}`, words].filter(Boolean).join(" · ")
