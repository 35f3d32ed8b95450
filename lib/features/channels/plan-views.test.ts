import { expect, test } from "vitest"
import { describePlan } from "./plan-views.ts"
import type { ChannelRow, PlanQuotaRow } from "./repository.ts"

const START = Date.UTC(2026, 10, 2)
/** A window of 5 h, a week or a month that began at `START`. */
const quota = (window: PlanQuotaRow["window"], windowSeconds: number | null, used = 0n): PlanQuotaRow => ({
  id: `quota_${window}`,
  organizationId: null,
  scope: "credential",
  scopeId: "cred_1",
  unit: "prompts",
  window,
  windowSeconds,
  limit: 100n,
  inherited: false,
  managedBy: null,
  disabledAt: null,
  createdAt: new Date(START),
  anchor: new Date(START),
  windows: [{ quotaId: `quota_${window}`, organizationId: null, windowStart: new Date(START), used, leased: 0n, ceiling: null, withheld: 0n }],
})
const credential = { id: "cred_1", lastFour: "1234", windows: [], exhaustedUntil: null, disabledAt: null }
const describe = (quotas: readonly PlanQuotaRow[], atMs: number) => describePlan({ credentials: [credential] } as unknown as ChannelRow, quotas, 0n, atMs).keys[0]!.current

test("a plan's windows are listed the shortest first, however their rows come", () => {
  expect(describe([quota("month", null), quota("week", null), quota("rolling", 5 * 3_600)], START).map(({ every }) => every)).toEqual(["5h", "week", "month"])
})

test("a window that will be used up before its end says when, and one that will hold or has hardly begun says nothing", () => {
  const HOUR_MS = 3_600_000
  const spentAt = (used: bigint, hours: number) => describe([quota("rolling", 5 * 3_600, used)], START + hours * HOUR_MS)[0]!.spentAt
  expect(spentAt(50n, 1)).toBe(new Date(START + 2 * HOUR_MS).toISOString())
  expect(spentAt(50n, 2.5)).toBeNull()
  expect(spentAt(50n, 0.4)).toBeNull()
  expect(spentAt(0n, 1)).toBeNull()
  expect(spentAt(100n, 1)).toBeNull()
})
