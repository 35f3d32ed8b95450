import { type Forecast, forecastLimit } from "#lib/features/usage/index.ts"
import { windowAt, windowSeconds } from "#lib/quota/windows.ts"
import type { ChannelRow, PlanQuotaRow } from "./repository.ts"
import type { PlanWindow } from "./plan-windows.ts"

/** How much of a window has to be over before it foretells anything: half an hour of five. */
const FORECAST_SHARE_MIN = 0.1

/** One window of a plan at this moment. Counts are of its unit. */
export type PlanWindowView = {
  readonly unit: PlanWindow["unit"]
  readonly every: string
  readonly limit: bigint
  readonly used: bigint
  /** Reserved by calls that are running. */
  readonly held: bigint
  readonly resetsAt: string
  /** When it is used up if calls go on as they have since it began; null: not before its end, or there is too little to go by. */
  readonly spentAt: string | null
}

export type PlanView = {
  /** What this month's calls would have cost at list prices; the plan's own price is not known here. */
  readonly savedNanoUsd: bigint
  readonly keys: readonly {
    readonly credentialId: string
    readonly lastFour: string
    readonly windows: readonly PlanWindow[]
    readonly current: readonly PlanWindowView[]
    /** Until when the provider says that nothing is left. */
    readonly exhaustedUntil: string | null
  }[]
}

export function describePlan(row: ChannelRow, quotas: readonly PlanQuotaRow[], savedNanoUsd: bigint, atMs: number): PlanView {
  return {
    savedNanoUsd,
    keys: row.credentials
      .filter(({ disabledAt }) => disabledAt === null)
      .map(({ id, lastFour, windows, exhaustedUntil }) => ({
        credentialId: id,
        lastFour,
        windows: windows as PlanWindow[],
        current: quotas.filter(({ scopeId }) => scopeId === id).toSorted(byLength).map((quota) => describeWindow(quota, exhaustedUntil, atMs)),
        exhaustedUntil: exhaustedUntil !== null && exhaustedUntil.getTime() > atMs ? exhaustedUntil.toISOString() : null,
      })),
  }
}

/** The shortest window first: it is the one that ends first. */
const byLength = (a: PlanQuotaRow, b: PlanQuotaRow): number => (windowSeconds(a) ?? Infinity) - (windowSeconds(b) ?? Infinity) || a.unit.localeCompare(b.unit)

/** A window whose provider says that it is used up is shown so: others may use the same plan, and it counts what all of them did. */
function describeWindow(quota: PlanQuotaRow, exhaustedUntil: Date | null, atMs: number): PlanWindowView {
  const { startMs, endMs } = windowAt({ window: quota.window, windowSeconds: quota.windowSeconds, timeZone: "UTC", ...(quota.anchor !== null && { anchorMs: quota.anchor.getTime() }) }, atMs)
  const current = quota.windows.find(({ windowStart }) => windowStart.getTime() === startMs)
  const used = exhaustedUntil !== null && exhaustedUntil.getTime() === endMs ? quota.limit : (current?.used ?? 0n)
  return {
    unit: quota.unit as PlanWindow["unit"],
    every: everyOf(quota),
    limit: quota.limit,
    used,
    held: current?.leased ?? 0n,
    resetsAt: new Date(endMs ?? atMs).toISOString(),
    spentAt: spentAtOf(forecastWindow({ used, limit: quota.limit, startMs, endMs }, atMs)),
  }
}

/** A window's own pace: others may use the plan too, and the window counts all of them, where hourly sums do not. */
function forecastWindow({ used, limit, startMs, endMs }: { readonly used: bigint; readonly limit: bigint; readonly startMs: number; readonly endMs: number | null }, atMs: number): Forecast | null {
  const spanMs = atMs - startMs
  if (endMs === null || used === 0n || spanMs < (endMs - startMs) * FORECAST_SHARE_MIN) return null
  return forecastLimit({ used, limit, endMs }, { spent: used, spanMs }, atMs)
}

const spentAtOf = (forecast: Forecast | null): string | null => (forecast?.kind === "spent" ? new Date(forecast.atMs).toISOString() : null)

/** The shortest way to write a window's length. */
function everyOf(quota: Pick<PlanQuotaRow, "window" | "windowSeconds">): string {
  if (quota.window !== "rolling") return quota.window
  const seconds = windowSeconds(quota) ?? 0
  return seconds % 3_600 === 0 ? `${seconds / 3_600}h` : `${seconds / 60}m`
}
