import { prepareStackedDays, type StackedDays } from "#components/charts/prepare-stacked-days.ts"
import { type Group, listDays, type Measure, type Sums, tokensOf, type UsageReport } from "#lib/features/usage/index.ts"

/** The id under which the chart's rest stands; no group has it, since empty ids are spelt out as such. */
const REST = "\u0000rest"

const values = {
  cost: (sums) => sums.charged,
  requests: (sums) => BigInt(sums.requests),
  tokens: (sums) => BigInt(tokensOf(sums)),
} as const satisfies Record<Measure, (sums: Sums) => bigint>

/** The value of sums by a measure: nano-dollars, or a count. */
export const valueOf = (sums: Sums, measure: Measure): bigint => values[measure](sums)

/** The report as a chart of stacked days, the largest group at the bottom and the rest on top. */
export function usageChart(report: UsageReport, measure: Measure, locale: string, words: { readonly nameOf: (group: Group) => string; readonly rest: string }): StackedDays {
  const named = new Map(report.groups.map(({ group }) => [group.id, words.nameOf(group)]))
  const series = report.charted.map((id) => ({ id, label: named.get(id) ?? id }))
  const hasRest = report.cells.some((cell) => cell.groupId === null)
  return prepareStackedDays({
    days: listDays(report.first, report.last),
    series: hasRest ? [...series, { id: REST, label: words.rest, rest: true }] : series,
    cells: report.cells.map((cell) => ({ day: cell.day, seriesId: cell.groupId ?? REST, value: valueOf(cell.sums, measure) })),
    unit: measure === "cost" ? "usd" : "count",
    locale,
  })
}
