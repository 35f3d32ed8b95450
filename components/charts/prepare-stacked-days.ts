import { NANO_PER_USD } from "#lib/kernel/nano-usd.ts"
import { exactUsd } from "#components/format/money.ts"
import { niceTicks, tickDecimals } from "./ticks.ts"

/** `usd`: values are nano-dollars. `count`: values are counted things. */
export type ChartUnit = "usd" | "count"

export type StackedDaysInput = {
  /** Every day of the range, `YYYY-MM-DD`, in order. */
  readonly days: readonly string[]
  /** From the bottom of the stack upwards. `rest` is what was too small for a colour of its own. */
  readonly series: readonly { readonly id: string; readonly label: string; readonly rest?: boolean }[]
  readonly cells: readonly { readonly day: string; readonly seriesId: string; readonly value: bigint }[]
  readonly unit: ChartUnit
  readonly locale: string
}

/** A chart with every decision taken: numbers to plot, and all of its texts. */
export type StackedDays = {
  readonly series: readonly { readonly key: string; readonly label: string; readonly color: string }[]
  readonly rows: readonly {
    readonly day: string
    readonly dayText: string
    readonly totalText: string
    /** By series key. Absent: nothing on that day. */
    readonly values: Readonly<Record<string, number>>
    readonly texts: Readonly<Record<string, string>>
  }[]
  readonly ticks: readonly { readonly value: number; readonly text: string }[]
  /** Short texts for the days' axis. */
  readonly dayTicks: Readonly<Record<string, string>>
}

const COLOR_COUNT = 8

/**
 * Chooses units, ticks, colours and texts of a chart of stacked days. Money is plotted in dollars as a float, which only places
 * bars; its texts are exact to the nano-dollar.
 */
export function prepareStackedDays({ days, series, cells, unit, locale }: StackedDaysInput): StackedDays {
  const keys = new Map(series.map(({ id }, index) => [id, `s${index}`]))
  const byDay = new Map(days.map((day) => [day, new Map<string, bigint>()]))
  for (const { day, seriesId, value } of cells) {
    const key = keys.get(seriesId)
    const values = byDay.get(day)
    if (key !== undefined && values !== undefined && value !== 0n) values.set(key, (values.get(key) ?? 0n) + value)
  }

  const text = unit === "usd" ? (value: bigint) => exactUsd(value, locale) : (value: bigint) => new Intl.NumberFormat(locale).format(value)
  const longDay = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "short", year: "numeric", month: "short", day: "numeric" })
  const shortDay = new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "short", day: "numeric" })
  const totals: bigint[] = []
  const rows = days.map((day) => {
    const values = [...(byDay.get(day) ?? [])]
    const total = values.reduce((sum, [, value]) => sum + value, 0n)
    totals.push(total)
    return {
      day,
      dayText: longDay.format(Date.parse(day)),
      totalText: text(total),
      values: Object.fromEntries(values.map(([key, value]) => [key, plotted(value, unit)])),
      texts: Object.fromEntries(values.map(([key, value]) => [key, text(value)])),
    }
  })

  const ticks = niceTicks(plotted(totals.reduce((most, total) => (total > most ? total : most), 0n), unit), { integer: unit === "count" })
  const tickText = tickFormat(ticks, unit, locale)
  return {
    series: series.map(({ label, rest }, index) => ({ key: `s${index}`, label, color: rest === true ? "var(--chart-other)" : `var(--chart-${(index % COLOR_COUNT) + 1})` })),
    rows,
    ticks: ticks.map((value) => ({ value, text: tickText(value) })),
    dayTicks: Object.fromEntries(days.map((day) => [day, shortDay.format(Date.parse(day))])),
  }
}

/** Nano-dollars become dollars; beyond 2⁵³ a bar's height may be off by a part in a thousand million million. */
const plotted = (value: bigint, unit: ChartUnit): number => (unit === "usd" ? Number(value) / Number(NANO_PER_USD) : Number(value))

function tickFormat(ticks: readonly number[], unit: ChartUnit, locale: string): (value: number) => string {
  if (unit === "usd") {
    const decimals = tickDecimals(ticks)
    const format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals === 0 ? 0 : Math.max(2, decimals), maximumFractionDigits: Math.max(2, decimals) })
    return (value) => (value === 0 ? "$0" : `$${format.format(value)}`)
  }
  const format = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 })
  return (value) => format.format(value)
}
