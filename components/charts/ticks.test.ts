import fc from "fast-check"
import { expect, test } from "vitest"
import { niceTicks, tickDecimals } from "./ticks.ts"

test.each([
  [0, [0, 1]],
  [Number.NaN, [0, 1]],
  [7, [0, 2, 4, 6, 8]],
  [100, [0, 25, 50, 75, 100]],
  [0.0012, [0, 0.0005, 0.001, 0.0015]],
  [0.9, [0, 0.25, 0.5, 0.75, 1]],
  [1234, [0, 500, 1000, 1500]],
])("a largest value of %d is measured by %j", (max, ticks) => {
  expect(niceTicks(max)).toEqual(ticks)
})

test("what is counted has whole steps", () => {
  expect(niceTicks(1, { integer: true })).toEqual([0, 1])
  expect(niceTicks(3, { integer: true })).toEqual([0, 1, 2, 3])
  expect(niceTicks(9, { integer: true })).toEqual([0, 5, 10])
})

test("ticks rise evenly from zero, reach the largest value, and are few", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), fc.boolean(), (max, integer) => {
      const ticks = niceTicks(max, { integer })
      expect(ticks[0]).toBe(0)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-9))
      expect(ticks.length).toBeLessThanOrEqual(6)
      const step = ticks[1] ?? 0
      for (const [index, tick] of ticks.entries()) expect(tick).toBeCloseTo(index * step, 9 - Math.ceil(Math.log10(max)))
    }),
  )
})

test("labels get as many decimals as their steps need", () => {
  expect(tickDecimals([0, 5, 10])).toBe(0)
  expect(tickDecimals([0, 0.25, 0.5])).toBe(2)
  expect(tickDecimals([0, 0.0005])).toBe(4)
})
