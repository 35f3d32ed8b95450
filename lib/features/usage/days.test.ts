import { expect, test } from "vitest"
import { addDays, countDays, dayOf, listDays } from "./days.ts"

test("the day follows the time zone, on both sides of midnight", () => {
  const moment = Date.parse("2026-03-01T16:30:00Z")
  expect(dayOf(moment, "UTC")).toBe("2026-03-01")
  expect(dayOf(moment, "Asia/Shanghai")).toBe("2026-03-02")
  expect(dayOf(Date.parse("2026-03-01T04:30:00Z"), "America/New_York")).toBe("2026-02-28")
})

test("days are counted over month ends, leap days and changes of summer time", () => {
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29")
  expect(addDays("2026-01-01", -1)).toBe("2025-12-31")
  expect(countDays("2026-03-01", "2026-03-31")).toBe(31)
  expect(listDays("2026-10-24", "2026-10-26")).toEqual(["2026-10-24", "2026-10-25", "2026-10-26"])
})
