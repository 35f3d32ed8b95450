import { expect, test } from "vitest"
import { decodeCursor, encodeCursor } from "./cursor.ts"

test("a cursor survives its way through the URL", () => {
  const cursor = { admittedAtMs: Date.parse("2026-03-01T16:30:00.123Z"), id: "req_0dXnAbc" }
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor)
})

test.each(["", ".", "zzz", "m3x.key_1", "m3x.req_", "m3x.req_1' OR '1", "zzzzzzzzzzzzzz.req_1"])("%j is no cursor", (text) => {
  expect(decodeCursor(text)).toBeNull()
})
