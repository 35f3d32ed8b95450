import { z } from "zod"
import { addDays, countDays, type Day } from "./days.ts"

export const ranges = ["7d", "30d", "90d", "month", "custom"] as const
export type Range = (typeof ranges)[number]

export const dimensions = ["model", "member", "key"] as const
export type Dimension = (typeof dimensions)[number]

export const measures = ["cost", "requests", "tokens"] as const
export type Measure = (typeof measures)[number]

/** Live calls cost money; test calls are answered by the sandbox and only pretend to. The two are never added up. */
export const modes = ["live", "test"] as const
export type Mode = (typeof modes)[number]

/** The longest range that can be asked for. */
export const RANGE_DAYS_MAX = 366

const day = z.iso.date().optional().catch(undefined)

/** What the usage page is asked in its URL. Anything unreadable falls back to the default: a URL is typed and shared by people. */
export const usageQuery = z.object({
  range: z.enum(ranges).catch("30d"),
  from: day,
  to: day,
  by: z.enum(dimensions).catch("model"),
  measure: z.enum(measures).catch("cost"),
  /** Absent: live, or test where there is nothing but test calls. */
  mode: z.enum(modes).optional().catch(undefined),
  /** Cursor of the list of calls. */
  before: z.string().max(100).optional().catch(undefined),
})
export type UsageQuery = z.output<typeof usageQuery>

const LENGTH_DAYS = { "7d": 7, "30d": 30, "90d": 90 } as const

/** The first and last day of a query. A custom range without both days, turned around or too long is the last 30 days. */
export function daysOf(query: Pick<UsageQuery, "range" | "from" | "to">, today: Day): { readonly first: Day; readonly last: Day } {
  const last = (days: number) => ({ first: addDays(today, 1 - days), last: today })
  switch (query.range) {
    case "month":
      return { first: `${today.slice(0, 8)}01`, last: today }
    case "custom": {
      if (query.from === undefined || query.to === undefined) return last(LENGTH_DAYS["30d"])
      const length = countDays(query.from, query.to)
      return length >= 1 && length <= RANGE_DAYS_MAX ? { first: query.from, last: query.to } : last(LENGTH_DAYS["30d"])
    }
    case "7d":
    case "30d":
    case "90d":
      return last(LENGTH_DAYS[query.range])
  }
}
