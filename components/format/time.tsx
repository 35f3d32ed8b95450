import { useFormatter } from "next-intl"
import { cn } from "#components/ui/cn.ts"

const shapes = {
  date: { dateStyle: "medium" },
  dateTime: { dateStyle: "medium", timeStyle: "short" },
  /** For lists of moments close to each other: to the second, without the year. */
  compact: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
} as const

/** A moment in the given time zone (the organization's); `value` is ISO 8601 or a Date. */
export function Time({ value, timeZone, shape = "dateTime", className }: { readonly value: string | Date; readonly timeZone: string; readonly shape?: keyof typeof shapes; readonly className?: string }) {
  const format = useFormatter()
  const date = new Date(value)
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: "full", timeStyle: "long", timeZone })} className={cn("whitespace-nowrap tabular-nums", className)}>
      {format.dateTime(date, { ...shapes[shape], timeZone })}
    </time>
  )
}
