import { findCatalogModel, SANDBOX_MODEL } from "#lib/catalog/models.ts"
import type { Endpoints, ProviderDefinition, Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ChannelConfig, CredentialConfig, GatewayConfig, PublicModel, Target } from "#lib/gateway/types.ts"
import { type Id, isId } from "#lib/kernel/ids.ts"
import type { QuotaDefinition } from "#lib/quota/types.ts"
import { type Buyer, createPriceBook, type PriceBook, type PriceRule } from "#lib/ledger/price-resolution.ts"
import type { Database, Transaction } from "./database.ts"
import { readAllPriceRules } from "./database-prices.ts"
import type { Sealer } from "./sealing.ts"
import { type InstallationSearch, openSearch, readSearchSetting, searchedFor, type SearchSetting } from "./database-search.ts"

/** Channel id under which calls of test keys are written down. No row stands behind it. */
export const SANDBOX_CHANNEL: Id<"channel"> = "chan_sandbox"

type Log = (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void

type Options = {
  readonly database: Database
  readonly sealer: Sealer
  readonly now: () => number
  readonly log: Log
}

type ChannelRow = Awaited<ReturnType<typeof readChannels>>[number]

/**
 * Reads channels, credentials (opened), models, price rules and plans into one snapshot, as of now. A credential that does not open is
 * left out and logged by its id; the channel's other credentials go on serving.
 */
export async function loadGatewayConfig({ database, sealer, now, log }: Options): Promise<GatewayConfig> {
  const atMs = now()
  const { channels, quotas, described, rules, plans, subscriptions, setting } = await database.system(async (transaction) => {
    const rules = await readAllPriceRules(transaction)
    return {
      channels: await readChannels(transaction),
      quotas: await readPlanQuotas(transaction),
      described: await transaction.model.findMany(),
      rules,
      plans: await transaction.plan.findMany({ select: { id: true, markupPpm: true, models: true } }),
      subscriptions: await transaction.subscription.findMany({ where: { organizationId: { in: ownersOf(rules) } }, select: { organizationId: true, planId: true } }),
      setting: await readSearchSetting(transaction),
    }
  })
  const book = createPriceBook(rules)
  const served = channels.flatMap((row): Served[] => {
    const channel = configOf(row, quotas, sealer, log)
    return channel === null ? [] : [{ row, channel }]
  })
  const search = searchOf(setting, sealer, log)
  const market = { book, served, descriptions: new Map(described.map((model) => [model.name, model])), atMs, search }
  const validUntilMs = book.nextChangeMs(atMs)
  const snapshotFor = (terms: Terms | null): GatewayConfig => ({ models: modelsFor(market, terms), terms: new Map(), validUntilMs, ...(search !== null && { search: search.search }) })
  const terms = termsOf(plans, subscriptions, ownersOf(rules))
  return { ...snapshotFor(null), terms: new Map(terms.map(([id, own]) => [id, snapshotFor(own)])) }
}

type Served = { readonly row: ChannelRow; readonly channel: ChannelConfig }
type Described = { readonly enabled: boolean; readonly contextTokens: number | null; readonly outputTokensMax: number | null; readonly createdAt: Date }
type Market = { readonly book: PriceBook; readonly served: readonly Served[]; readonly descriptions: ReadonlyMap<string, Described>; readonly atMs: number; readonly search: InstallationSearch | null }

/** Null: there is none, or its secret does not open; then the gateway is as without one. */
function searchOf(setting: SearchSetting | null, sealer: Sealer, log: Log): InstallationSearch | null {
  try {
    return setting === null ? null : openSearch(setting, sealer)
  } catch (error) {
    log("error", "search.unreadable", { detail: error instanceof Error ? error.message : String(error) })
    return null
  }
}

/** Own terms: which models, and at which prices. `models` null: all. */
type Terms = Buyer & { readonly models: ReadonlySet<string> | null }
type PlanTerms = { readonly id: string; readonly markupPpm: number | null; readonly models: readonly string[] }

const ownersOf = (rules: readonly PriceRule[]): string[] => [...new Set(rules.flatMap((rule) => rule.ownerId ?? []))]

/** The terms of each plan that has any, and of each organization with prices of its own, by their ids. */
function termsOf(plans: readonly PlanTerms[], subscriptions: readonly { readonly organizationId: string; readonly planId: string }[], owners: readonly string[]): readonly (readonly [string, Terms])[] {
  const byId = new Map(
    plans.map((plan): [string, Terms] => [plan.id, { ownerIds: [plan.id], markupPpm: plan.markupPpm, models: plan.models.length === 0 ? null : new Set(plan.models) }]),
  )
  const planOf = new Map(subscriptions.map(({ organizationId, planId }) => [organizationId, byId.get(planId)]))
  const organizations = owners.filter((owner) => isId("organization", owner)).map((owner): [string, Terms] => {
    const plan = planOf.get(owner)
    return [owner, { ownerIds: [owner, ...(plan?.ownerIds ?? [])], markupPpm: plan?.markupPpm ?? null, models: plan?.models ?? null }]
  })
  const differs = ([id, { markupPpm, models }]: [string, Terms]) => markupPpm !== null || models !== null || owners.includes(id)
  return [...[...byId].filter(differs), ...organizations]
}

function modelsFor({ book, served, descriptions, atMs, search }: Market, terms: Terms | null): ReadonlyMap<string, PublicModel> {
  const buyer = terms ?? undefined
  const models = new Map<string, PublicModel>()
  if (terms?.models?.has(SANDBOX_MODEL) !== false) models.set(SANDBOX_MODEL, sandboxModel(book, atMs))
  for (const { row, channel } of served) {
    for (const { name, upstream } of row.models) {
      const description = descriptions.get(name)
      if (description?.enabled === false || terms?.models?.has(name) === false) continue
      const plain: Target = { channel, upstreamModel: upstream, price: priceOf(book, channel, name, upstream, atMs, buyer) }
      const target = search === null ? plain : searchedFor(plain, search)
      const known = models.get(name)
      if (known !== undefined && name !== SANDBOX_MODEL) models.set(name, { ...known, targets: [...known.targets, target] })
      else if (known === undefined) {
        const listed = findCatalogModel(row.providerId, upstream)
        models.set(name, {
          name,
          contextTokens: description?.contextTokens ?? listed?.context ?? null,
          outputTokensMax: description?.outputTokensMax ?? listed?.output ?? null,
          createdAtMs: (description?.createdAt ?? row.createdAt).getTime(),
          targets: [target],
        })
      }
    }
  }
  return models
}

export type ConfigHolder = {
  /** The snapshot in memory; null before the first one was read. Never waits. */
  current(): GatewayConfig | null
  /** Reads a new snapshot; calls during a reading are answered by one more reading after it. Rejects where the database does not answer. */
  refresh(): Promise<void>
  /** Like `refresh`, but keeps the old snapshot where the reading fails, says so in the log, and tries again after a second. For change feeds. */
  invalidate(): void
  stop(): void
}

const RETRY_MS = 1_000
/** `setTimeout` counts in 32 bits: a later moment is looked at again after 24 days. */
const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * Keeps the newest snapshot: read anew when told that something changed (`invalidate`), and by itself when the next price becomes
 * effective. `load` is `loadGatewayConfig` with its options.
 */
export function createConfigHolder(options: { readonly load: () => Promise<GatewayConfig>; readonly now: () => number; readonly log: Log }): ConfigHolder {
  const { load, now, log } = options
  let config: GatewayConfig | null = null
  let reading: Promise<void> | null = null
  let again: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const wake = (delayMs: number) => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(invalidate, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX)).unref()
  }
  const read = async () => {
    try {
      config = await load()
      clearTimeout(timer)
      if (config.validUntilMs !== null) wake(config.validUntilMs - now())
    } finally {
      reading = null
    }
  }
  const refresh = (): Promise<void> => {
    if (reading === null) return (reading = read())
    // What changed may have been read already by the running reading, or not: only one that starts later is sure to see it.
    again ??= reading.catch(() => {}).then(() => {
      again = null
      return refresh()
    })
    return again
  }
  function invalidate(): void {
    refresh().catch((error: unknown) => {
      log("error", "config.unreadable", { detail: error instanceof Error ? error.message : String(error) })
      wake(RETRY_MS)
    })
  }
  return {
    current: () => config,
    refresh,
    invalidate,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

const readChannels = (transaction: Transaction) =>
  transaction.channel.findMany({
    where: { enabled: true, deletedAt: null },
    include: { models: { orderBy: { name: "asc" } }, credentials: { orderBy: { id: "asc" } } },
    orderBy: [{ priority: "asc" }, { id: "asc" }],
  })

type PlanQuotas = ReadonlyMap<string, readonly QuotaDefinition[]>

/** The windows of coding plans, by credential. */
async function readPlanQuotas(transaction: Transaction): Promise<PlanQuotas> {
  const rows = await transaction.quota.findMany({ where: { scope: "credential", disabledAt: null }, orderBy: { id: "asc" } })
  const definitions = rows.map(({ id, scope, scopeId, unit, window, windowSeconds, limit, anchor }): QuotaDefinition => ({
    id: id as Id<"quota">,
    scope,
    scopeId,
    unit,
    window,
    windowSeconds,
    limit,
    timeZone: "UTC",
    organizationId: null,
    ...(anchor !== null && { anchorMs: anchor.getTime() }),
  }))
  return Map.groupBy(definitions, ({ scopeId }) => scopeId)
}

function configOf(row: ChannelRow, plans: PlanQuotas, sealer: Sealer, log: Log): ChannelConfig | null {
  const provider = findProvider(row.providerId)
  if (provider === null) {
    log("error", "channel.unknownProvider", { channelId: row.id, providerId: row.providerId })
    return null
  }
  const credentials = row.credentials.filter((credential) => credential.disabledAt === null).flatMap((credential) => opened(credential, row.id, plans, sealer, log))
  // Without any credential row the upstream needs none (a local server); with rows, at least one must be usable.
  if (row.credentials.length > 0 && credentials.length === 0) return null
  return {
    id: row.id as Id<"channel">,
    name: row.name,
    providerId: row.providerId,
    organizationId: row.organizationId as Id<"organization"> | null,
    endpoints: row.endpoints as Endpoints,
    auth: credentials.length === 0 ? { default: "none" } : provider.auth,
    credentials,
    priority: row.priority,
    weight: row.weight,
    resale: row.resale,
    codingPlan: provider.codingPlan ?? false,
    allowPrivateNetwork: row.allowPrivateNetwork,
    drop: provider.drop ?? [],
    ...(provider.hosting !== undefined && { cloud: { hosting: provider.hosting, settings: row.settings as Settings } }),
  }
}

function opened(credential: ChannelRow["credentials"][number], channelId: string, plans: PlanQuotas, sealer: Sealer, log: Log): readonly CredentialConfig[] {
  try {
    const windows = plans.get(credential.id) ?? []
    const exhaustedUntilMs = credential.exhaustedUntil?.getTime() ?? null
    const plan = windows.length === 0 && exhaustedUntilMs === null ? undefined : { windows, exhaustedUntilMs }
    return [{ id: credential.id as Id<"credential">, secret: sealer.open(credential.id, credential.sealed), ...(plan !== undefined && { plan }) }]
  } catch (error) {
    log("error", "credential.unreadable", { credentialId: credential.id, channelId, detail: error instanceof Error ? error.message : String(error) })
    return []
  }
}

function priceOf(book: PriceBook, channel: ChannelConfig, model: string, upstream: string, atMs: number, buyer?: Buyer): Target["price"] {
  const price = book.resolve({ channelId: channel.id, providerId: channel.providerId, model, upstream }, atMs, buyer)
  return price === null ? null : { cost: price.cost, sell: price.sell, markupPpm: price.markupPpm }
}

/** The built-in channel that test keys reach; it is always there and cannot be configured. */
function sandboxModel(book: PriceBook, atMs: number): PublicModel {
  const provider = findProvider("sandbox") as ProviderDefinition
  const channel: ChannelConfig = {
    id: SANDBOX_CHANNEL,
    name: provider.name,
    providerId: provider.id,
    organizationId: null,
    endpoints: provider.endpoints,
    auth: provider.auth,
    credentials: [],
    priority: 0,
    weight: 1,
    resale: true,
    codingPlan: false,
    allowPrivateNetwork: false,
    drop: [],
  }
  const listed = findCatalogModel(provider.id, SANDBOX_MODEL)
  return {
    name: SANDBOX_MODEL,
    contextTokens: listed?.context ?? null,
    outputTokensMax: listed?.output ?? null,
    createdAtMs: 0,
    targets: [{ channel, upstreamModel: SANDBOX_MODEL, price: priceOf(book, channel, SANDBOX_MODEL, SANDBOX_MODEL, atMs) }],
  }
}
