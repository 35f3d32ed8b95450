import { useFormatter } from "next-intl"

const shapes = {
  date: { dateStyle: "medium" },
  dateTime: { dateStyle: "medium", timeStyle: "short" },
  precise: { dateStyle: "medium", timeStyle: "medium" },
} as const

/** A moment in the given time zone (the organization's); `value` is ISO 8601 or a Date. */
export function Time({ value, timeZone, shape = "dateTime" }: { readonly value: string | Date; readonly timeZone: string; readonly shape?: keyof typeof shapes }) {
  const format = useFormatter()
  const date = new Date(value)
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: "full", timeStyle: "long", timeZone })} className="whitespace-nowrap tabular-nums">
      {format.dateTime(date, { ...shapes[shape], timeZone })}
    </time>
  )
}
