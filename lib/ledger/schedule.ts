import type { Rates, Weekday } from "./rates.ts"

type ScheduleEntry = NonNullable<Rates["schedule"]>[number]

const MINUTE_MS = 60_000
const MINUTES_PER_DAY = 1440
const weekdayNumbers = { mon: 0, tue: 1, wed: 2, thu: 3, fri: 4, sat: 5, sun: 6 } as const satisfies Record<Weekday, number>
const weekdayOfEnglish: Readonly<Record<string, number>> = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 }

/**
 * Whether a price's scheduled variant applies at this moment, by the wall clock of its own time zone. `from` is included, `to`
 * is not; a `to` that is not after `from` reaches into the next day, and `days` names the day on which it began.
 */
export function inSchedule(entry: ScheduleEntry, atMs: number): boolean {
  const { weekday, minute } = wallClock(entry.timeZone, atMs)
  const from = minuteOfDay(entry.from)
  const to = minuteOfDay(entry.to)
  const onDay = (day: number) => entry.days.length === 0 || entry.days.some((name) => weekdayNumbers[name] === day)
  if (from < to) return minute >= from && minute < to && onDay(weekday)
  return (minute >= from && onDay(weekday)) || (minute < to && onDay((weekday + 6) % 7))
}

function minuteOfDay(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
}

type WallClock = { readonly weekday: number; readonly minute: number }
type ZoneClock = { readonly format: Intl.DateTimeFormat; atMinute: number; reading: WallClock }

/** One formatter per zone, and its last reading: making one costs about 50 µs, asking it about 1 µs, and calls come many to a minute. */
const zones = new Map<string, ZoneClock>()

function wallClock(timeZone: string, atMs: number): WallClock {
  // Every zone in use since 1972 differs from UTC by whole minutes, so one reading serves for the minute.
  const atMinute = Math.floor(atMs / MINUTE_MS)
  let zone = zones.get(timeZone)
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
    zone = { format, atMinute: Number.NaN, reading: { weekday: 0, minute: 0 } }
    zones.set(timeZone, zone)
  }
  if (zone.atMinute !== atMinute) {
    const parts = Object.fromEntries(zone.format.formatToParts(atMs).map((part) => [part.type, part.value]))
    zone.reading = {
      weekday: weekdayOfEnglish[parts.weekday ?? ""] ?? 0,
      minute: (Number(parts.hour) * 60 + Number(parts.minute)) % MINUTES_PER_DAY,
    }
    zone.atMinute = atMinute
  }
  return zone.reading
}
