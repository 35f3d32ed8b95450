import { z } from "zod"
import type { QuotaUnit, QuotaWindowKind } from "#lib/quota/types.ts"

const WINDOWS_MAX = 20
const LIMIT_MAX = 1_000_000_000_000
const DAY_SECONDS = 86_400
const WEEK_SECONDS = 7 * DAY_SECONDS
const pieceSeconds = { m: 60, h: 3_600, d: DAY_SECONDS, w: WEEK_SECONDS } as const satisfies Record<string, number>

/** A rolling window of a coding plan: so many `unit` in every `every` (`5h`, `7d`, `month`). */
export const planWindowInput = z
  .strictObject({
    every: z.string().regex(/^(?:[1-9]\d{0,3}(?:m|h|d|w)|day|week|month)$/, { error: "errors.channels.planEvery" }),
    limit: z.int().min(1).max(LIMIT_MAX),
    unit: z.enum(["requests", "prompts", "tokens"]),
  })
  .describe("A rolling window of a coding plan")
export type PlanWindow = z.output<typeof planWindowInput>

/** A window as a quota counts it. */
export type PlanLimit = { readonly unit: QuotaUnit; readonly window: QuotaWindowKind; readonly windowSeconds: number | null; readonly limit: bigint }

/** `7d` is a week and `24h` a day, so that one window has one name; a month counts 30 days until the provider says when it ends. */
export function planLimit({ every, limit, unit }: PlanWindow): PlanLimit {
  const kind = calendarKind(every)
  if (kind !== null) return { unit, window: kind, windowSeconds: null, limit: BigInt(limit) }
  const seconds = Number(every.slice(0, -1)) * pieceSeconds[every.slice(-1) as keyof typeof pieceSeconds]
  if (seconds === DAY_SECONDS) return { unit, window: "day", windowSeconds: null, limit: BigInt(limit) }
  if (seconds === WEEK_SECONDS) return { unit, window: "week", windowSeconds: null, limit: BigInt(limit) }
  return { unit, window: "rolling", windowSeconds: seconds, limit: BigInt(limit) }
}

const calendarKind = (every: string): "day" | "week" | "month" | null => (every === "day" || every === "week" || every === "month" ? every : null)

/** Whether two windows would be one quota: of one unit a plan has one day, one week, one month and one other length. */
const isTwice = (windows: readonly PlanWindow[]): boolean => {
  const names = windows.map((window) => {
    const { unit, window: kind } = planLimit(window)
    return `${unit} ${kind}`
  })
  return new Set(names).size < names.length
}

/** All windows of one credential. */
export const planWindowsInput = z
  .array(planWindowInput)
  .max(WINDOWS_MAX)
  .refine((windows) => !isTwice(windows), { error: "errors.channels.planTwice" })
