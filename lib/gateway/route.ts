import { embedderOf, servesModel } from "#lib/catalog/base-url.ts"
import { guardedFieldsOf } from "#lib/catalog/guarded-around.ts"
import { findCatalogModel, SANDBOX_MODEL } from "#lib/catalog/models.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "#lib/wire/call.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { laneBetween, type LaneOptions, translationOrder } from "#lib/wire/lanes.ts"
import type { OwnLane } from "#lib/wire/raw-lane.ts"
import type { UpstreamLane } from "#lib/wire/upstream-lane.ts"
import type { Breaker } from "./breaker.ts"
import { type Demands, NO_DEMANDS, readDemands, unpricedField, withoutOptional, withSearchRounds } from "./demands.ts"
import { withMeantModel } from "./model-names.ts"
import { type Candidate, type Identified, proven, type Recalled, type Routed } from "./stages.ts"
import type { ChannelConfig, CredentialConfig, GatewayConfig, Principal, PublicModel, Target, TargetPrice } from "./types.ts"
import { unbilledWork } from "./work.ts"
import { attempted, pricesSearches } from "./upstream-request.ts"

const SANDBOX_PROVIDER = "sandbox"

/** What people call the dialects. */
const dialectNames = {
  cc: "OpenAI chat completions",
  rs: "OpenAI responses",
  am: "Anthropic messages",
  gm: "Gemini generateContent",
  br: "Bedrock converse",
} as const satisfies Record<Dialect, string>

const nameOf = ({ dialect, operation }: Pick<OwnLane, "dialect" | "operation">): string => (operation === undefined ? dialectNames[dialect] : `OpenAI ${operation.replaceAll(".", " ")}`)

/**
 * The models that a key may use, by public name: allowed by its policy, with at least one target that it may reach. A test key
 * reaches the sandbox alone, which answers for any name.
 */
export function modelFor(name: string, principal: Principal, config: GatewayConfig): PublicModel | null {
  if (principal.allowedModels !== null && !principal.allowedModels.has(name)) return null
  const model = config.models.get(name)
  if (principal.test) {
    const sandbox = config.models.get(SANDBOX_MODEL)
    if (model !== undefined && model.targets.some((target) => isSandbox(target.channel))) return model
    return sandbox === undefined ? null : { ...sandbox, name, targets: sandbox.targets.map((target) => ({ ...target, upstreamModel: name })) }
  }
  return model !== undefined && model.targets.some((target) => mayReach(principal, target.channel)) ? model : null
}

/** Who may use a channel at all. Customers' traffic is resold, so only channels whose vendor allows that may carry it. */
export function mayReach(principal: Principal, channel: ChannelConfig): boolean {
  if (channel.organizationId !== null && channel.organizationId !== principal.organizationId) return false
  if (principal.test) return isSandbox(channel)
  return channel.resale || principal.organizationKind === "internal"
}

export const isSandbox = (channel: ChannelConfig): boolean => channel.providerId === SANDBOX_PROVIDER

type RouteOptions = { readonly config: GatewayConfig; readonly breaker: Breaker; readonly random: () => number }

/** Finds the ways to answer a call, best first, and says why each other way is none. */
export function route(asked: Recalled, { config, breaker, random }: RouteOptions): Result<Routed, GatewayError> {
  const identified = asked.lane.dialect === "am" ? { ...asked, call: withMeantModel(asked.call, (name) => config.models.has(name)) } : asked
  const { call, principal, lane } = identified
  const model = modelFor(call.model, principal, config)
  // What a key may not use and what does not exist look the same.
  if (model === null) return err(modelNotFound(call.model))
  const rules = guardedFieldsOf(lane.dialect, lane.operation)
  const read = rules === undefined ? ok(NO_DEMANDS) : readDemands(call.fields, rules)
  if (!read.ok) return read

  const words: string[] = []
  const judged = judgeTargets(identified, model, model.targets.filter((target) => mayReach(principal, target.channel)), read.value, words)
  if (judged.usable.length === 0) return err(judged.refusal ?? modelNotFound(call.model))
  // A live key is answered by the sandbox only where nothing else answers for the model.
  const real = judged.usable.filter(({ channel }) => !isSandbox(channel))
  const chosen = real.length > 0 ? real : judged.usable
  const ordered = inOrder(chosen, random)
  if (ordered.length > 1) words.push(`order: ${ordered.map(({ channel }) => `${channel.name} (priority ${channel.priority}, weight ${channel.weight})`).join(", ")}`)
  const candidates = ordered.flatMap((target) => healthyCandidates(target, { breaker, random, atMs: identified.receivedAtMs, search: config.search }, words))
  if (candidates.length === 0) return err(allResting(chosen, breaker, identified.receivedAtMs))
  const demands = demandsOf(candidates, read.value)
  return ok(proven<Routed>({ ...identified, model, candidates, demands, sandboxed: real.length === 0, words }))
}

