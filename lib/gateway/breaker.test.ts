import { expect, test } from "vitest"
import { createBreaker, type Verdict } from "./breaker.ts"

function setUp() {
  const time = { now: 0 }
  const breaker = createBreaker(() => time.now)
  const attempt = (verdict: Verdict["kind"], count = 1) => {
    for (let index = 0; index < count; index++) {
      if (!breaker.begin("c")) throw new Error("not to be tried now")
      breaker.report("c", verdict === "pausing" ? { kind: "pausing", seconds: 7 } : { kind: verdict })
    }
  }
  return { time, breaker, attempt }
}

test("one error, or a few among many successes, opens nothing", () => {
  const { breaker, attempt } = setUp()
  attempt("failing", 4)
  attempt("healthy", 10)
  attempt("failing", 5)
  expect(breaker.waitMs("c")).toBe(0)
})

test("half of at least ten, or five in a row, opens it for five seconds", () => {
  const { breaker, attempt } = setUp()
  attempt("failing", 5)
  expect(breaker.waitMs("c")).toBe(5_000)
  expect(breaker.begin("c")).toBe(false)
  expect(breaker.begin("other")).toBe(true)
})

test("errors that lie longer back than the window are forgotten", () => {
  const { time, breaker, attempt } = setUp()
  attempt("failing", 4)
  time.now = 61_000
  attempt("failing", 4)
  expect(breaker.waitMs("c")).toBe(0)
})

test("half open lets one probe through: its success closes, its failure doubles the wait", () => {
  const { time, breaker, attempt } = setUp()
  attempt("failing", 5)
  time.now = 5_000
  expect([breaker.begin("c"), breaker.begin("c")]).toEqual([true, false])
  breaker.report("c", { kind: "failing" })
  expect(breaker.waitMs("c")).toBe(10_000)
  time.now = 15_000
  expect(breaker.begin("c")).toBe(true)
  breaker.report("c", { kind: "healthy" })
  expect([breaker.waitMs("c"), breaker.begin("c"), breaker.begin("c")]).toEqual([0, true, true])
})

test("a probe that ended for the client's reason leaves the next call to probe", () => {
  const { time, breaker, attempt } = setUp()
  attempt("failing", 5)
  time.now = 5_000
  attempt("unknown")
  expect([breaker.begin("c"), breaker.begin("c")]).toEqual([true, false])
})

test("a refused credential rests at once, a provider's pause is kept to the second", () => {
  const { time, breaker, attempt } = setUp()
  attempt("pausing")
  expect(breaker.waitMs("c")).toBe(7_000)
  time.now = 7_000
  attempt("refused")
  expect(breaker.waitMs("c")).toBe(30_000)
})
