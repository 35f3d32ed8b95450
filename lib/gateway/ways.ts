import { findCatalogModel } from "#lib/catalog/models.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "#lib/wire/call.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import type { OwnLane } from "#lib/wire/raw-lane.ts"
import type { UpstreamLane } from "#lib/wire/upstream-lane.ts"
import { type Demands, NO_DEMANDS, unpricedField } from "./demands.ts"
import { isSandbox, mayReach, modelFor, modelNotFound } from "./reach.ts"
import type { Candidate, Identified } from "./stages.ts"
import { laneToward } from "./toward.ts"
import type { CredentialConfig, GatewayConfig, Principal, PublicModel, Target } from "./types.ts"
import { askedOf, attempted } from "./upstream-request.ts"
import { unbilledWork } from "./work.ts"

/** The ways to answer a call, before it is known which of them are well at this moment. */
export type Ways = {
  readonly model: PublicModel
  /** Best first as far as the configuration says it. */
  readonly ways: readonly Way[]
  /** Whether chance has a say in their order. */
  readonly drawn: boolean
  readonly sandboxed: boolean
  /** Why each other way is none, and where chance has no say, the order of these. */
  readonly words: readonly string[]
}

/** A target with a candidate for each of its credentials. */
export type Way = { readonly target: PricedTarget; readonly candidates: readonly Candidate[] }

export type WaysFinder = (identified: Identified, demands: Demands, config: GatewayConfig) => Result<Ways, GatewayError>

/**
 * Finds ways, and remembers those of plain calls (text, nothing demanded, nothing that a strict key has to be told) for as long as
 * configuration and key are what they were: they are the same for every such call, and finding them takes 2 µs. Names of models are
 * bounded by the configuration; a test key may use any, and is not remembered.
 */
export function createWays(): WaysFinder {
  const known = new WeakMap<GatewayConfig, WeakMap<Principal, Map<OwnLane, Map<string, Ways>>>>()

  const knownTo = (principal: Principal, lane: OwnLane, config: GatewayConfig): Map<string, Ways> => {
    const principals = madeIn(known, config, () => new WeakMap<Principal, Map<OwnLane, Map<string, Ways>>>())
    return madeIn(madeIn(principals, principal, () => new Map<OwnLane, Map<string, Ways>>()), lane, () => new Map<string, Ways>())
  }

  return (identified, demands, config) => {
    if (!isPlain(identified, demands)) return findWays(identified, demands, config)
    const { principal, lane, call } = identified
    const mine = knownTo(principal, lane, config)
    const ways = mine.get(call.model)
    if (ways !== undefined) return ok(ways)
    const found = findWays(identified, demands, config)
    if (found.ok) mine.set(call.model, found.value)
    return found
  }
}

const isPlain = ({ call, principal }: Identified, demands: Demands): boolean =>
  demands === NO_DEMANDS && call.work === undefined && call.compacts !== true && call.size.images === 0 && principal.parameters === "lenient" && !principal.test

function madeIn<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function findWays(identified: Identified, demands: Demands, config: GatewayConfig): Result<Ways, GatewayError> {
  const { call, principal } = identified
  const model = modelFor(call.model, principal, config)
  // What a key may not use and what does not exist look the same.
  if (model === null) return err(modelNotFound(call.model))
  const words: string[] = []
  const judged = judgeTargets(identified, model, model.targets.filter((target) => mayReach(principal, target.channel)), demands, words)
  if (judged.usable.length === 0) return err(judged.refusal ?? modelNotFound(call.model))
  // A live key is answered by the sandbox only where nothing else answers for the model.
  const real = judged.usable.filter(({ target }) => !isSandbox(target.channel))
  const chosen = (real.length > 0 ? real : judged.usable).toSorted((a, b) => compared(a.target, b.target))
  const ways = chosen.map((usable) => wayOf(usable, model, config))
  const drawn = ways.some(({ target }, index) => index > 0 && compared((ways[index - 1] as Way).target, target) === 0)
  return ok({ model, ways, drawn, sandboxed: real.length === 0, words: drawn || ways.length === 1 ? words : [...words, orderOf(ways)] })
}

/** The router's words for an order. */
export const orderOf = (ways: readonly Way[]): string => `order: ${ways.map(({ target: { channel } }) => `${channel.name} (priority ${channel.priority}, weight ${channel.weight})`).join(", ")}`

/** By priority, lower first; among equals coding plans come first: what a plan has left costs nothing more, so it is used up before anything is paid per token. */
export const compared = (a: Target, b: Target): number => a.channel.priority - b.channel.priority || Number(b.channel.codingPlan) - Number(a.channel.codingPlan)

const NO_CREDENTIALS: readonly null[] = [null]

function wayOf({ target, lane }: Usable, model: PublicModel, { search }: GatewayConfig): Way {
  const { channel } = target
  const common = { target, asked: askedOf(model, target), lane, baseUrl: channel.endpoints[lane.dialect] ?? "" }
  const credentials: readonly (CredentialConfig | null)[] = channel.credentials.length === 0 ? NO_CREDENTIALS : channel.credentials
  return { target, candidates: credentials.map((credential) => ({ ...common, credential, frames: { whole: null, streamed: null }, ...(lane.searching === true && search !== undefined && { search }) })) }
}

/** What people call the dialects. */
const dialectNames = {
  cc: "OpenAI chat completions",
  rs: "OpenAI responses",
  am: "Anthropic messages",
  gm: "Gemini generateContent",
  br: "Bedrock converse",
} as const satisfies Record<Dialect, string>

const nameOf = ({ dialect, operation }: Pick<OwnLane, "dialect" | "operation">): string => (operation === undefined ? dialectNames[dialect] : `OpenAI ${operation.replaceAll(".", " ")}`)

type PricedTarget = Candidate["target"]
type Usable = { readonly target: PricedTarget; readonly lane: UpstreamLane }
type Judged = { readonly usable: readonly Usable[]; readonly refusal: GatewayError | null }

/** Leaves out what cannot carry this call; the refusal is that of the last one left out for a reason that the client can act upon. */
function judgeTargets(identified: Identified, model: PublicModel, targets: readonly Target[], demands: Demands, words: string[]): Judged {
  const { call, principal, lane } = identified
  let refusal: GatewayError | null = null
  const searches = demands.units.some(({ unit }) => unit === "search")
  const usable = targets.flatMap((given): readonly Usable[] => {
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
    return [{ target: searcher === undefined ? { channel, upstreamModel, price } : { channel, upstreamModel, price, searcher }, lane: upstreamLane }]
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
  const prepared = lane.prepare(attempted(identified, askedOf(model, target), null))
  if (!prepared.ok) return prepared.error
  const altered = prepared.value.dropped[0] ?? prepared.value.changed[0]?.split("=", 1)[0]
  if (altered === undefined) return null
  return { code: "unsupported_parameter", message: `${altered} cannot be used with the model “${identified.call.model}”, and this key is strict about parameters.`, param: altered }
}
