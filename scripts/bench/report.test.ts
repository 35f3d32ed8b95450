import { expect, test } from "vitest"
import { judge, type Measured, median, percentile, type Round, summarize, table, translatedTable } from "./report.ts"

const round = (cpu: number | null, latency: number, stream: number | null, firstByteP50 = 500): Round => ({
  one: { cpu, callsPerSecond: 1000, p50: latency, p99: latency * 2 },
  many: { cpu, callsPerSecond: 5000, p50: latency * 3, p99: latency * 4 },
  stream: { cpu: stream, p50: 1, p99: 2, firstByteP50 },
})
const measured: Measured = {
  rounds: {
    direct: [round(null, 100, null), round(null, 100, null), round(null, 900, null)],
    bare: [round(50, 200, 1000), round(9000, 210, 1100), round(52, 220, 1200)],
    fast: [round(104, 300, 2000), round(104, 310, 2200), round(104, 320, 2400)],
    next: [round(900, 1000, 9000), round(900, 1000, 9000), round(900, 1000, 9000)],
    ccToAm: [round(208, 400, 5500, 900), round(208, 400, 5500, 900), round(208, 400, 5500, 900)],
    amToCc: [round(312, 400, 8800, 1501), round(312, 400, 8800, 1501), round(312, 400, 8800, 1501)],
  },
  memory: { bare: { residentBytes: 10 << 20, liveBytes: 8 << 20 }, fast: { residentBytes: 11 << 20, liveBytes: 17 << 20 }, next: { residentBytes: 90 << 20, liveBytes: 9 << 20 }, ccToAm: { residentBytes: 1, liveBytes: 25 << 20 }, amToCc: { residentBytes: 1, liveBytes: 51 << 20 } },
}

test("one slow round of a noisy machine moves no figure", () => {
  const { ways, ratios } = summarize(measured)
  expect(ways.bare.cpuPerCall32).toBe(52)
  expect(ways.fast).toMatchObject({ addedP50At1: 210, addedP99At1: 420, addedP50At32: 630, addedP99At32: 840 })
  expect(ratios.fast).toMatchObject({ cpuPerCall32: 2, cpuPerStream: 2 })
})

test("a promise is broken by its own figure and by no other", () => {
  expect(judge(summarize(measured)).map(({ reached }) => reached)).toEqual([true, false, false, true, true, true, true, false, false, false, false])
})

test("the table has a dash where nothing was measured", () => {
  const lines = table(summarize(measured)).split("\n")
  expect(lines[3]).toBe("| CPU µs per call, 32 connections | – | 52 | 104 | 900 | 2.00 × | 17.31 × |")
  expect(new Set(lines.map((line) => line.split("|").length))).toEqual(new Set([9]))
})

test("translated ways are told beside the raw lane of the same mount", () => {
  const lines = translatedTable(summarize(measured)).split("\n")
  expect(lines[2]).toBe("| CPU µs per call, 32 connections | 104 | 208 | 312 | 2.00 × | 3.00 × |")
  expect(lines[4]).toBe("| first byte of a stream µs, p50 | 500 | 900 | 1501 | 400 µs later | 1001 µs later |")
})

test("medians and percentiles are of what was measured, and of nothing they are refused", () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(percentile([1, 2, 3, 4], 0.99)).toBe(4)
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(3)
  expect(() => median([])).toThrow()
  expect(() => percentile([], 0.5)).toThrow()
})