/** What is demanded of those who may answer. */
function demandsOf(candidates: readonly Candidate[], demands: Demands): Demands {
  if (candidates.some(({ lane }) => lane.searching === true)) return withSearchRounds(demands)
  return candidates.some(({ target }) => target.searcher === undefined && pricesSearches(target.price)) ? demands : withoutOptional(demands)
}

export const modelNotFound = (name: string): GatewayError => ({
  code: "model_not_found",
  message: `The model “${name.slice(0, 100)}” does not exist, or this key may not use it. GET /models lists those that it may use.`,
  param: "model",
})

type PricedTarget = Target & { readonly price: TargetPrice; readonly lane: UpstreamLane }
type Judged = { readonly usable: readonly PricedTarget[]; readonly refusal: GatewayError | null }

/** Leaves out what cannot carry this call; the refusal is that of the last one left out for a reason that the client can act upon. */
function judgeTargets(identified: Identified, model: PublicModel, targets: readonly Target[], demands: Demands, words: string[]): Judged {
  const { call, principal, lane } = identified
  let refusal: GatewayError | null = null
  const searches = demands.units.some(({ unit }) => unit === "search")
  const usable = targets.flatMap((given): readonly PricedTarget[] => {
    const target: Target = searches && given.searchedPrice !== undefined ? { ...given, price: given.searchedPrice, searcher: "installation" } : given
    const { channel, price } = target
    const upstreamLane = laneOf(target, identified, demands)
    if (upstreamLane === null) {
      words.push(`${channel.name}: does not speak ${nameOf(lane)}`)
      return []
    }
    if (price === null) {
      words.push(`${channel.name}: no price`)
      refusal = { code: "model_without_price", message: `The model “${call.model}” has no price here yet, so it is not served. The operator can give it one.`, param: "model" }
      return []
    }
    const unbilled = unbilledWork(call.work, price.sell.rates)
    if (unbilled !== null) {
      words.push(`${channel.name}: ${unbilled.words}`)
      refusal = unbilled.error(call.model)
      return []
    }
    const unpriced = unpricedField(demands, price.sell.rates)
    if (unpriced !== null) {
      words.push(`${channel.name}: no price for ${unpriced}`)
      refusal = { code: "unsupported_parameter", message: `${unpriced} cannot be used here: the model “${call.model}” has no price for it.`, param: unpriced }
      return []
    }
    if (upstreamLane.dialect !== lane.dialect && isBlindTo(call, target)) {
      words.push(`${channel.name}: reads no images`)
      refusal = { code: "unsupported_parameter", message: `messages: the model “${call.model}” reads no images. Leave them out, or choose a model that does.`, param: "messages" }
      return []
    }
    const strict = principal.parameters === "strict" ? strictRefusal(identified, model, target, upstreamLane) : null
    if (strict !== null) {
      words.push(`${channel.name}: ${strict.message}`)
      refusal = strict
      return []
    }
    const { upstreamModel, searcher } = target
    return [searcher === undefined ? { channel, upstreamModel, price, lane: upstreamLane } : { channel, upstreamModel, price, lane: upstreamLane, searcher }]
  })
  if (usable.length === 0 && refusal === null && targets.length > 0) {
    refusal = { code: "unsupported_parameter", message: `The model “${call.model}” cannot be called through ${nameOf(lane)} here: no channel for it speaks that.`, param: "model" }
  }
  return { usable, refusal }
}

/**
 * How a target is asked. Where the call searches and its provider does not, the model is given a function in place of the search; not
 * where the client can do without a search and is passed on as it is otherwise.
 */
function laneOf(target: Target, { lane: own, call }: Identified, demands: Demands): UpstreamLane | null {
  if (call.compacts === true) return laneToward(target, own, { compacting: true })
  const lane = laneToward(target, own)
  if (lane === null || target.searcher === undefined) return lane
  const isNeeded = demands.units.some(({ unit, optional }) => unit === "search" && optional !== true)
  return isNeeded || lane.dialect !== own.dialect ? laneToward(target, own, { searching: true }) : lane
}

/** Whether a call shows images to a model that the catalogue knows to read text alone (W-65). Untranslated, its provider says so itself. */
const isBlindTo = ({ size }: Call, { channel, upstreamModel }: Target): boolean => size.images > 0 && findCatalogModel(channel.providerId, upstreamModel)?.input?.includes("image") === false

/** A key that is strict about parameters has nothing left out or altered: what would be is refused by name (WIRE.md). */
function strictRefusal(identified: Identified, model: PublicModel, target: Target, lane: UpstreamLane): GatewayError | null {
  const prepared = lane.prepare(attempted(identified, model, target, null))
  if (!prepared.ok) return prepared.error
  const altered = prepared.value.dropped[0] ?? prepared.value.changed[0]?.split("=", 1)[0]
  if (altered === undefined) return null
  return { code: "unsupported_parameter", message: `${altered} cannot be used with the model “${identified.call.model}”, and this key is strict about parameters.`, param: altered }
}

