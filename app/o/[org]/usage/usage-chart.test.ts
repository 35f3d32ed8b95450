import { expect, test } from "vitest"
import type { Sums, UsageReport } from "#lib/features/usage/index.ts"
import { nanoUsd, ZERO_USD } from "#lib/kernel/nano-usd.ts"
import { usageChart } from "./usage-chart.ts"

const sums = (fields: Partial<Sums> = {}): Sums => ({ requests: 1, failures: 0, input: 10, cacheRead: 3, cacheWrite: 2, output: 5, charged: nanoUsd(1_500n), ...fields })

const report: UsageReport = {
  first: "2026-03-08",
  last: "2026-03-09",
  today: "2026-03-09",
  timeZone: "UTC",
  by: "member",
  mode: "live",
  otherMode: false,
  totals: sums({ charged: ZERO_USD }),
  groups: [{ group: { id: "mem_ann", name: "Ann", hint: null }, sums: sums() }, { group: { id: "", name: null, hint: null }, sums: sums() }],
  moreGroups: true,
  charted: ["mem_ann", ""],
  cells: [
    { day: "2026-03-08", groupId: "mem_ann", sums: sums() },
    { day: "2026-03-08", groupId: "", sums: sums({ charged: nanoUsd(1n) }) },
    { day: "2026-03-09", groupId: null, sums: sums({ charged: nanoUsd(7n) }) },
  ],
}
const words = { nameOf: (group: { name: string | null }) => group.name ?? "No member", rest: "Other" }

test("the calls of no member and the rest beyond the colours stay apart", () => {
  const chart = usageChart(report, "cost", "en", words)
  expect(chart.series.map((series) => series.label)).toEqual(["Ann", "No member", "Other"])
  expect(chart.rows.map((row) => row.texts)).toEqual([{ s0: "$0.0000015", s1: "$0.000000001" }, { s2: "$0.000000007" }])
})

test("tokens are all tokens, cached ones too", () => {
  expect(usageChart(report, "tokens", "en", words).rows[1]?.totalText).toBe("20")
})
