import { err, ok, type Result } from "./result.ts"

declare const nanoUsdBrand: unique symbol

/** An amount of money: an integer count of billionths of a US dollar. `BIGINT` in Postgres, a decimal string in JSON. */
export type NanoUsd = bigint & { readonly [nanoUsdBrand]: true }

export const NANO_PER_USD = 1_000_000_000n

/** The largest amount that Postgres' BIGINT holds: about 9.2 billion dollars. */
export const NANO_USD_MAX = (2n ** 63n - 1n) as NanoUsd

export const nanoUsd = (amount: bigint): NanoUsd => amount as NanoUsd

export const ZERO_USD = nanoUsd(0n)

const USD_PATTERN = /^(-?)(\d{1,10})(?:\.(\d{1,9}))?$/

/**
 * Reads a decimal dollar amount such as `"0.60"` or `"-12"`, exactly. At most nine decimals: what would need rounding is
 * refused, never rounded. The error says what is wrong, in English, without naming the field.
 */
export function parseUsd(text: string): Result<NanoUsd, string> {
  const match = USD_PATTERN.exec(text.trim())
  if (match === null) return err(`“${text}” is not a dollar amount: write digits with at most nine decimals, such as "12.50"`)
  const [, sign, whole = "", fraction = ""] = match
  const amount = BigInt(whole) * NANO_PER_USD + BigInt(fraction.padEnd(9, "0"))
  if (amount > NANO_USD_MAX) return err(`“${text}” is more than this program can count (${formatUsd(NANO_USD_MAX)})`)
  return ok(nanoUsd(sign === "-" ? -amount : amount))
}

/**
 * Writes an amount as a plain decimal number of dollars, exact to the nano-dollar, with at least `decimalsMin` decimals:
 * `1250000000n` → `"1.25"`. No currency sign and no grouping: those belong to the reader's locale.
 */
export function formatUsd(amount: bigint, decimalsMin = 2): string {
  const absolute = amount < 0n ? -amount : amount
  const whole = absolute / NANO_PER_USD
  const fraction = (absolute % NANO_PER_USD).toString().padStart(9, "0").replace(/0+$/, "").padEnd(decimalsMin, "0")
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`
}
