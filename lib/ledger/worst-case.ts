import type { NanoUsd } from "#lib/kernel/nano-usd.ts"
import { eachUnits, type EachUnit, type TokenUnit, tokenUnits } from "#lib/kernel/usage.ts"
import { NUMERATOR_PER_NANO, PPM, roundUp } from "./charge.ts"
import { type EffectiveRates, effectiveRates, fallbackOf } from "./effective-rates.ts"
import type { Rates } from "./rates.ts"

/** The most that a request can consume, as far as can be said before it is sent. */
export type UsageBound = {
  /** Tokens of the whole prompt, counted high. */
  readonly inputTokens: number
  /** Tokens that may come back, hidden reasoning included. */
  readonly outputTokens: number
  /** Which token units the provider may report. Absent: all but audio and images, which a text request cannot cause. */
  readonly units?: readonly TokenUnit[]
  /** Pieces, seconds and calls. */
  readonly each?: { readonly [U in EachUnit]?: number }
  /** The vendor's variants of the images that may come back. Absent: any that the price names. */
  readonly imageVariants?: readonly string[]
  /** Service tiers the provider may say it used. Absent: any that the price names. */
  readonly serviceTiers?: readonly string[]
}

export type WorstCaseOptions = { readonly admittedAtMs: number; readonly markupPpm?: number | null }

const textUnits: readonly TokenUnit[] = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output", "reasoning"]

/**
 * The most that a request within `bound` can be charged: every token at the dearest rate of its side, over every tier that the
 * prompt may reach and every service tier. No usage within the bound costs more (worst-case.test.ts).
 */
export function worstCaseNanoUsd(bound: UsageBound, rates: Rates, options: WorstCaseOptions): NanoUsd {
  const dearest = dearestRates(bound, rates, options.admittedAtMs)
  return roundUp(fixedNumerator(bound, dearest) + BigInt(bound.outputTokens) * dearest.output, options.markupPpm)
}

/**
 * How many output tokens a hold buys once the request's own input and pieces are paid for in the worst case; `bound.outputTokens`
 * is ignored. Zero where not even those are covered; `Number.MAX_SAFE_INTEGER` where output is free.
 */
export function tokensAffordable(holdNanoUsd: bigint, bound: UsageBound, rates: Rates, options: WorstCaseOptions): number {
  const dearest = dearestRates(bound, rates, options.admittedAtMs)
  const ppm = options.markupPpm === null || options.markupPpm === undefined ? PPM : BigInt(options.markupPpm)
  const left = holdNanoUsd * NUMERATOR_PER_NANO * PPM - fixedNumerator(bound, dearest) * ppm
  if (left < 0n) return 0
  const perToken = dearest.output * ppm
  if (perToken === 0n) return Number.MAX_SAFE_INTEGER
  const tokens = left / perToken
  return tokens > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(tokens)
}

type DearestRates = { input: bigint; output: bigint } & { [U in EachUnit]: bigint }

function fixedNumerator(bound: UsageBound, dearest: DearestRates): bigint {
  let numerator = BigInt(bound.inputTokens) * dearest.input
  for (const unit of eachUnits) {
    const count = bound.each?.[unit]
    // Whole seconds: a fraction that the provider reports is at most the next one.
    if (count !== undefined) numerator += BigInt(Math.ceil(count)) * dearest[unit] * NUMERATOR_PER_NANO
  }
  return numerator
}

const plain = new WeakMap<Rates, DearestRates>()

/** For a price without variants and a request of text alone, the common case, it is the same each time and is remembered. */
function dearestRates(bound: UsageBound, rates: Rates, admittedAtMs: number): DearestRates {
  const { tiers, serviceTiers, schedule } = rates
  if (bound.units !== undefined || tiers !== undefined || serviceTiers !== undefined || schedule !== undefined) return findDearest(bound, rates, admittedAtMs)
  const known = plain.get(rates)
  if (known !== undefined) return known
  const found = findDearest(bound, rates, admittedAtMs)
  plain.set(rates, found)
  return found
}

function findDearest(bound: UsageBound, rates: Rates, admittedAtMs: number): DearestRates {
  const units = bound.units ?? textUnits
  const dearest: DearestRates = { input: 0n, output: 0n, image: 0n, second: 0n, character: 0n, search: 0n, call: 0n }
  for (const candidate of reachableRates(bound, rates, admittedAtMs)) {
    for (const unit of tokenUnits) {
      const side = fallbackOf[unit]
      if (units.includes(unit) && candidate[unit] > dearest[side]) dearest[side] = candidate[unit]
    }
    for (const unit of eachUnits) if (candidate[unit] > dearest[unit]) dearest[unit] = candidate[unit]
  }
  for (const [variant, rate] of Object.entries(rates.images ?? {})) {
    if (rate > dearest.image && (bound.imageVariants === undefined || bound.imageVariants.includes(variant))) dearest.image = rate
  }
  return dearest
}

function* reachableRates(bound: UsageBound, rates: Rates, admittedAtMs: number): Generator<EffectiveRates> {
  const prompts = [0, ...(rates.tiers ?? []).map((tier) => tier.from).filter((from) => from <= bound.inputTokens)]
  const services = [undefined, ...(bound.serviceTiers ?? Object.keys(rates.serviceTiers ?? {}))]
  for (const promptTokens of prompts) {
    for (const serviceTier of services) yield effectiveRates(rates, { promptTokens, serviceTier, admittedAtMs })
  }
}
