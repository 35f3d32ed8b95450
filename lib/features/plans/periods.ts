import { instantOfLocal, localOfInstant } from "#lib/quota/windows.ts"

export const planPeriods = ["day", "week", "month", "year"] as const
export type PlanPeriod = (typeof planPeriods)[number]

/** `startMs` belongs to it, `endMs` to the next. Epoch milliseconds. */
export type PeriodBounds = { readonly startMs: number; readonly endMs: number }

/** What periods are counted from. */
export type Anchor = {
  /** A moment at which a period begins. Epoch milliseconds. */
  readonly anchorMs: number
  readonly period: PlanPeriod
  /** IANA name: periods begin at its time of day, through changes of daylight saving time. */
  readonly timeZone: string
}

const DAY_MS = 86_400_000
const MONTHS = { month: 1, year: 12 } as const
const DAYS = { day: 1, week: 7 } as const
/** The shortest that a period can be, so that no count of periods is guessed too low. */
const LEAST_MS = { day: DAY_MS - 7_200_000, week: 7 * DAY_MS - 7_200_000, month: 28 * DAY_MS - 7_200_000, year: 365 * DAY_MS - 7_200_000 } as const satisfies Record<PlanPeriod, number>

/**
 * The period in which a moment lies. Each begins at the anchor's time of day by the zone's clock: every month on the anchor's day, or on
 * its last where it has no such day (from 31 January: 28 February, 31 March). `atMs` is not before the anchor.
 */
export function periodAt(anchor: Anchor, atMs: number): PeriodBounds {
  let index = Math.floor((atMs - anchor.anchorMs) / LEAST_MS[anchor.period])
  while (index > 0 && startOf(anchor, index) > atMs) index--
  return { startMs: startOf(anchor, index), endMs: startOf(anchor, index + 1) }
}

/** The periods that begin between two moments, the first one at `fromMs`, where a period begins. */
export function periodsBetween(anchor: Anchor, fromMs: number, untilMs: number): readonly PeriodBounds[] {
  const periods: PeriodBounds[] = []
  for (let startMs = fromMs; startMs < untilMs; ) {
    const period = periodAt(anchor, startMs)
    periods.push({ startMs, endMs: period.endMs })
    startMs = period.endMs
  }
  return periods
}

/** When the period after so many others begins. */
function startOf({ anchorMs, period, timeZone }: Anchor, index: number): number {
  if (index === 0) return anchorMs
  const local = localOfInstant(timeZone, anchorMs)
  if (period === "day" || period === "week") return instantOfLocal(timeZone, local + index * DAYS[period] * DAY_MS)
  const date = new Date(local)
  const month = date.getUTCMonth() + index * MONTHS[period]
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const timeOfDayMs = local - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  return instantOfLocal(timeZone, Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay)) + timeOfDayMs)
}
