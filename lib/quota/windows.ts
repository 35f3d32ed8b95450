import type { QuotaWindowKind } from "./types.ts"

/** One window of a quota, in epoch milliseconds: `startMs` belongs to it, `endMs` to the next. Null: it never ends. */
export type QuotaWindow = { readonly startMs: number; readonly endMs: number | null }

/** What decides where windows begin. */
export type WindowRule = {
  readonly window: QuotaWindowKind
  /** Length of a `rolling` window. */
  readonly windowSeconds: number | null
  /** A moment at which a window began: all others follow from it at equal lengths. */
  readonly anchorMs?: number
  /** IANA name: days, weeks (from Monday) and months begin at its midnight. */
  readonly timeZone: string
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const unending: QuotaWindow = { startMs: 0, endMs: null }

/**
 * The window in which a moment lies. A day begins with the first instant that the zone's calendar gives that date, so days with a
 * change of daylight saving time have 23 or 25 hours, and a midnight that is skipped or comes twice has one meaning.
 */
export function windowAt(rule: WindowRule, atMs: number): QuotaWindow {
  if (rule.anchorMs !== undefined) return fixedWindow((windowSeconds(rule) ?? 1) * 1000, atMs, rule.anchorMs)
  switch (rule.window) {
    case "total":
    case "none":
      return unending
    case "minute":
      return fixedWindow(MINUTE_MS, atMs)
    case "rolling":
      return fixedWindow((rule.windowSeconds ?? 1) * 1000, atMs)
    case "day": {
      const { year, month, day } = localDate(rule.timeZone, atMs)
      return between(rule.timeZone, Date.UTC(year, month, day), Date.UTC(year, month, day + 1))
    }
    case "week": {
      const { year, month, day } = localDate(rule.timeZone, atMs)
      const sinceMonday = (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7
      return between(rule.timeZone, Date.UTC(year, month, day - sinceMonday), Date.UTC(year, month, day - sinceMonday + 7))
    }
    case "month": {
      const { year, month } = localDate(rule.timeZone, atMs)
      return between(rule.timeZone, Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1))
    }
  }
}

/** How long a window is, where it does not hang on a calendar; months count 30 days. Null: it never ends. */
export function windowSeconds({ window, windowSeconds: rolling }: Pick<WindowRule, "window" | "windowSeconds">): number | null {
  switch (window) {
    case "total":
    case "none":
      return null
    case "minute":
      return MINUTE_MS / 1000
    case "rolling":
      return rolling
    case "day":
      return DAY_MS / 1000
    case "week":
      return (7 * DAY_MS) / 1000
    case "month":
      return (30 * DAY_MS) / 1000
  }
}

/** When a calendar day (`2026-11-30`) is over in a time zone: the first instant of the next one. */
export function endOfDay(day: string, timeZone: string): number {
  return instantOfLocal(timeZone, Date.parse(day) + DAY_MS)
}

function fixedWindow(lengthMs: number, atMs: number, anchorMs = 0): QuotaWindow {
  const startMs = anchorMs + Math.floor((atMs - anchorMs) / lengthMs) * lengthMs
  return { startMs, endMs: startMs + lengthMs }
}

function between(timeZone: string, fromDateMs: number, toDateMs: number): QuotaWindow {
  return { startMs: instantOfLocal(timeZone, fromDateMs), endMs: instantOfLocal(timeZone, toDateMs) }
}

/**
 * The first instant at which the zone's clock shows this or later: an hour that is skipped begins at its end, one that comes twice counts the
 * first time. `localMs` is what the clock shows as if it were UTC.
 */
export function instantOfLocal(timeZone: string, localMs: number): number {
  const before = offsetMs(timeZone, localMs - DAY_MS)
  const after = offsetMs(timeZone, localMs + DAY_MS)
  if (before === after) return localMs - before
  const reached = (atMs: number) => localOfInstant(timeZone, atMs) >= localMs
  // The offset changes within a day of it: search the first instant that reached it, to the second.
  let low = Math.floor((localMs - Math.max(before, after) - 1000) / 1000)
  let high = Math.ceil((localMs - Math.min(before, after)) / 1000)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (reached(middle * 1000)) high = middle
    else low = middle + 1
  }
  return low * 1000
}

type LocalDate = { readonly year: number; readonly month: number; readonly day: number }

/** What the zone's clock shows at an instant, as if it were UTC. */
export const localOfInstant = (timeZone: string, atMs: number): number => atMs + offsetMs(timeZone, atMs)

function localDate(timeZone: string, atMs: number): LocalDate {
  const local = new Date(localOfInstant(timeZone, atMs))
  return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() }
}

/** Making a formatter costs about 50 µs; a process sees few zones. */
const formatters = new Map<string, Intl.DateTimeFormat>()

/** How far the zone's wall clock is ahead of UTC at this instant. */
function offsetMs(timeZone: string, atMs: number): number {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    })
    formatters.set(timeZone, formatter)
  }
  const wholeSecondMs = Math.floor(atMs / 1000) * 1000
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatter.formatToParts(wholeSecondMs)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecondMs
}
