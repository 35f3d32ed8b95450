import { expect, test } from "vitest"
import { ownOrigins, publicOrigin, safeReturnPath } from "./origin.ts"

test("TURNPIKE_URL is the origin, whatever the listener's address", () => {
  const env = { HOST: "0.0.0.0", PORT: 3000, TURNPIKE_URL: "https://ai.example.com/portal/" }
  expect(publicOrigin(env)).toBe("https://ai.example.com")
  expect([...ownOrigins(env)]).toEqual(["https://ai.example.com"])
})

test("without TURNPIKE_URL the loopback answers to all of its names, and another address to its own only", () => {
  expect(publicOrigin({ HOST: "::", PORT: 3000, TURNPIKE_URL: undefined })).toBe("http://127.0.0.1:3000")
  expect(publicOrigin({ HOST: "::1", PORT: 3000, TURNPIKE_URL: undefined })).toBe("http://[::1]:3000")
  expect([...ownOrigins({ HOST: "127.0.0.1", PORT: 3000, TURNPIKE_URL: undefined })]).toEqual(["http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"])
  expect([...ownOrigins({ HOST: "192.168.1.5", PORT: 80, TURNPIKE_URL: undefined })]).toEqual(["http://192.168.1.5"])
})

test("a return path never leads to another site", () => {
  for (const path of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "evil", "", null, `/${"a".repeat(600)}`]) expect(safeReturnPath(path)).toBe("/")
  expect(safeReturnPath("/o/acme/keys?range=7d#x")).toBe("/o/acme/keys?range=7d")
  expect(safeReturnPath("/a/../b")).toBe("/b")
  expect(safeReturnPath("/.//evil.example")).toBe("/")
})
