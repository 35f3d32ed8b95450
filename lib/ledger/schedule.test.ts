import { expect, test } from "vitest"
import { inSchedule } from "./schedule.ts"

const entry = (days: readonly ("mon" | "tue" | "fri" | "sat" | "sun")[], from: string, to: string, timeZone = "UTC") => ({ days, from, to, timeZone })
const at = (iso: string) => Date.parse(iso)

test("from is included and to is not", () => {
  const morning = entry([], "08:00", "12:00")
  expect(inSchedule(morning, at("2026-11-25T07:59:59Z"))).toBe(false)
  expect(inSchedule(morning, at("2026-11-25T08:00:00Z"))).toBe(true)
  expect(inSchedule(morning, at("2026-11-25T11:59:59Z"))).toBe(true)
  expect(inSchedule(morning, at("2026-11-25T12:00:00Z"))).toBe(false)
})

test("a span over midnight belongs to the day on which it began", () => {
  const fridayNight = entry(["fri"], "22:00", "06:00")
  expect(inSchedule(fridayNight, at("2026-11-27T23:00:00Z"))).toBe(true)
  expect(inSchedule(fridayNight, at("2026-11-28T05:59:00Z"))).toBe(true)
  expect(inSchedule(fridayNight, at("2026-11-27T05:00:00Z"))).toBe(false)
  expect(inSchedule(fridayNight, at("2026-11-28T23:00:00Z"))).toBe(false)
})

test("24:00 is the end of the day, and a whole day has no gap", () => {
  const monday = entry(["mon"], "00:00", "24:00")
  expect(inSchedule(monday, at("2026-11-23T00:00:00Z"))).toBe(true)
  expect(inSchedule(monday, at("2026-11-23T23:59:59Z"))).toBe(true)
  expect(inSchedule(monday, at("2026-11-24T00:00:00Z"))).toBe(false)
})

test("the wall clock is that of the zone, through a change of daylight saving time", () => {
  const night = entry([], "01:00", "03:00", "America/New_York")
  // 2026-11-01: 01:30 happens twice, at 05:30Z (EDT) and 06:30Z (EST); 03:00 EST is 08:00Z.
  expect(inSchedule(night, at("2026-11-01T05:30:00Z"))).toBe(true)
  expect(inSchedule(night, at("2026-11-01T06:30:00Z"))).toBe(true)
  expect(inSchedule(night, at("2026-11-01T07:59:00Z"))).toBe(true)
  expect(inSchedule(night, at("2026-11-01T08:00:00Z"))).toBe(false)
})

test("the weekday is that of the zone too", () => {
  const sunday = entry(["sun"], "00:00", "24:00", "Asia/Shanghai")
  expect(inSchedule(sunday, at("2026-11-28T15:59:59Z"))).toBe(false)
  expect(inSchedule(sunday, at("2026-11-28T16:00:00Z"))).toBe(true)
})
