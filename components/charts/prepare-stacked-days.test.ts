import { expect, test } from "vitest"
import { prepareStackedDays, type StackedDaysInput } from "./prepare-stacked-days.ts"

const input = (rest: Partial<StackedDaysInput>): StackedDaysInput => ({
  days: ["2026-03-08", "2026-03-09"],
  series: [{ id: "glm-4.6", label: "glm-4.6" }, { id: "", label: "Other", rest: true }],
  cells: [],
  unit: "usd",
  locale: "en",
  ...rest,
})

test("every day has its place, also one on which nothing happened", () => {
  const chart = prepareStackedDays(input({ cells: [{ day: "2026-03-09", seriesId: "glm-4.6", value: 1_250_000_001n }] }))
  expect(chart.rows.map((row) => [row.dayText, row.totalText, row.values])).toEqual([
    ["Sun, Mar 8, 2026", "$0.00", {}],
    ["Mon, Mar 9, 2026", "$1.250000001", { s0: 1.250000001 }],
  ])
})

test("money is drawn in dollars, ticks agree with the tallest day, and texts are exact to the nano-dollar", () => {
  const chart = prepareStackedDays(input({ cells: [{ day: "2026-03-08", seriesId: "glm-4.6", value: 700_000n }, { day: "2026-03-08", seriesId: "", value: 500_001n }] }))
  expect(chart.ticks).toEqual([{ value: 0, text: "$0" }, { value: 0.0005, text: "$0.0005" }, { value: 0.001, text: "$0.0010" }, { value: 0.0015, text: "$0.0015" }])
  expect(chart.rows[0]?.texts).toEqual({ s0: "$0.0007", s1: "$0.000500001" })
  expect(chart.rows[0]?.totalText).toBe("$0.001200001")
})

test("whole dollars have no decimals on the axis", () => {
  const chart = prepareStackedDays(input({ cells: [{ day: "2026-03-08", seriesId: "glm-4.6", value: 1_900_000_000_000n }] }))
  expect(chart.ticks.map((tick) => tick.text)).toEqual(["$0", "$500", "$1,000", "$1,500", "$2,000"])
})

test("counts are shortened as the reader's language does", () => {
  const cells = [{ day: "2026-03-08", seriesId: "glm-4.6", value: 45_000n }]
  expect(prepareStackedDays(input({ unit: "count", cells })).ticks.map((tick) => tick.text)).toEqual(["0", "20K", "40K", "60K"])
  expect(prepareStackedDays(input({ unit: "count", cells, locale: "zh-CN" })).ticks.map((tick) => tick.text)).toEqual(["0", "2万", "4万", "6万"])
  expect(prepareStackedDays(input({ unit: "count", cells })).rows[0]?.totalText).toBe("45,000")
})

test("the rest is grey, and no two of the others share a colour", () => {
  const series = [...Array.from({ length: 7 }, (_, index) => ({ id: `m${index}`, label: `m${index}` })), { id: "", label: "Other", rest: true }]
  const colors = prepareStackedDays(input({ series })).series.map(({ color }) => color)
  expect(new Set(colors).size).toBe(8)
  expect(colors.at(-1)).toBe("var(--chart-other)")
})

test("a cell of a day or series that is not shown is left out, and two of the same are one", () => {
  const cells = [
    { day: "2026-03-08", seriesId: "glm-4.6", value: 1n },
    { day: "2026-03-08", seriesId: "glm-4.6", value: 2n },
    { day: "2020-01-01", seriesId: "glm-4.6", value: 4n },
    { day: "2026-03-08", seriesId: "gone", value: 8n },
  ]
  expect(prepareStackedDays(input({ unit: "count", cells })).rows.map((row) => row.totalText)).toEqual(["3", "0"])
})
