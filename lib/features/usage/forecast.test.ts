import { expect, test } from "vitest"
import { forecastLimit, forecastWallet, HISTORY_MS, paceOf, type RecentSpend } from "./forecast.ts"

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOW = Date.UTC(2026, 10, 20, 12, 30)
const dayEach = (spent: bigint) => ({ spent, spanMs: DAY_MS })
const sinceMs = (milliseconds: number, spent: Partial<RecentSpend["spent"]> = {}): RecentSpend => ({ firstMs: NOW - milliseconds, spent: { day: 24n, week: 70n, ...spent } })

test("the pace of somebody who has been here for long is that of whole days or a whole week, quiet hours included", () => {
  // Sums begin with a whole hour, half an hour before the day and the week do.
  expect(paceOf(sinceMs(HISTORY_MS), "day", NOW)).toEqual({ spent: 24n, spanMs: DAY_MS + HOUR_MS / 2 })
  expect(paceOf(sinceMs(HISTORY_MS), "week", NOW)).toEqual({ spent: 70n, spanMs: 7 * DAY_MS + HOUR_MS / 2 })
})

test("the pace of a newcomer is not diluted by the time before their first call", () => {
  expect(paceOf(sinceMs(3 * DAY_MS), "week", NOW)).toEqual({ spent: 70n, spanMs: 3 * DAY_MS })
})

test("nothing is foretold from too short a history, or from none", () => {
  expect(paceOf(sinceMs(6 * HOUR_MS - 1), "day", NOW)).toBeNull()
  expect(paceOf(sinceMs(6 * HOUR_MS), "day", NOW)).not.toBeNull()
  expect(paceOf(sinceMs(DAY_MS - 1), "week", NOW)).toBeNull()
  expect(paceOf(sinceMs(DAY_MS), "week", NOW)).not.toBeNull()
  expect(paceOf(sinceMs(HISTORY_MS, { week: 0n }), "week", NOW)).toBeNull()
})

test("a limit that holds says what will be used at its end", () => {
  expect(forecastLimit({ used: 200n, limit: 500n, endMs: NOW + 10 * DAY_MS }, dayEach(20n), NOW)).toEqual({ kind: "within", atEnd: 400n })
})

test("a limit that will be used up exactly at its end holds", () => {
  expect(forecastLimit({ used: 200n, limit: 400n, endMs: NOW + 10 * DAY_MS }, dayEach(20n), NOW)).toEqual({ kind: "within", atEnd: 400n })
})

test("a limit that does not hold says when it is used up, and whether that is within a day", () => {
  expect(forecastLimit({ used: 400n, limit: 500n, endMs: NOW + 10 * DAY_MS }, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 5 * DAY_MS, isNear: false })
  expect(forecastLimit({ used: 490n, limit: 500n, endMs: NOW + 10 * DAY_MS }, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + DAY_MS / 2, isNear: true })
})

test("of a limit that is used up nothing is foretold", () => {
  expect(forecastLimit({ used: 500n, limit: 500n, endMs: NOW + DAY_MS }, dayEach(20n), NOW)).toBeNull()
  expect(forecastLimit({ used: 0n, limit: 0n, endMs: null }, dayEach(20n), NOW)).toBeNull()
})

test("a limit without an end is used up some day, or lasts beyond a year", () => {
  expect(forecastLimit({ used: 0n, limit: 200n, endMs: null }, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 10 * DAY_MS, isNear: false })
  expect(forecastLimit({ used: 0n, limit: 20n * 366n, endMs: null }, dayEach(20n), NOW)).toEqual({ kind: "lasts" })
})

test("amounts beyond what a floating number holds come out to the nano-dollar", () => {
  const used = 2n ** 60n + 1n
  expect(forecastLimit({ used, limit: 2n ** 62n, endMs: NOW + DAY_MS }, dayEach(20n), NOW)).toEqual({ kind: "within", atEnd: used + 20n })
})

test("a wallet lasts as long as all of its credit, one part after the other", () => {
  const credits = [{ remaining: 40n, endsAtMs: NOW + 30 * DAY_MS }, { remaining: 60n, endsAtMs: null }]
  expect(forecastWallet(credits, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 5 * DAY_MS, isNear: false })
})

test("credit that ends before it is used does not make a wallet last longer", () => {
  const credits = [{ remaining: 1_000n, endsAtMs: NOW + 2 * DAY_MS }, { remaining: 1_000n, endsAtMs: NOW + 3 * DAY_MS }, { remaining: 20n, endsAtMs: null }]
  expect(forecastWallet(credits, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 4 * DAY_MS, isNear: false })
  expect(forecastWallet([{ remaining: 1_000n, endsAtMs: NOW - DAY_MS }], dayEach(20n), NOW)).toBeNull()
})

test("a plan's next allowances are counted from when they are given until they end", () => {
  const renewals = [{ remaining: 100n, startsAtMs: NOW + 4 * DAY_MS, endsAtMs: NOW + 9 * DAY_MS }, { remaining: 40n, startsAtMs: NOW + 9 * DAY_MS, endsAtMs: NOW + 14 * DAY_MS }]
  // Four days of $20 until the first, which pays for five; two more from the second, and paid credit for another one.
  const credits = [{ remaining: 80n, endsAtMs: NOW + 4 * DAY_MS }, ...renewals, { remaining: 20n, endsAtMs: null }]
  expect(forecastWallet(credits, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 12 * DAY_MS, isNear: false })
})

test("a wallet that is empty before its plan's next allowance lasts until then, though more will come", () => {
  const credits = [{ remaining: 40n, endsAtMs: NOW + 4 * DAY_MS }, { remaining: 1_000n, startsAtMs: NOW + 4 * DAY_MS, endsAtMs: NOW + 9 * DAY_MS }]
  expect(forecastWallet(credits, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 2 * DAY_MS, isNear: false })
})

test("an allowance that comes while paid credit is used goes before it", () => {
  const credits = [{ remaining: 100n, endsAtMs: null }, { remaining: 40n, startsAtMs: NOW + 2 * DAY_MS, endsAtMs: NOW + 3 * DAY_MS }]
  // Two days paid, one of the allowance, whose other day is lost, three paid.
  expect(forecastWallet(credits, dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 6 * DAY_MS, isNear: false })
})

test("what is owed is not there to be used", () => {
  expect(forecastWallet([{ remaining: 100n, endsAtMs: NOW + 9 * DAY_MS }, { remaining: -60n, endsAtMs: null }], dayEach(20n), NOW)).toEqual({ kind: "spent", atMs: NOW + 2 * DAY_MS, isNear: false })
  expect(forecastWallet([{ remaining: 50n, endsAtMs: null }, { remaining: -60n, endsAtMs: null }], dayEach(20n), NOW)).toBeNull()
})

test("an empty wallet foretells nothing, a large one more than a year", () => {
  expect(forecastWallet([{ remaining: 0n, endsAtMs: null }], dayEach(20n), NOW)).toBeNull()
  expect(forecastWallet([{ remaining: -5n, endsAtMs: null }], dayEach(20n), NOW)).toBeNull()
  expect(forecastWallet([{ remaining: 1_000_000n, endsAtMs: null }], dayEach(20n), NOW)).toEqual({ kind: "lasts" })
})
