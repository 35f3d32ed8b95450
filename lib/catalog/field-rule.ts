import type { UsageUnit } from "#lib/kernel/usage.ts"

/**
 * What becomes of a request field that costs money beyond tokens or reaches into the shared upstream account.
 * `refuse`: named in a 400, save with a harmless value. `only`: any other value is named in a 400; a family is a value with a date
 * behind it (`bash_20250124`, `web_search_2025_08_26`). `tier`: served where the price names the tier. `priced`: served where the price names the unit, which is
 * then held. `searches`: a tool of this family searches at the provider, as often as it says itself or else as assumed; the answer
 * counts its searches, and where it is `optional` it is left out for a target without a price for them (W-133). `output`: its text is held as output too.
 * `members`: any other member of the object is named in a 400. `searching`: the provider searches as often as it likes, which the answer
 * counts; so many are held. `unless`: values that are harmless, by their form.
 * Null, false and empty values are harmless everywhere, save an empty object where a rule says `evenEmpty`.
 */
export type FieldRule = { readonly path: string; readonly source: string } & (
  | { readonly kind: "refuse"; readonly why: string; readonly harmless?: readonly string[]; readonly unless?: RegExp }
  | { readonly kind: "only"; readonly values: readonly string[]; readonly families?: readonly string[]; readonly why: string }
  | { readonly kind: "tier"; readonly harmless: readonly string[] }
  | { readonly kind: "priced"; readonly unit: UsageUnit; readonly when?: string; readonly evenEmpty?: true }
  | { readonly kind: "searches"; readonly family: string; readonly countField: string; readonly assumed: number; readonly optional?: boolean }
  | { readonly kind: "output" }
  | { readonly kind: "members"; readonly names: readonly string[]; readonly why: string }
  | { readonly kind: "searching"; readonly assumed: number }
)
