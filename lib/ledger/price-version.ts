import { createHash } from "node:crypto"
import type { Id } from "#lib/kernel/ids.ts"
import { encodeRates, type Rates } from "./rates.ts"

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
/** 62^43 > 2^256: a whole SHA-256 in base62. The first 22 digits keep 131 bits, enough that no two prices ever meet. */
const HASH_DIGITS = 43
const ID_DIGITS = 22

/**
 * The name of a price in the books: made of its content, so that equal rates have one name in every process and database, and
 * a name can never come to mean something else (docs/decisions/2026-11-25-content-addressed-prices.md).
 */
export function priceVersionId(rates: Rates): Id<"priceVersion"> {
  let hash = BigInt(`0x${createHash("sha256").update(encodeRates(rates)).digest("hex")}`)
  let digits = ""
  for (let i = 0; i < HASH_DIGITS; i++) {
    digits = BASE62[Number(hash % 62n)] + digits
    hash /= 62n
  }
  return `price_${digits.slice(0, ID_DIGITS)}`
}
