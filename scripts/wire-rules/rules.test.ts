import { expect, test } from "vitest"
import { coverageOf, gapOf, numbersOf, readRules, ruleTestsOf } from "./rules.ts"

test("a rule is a line that begins with its number", () => {
  expect(readRules("# Rules\n1. One.\n2. Two:\n   more of it\n- 3. no rule")).toEqual([
    { number: 1, text: "One." },
    { number: 2, text: "Two:" },
  ])
})

test("a test carries the numbers that its name begins with, and no others", () => {
  expect(numbersOf("W-5 W-27 turns become one, unlike W-9")).toEqual([5, 27])
  expect(numbersOf("nothing of W-5 here")).toEqual([])
})

test("tests are found in every kind of quotes and in test.each", () => {
  expect(ruleTestsOf('test("W-1 a", () => {})\ntest.each([])("W-2 %s", x)\ntest(`W-3 c`, y)\nexpect("W-4 no test")')).toEqual(["W-1 a", "W-2 %s", "W-3 c"])
})

test("a rule without a test and one without a mutant that its test must notice are gaps", () => {
  const sources = new Map([["a.test.ts", 'test("W-1 a", f)\ntest("W-2 b", f)']])
  const mutants = [
    { name: "first", tests: [{ name: "group > W-1 a" }] },
    { name: "other", tests: [{ name: "no number, but W-2 in it" }] },
  ]
  const rules = [1, 2, 3].map((number) => ({ number, text: "" }))
  expect(coverageOf(rules, sources, mutants).map(gapOf)).toEqual([null, "no mutant", "no test"])
})
