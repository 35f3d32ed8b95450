import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { createNewId, idPrefixes, isId } from "./ids.ts"

const zeros = (bytes: Uint8Array) => void bytes.fill(0)

test("an id names its kind and sorts by the time it was made", () => {
  let now = 1_700_000_000_000
  const newId = createNewId(() => now, zeros)
  const first = newId("key")
  now += 1
  const second = newId("key")
  expect(first).toMatch(/^key_[0-9A-Za-z]{23}$/)
  expect(first < second).toBe(true)
})

test("ids made in the same millisecond differ", () => {
  const newId = createNewId(
    () => 1,
    (bytes) => void bytes.set(randomBytes(bytes.length)),
  )
  expect(new Set(Array.from({ length: 1000 }, () => newId("request"))).size).toBe(1000)
})

test("an id of one kind is never taken for another's", () => {
  const prefixes = Object.values(idPrefixes)
  expect(new Set(prefixes).size).toBe(prefixes.length)
  expect(isId("key", "key_0dXn")).toBe(true)
  expect(isId("key", "org_0dXn")).toBe(false)
  expect(isId("key", "key_")).toBe(false)
  expect(isId("key", "key_a'; DROP TABLE")).toBe(false)
})
