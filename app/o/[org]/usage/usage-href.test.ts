import { expect, test } from "vitest"
import { usageQuery } from "#lib/features/usage/index.ts"
import { usageHref } from "./usage-href.ts"

const query = usageQuery.parse({})

test("the plain page has a plain address", () => {
  expect(usageHref("acme", query, {})).toBe("/o/acme/usage")
})

test("an address gives back the query it was made of", () => {
  const wanted = { ...query, range: "custom", from: "2026-01-01", to: "2026-02-01", by: "key", measure: "tokens", mode: "test", before: "m3x.req_1" } as const
  const href = usageHref("acme", query, wanted)
  expect(usageQuery.parse(Object.fromEntries(new URL(href, "http://localhost").searchParams))).toEqual(wanted)
})

test("another view begins its list of calls anew, and days belong to a custom range alone", () => {
  const deep = { ...query, range: "custom", from: "2026-01-01", to: "2026-02-01", before: "m3x.req_1" } as const
  expect(usageHref("acme", deep, { range: "7d" })).toBe("/o/acme/usage?range=7d")
})
