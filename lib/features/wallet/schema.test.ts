import { expect, test } from "vitest"
import { decodePostingCursor, encodePostingCursor } from "./posting-cursor.ts"
import { adjustInput, creditInput, refundCallInput } from "./schema.ts"

const movement = { organizationId: "org_a", reason: "invoice 17", idempotencyKey: "form-0001" }

test("a field that was left empty is not given: no last day, and the whole call", () => {
  expect(creditInput.parse({ ...movement, amount: "5", kind: "promotional", lastDay: "" }).lastDay).toBeUndefined()
  expect(refundCallInput.parse({ ...movement, requestId: " req_a ", amount: "" })).toMatchObject({ requestId: "req_a", amount: undefined })
})

test("a balance may fall below zero only where the switch says so", () => {
  const input = { ...movement, amount: "5", direction: "down", kind: "paid" }
  expect(adjustInput.parse(input).overdraw).toBe(false)
  expect(adjustInput.parse({ ...input, overdraw: "on" }).overdraw).toBe(true)
})

test.each(["0", "-1", "1000000.01", "1e3x"])("%s is no amount to move", (amount) => {
  expect(creditInput.safeParse({ ...movement, amount, kind: "paid" }).success).toBe(false)
})

test("a day that no calendar has is refused", () => {
  expect(creditInput.safeParse({ ...movement, amount: "5", kind: "promotional", lastDay: "2026-02-30" }).success).toBe(false)
})

test("a place in the postings survives its way through a URL, and anything else is none", () => {
  const cursor = { atMs: Date.UTC(2026, 10, 25), id: "post_0aZ" } as const
  expect(decodePostingCursor(encodePostingCursor(cursor))).toEqual(cursor)
  for (const text of ["", "x", "mi7.req_a", "mi7.post_", "mi7.post_a'--"]) expect(decodePostingCursor(text)).toBeNull()
})
