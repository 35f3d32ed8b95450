import { expect, test } from "vitest"
import { planLimit, planWindowsInput } from "./plan-windows.ts"

test.each([
  ["5h", "rolling", 18_000],
  ["90m", "rolling", 5_400],
  ["24h", "day", null],
  ["1d", "day", null],
  ["7d", "week", null],
  ["1w", "week", null],
  ["month", "month", null],
] as const)("a window of %s is a quota of a %s", (every, window, windowSeconds) => {
  expect(planLimit({ every, limit: 600, unit: "prompts" })).toEqual({ unit: "prompts", window, windowSeconds, limit: 600n })
})

test("one unit has one window of each kind, and two units may have the same", () => {
  expect(planWindowsInput.safeParse([{ every: "5h", limit: 1, unit: "prompts" }, { every: "6h", limit: 1, unit: "prompts" }]).success).toBe(false)
  expect(planWindowsInput.safeParse([{ every: "5h", limit: 1, unit: "prompts" }, { every: "week", limit: 1, unit: "prompts" }, { every: "5h", limit: 1, unit: "requests" }]).success).toBe(true)
})

test("a length that nobody can read and a limit of nothing are refused", () => {
  for (const window of [{ every: "5 hours", limit: 1, unit: "prompts" }, { every: "5h", limit: 0, unit: "prompts" }, { every: "5h", limit: 1, unit: "dollars" }]) expect(planWindowsInput.safeParse([window]).success).toBe(false)
})
