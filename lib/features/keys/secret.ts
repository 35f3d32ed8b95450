import { createHmac, type KeyObject } from "node:crypto"
import { crc32 } from "node:zlib"
import type { FillRandom } from "#lib/kernel/ids.ts"

/**
 * The form of a key's secret:
 *
 *     sk-tp-      <27 base62 digits: 160 random bits> <6 base62 digits: checksum>
 *     sk-tp-test- <the same>                                                       reaches the sandbox only
 *
 * The checksum is the CRC-32 (IEEE 802.3, as in zlib and PNG) of all ASCII characters before it, prefix included, as an unsigned
 * number in base62, most significant digit first, padded with `0`. The alphabet is `0-9A-Za-z`, in this order. So a typo is
 * refused without a look-up, and a secret scanner needs one expression and no network to tell a secret from noise:
 *
 *     \bsk-tp-(?:test-)?[0-9A-Za-z]{33}\b
 */
const PREFIX = "sk-tp-"
const TEST_PREFIX = "sk-tp-test-"
const OURS = /^sk-tp-(?:test-)?[0-9A-Za-z]*$/
const FORM = /^sk-tp-(?:test-)?[0-9A-Za-z]{33}$/

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const SECRET_BYTES = 20
/** 62^27 is the first power of 62 above 2^160. */
const BODY_DIGITS = 27
/** 62^6 is the first power of 62 above 2^32. */
const CHECKSUM_DIGITS = 6

const SHOWN_DIGITS = 4
const FOREIGN_SHOWN_CHARACTERS_MAX = 8

/** The shortest secret that may be brought from elsewhere, in characters. */
export const FOREIGN_SECRET_CHARACTERS_MIN = 20
/** The longest, in characters: what an HTTP header comfortably carries. */
export const FOREIGN_SECRET_CHARACTERS_MAX = 512

/** Makes a new secret from 160 bits of `fillRandom`. */
export function newSecret(fillRandom: FillRandom, options: { readonly test: boolean }): string {
  const bytes = new Uint8Array(SECRET_BYTES)
  fillRandom(bytes)
  return encodeSecret(bytes, options.test ? TEST_PREFIX : PREFIX)
}

/** The test secret that belongs to `seed`: the same 20 bytes give the same secret, so the demo key need not be stored anywhere. */
export function deriveTestSecret(seed: Uint8Array): string {
  if (seed.length !== SECRET_BYTES) throw new Error(`a test secret is derived from ${SECRET_BYTES} bytes, not ${seed.length}`)
  return encodeSecret(seed, TEST_PREFIX)
}

/**
 * Whether a text claims to be one of ours: our prefix and nothing but base62 digits behind it, however many. What does not claim
 * it may still be a secret brought from elsewhere, whose form is its maker's affair.
 */
export const claimsOurForm = (secret: string): boolean => OURS.test(secret)

/** Whether a text is one of our secrets without a typo. Says nothing about the key's existence. */
export function isWellFormed(secret: string): boolean {
  return FORM.test(secret) && checksum(secret.slice(0, -CHECKSUM_DIGITS)) === secret.slice(-CHECKSUM_DIGITS)
}

/** Whether a key could have this secret at all: one of ours without a typo, or one of a length that can be brought from elsewhere. */
export function isPlausible(secret: string): boolean {
  if (claimsOurForm(secret)) return isWellFormed(secret)
  return secret.length >= FOREIGN_SECRET_CHARACTERS_MIN && secret.length <= FOREIGN_SECRET_CHARACTERS_MAX
}

export const isTestSecret = (secret: string): boolean => secret.startsWith(TEST_PREFIX)

/** What is kept and shown to recognize a secret by: ours up to four random digits, a foreign one up to a quarter and eight characters. */
export function displayPrefix(secret: string): string {
  if (isWellFormed(secret)) return secret.slice(0, (isTestSecret(secret) ? TEST_PREFIX : PREFIX).length + SHOWN_DIGITS)
  return secret.slice(0, Math.min(FOREIGN_SHOWN_CHARACTERS_MAX, Math.floor(secret.length / 4)))
}

/**
 * What the database holds of a secret: HMAC-SHA256 of the whole text under the server's pepper, in hex. The pepper is a key object
 * (`createSecretKey`, once) because every call of the gateway hashes: measured 1.6 µs, against 11 µs with the bare bytes.
 */
export function hashSecret(pepper: KeyObject, secret: string): string {
  return createHmac("sha256", pepper).update(secret).digest("hex")
}

function encodeSecret(bytes: Uint8Array, prefix: string): string {
  const body = prefix + base62(BigInt(`0x${Buffer.from(bytes).toString("hex")}`), BODY_DIGITS)
  return body + checksum(body)
}

const checksum = (text: string): string => base62(BigInt(crc32(text)), CHECKSUM_DIGITS)

function base62(value: bigint, width: number): string {
  let digits = ""
  for (let rest = value; rest > 0n; rest /= 62n) digits = BASE62.charAt(Number(rest % 62n)) + digits
  return digits.padStart(width, "0")
}
