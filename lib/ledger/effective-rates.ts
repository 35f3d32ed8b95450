import type { NanoUsd } from "#lib/kernel/nano-usd.ts"
import { ZERO_USD } from "#lib/kernel/nano-usd.ts"
import { type TokenUnit, tokenUnits, type UsageUnit, usageUnits } from "#lib/kernel/usage.ts"
import type { Rates, UnitRates } from "./rates.ts"
import { inSchedule } from "./schedule.ts"

/** A rate for every unit: variants applied, absent ones filled in. Nano-USD per million for tokens, each for the others. */
export type EffectiveRates = { readonly [U in UsageUnit]: NanoUsd }

/** The side of the conversation whose plain rate a token unit falls back to where a price does not name it. */
export const fallbackOf = {
  input: "input",
  cacheRead: "input",
  cacheWrite5m: "input",
  cacheWrite1h: "input",
  inputAudio: "input",
  inputImage: "input",
  output: "output",
  reasoning: "output",
  outputAudio: "output",
  outputImage: "output",
} as const satisfies Record<TokenUnit, "input" | "output">

/** What chooses among a price's variants. */
export type RateContext = {
  /** Tokens of the whole prompt, cached part included. */
  readonly promptTokens: number
  /** As the provider spells it; one the price does not name has no variant. */
  readonly serviceTier: string | undefined
  readonly admittedAtMs: number
}

const filled = new WeakMap<UnitRates, EffectiveRates>()

/**
 * Applies a price's variants (tier, then schedule, then service tier; each replaces the units it names) and fills in what is
 * absent: token units by the rate of their side, other units by zero. A price without variants is computed once and remembered.
 */
export function effectiveRates(rates: Rates, context: RateContext): EffectiveRates {
  if (rates.tiers === undefined && rates.schedule === undefined && context.serviceTier === undefined) return fill(rates.units)
  const tier = rates.tiers?.findLast((candidate) => context.promptTokens >= candidate.from)
  const service = context.serviceTier === undefined ? undefined : ownValue(rates.serviceTiers, context.serviceTier)
  const scheduled = rates.schedule?.filter((entry) => inSchedule(entry, context.admittedAtMs)) ?? []
  if (tier === undefined && service === undefined && scheduled.length === 0) return fill(rates.units)
  return computeFill(Object.assign({}, rates.units, tier, ...scheduled, service) as UnitRates)
}

function fill(units: UnitRates): EffectiveRates {
  const known = filled.get(units)
  if (known !== undefined) return known
  const computed = computeFill(units)
  filled.set(units, computed)
  return computed
}

function computeFill(units: UnitRates): EffectiveRates {
  const result = {} as { [U in UsageUnit]: NanoUsd }
  for (const unit of usageUnits) result[unit] = units[unit] ?? ZERO_USD
  for (const unit of tokenUnits) result[unit] = units[unit] ?? units[fallbackOf[unit]] ?? ZERO_USD
  return result
}

/** A record's own entry: names come from outside, and `constructor` is not a service tier. */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}
