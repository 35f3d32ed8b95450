const DAY_MS = 86_400_000

/** A calendar day, `YYYY-MM-DD`. Which hours belong to it depends on a time zone and is left to Postgres. */
export type Day = string

/** The calendar day on which `epochMs` falls in an IANA time zone. */
export function dayOf(epochMs: number, timeZone: string): Day {
  const parts = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(epochMs)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((candidate) => candidate.type === type)?.value ?? ""
  return `${part("year")}-${part("month")}-${part("day")}`
}

/** The day `count` days later; a calendar has no summer time, so days are counted in UTC. */
export const addDays = (day: Day, count: number): Day => new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10)

/** How many days from the first to the last, both included. */
export const countDays = (first: Day, last: Day): number => (Date.parse(last) - Date.parse(first)) / DAY_MS + 1

/** Every day from the first to the last, both included. */
export const listDays = (first: Day, last: Day): Day[] => Array.from({ length: countDays(first, last) }, (_, index) => addDays(first, index))
