import { expect, test } from "vitest"
import { pageNonce, pagePolicy } from "./page-policy.ts"

const directives = (policy: string) => new Map(policy.split("; ").map((directive) => [directive.slice(0, directive.indexOf(" ")), directive.slice(directive.indexOf(" ") + 1)]))

test("a page runs no script without its nonce, is framed by nobody and posts nowhere else", () => {
  const policy = directives(pagePolicy("bm9uY2U=", false))
  expect(policy.get("script-src")).toBe("'self' 'nonce-bm9uY2U=' 'strict-dynamic'")
  expect(["object-src", "base-uri", "frame-ancestors"].map((name) => policy.get(name))).toEqual(["'none'", "'none'", "'none'"])
  expect(["default-src", "form-action", "connect-src"].map((name) => policy.get(name))).toEqual(["'self'", "'self'", "'self'"])
})

test("the layout finds the nonce that the answer names, and none where there is no policy", () => {
  const nonce = "aB+/9w=="
  expect(pageNonce(new Headers({ "content-security-policy": pagePolicy(nonce, false) }))).toBe(nonce)
  expect(pageNonce(new Headers())).toBeUndefined()
})
