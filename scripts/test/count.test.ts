import { expect, test } from "vitest"
import { addCounts, countCheck, countPlaywright, countVitest, noCount } from "./count.ts"

const file = (name: string, ...results: [string, string][]) => ({
  name,
  status: results.some(([, status]) => status === "failed") ? "failed" : "passed",
  assertionResults: results.map(([fullName, status]) => ({ fullName, status })),
})

test("every test case counts, and a failed one is named", () => {
  const report = { testResults: [file("a.test.ts", ["adds", "passed"], ["subtracts", "failed"]), file("b.test.ts", ["reads", "passed"])] }
  expect(countVitest("unit", report, 1)).toEqual({ passed: 2, failed: 1, skipped: [], problems: ["a.test.ts: subtracts"] })
})

test("a file that does not load is a failure although no test of it failed", () => {
  const report = { testResults: [file("a.test.ts", ["adds", "passed"]), { name: "b.test.ts", status: "failed", message: "Cannot find module\nat x", assertionResults: [] }] }
  expect(countVitest("unit", report, 1)).toMatchObject({ passed: 1, failed: 1, problems: ["b.test.ts: Cannot find module"] })
})

test("an unhandled error fails a run whose tests all passed", () => {
  expect(countVitest("unit", { testResults: [file("a.test.ts", ["adds", "passed"])] }, 1)).toMatchObject({ passed: 1, failed: 1, problems: ["unit exited with 1"] })
})

test("a run that found no test, or gave no report, is not green", () => {
  expect(countVitest("unit", { testResults: [] }, 0).failed).toBe(1)
  expect(countVitest("unit", null, 0).failed).toBe(1)
  expect(countPlaywright("browser", { suites: [] }, 0).failed).toBe(1)
  expect(countPlaywright("browser", null, null).failed).toBe(1)
})

test("skipped tests are named", () => {
  expect(countVitest("unit", { testResults: [file("a.test.ts", ["adds", "passed"], ["waits", "skipped"])] }, 0)).toMatchObject({ passed: 1, failed: 0, skipped: ["a.test.ts: waits"] })
})

test("nested suites count, and a flaky browser test is a failed one", () => {
  const spec = (title: string, status: "expected" | "unexpected" | "flaky" | "skipped") => ({ title, file: "journey.spec.ts", tests: [{ status }] })
  const suites = [{ title: "journey.spec.ts", specs: [spec("signs in", "expected")], suites: [{ title: "keys", specs: [spec("creates", "flaky"), spec("revokes", "skipped")] }] }]
  expect(countPlaywright("browser", { suites }, 1)).toEqual({ passed: 1, failed: 1, skipped: ["journey.spec.ts: revokes"], problems: ["journey.spec.ts: creates"] })
  expect(countPlaywright("browser", { suites, errors: [{ message: "set-up failed" }] }, 1).failed).toBe(2)
})

test("a check counts as one, and counts add up", () => {
  expect(addCounts(countCheck("types", 0), countCheck("lint", 2))).toEqual({ passed: 1, failed: 1, skipped: [], problems: ["lint failed"] })
  expect(addCounts(noCount, noCount)).toEqual(noCount)
})
