import { expect, test } from "vitest"
import { daysOf, usageQuery } from "./schema.ts"

test("whatever stands in the URL, a query comes out", () => {
  expect(usageQuery.parse({ range: "x", from: "2026-02-30", by: ["a"], measure: null, mode: 1, before: "y".repeat(1000) })).toEqual({ range: "30d", by: "model", measure: "cost" })
})

test.each([
  [{ range: "7d" }, "2026-03-04", "2026-03-10"],
  [{ range: "month" }, "2026-03-01", "2026-03-10"],
  [{ range: "custom", from: "2026-01-05", to: "2026-01-06" }, "2026-01-05", "2026-01-06"],
  [{ range: "custom", from: "2026-01-06", to: "2026-01-05" }, "2026-02-09", "2026-03-10"],
  [{ range: "custom", from: "2020-01-01", to: "2026-01-05" }, "2026-02-09", "2026-03-10"],
  [{ range: "custom", from: "2026-01-05" }, "2026-02-09", "2026-03-10"],
] as const)("on 10 March, %j means %s to %s", (query, first, last) => {
  expect(daysOf({ from: undefined, to: undefined, ...query }, "2026-03-10")).toEqual({ first, last })
})