/**
 * A channel of several dialects is asked in the one that needs no translation; null: nobody can ask it on behalf of this client. Of the
 * operations around chat, only those that a chat can answer are translated. `searching`: its model searches through this gateway.
 * `compacting`: it is asked for a summary.
 */
export function laneToward({ channel, upstreamModel }: Target, own: OwnLane, asking: Pick<LaneOptions, "searching" | "compacting"> = {}): UpstreamLane | null {
  const { endpoints, cloud } = channel
  const { dialect: client, operation } = own
  const hosting = cloud?.hosting
  const speaks = (dialect: Dialect) => endpoints[dialect] !== undefined && servesModel(hosting, dialect, upstreamModel)
  const waysOf = (dialect: Dialect) => ({
    envelope: hosting?.envelopes?.[dialect],
    embedder: operation === "embeddings" && dialect === "gm" ? embedderOf(hosting, upstreamModel)?.embedder : undefined,
  })
  if (speaks(client)) {
    const ways = waysOf(client)
    const isOwn = ways.envelope === undefined && ways.embedder === undefined && asking.searching !== true && asking.compacting !== true
    return isOwn ? own : laneBetween(client, client, { ...ways, operation, ...asking })
  }
  for (const dialect of translationOrder) {
    const translated = speaks(dialect) && hosting?.ownClientsOnly?.includes(dialect) !== true ? laneBetween(client, dialect, { ...waysOf(dialect), operation, ...asking }) : null
    if (translated !== null) return translated
  }
  return null
}

/** By priority, lower first; among equals coding plans come first, and then it is chance, in proportion to the weights. Weight 0 comes last. */
function inOrder<T extends Target>(targets: readonly T[], random: () => number): readonly T[] {
  if (targets.length < 2) return targets
  // Efraimidis and Spirakis: sorting by random^(1/weight) draws without replacement in proportion to the weights.
  const drawn = targets.map((target) => ({ target, ticket: target.channel.weight > 0 ? random() ** (1 / target.channel.weight) : -1 }))
  return drawn.sort((a, b) => a.target.channel.priority - b.target.channel.priority || planFirst(a.target, b.target) || b.ticket - a.ticket).map(({ target }) => target)
}

/** What a plan has left costs nothing more, so it is used up before anything is paid per token. */
const planFirst = (a: Target, b: Target): number => Number(b.channel.codingPlan) - Number(a.channel.codingPlan)

/** One candidate for each credential that is not resting, in an order of chance, so that a pool shares its load. */
function healthyCandidates(target: PricedTarget, { breaker, random, atMs, search }: { readonly breaker: Breaker; readonly random: () => number; readonly atMs: number; readonly search: GatewayConfig["search"] }, words: string[]): readonly Candidate[] {
  const { channel, lane } = target
  const baseUrl = channel.endpoints[lane.dialect] ?? ""
  const credentials = channel.credentials.length === 0 ? [null] : channel.credentials
  const offset = credentials.length > 1 ? Math.floor(random() * credentials.length) : 0
  const candidates: Candidate[] = []
  for (let index = 0; index < credentials.length; index++) {
    const credential = credentials[(index + offset) % credentials.length] ?? null
    const exhaustedMs = exhaustedFor(credential, atMs)
    const waitMs = breaker.waitMs(breakerKey({ target, credential }))
    if (exhaustedMs > 0) words.push(`${channel.name}: its plan is used up until ${new Date(atMs + exhaustedMs).toISOString()}`)
    else if (waitMs > 0) words.push(`${channel.name}: resting for ${Math.ceil(waitMs / 1000)} s`)
    else candidates.push({ target, lane, baseUrl, credential, ...(lane.searching === true && search !== undefined && { search }) })
  }
  return candidates
}

/** How long the provider itself says that this credential's plan has nothing left. */
const exhaustedFor = (credential: CredentialConfig | null, atMs: number): number => Math.max(0, (credential?.plan?.exhaustedUntilMs ?? 0) - atMs)

/** Health belongs to a credential; a channel without any is one by itself. */
export const breakerKey = ({ target, credential }: Pick<Candidate, "target" | "credential">): string => credential?.id ?? target.channel.id

function allResting(targets: readonly PricedTarget[], breaker: Breaker, atMs: number): GatewayError {
  const waits = targets.flatMap((target) => {
    const credentials = target.channel.credentials.length === 0 ? [null] : target.channel.credentials
    return credentials.map((credential) => Math.max(exhaustedFor(credential, atMs), breaker.waitMs(breakerKey({ target, credential }))))
  })
  return {
    code: "overloaded",
    message: "Every channel for this model is resting: after failures, by the provider's own request, or because its plan is used up. Try again later.",
    status: 503,
    retryAfterSeconds: Math.max(1, Math.ceil(Math.min(...waits) / 1000)),
  }
}
