import { createHmac, createSecretKey, getRandomValues } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { claimsOurForm, deriveTestSecret, displayPrefix, hashSecret, isPlausible, isTestSecret, isWellFormed, newSecret } from "./secret.ts"

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const seeds = fc.uint8Array({ minLength: 20, maxLength: 20 })
const secretOf = (seed: Uint8Array, isTest: boolean) => newSecret((bytes) => bytes.set(seed), { test: isTest })

test("a secret is its prefix, 27 digits and a checksum of 6, whatever the bits", () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, isTest) => {
      const secret = secretOf(seed, isTest)
      expect(secret).toMatch(isTest ? /^sk-tp-test-[0-9A-Za-z]{33}$/ : /^sk-tp-[0-9A-Za-z]{33}$/)
      expect(isWellFormed(secret)).toBe(true)
      expect(isTestSecret(secret)).toBe(isTest)
    }),
  )
  expect(secretOf(new Uint8Array(20).fill(255), false).slice(6, 33)).toHaveLength(27)
})

test("the 27 digits carry all 160 bits", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const digits = secretOf(seed, false).slice(6, 33)
      const value = [...digits].reduce((sum, digit) => sum * 62n + BigInt(BASE62.indexOf(digit)), 0n)
      expect(value).toBe(BigInt(`0x${Buffer.from(seed).toString("hex")}`))
    }),
  )
})

test("any one wrong character, or two swapped neighbours, is noticed without a look-up", () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), fc.nat(), fc.constantFrom(...BASE62), (seed, isTest, at, digit) => {
      const secret = secretOf(seed, isTest)
      const first = isTest ? 11 : 6
      const position = first + (at % 32)
      const typo = secret.slice(0, position) + digit + secret.slice(position + 1)
      expect(isWellFormed(typo)).toBe(typo === secret)
      const swapped = secret.slice(0, position) + secret.charAt(position + 1) + secret.charAt(position) + secret.slice(position + 2)
      expect(isWellFormed(swapped)).toBe(swapped === secret)
    }),
  )
})

test("a test secret with its prefix shortened is not a live one", () => {
  expect(isWellFormed(deriveTestSecret(new Uint8Array(20)).replace("test-", ""))).toBe(false)
})

test("cut, padded, foreign and empty texts are not well formed", () => {
  const secret = secretOf(new Uint8Array(20).fill(7), false)
  for (const text of ["", "sk-tp-", secret.slice(0, -1), `${secret}0`, ` ${secret}`, `${secret}\n`, "sk-or-v1-0123456789abcdef0123456789"]) {
    expect(isWellFormed(text), JSON.stringify(text)).toBe(false)
  }
})

test("the published example of the checksum holds: CRC-32 of all before it, base62, six digits", () => {
  expect(secretOf(new Uint8Array(20), false)).toBe("sk-tp-0000000000000000000000000002miRye")
})

test("the same 20 bytes derive the same test secret, and no other number of bytes is taken", () => {
  const seed = Uint8Array.from({ length: 20 }, (_, i) => i)
  expect(deriveTestSecret(seed)).toBe(deriveTestSecret(seed))
  expect(isTestSecret(deriveTestSecret(seed))).toBe(true)
  expect(() => deriveTestSecret(new Uint8Array(16))).toThrow(/20 bytes/)
})

test("a secret is recognized by four of its random digits, a foreign one by no more than a quarter", () => {
  const secret = secretOf(getRandomValues(new Uint8Array(20)), false)
  expect(displayPrefix(secret)).toBe(secret.slice(0, 10))
  const sandbox = deriveTestSecret(new Uint8Array(20).fill(9))
  expect(displayPrefix(sandbox)).toBe(sandbox.slice(0, 15))
  expect(displayPrefix("abcdefghijklmnopqrst")).toBe("abcde")
  expect(displayPrefix("sk-or-v1-0123456789abcdef0123456789abcdef")).toBe("sk-or-v1")
  expect(claimsOurForm("sk-or-v1-0123456789abcdef0123456789abcdef")).toBe(false)
})

test("what is stored is the HMAC-SHA256 under the pepper, so that a stolen table opens nothing", () => {
  const pepper = new Uint8Array(32).fill(1)
  const hash = hashSecret(createSecretKey(pepper), "secret")
  expect(hash).toBe(createHmac("sha256", pepper).update("secret").digest("hex"))
  expect(hashSecret(createSecretKey(new Uint8Array(32).fill(2)), "secret")).not.toBe(hash)
})

test("a misspelt secret of ours and one of an impossible length are no key's, a foreign one may be", () => {
  const secret = secretOf(new Uint8Array(20).fill(3), false)
  expect(isPlausible(secret)).toBe(true)
  for (const typo of [secret.slice(0, -1), `${secret}0`, "sk-tp-", secret.replace(/.$/, secret.endsWith("0") ? "1" : "0")]) expect(isPlausible(typo), typo).toBe(false)
  expect(isPlausible("sk-tp-of-another-make-0123456789")).toBe(true)
  expect(isPlausible("x".repeat(19))).toBe(false)
  expect(isPlausible("x".repeat(20))).toBe(true)
  expect(isPlausible("x".repeat(513))).toBe(false)
})
