import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { QuotaWindowKind } from "./types.ts"
import { windowAt } from "./windows.ts"

const rule = (window: QuotaWindowKind, timeZone: string, windowSeconds: number | null = null) => ({ window, timeZone, windowSeconds })
const iso = (window: { startMs: number; endMs: number | null }) => [new Date(window.startMs).toISOString(), window.endMs === null ? null : new Date(window.endMs).toISOString()]
const at = (window: QuotaWindowKind, timeZone: string, when: string) => iso(windowAt(rule(window, timeZone), Date.parse(when)))

describe("windows begin at the organization's midnight", () => {
  test("a day in Shanghai begins at 16:00 UTC", () => {
    expect(at("day", "Asia/Shanghai", "2026-11-25T15:59:59.999Z")).toEqual(["2026-11-24T16:00:00.000Z", "2026-11-25T16:00:00.000Z"])
    expect(at("day", "Asia/Shanghai", "2026-11-25T16:00:00.000Z")).toEqual(["2026-11-25T16:00:00.000Z", "2026-11-26T16:00:00.000Z"])
  })
  test("a week begins on Monday, a month on the first, across the year's end", () => {
    expect(at("week", "UTC", "2026-12-31T23:00:00Z")).toEqual(["2026-12-28T00:00:00.000Z", "2027-01-04T00:00:00.000Z"])
    expect(at("week", "UTC", "2026-11-22T23:59:59Z")).toEqual(["2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z"])
    expect(at("month", "America/New_York", "2027-01-01T04:59:59Z")).toEqual(["2026-12-01T05:00:00.000Z", "2027-01-01T05:00:00.000Z"])
  })
  test("a plan's windows are counted from the moment that its provider named, whatever their kind", () => {
    const anchorMs = Date.UTC(2026, 7, 25, 1, 41, 44)
    const from = (window: "rolling" | "week", seconds: number | null, atMs: number) => windowAt({ window, windowSeconds: seconds, timeZone: "UTC", anchorMs }, atMs)
    expect(from("rolling", 18_000, anchorMs)).toEqual({ startMs: anchorMs, endMs: anchorMs + 18_000_000 })
    expect(from("rolling", 18_000, anchorMs - 1)).toEqual({ startMs: anchorMs - 18_000_000, endMs: anchorMs })
    expect(from("week", null, anchorMs + 8 * 86_400_000)).toEqual({ startMs: anchorMs + 7 * 86_400_000, endMs: anchorMs + 14 * 86_400_000 })
  })

  test("total and concurrency never end, a minute and a rolling window are counted from the epoch", () => {
    expect(windowAt(rule("total", "UTC"), 123)).toEqual({ startMs: 0, endMs: null })
    expect(windowAt(rule("none", "UTC"), 123)).toEqual({ startMs: 0, endMs: null })
    expect(windowAt(rule("minute", "UTC"), 61_234)).toEqual({ startMs: 60_000, endMs: 120_000 })
    expect(windowAt(rule("rolling", "UTC", 18_000), 18_000_001)).toEqual({ startMs: 18_000_000, endMs: 36_000_000 })
  })
})

describe("daylight saving time", () => {
  test("the day of the change has 23 or 25 hours, the month an hour less", () => {
    expect(at("day", "America/New_York", "2026-03-08T12:00:00Z")).toEqual(["2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"])
    expect(at("day", "America/New_York", "2026-11-01T12:00:00Z")).toEqual(["2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"])
    expect(at("month", "Europe/Berlin", "2026-03-30T12:00:00Z")).toEqual(["2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"])
  })
  test("a midnight that is skipped begins the day at the change", () => {
    // Cairo, 2026-04-24: 00:00 becomes 01:00.
    expect(at("day", "Africa/Cairo", "2026-04-24T12:00:00Z")).toEqual(["2026-04-23T22:00:00.000Z", "2026-04-24T21:00:00.000Z"])
  })
  test("a midnight that comes twice begins the day the first time", () => {
    // Havana, 2026-11-01: 01:00 becomes 00:00.
    expect(at("day", "America/Havana", "2026-11-01T04:30:00Z")).toEqual(["2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"])
    expect(at("day", "America/Havana", "2026-11-01T05:30:00Z")).toEqual(["2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"])
  })
  test("a date that a zone left out does not lose a window", () => {
    // Samoa went from 29 to 31 December 2011.
    expect(at("day", "Pacific/Apia", "2011-12-30T09:59:59Z")).toEqual(["2011-12-29T10:00:00.000Z", "2011-12-30T10:00:00.000Z"])
    expect(at("day", "Pacific/Apia", "2011-12-30T10:00:00Z")).toEqual(["2011-12-30T10:00:00.000Z", "2011-12-31T10:00:00.000Z"])
  })
})

test("every moment lies in its window, and the next window begins where it ends", () => {
  const zones = fc.constantFrom("UTC", "Asia/Shanghai", "America/New_York", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago")
  fc.assert(
    fc.property(fc.constantFrom<QuotaWindowKind>("day", "week", "month", "minute"), zones, fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }), (kind, zone, atMs) => {
      const window = windowAt(rule(kind, zone), atMs)
      expect(window.startMs).toBeLessThanOrEqual(atMs)
      expect(window.endMs).toBeGreaterThan(atMs)
      expect(windowAt(rule(kind, zone), window.startMs)).toEqual(window)
      expect(windowAt(rule(kind, zone), window.endMs ?? 0).startMs).toBe(window.endMs)
    }),
  )
})
