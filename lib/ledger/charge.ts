import { type NanoUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { callsOf, promptTokens, tokenUnits, type Usage, type UsageUnit } from "#lib/kernel/usage.ts"
import { effectiveRates, ownValue } from "./effective-rates.ts"
import type { Rates } from "./rates.ts"

/** Numerators count nano-USD × 1,000,000, so that a rate per million tokens needs no division of its own. */
export const NUMERATOR_PER_NANO = 1_000_000n
export const PPM = 1_000_000n
const MS_PER_SECOND = 1_000n

/** One unit's share of a charge, before the one division. */
export type ChargeLine = {
  readonly unit: UsageUnit
  /** The vendor's image variant, where the price names it. */
  readonly variant?: string
  /** Tokens, pieces; milliseconds for `second`. */
  readonly quantity: bigint
  /** Nano-USD per million for token units, per piece or second for the others. */
  readonly rate: NanoUsd
  readonly numerator: bigint
}

export type Charge = { readonly nanoUsd: NanoUsd; readonly lines: readonly ChargeLine[] }

export type ChargeOptions = {
  /** When the request was admitted (epoch ms): prices by time of day follow it. */
  readonly admittedAtMs: number
  /** Multiplies the whole charge: 1,200,000 is 1.2 times. Null or absent: the price as it stands. */
  readonly markupPpm?: number | null
}

/**
 * What a request's usage costs at a price: the sum of all its lines' numerators (times the mark-up), divided once and rounded up
 * once. Usage without anything in it costs nothing; `usage.call` is set by whoever knows that the call counts.
 */
export function charge(usage: Usage, rates: Rates, options: ChargeOptions): Charge {
  const lines: ChargeLine[] = []
  const nanoUsd = visitLines(usage, rates, options, (unit, quantity, rate, numerator, variant) => {
    lines.push(variant === undefined ? { unit, quantity, rate, numerator } : { unit, variant, quantity, rate, numerator })
  })
  return { nanoUsd, lines }
}

/** The same without its lines, for whoever charges every call. */
export const chargedNanoUsd = (usage: Usage, rates: Rates, options: ChargeOptions): NanoUsd => visitLines(usage, rates, options, null)

/** The one division and the one rounding. */
export function roundUp(numerator: bigint, markupPpm: number | null | undefined): NanoUsd {
  if (markupPpm === null || markupPpm === undefined) return nanoUsd(divideUp(numerator, NUMERATOR_PER_NANO))
  return nanoUsd(divideUp(numerator * BigInt(markupPpm), NUMERATOR_PER_NANO * PPM))
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}

type LineVisitor = (unit: UsageUnit, quantity: bigint, rate: NanoUsd, numerator: bigint, variant?: string) => void

const eachPiece = ["character", "search", "call"] as const

/** Goes through the lines of a charge; returns what they come to. Of an answer that took several calls, each is charged by its own tier. */
function visitLines(usage: Usage, rates: Rates, options: ChargeOptions, visit: LineVisitor | null): NanoUsd {
  let sum = 0n
  if (usage.earlier === undefined) sum = visitCall(usage, rates, options, visit)
  else for (const call of callsOf(usage)) sum += visitCall(call, rates, options, visit)
  return roundUp(sum, options.markupPpm)
}

/** One call's numerators. */
function visitCall(usage: Usage, rates: Rates, { admittedAtMs }: ChargeOptions, visit: LineVisitor | null): bigint {
  const perUnit = effectiveRates(rates, { promptTokens: promptTokens(usage), serviceTier: usage.serviceTier, admittedAtMs })
  let sum = 0n
  const add = (unit: UsageUnit, quantity: bigint, rate: NanoUsd, numerator: bigint, variant?: string) => {
    if (quantity <= 0n) return
    sum += numerator
    visit?.(unit, quantity, rate, numerator, variant)
  }
  for (const unit of tokenUnits) {
    const count = usage[unit]
    if (count === undefined || count === 0) continue
    const quantity = BigInt(count)
    add(unit, quantity, perUnit[unit], quantity * perUnit[unit])
  }
  for (const unit of eachPiece) {
    const quantity = BigInt(usage[unit] ?? 0)
    if (quantity > 0n) add(unit, quantity, perUnit[unit], quantity * perUnit[unit] * NUMERATOR_PER_NANO)
  }
  if (usage.second !== undefined) {
    // A fraction of a millisecond counts as one, like every other rounding here.
    const milliseconds = BigInt(Math.ceil(roundedToMicro(usage.second * 1000)))
    add("second", milliseconds, perUnit.second, (milliseconds * perUnit.second * NUMERATOR_PER_NANO) / MS_PER_SECOND)
  }
  if (usage.image !== undefined || usage.images !== undefined) {
    let plainImages = BigInt(usage.image ?? 0)
    for (const [variant, count] of Object.entries(usage.images ?? {})) {
      const rate = ownValue(rates.images, variant)
      if (rate === undefined) continue
      const quantity = BigInt(count)
      plainImages -= quantity
      add("image", quantity, rate, quantity * rate * NUMERATOR_PER_NANO, variant)
    }
    add("image", plainImages, perUnit.image, plainImages * perUnit.image * NUMERATOR_PER_NANO)
  }
  return sum
}

/** 1.1 s × 1000 is 1100.0000000000002 in binary floating point, which is not 1,101 ms. */
function roundedToMicro(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
