import { z } from "zod"
import { type NanoUsd, parseUsd } from "#lib/kernel/nano-usd.ts"
import { usageUnits, type UsageUnit } from "#lib/kernel/usage.ts"

/** Amounts per unit: nano-USD per million for token units, nano-USD each for the others. */
export type UnitRates = { readonly [U in UsageUnit]?: NanoUsd }

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
export type Weekday = (typeof weekdays)[number]

/**
 * A whole price. Variants hold the same units and replace those they name; they apply in this order: tier by the request's
 * whole prompt, schedule by the time of admission, service tier by what the provider says it used.
 */
export type Rates = {
  readonly units: UnitRates
  /** Price each by the vendor's image variant (`"1024x1024/high"`). */
  readonly images?: Readonly<Record<string, NanoUsd>>
  /** `above: 200000` means prompts of more than 200,000 tokens; `from: 200000` of 200,000 or more. */
  readonly tiers?: readonly (UnitRates & { readonly from: number })[]
  readonly serviceTiers?: Readonly<Record<string, UnitRates>>
  readonly schedule?: readonly (UnitRates & {
    /** Empty: every day. */
    readonly days: readonly Weekday[]
    /** `HH:MM`, in `timeZone`; a `to` before `from` reaches into the next day. */
    readonly from: string
    readonly to: string
    readonly timeZone: string
  })[]
}

/** A dollar amount as people and YAML write it: a string or a number with at most nine decimals, not negative. */
export const usdAmount = z.union([z.string(), z.number()]).transform((value, context): NanoUsd => {
  const parsed = parseUsd(typeof value === "number" ? plainDecimal(value) : value)
  if (!parsed.ok) {
    context.addIssue({ code: "custom", message: parsed.error })
    return z.NEVER
  }
  if (parsed.value < 0n) {
    context.addIssue({ code: "custom", message: "an amount cannot be negative" })
    return z.NEVER
  }
  return parsed.value
})

const plainDecimal = (value: number): string => {
  const text = String(value)
  return /e/i.test(text) ? value.toFixed(9).replace(/\.?0+$/, "") : text
}

const unitShape = Object.fromEntries(usageUnits.map((unit) => [unit, usdAmount.optional()])) as Record<UsageUnit, z.ZodOptional<typeof usdAmount>>
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "a time of day is written HH:MM")
const timeZone = z.string().refine(isTimeZone, "not a time zone known to this system; use an IANA name such as Asia/Shanghai")

/** The shape of a price in `turnpike.yaml` and in forms: units beside their variants. `toRates` makes a `Rates` of it. */
export const ratesObject = z.strictObject({
  ...unitShape,
  images: z.record(z.string(), usdAmount).optional(),
  tiers: z
    .array(
      z
        .strictObject({ ...unitShape, above: z.number().int().nonnegative().optional(), from: z.number().int().nonnegative().optional() })
        .refine((tier) => (tier.above === undefined) !== (tier.from === undefined), "a tier says either above or from"),
    )
    .max(20)
    .optional(),
  serviceTiers: z.record(z.string(), z.strictObject(unitShape)).optional(),
  schedule: z
    .array(z.strictObject({ ...unitShape, days: z.array(z.enum(weekdays)).default([]), from: timeOfDay, to: timeOfDay, timeZone }))
    .max(20)
    .optional(),
})

/** Absent units left out, tiers in order of where they begin. */
export function toRates({ images, tiers, serviceTiers, schedule, ...units }: z.output<typeof ratesObject>): Rates {
  return {
    units: withoutAbsent(units),
    ...(images && { images }),
    ...(tiers && {
      tiers: tiers
        .map(({ above, from, ...rates }) => ({ ...withoutAbsent(rates), from: from ?? (above ?? 0) + 1 }))
        .sort((a, b) => a.from - b.from),
    }),
    ...(serviceTiers && { serviceTiers: Object.fromEntries(Object.entries(serviceTiers).map(([name, rates]) => [name, withoutAbsent(rates)])) }),
    ...(schedule && { schedule: schedule.map(({ days, from, to, timeZone, ...rates }) => ({ ...withoutAbsent(rates), days, from, to, timeZone })) }),
  }
}

/** A price as `Rates`. */
export const ratesInput = ratesObject.transform(toRates)

function withoutAbsent(rates: { readonly [U in UsageUnit]?: NanoUsd | undefined }): UnitRates {
  return Object.fromEntries(Object.entries(rates).filter(([, amount]) => amount !== undefined)) as UnitRates
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Rates as canonical JSON: keys sorted, amounts as decimal strings of nano-USD. Equal rates give equal text. */
export function encodeRates(rates: Rates): string {
  return JSON.stringify(rates, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString()
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    }
    return value
  })
}

/** The inverse of `encodeRates`, from parsed JSON as it stands in `price_version.rates`. */
export function decodeRates(json: unknown): Rates {
  const amounts = (value: unknown, key: string): unknown => {
    if (typeof value === "string" && !["from", "to", "timeZone"].includes(key) && /^\d+$/.test(value)) return BigInt(value)
    if (Array.isArray(value)) return value.map((item) => amounts(item, key))
    if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, amounts(item, name)]))
    return value
  }
  return amounts(json, "") as Rates
}
