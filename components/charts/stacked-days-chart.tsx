"use client"

import { Bar, BarChart, BarStack, CartesianGrid, Tooltip, XAxis, YAxis } from "recharts"
import { cn } from "#components/ui/cn.ts"
import type { StackedDays } from "./prepare-stacked-days.ts"

type Row = StackedDays["rows"][number]

/** Draws what `prepareStackedDays` decided. Arrow keys walk from day to day. */
export function StackedDaysChart({ chart, label, totalLabel, className }: { readonly chart: StackedDays; readonly label: string; readonly totalLabel: string; readonly className?: string }) {
  const ticks = chart.ticks.map((tick) => tick.value)
  const tickText = new Map(chart.ticks.map((tick) => [tick.value, tick.text]))
  return (
    <figure aria-label={label}>
      <BarChart
        responsive
        data={chart.rows as Row[]}
        margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
        barCategoryGap="18%"
        className={cn("h-72 w-full text-xs [&_.recharts-surface]:rounded-lg [&_.recharts-surface:focus-visible]:outline-2 [&_.recharts-surface:focus-visible]:outline-ring", className)}
      >
        <CartesianGrid vertical={false} stroke="var(--border)" />
        <XAxis dataKey="day" tickFormatter={(day: string) => chart.dayTicks[day] ?? ""} tickLine={false} axisLine={false} tickMargin={8} minTickGap={28} interval="equidistantPreserveStart" tick={{ fill: "var(--muted-foreground)" }} />
        <YAxis ticks={ticks} domain={[0, ticks.at(-1) ?? 1]} tickFormatter={(value: number) => tickText.get(value) ?? ""} tickLine={false} axisLine={false} width="auto" tickMargin={6} tick={{ fill: "var(--muted-foreground)" }} />
        <Tooltip isAnimationActive={false} cursor={{ fill: "var(--accent)", opacity: 0.6 }} content={({ active, label: day }) => (active ? <DayCard chart={chart} row={chart.rows.find((row) => row.day === day)} totalLabel={totalLabel} /> : null)} />
        <BarStack radius={[4, 4, 0, 0]}>
          {chart.series.map((series) => (
            <Bar key={series.key} dataKey={(row: Row) => row.values[series.key]} name={series.label} fill={series.color} maxBarSize={44} isAnimationActive={false} />
          ))}
        </BarStack>
      </BarChart>
    </figure>
  )
}

/** What one day holds: each part that is not nothing, and their exact sum. */
function DayCard({ chart, row, totalLabel }: { readonly chart: StackedDays; readonly row: Row | undefined; readonly totalLabel: string }) {
  if (row === undefined) return null
  const parts = chart.series.filter((series) => row.texts[series.key] !== undefined).reverse()
  return (
    <div className="grid max-w-80 min-w-52 grid-cols-[minmax(0,1fr)] gap-1.5 rounded-xl border border-border bg-popover px-3 py-2.5 text-xs text-popover-foreground shadow-lg">
      <p className="font-medium">{row.dayText}</p>
      {parts.length > 1 && (
        <ul className="grid grid-cols-[minmax(0,1fr)] gap-1">
          {parts.map((series) => (
            <li key={series.key} className="flex items-center gap-2">
              <Swatch color={series.color} />
              <span className="min-w-0 flex-1 truncate text-muted-foreground">{series.label}</span>
              <span className="pl-3 tabular-nums">{row.texts[series.key]}</span>
            </li>
          ))}
        </ul>
      )}
      <p className={cn("flex justify-between gap-4 font-medium", parts.length > 1 && "border-t border-border pt-1.5")}>
        <span className="min-w-0 truncate">{parts.length === 1 ? parts[0]?.label : totalLabel}</span>
        <span className="tabular-nums">{row.totalText}</span>
      </p>
    </div>
  )
}

/** What the colours mean. */
export function Legend({ series, className }: { readonly series: StackedDays["series"]; readonly className?: string }) {
  return (
    <ul className={cn("flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted-foreground", className)}>
      {series.map(({ key, label, color }) => (
        <li key={key} className="flex min-w-0 items-center gap-1.5">
          <Swatch color={color} />
          <span className="max-w-44 truncate">{label}</span>
        </li>
      ))}
    </ul>
  )
}

function Swatch({ color }: { readonly color: string }) {
  return <span aria-hidden className="size-2 shrink-0 rounded-[3px]" style={{ background: color }} />
}
