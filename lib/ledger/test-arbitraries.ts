import fc from "fast-check"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { eachUnits, tokenUnits, type Usage } from "#lib/kernel/usage.ts"
import type { Rates, UnitRates } from "./rates.ts"

/** Up to $1,000 per million or each. */
const anyAmount = fc.bigInt({ min: 0n, max: 1_000_000_000_000n }).map(nanoUsd)
const optionalOf = <T>(names: readonly string[], value: fc.Arbitrary<T>) =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] })

const anyUnitRates = optionalOf([...tokenUnits, ...eachUnits], anyAmount) as fc.Arbitrary<UnitRates>
const anyVariant = fc.constantFrom("1024x1024/high", "512x512", "auto")
const anyServiceTier = fc.constantFrom("flex", "priority", "batch")

/** Any price, with every kind of variant. */
export const anyRates: fc.Arbitrary<Rates> = fc
  .record(
    {
      units: anyUnitRates,
      images: fc.dictionary(anyVariant, anyAmount),
      tiers: fc.array(fc.tuple(anyUnitRates, fc.integer({ min: 1, max: 2_000_000 })), { maxLength: 3 }),
      serviceTiers: fc.dictionary(anyServiceTier, anyUnitRates),
      schedule: fc.array(anyUnitRates, { maxLength: 2 }),
    },
    { requiredKeys: ["units"] },
  )
  .map(({ tiers, schedule, ...rest }) => ({
    ...rest,
    ...(tiers && { tiers: tiers.map(([units, from]) => ({ ...units, from })).sort((a, b) => a.from - b.from) }),
    ...(schedule && { schedule: schedule.map((units) => ({ ...units, days: [], from: "00:00", to: "24:00", timeZone: "UTC" })) }),
  }))

const anyCount = fc.integer({ min: 0, max: 3_000_000 })

/** What earlier calls of an answer used, which may be more than the whole where the whole is our own estimate. */
const anyEarlier = fc.array(fc.tuple(optionalOf(tokenUnits, anyCount), fc.option(anyServiceTier, { nil: undefined })), { maxLength: 3 })

/** Any usage, consistent as the type demands: `image` is the sum of `images`. */
export const anyUsage: fc.Arbitrary<Usage> = fc
  .record(
    {
      tokens: optionalOf(tokenUnits, anyCount),
      pieces: optionalOf(["character", "search", "call"], fc.integer({ min: 0, max: 1000 })),
      second: fc.double({ min: 0, max: 10_000, noNaN: true }),
      images: fc.dictionary(anyVariant, fc.integer({ min: 0, max: 10 })),
      serviceTier: anyServiceTier,
      earlier: anyEarlier,
    },
    { requiredKeys: ["tokens", "pieces"] },
  )
  .map(({ tokens, pieces, second, images, serviceTier, earlier }) => ({
    ...tokens,
    ...pieces,
    ...(second !== undefined && { second }),
    ...(images && { images, image: Object.values(images).reduce((sum, count) => sum + count, 0) }),
    ...(serviceTier && { serviceTier }),
    ...(earlier && { earlier: earlier.map(([used, tier]) => ({ ...used, ...(tier && { serviceTier: tier }) })) }),
  }))
