import { tokensAffordable, worstCaseNanoUsd } from "#lib/ledger/worst-case.ts"
import type { Hold, HoldAmounts } from "#lib/quota/types.ts"
import { promptTokensHigh, usageBound } from "./bound.ts"
import { inOneRound } from "./demands.ts"
import type { Candidate, Routed } from "./stages.ts"
import type { TargetPrice } from "./types.ts"

/** A call that could not bring back this many tokens is not worth starting (DESIGN.md, "How much to hold"). */
const OUTPUT_TOKENS_USEFUL_MIN = 256

const ONE = { worst: 1n, minimum: 1n } as const

/** What is asked of each unit for a call that may bring back so many tokens per choice. */
export function holdAmounts(routed: Routed, outputTokensPerChoice: number): HoldAmounts & Required<Pick<HoldAmounts, "nanoUsd">> {
  const useful = Math.min(outputTokensPerChoice, OUTPUT_TOKENS_USEFUL_MIN)
  const least = routed.demands.rounds === undefined ? routed : { ...routed, demands: inOneRound(routed.demands) }
  return {
    nanoUsd: { worst: worstCost(routed, outputTokensPerChoice), minimum: worstCost(least, useful) },
    tokens: { worst: worstTokens(routed, outputTokensPerChoice), minimum: worstTokens(least, useful) },
    requests: ONE,
    concurrent: ONE,
  }
}

/** What the dearest candidate would charge at most. */
export function worstCost(routed: Routed, outputTokensPerChoice: number): bigint {
  const bound = usageBound(routed.call, routed.demands, outputTokensPerChoice)
  let dearest = 0n
  for (const candidate of distinctPrices(routed.candidates)) {
    const cost = worstCaseNanoUsd(bound, candidate.target.price.sell.rates, priceOptions(routed, candidate))
    if (cost > dearest) dearest = cost
  }
  return dearest
}

/** Prompt and output at most. */
export const worstTokens = ({ call, demands }: Routed, outputTokensPerChoice: number): bigint =>
  BigInt(call.work === undefined ? promptTokensHigh(call.size, demands) + outputTokensPerChoice * call.choices : call.work.atMost.inputTokens + call.work.atMost.outputTokens)

/** Output tokens per choice that the hold covers at every candidate's price; 0 where it covers no more than the prompt, counted high. */
export function affordableTokens(routed: Routed, { granted }: Hold): number {
  const { choices, size } = routed.call
  const bound = usageBound(routed.call, routed.demands, 0)
  let tokens = Number.MAX_SAFE_INTEGER
  if (granted.nanoUsd !== undefined) {
    for (const candidate of distinctPrices(routed.candidates)) {
      tokens = Math.min(tokens, tokensAffordable(granted.nanoUsd, bound, candidate.target.price.sell.rates, priceOptions(routed, candidate)) - bound.outputTokens)
    }
  }
  if (granted.tokens !== undefined) tokens = Math.min(tokens, Number(granted.tokens) - promptTokensHigh(size, routed.demands))
  return Math.max(0, Math.floor(tokens / choices))
}

const priceOptions = ({ receivedAtMs }: Routed, { target }: Candidate) => ({ admittedAtMs: receivedAtMs, markupPpm: target.price.markupPpm })

/** A pool of credentials has one price, and so have channels with the same price for the model. */
function distinctPrices(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length === 1) return candidates
  return candidates.filter(({ target }, index) => candidates.findIndex((other) => isSamePrice(other.target.price, target.price)) === index)
}

const isSamePrice = (a: TargetPrice, b: TargetPrice): boolean => a === b || (a.sell.id === b.sell.id && a.markupPpm === b.markupPpm)
