import { expect, test } from "vitest"
import { budgetOf, effortOf, nearestEffort } from "./reasoning.ts"

test("W-48 words and token budgets meet at the steps that Google publishes", () => {
  expect(["low", "medium", "high"].map((effort) => budgetOf({ kind: "effort", effort: effort as "low", shown: null }))).toEqual([1_024, 8_192, 24_576])
  expect([1_024, 8_192, 24_576].map((tokens) => effortOf({ kind: "budget", tokens, shown: null }))).toEqual(["low", "medium", "high"])
  expect([1, 2_000, 100_000].map((tokens) => effortOf({ kind: "budget", tokens, shown: null }))).toEqual(["minimal", "medium", "max"])
})

test("W-51 asked not to think is none in words and zero in tokens", () => {
  expect(effortOf({ kind: "off", shown: null })).toBe("none")
  expect(budgetOf({ kind: "off", shown: null })).toBe(0)
})

test("adaptive thinking without a word leaves it to the model", () => {
  expect(budgetOf({ kind: "adaptive", effort: null, shown: null })).toBeNull()
  expect(effortOf({ kind: "adaptive", effort: null, shown: null })).toBeNull()
})

test("W-48 a word that a model does not take becomes its nearest one", () => {
  expect(nearestEffort("max", ["low", "medium", "high"])).toBe("high")
  expect(nearestEffort("none", ["minimal", "low"])).toBe("minimal")
  expect(nearestEffort("medium", ["low", "high"])).toBe("low")
  expect(nearestEffort("high", [])).toBeNull()
})
