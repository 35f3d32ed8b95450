import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { type TokenUnit, tokenUnits, type Usage, type UsageUnit } from "#lib/kernel/usage.ts"
import { fallbackOf } from "#lib/ledger/effective-rates.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import type { UsageBound } from "#lib/ledger/worst-case.ts"
import type { Seen } from "#lib/wire/raw-lane.ts"
import type { Work } from "#lib/wire/work.ts"
import type { Demands } from "./demands.ts"

/** What a call around chat holds. */
export const boundOfWork = ({ atMost, images }: Work, { serviceTier }: Demands): UsageBound => ({
  inputTokens: atMost.inputTokens,
  outputTokens: atMost.outputTokens,
  units: atMost.units,
  each: { ...atMost.each, call: 1 },
  ...(images?.exact && { imageVariants: images.asked }),
  ...(serviceTier !== null && { serviceTiers: [serviceTier.tier] }),
})

/**
 * What a call around chat used: what its request says by itself, what the provider reports, and where nobody has counted anything that the
 * price names, what is most likely, flagged. It is estimated in one way: a price that also names another is not charged twice.
 */
export function usageOfWork(work: Work, seen: Seen | null, prices: readonly Rates[]): Usage {
  const known: Usage = { ...work.counted, ...seen?.usage }
  const missing = missingUnits(work, known, (unit) => prices.some((rates) => isPriced(unit, rates)))
  const estimates = Object.fromEntries(missing.map((unit) => [unit, work.likely[unit]])) as Usage
  return withVariants({ ...known, ...estimates, ...(missing.length > 0 && { estimated: true }), call: 1 }, work.images?.asked ?? [], prices)
}

/** The units to be estimated: of those that the price names, the first by which the work is billed; of tokens, all of them. */
function missingUnits({ billedIn, likely }: Work, known: Usage, priced: (unit: UsageUnit) => boolean): readonly UsageUnit[] {
  const named = billedIn.filter((unit) => unit !== "call" && priced(unit))
  if (named.some((unit) => known[unit] !== undefined)) return []
  const first = named.find((unit) => likely[unit] !== undefined)
  if (first === undefined) return []
  return isTokenUnit(first) ? tokenUnits.filter((unit) => likely[unit] !== undefined && priced(unit)) : [first]
}

/** Images go by the most exact name for them that a price has: as they were asked for, or else as the provider says that it made them. */
function withVariants(usage: Usage, asked: readonly string[], prices: readonly Rates[]): Usage {
  if (usage.image === undefined) return usage
  const own = Object.keys(usage.images ?? {})
  const names = [...asked, ...own]
  const variant = names.find((name) => prices.some(({ images }) => Object.hasOwn(images ?? {}, name))) ?? own[0] ?? names[0]
  return variant === undefined ? usage : { ...usage, images: { [variant]: usage.image } }
}

/** What chat is billed by: a model that is priced by the second or by the image would answer for nothing. */
const chat: Pick<Work, "billedIn" | "images"> = { billedIn: ["input", "output", "call"] }

/** Why a price does not cover a call (`work` undefined: of chat); null: it does. */
export function unbilledWork(work: Work | undefined, rates: Rates): { readonly words: string; error(model: string): GatewayError } | null {
  if (work === undefined && rates.units.input !== undefined) return null
  const { billedIn, images } = work ?? chat
  const units = billedIn.filter((unit) => isPriced(unit, rates))
  if (units.length === 0) {
    const wanted = billedIn.filter((unit) => unit !== "call").join(" or ")
    return {
      words: `no price for ${wanted}`,
      error: (model) => ({ code: "model_without_price", message: `The model “${model}” has no price for this here (${wanted}), so it is not served. The operator can give it one.`, param: "model" }),
    }
  }
  // Priced by its variants alone: another one, or whichever the provider chooses, would have no price.
  const named = Object.keys(rates.images ?? {})
  if (images === undefined || units.some((unit) => unit !== "image" || rates.units.image !== undefined) || images.asked.some((name) => named.includes(name))) return null
  return {
    words: `no price for ${images.asked[0] ?? "a size that the provider chooses"}`,
    error: (model) => ({ code: "unsupported_parameter", message: `${images.param} cannot be used here: the model “${model}” has a price for ${named.slice(0, 20).join(", ")} alone.`, param: images.param }),
  }
}

function isPriced(unit: UsageUnit, { units, images }: Rates): boolean {
  if (units[unit] !== undefined) return true
  return unit === "image" ? images !== undefined : isTokenUnit(unit) && units[fallbackOf[unit]] !== undefined
}

const isTokenUnit = (unit: UsageUnit): unit is TokenUnit => (tokenUnits as readonly UsageUnit[]).includes(unit)
