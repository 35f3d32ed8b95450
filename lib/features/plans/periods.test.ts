import fc from "fast-check"
import { expect, test } from "vitest"
import { periodAt, planPeriods } from "./periods.ts"

const at = Date.parse
const period = (anchor: string, kind: (typeof planPeriods)[number], timeZone: string, moment: string) => {
  const { startMs, endMs } = periodAt({ anchorMs: at(anchor), period: kind, timeZone }, at(moment))
  return [new Date(startMs).toISOString(), new Date(endMs).toISOString()]
}

test("a month begins on the anchor's day, or on the month's last where it has no such day", () => {
  expect(period("2027-01-31T10:00:00Z", "month", "UTC", "2027-02-10T00:00:00Z")).toEqual(["2027-01-31T10:00:00.000Z", "2027-02-28T10:00:00.000Z"])
  expect(period("2027-01-31T10:00:00Z", "month", "UTC", "2027-03-01T00:00:00Z")).toEqual(["2027-02-28T10:00:00.000Z", "2027-03-31T10:00:00.000Z"])
  expect(period("2028-02-29T00:00:00Z", "year", "UTC", "2029-06-01T00:00:00Z")).toEqual(["2029-02-28T00:00:00.000Z", "2030-02-28T00:00:00.000Z"])
})

test("the day of the anchor is that of the organization's zone", () => {
  // 1 March in Shanghai is still 28 February in New York.
  const moment = "2027-02-28T20:30:00Z"
  expect(period(moment, "month", "Asia/Shanghai", "2027-04-10T00:00:00Z")).toEqual(["2027-03-31T20:30:00.000Z", "2027-04-30T20:30:00.000Z"])
  expect(period(moment, "month", "America/New_York", "2027-04-10T00:00:00Z")).toEqual(["2027-03-28T19:30:00.000Z", "2027-04-28T19:30:00.000Z"])
  expect(period(moment, "month", "Asia/Kolkata", "2027-04-10T00:00:00Z")).toEqual(["2027-03-31T20:30:00.000Z", "2027-04-30T20:30:00.000Z"])
})

test("a period keeps its time of day through changes of daylight saving time", () => {
  expect(period("2027-03-27T01:30:00Z", "day", "Europe/Berlin", "2027-03-28T12:00:00Z")).toEqual(["2027-03-28T01:00:00.000Z", "2027-03-29T00:30:00.000Z"])
  expect(period("2027-10-24T00:30:00Z", "week", "Europe/Berlin", "2027-10-25T00:00:00Z")).toEqual(["2027-10-24T00:30:00.000Z", "2027-10-31T00:30:00.000Z"])
})

test("every moment lies in exactly one period, and the next one begins where it ends", () => {
  const moment = fc.integer({ min: at("2026-01-01"), max: at("2036-01-01") })
  const zone = fc.constantFrom("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
  fc.assert(
    fc.property(moment, moment, fc.constantFrom(...planPeriods), zone, (a, b, kind, timeZone) => {
      const anchor = { anchorMs: Math.min(a, b), period: kind, timeZone }
      const found = periodAt(anchor, Math.max(a, b))
      expect(found.startMs).toBeLessThanOrEqual(Math.max(a, b))
      expect(found.endMs).toBeGreaterThan(Math.max(a, b))
      expect(periodAt(anchor, found.endMs).startMs).toBe(found.endMs)
      if (found.startMs > anchor.anchorMs) expect(periodAt(anchor, found.startMs - 1).endMs).toBe(found.startMs)
    }),
    { numRuns: 300 },
  )
})
