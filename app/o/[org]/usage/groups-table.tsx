import { useFormatter, useTranslations } from "next-intl"
import type { StackedDays } from "#components/charts/prepare-stacked-days.ts"
import { type Column, DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import type { Group, Measure, UsageReport } from "#lib/features/usage/index.ts"
import { valueOf } from "./usage-chart.ts"

type Row = UsageReport["groups"][number] & { readonly color: string | undefined }

const PER_MILLE = 1000n

/** The table under the chart: the same groups in exact figures. */
export function GroupsTable({ report, measure, chart, nameOf }: { readonly report: UsageReport; readonly measure: Measure; readonly chart: StackedDays; readonly nameOf: (group: Group) => string }) {
  const t = useTranslations("usage")
  const format = useFormatter()
  const total = valueOf(report.totals, measure)
  const share = (row: Row) => (total === 0n ? 0 : Number((valueOf(row.sums, measure) * PER_MILLE) / total) / Number(PER_MILLE))
  const count = (value: number) => format.number(value)
  const rows = report.groups.map((row, index): Row => ({ ...row, color: index < report.charted.length ? chart.series[index]?.color : "var(--chart-other)" }))
  const columns: readonly Column<Row>[] = [
    {
      id: "name",
      header: t(`by.${report.by}`),
      cell: (row) => (
        <span className="flex items-center gap-2.5">
          <span aria-hidden className="size-2 shrink-0 rounded-[3px]" style={{ background: row.color }} />
          <span className="grid min-w-0">
            <span className="truncate font-medium">{nameOf(row.group)}</span>
            {row.group.hint !== null && <span className="truncate text-xs text-muted-foreground">{row.group.hint}</span>}
          </span>
        </span>
      ),
    },
    { id: "requests", header: t("requests"), align: "right", cell: (row) => count(row.sums.requests) },
    { id: "failures", header: t("failures"), align: "right", wideOnly: true, cell: (row) => count(row.sums.failures) },
    { id: "input", header: t("input"), align: "right", wideOnly: true, cell: (row) => count(row.sums.input + row.sums.cacheWrite) },
    { id: "cached", header: t("cached"), align: "right", wideOnly: true, cell: (row) => count(row.sums.cacheRead) },
    { id: "output", header: t("output"), align: "right", wideOnly: true, cell: (row) => count(row.sums.output) },
    { id: "cost", header: t("cost"), align: "right", cell: (row) => <Money amount={row.sums.charged} exact /> },
    {
      id: "share",
      header: t("share"),
      align: "right",
      wideOnly: true,
      className: "w-36",
      cell: (row) => (
        <span className="flex items-center justify-end gap-2.5">
          <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-secondary">
            <span className="block h-full rounded-full" style={{ width: `${share(row) * 100}%`, background: row.color }} />
          </span>
          <span className="w-12">{format.number(share(row), { style: "percent", maximumFractionDigits: 1 })}</span>
        </span>
      ),
    },
  ]
  return <DataTable label={t("tableLabel", { by: report.by })} columns={columns} rows={rows} rowKey={(row) => row.group.id} empty={null} />
}
