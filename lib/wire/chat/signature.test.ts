import fc from "fast-check"
import { expect, test } from "vitest"
import type { Dialect } from "../dialect.ts"
import { readSignature, writeSignature } from "./signature.ts"

const dialect = fc.constantFrom<Dialect[]>("cc", "rs", "am", "gm", "br")

test("W-54 W-57 W-58 a signature comes back byte for byte with its origin through a client of any dialect", () => {
  fc.assert(
    fc.property(dialect, dialect, fc.base64String({ minLength: 4 }), (origin, client, data) => {
      const signature = { origin, data }
      expect(readSignature(writeSignature(signature, client), client)).toEqual(signature)
    }),
  )
})

test("a signature of the client's own dialect is written as it is", () => {
  expect(writeSignature({ origin: "am", data: "EqQBCkgIARABGAI=" }, "am")).toBe("EqQBCkgIARABGAI=")
})

test("a foreign signature is written in base64, which clients check", () => {
  expect(writeSignature({ origin: "gm", data: "CiQB/+==" }, "am")).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
})

test("a text that only looks marked is the dialect's own", () => {
  expect(readSignature("dHAxLnh4LmFiYw==", "am")).toEqual({ origin: "am", data: "dHAxLnh4LmFiYw==" })
})
