import { expect, test } from "vitest"
import { maySignUp, mayUnlink } from "./policy.ts"

test("sign-up is open to all, to the invited, or to nobody", () => {
  const table = (["open", "invitation", "closed"] as const).map((policy) => [maySignUp(policy, true), maySignUp(policy, false)])
  expect(table).toEqual([[true, true], [true, false], [false, false]])
})

test("a linked account can be taken away while another way in remains", () => {
  expect(mayUnlink({ hasPassword: false, linked: 1, mail: false })).toBe(false)
  for (const ways of [{ hasPassword: true, linked: 1, mail: false }, { hasPassword: false, linked: 2, mail: false }, { hasPassword: false, linked: 1, mail: true }]) expect(mayUnlink(ways)).toBe(true)
})
