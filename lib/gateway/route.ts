import { guardedFieldsOf } from "#lib/catalog/guarded-around.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Breaker } from "./breaker.ts"
import { type Demands, NO_DEMANDS, readDemands, withoutOptional, withSearchRounds } from "./demands.ts"
import { withMeantModel } from "./model-names.ts"
import { modelFor, modelNotFound } from "./reach.ts"
import { type Candidate, proven, type Recalled, type Routed } from "./stages.ts"
import type { CredentialConfig, GatewayConfig } from "./types.ts"
import { pricesSearches } from "./upstream-request.ts"
import { compared, orderOf, type Way, type WaysFinder } from "./ways.ts"

type RouteOptions = { readonly config: GatewayConfig; readonly findWays: WaysFinder; readonly breaker: Breaker; readonly random: () => number }

/** Finds the ways to answer a call, best first, and says why each other way is none. */
export function route(asked: Recalled, { config, findWays, breaker, random }: RouteOptions): Result<Routed, GatewayError> {
  const { lane } = asked
  const call = lane.dialect === "am" ? withMeantModel(asked.call, (name) => config.models.has(name)) : asked.call
  const identified = call === asked.call ? asked : { ...asked, call }
  const rules = guardedFieldsOf(lane.dialect, lane.operation)
  const read = rules === undefined ? ok(NO_DEMANDS) : readDemands(call.fields, rules)
  // What a key may not use and what does not exist look the same, whatever is asked of it.
  if (!read.ok) return modelFor(call.model, identified.principal, config) === null ? err(modelNotFound(call.model)) : read
  const found = findWays(identified, read.value, config)
  if (!found.ok) return found
  const { model, ways, drawn, sandboxed } = found.value
  const words = [...found.value.words]
  const ordered = drawn ? inOrder(ways, random) : ways
  if (drawn) words.push(orderOf(ordered))
  const candidates = healthyCandidates(ordered, { breaker, random, atMs: identified.receivedAtMs }, words)
  if (candidates.length === 0) return err(allResting(ordered, breaker, identified.receivedAtMs))
  return ok(proven<Recalled, Routed>(identified, { model, candidates, demands: demandsOf(candidates, read.value), sandboxed, words }))
}

/** What is demanded of those who may answer. */
function demandsOf(candidates: readonly Candidate[], demands: Demands): Demands {
  if (demands === NO_DEMANDS) return demands
  if (candidates.some(({ lane }) => lane.searching === true)) return withSearchRounds(demands)
  return candidates.some(({ target }) => target.searcher === undefined && pricesSearches(target.price)) ? demands : withoutOptional(demands)
}

/** As the configuration says; among equals it is chance, in proportion to the weights. Weight 0 comes last. */
function inOrder(ways: readonly Way[], random: () => number): readonly Way[] {
  // Efraimidis and Spirakis: sorting by random^(1/weight) draws without replacement in proportion to the weights.
  const drawn = ways.map((way) => ({ way, ticket: way.target.channel.weight > 0 ? random() ** (1 / way.target.channel.weight) : -1 }))
  return drawn.sort((a, b) => compared(a.way.target, b.way.target) || b.ticket - a.ticket).map(({ way }) => way)
}

/** Those whose credentials are not resting; a pool's in an order of chance, so that it shares its load. */
function healthyCandidates(ways: readonly Way[], { breaker, random, atMs }: { readonly breaker: Breaker; readonly random: () => number; readonly atMs: number }, words: string[]): readonly Candidate[] {
  const healthy: Candidate[] = []
  for (const { candidates, target: { channel } } of ways) {
    const offset = candidates.length > 1 ? Math.floor(random() * candidates.length) : 0
    for (let index = 0; index < candidates.length; index++) {
      const candidate = candidates[(index + offset) % candidates.length] as Candidate
      const exhaustedMs = exhaustedFor(candidate.credential, atMs)
      const waitMs = breaker.waitMs(breakerKey(candidate))
      if (exhaustedMs > 0) words.push(`${channel.name}: its plan is used up until ${new Date(atMs + exhaustedMs).toISOString()}`)
      else if (waitMs > 0) words.push(`${channel.name}: resting for ${Math.ceil(waitMs / 1000)} s`)
      else healthy.push(candidate)
    }
  }
  return healthy
}

/** How long the provider itself says that this credential's plan has nothing left. */
const exhaustedFor = (credential: CredentialConfig | null, atMs: number): number => Math.max(0, (credential?.plan?.exhaustedUntilMs ?? 0) - atMs)

/** Health belongs to a credential; a channel without any is one by itself. */
export const breakerKey = ({ target, credential }: Pick<Candidate, "target" | "credential">): string => credential?.id ?? target.channel.id

function allResting(ways: readonly Way[], breaker: Breaker, atMs: number): GatewayError {
  const waits = ways.flatMap(({ candidates }) => candidates.map((candidate) => Math.max(exhaustedFor(candidate.credential, atMs), breaker.waitMs(breakerKey(candidate)))))
  return {
    code: "overloaded",
    message: "Every channel for this model is resting: after failures, by the provider's own request, or because its plan is used up. Try again later.",
    status: 503,
    retryAfterSeconds: Math.max(1, Math.ceil(Math.min(...waits) / 1000)),
  }
}
