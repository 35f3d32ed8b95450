const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Beyond this a date would say more than anybody can know. */
export const HORIZON_MS = 365 * DAY_MS
/** How near an end has to be for its hour to be of use. */
const NEAR_MS = DAY_MS

/**
 * How far back the present pace is looked for: whole days or whole weeks, so that nights and weekends are in it as often as they will
 * come. `spanMsMin`: of a shorter history nothing is said.
 */
export const lookbacks = {
  day: { lengthMs: DAY_MS, spanMsMin: 6 * HOUR_MS },
  week: { lengthMs: 7 * DAY_MS, spanMsMin: DAY_MS },
} as const
export type Lookback = keyof typeof lookbacks

/** What somebody spent lately, in nano-USD, by the hourly sums. */
export type RecentSpend = {
  /** When the first hour with any call began, in the last `HISTORY_MS`. */
  readonly firstMs: number
  readonly spent: Readonly<Record<Lookback, bigint>>
}

/** How far back the first call is looked for: one lookback more than is added up, so that a quiet weekend at its edge is known as one. */
export const HISTORY_MS = 2 * lookbacks.week.lengthMs

/** So much in so many milliseconds. */
export type Pace = { readonly spent: bigint; readonly spanMs: number }

/** Where a limit will stand. Amounts are of its unit. */
export type Forecast =
  /** It holds: so much will be used at the period's end. */
  | { readonly kind: "within"; readonly atEnd: bigint }
  /** It is used up then. `isNear`: within a day. */
  | { readonly kind: "spent"; readonly atMs: number; readonly isNear: boolean }
  /** It has no end, and is not used up within a year. */
  | { readonly kind: "lasts" }

/** When a lookback begins: hourly sums are of whole hours. */
export const lookbackStartMs = (lookback: Lookback, nowMs: number): number => Math.floor((nowMs - lookbacks[lookback].lengthMs) / HOUR_MS) * HOUR_MS

/** The present pace; null where there is too little to go by, or nothing was spent. Who began within the lookback is not diluted by the time before. */
export function paceOf({ firstMs, spent }: RecentSpend, lookback: Lookback, nowMs: number): Pace | null {
  const spanMs = nowMs - Math.max(lookbackStartMs(lookback, nowMs), firstMs)
  return spanMs >= lookbacks[lookback].spanMsMin && spent[lookback] > 0n ? { spent: spent[lookback], spanMs } : null
}

/** What becomes of a limit if all goes on at this pace. Null: it is used up already. `endMs` null: its period never ends. */
export function forecastLimit({ used, limit, endMs }: { readonly used: bigint; readonly limit: bigint; readonly endMs: number | null }, pace: Pace, nowMs: number): Forecast | null {
  if (used >= limit) return null
  const spentAtMs = nowMs + timeFor(limit - used, pace)
  if (endMs === null) return spentAtMs > nowMs + HORIZON_MS ? { kind: "lasts" } : spentAt(spentAtMs, nowMs)
  return spentAtMs < endMs ? spentAt(spentAtMs, nowMs) : { kind: "within", atEnd: used + amountIn(Math.max(0, endMs - nowMs), pace) }
}

/** A part of a wallet. `startsAtMs` absent: it is there already. `endsAtMs` null: it does not end. Paid credit may be below zero. */
export type Credit = { readonly remaining: bigint; readonly startsAtMs?: number; readonly endsAtMs: number | null }

/**
 * How long a wallet lasts if all goes on at this pace: until it is empty for the first time, though more may come later. Of what is there,
 * that which ends first is used first; of what ends before its turn is over, the rest is lost. Null: there is nothing left.
 */
export function forecastWallet(credits: readonly Credit[], pace: Pace, nowMs: number): Forecast | null {
  // In milliseconds from now: what is left, as the time that it pays for.
  const parts = credits.map(({ remaining, startsAtMs = nowMs, endsAtMs }) => ({ forMs: timeFor(remaining, pace), startMs: startsAtMs - nowMs, endMs: endsAtMs === null ? Infinity : endsAtMs - nowMs }))
  const owedMs = credits.reduce((sum, { remaining }) => sum + timeFor(-remaining, pace), 0)
  for (let atMs = 0; atMs <= HORIZON_MS; ) {
    const usable = parts.filter(({ forMs, startMs, endMs }) => forMs > 0 && startMs <= atMs && endMs > atMs)
    const leftMs = usable.reduce((sum, { forMs }) => sum + forMs, -owedMs)
    const endsFirst = usable.reduce<(typeof usable)[number] | null>((first, part) => (first === null || part.endMs < first.endMs ? part : first), null)
    if (endsFirst === null || leftMs <= 0) return atMs === 0 ? null : spentAt(nowMs + atMs, nowMs)
    const startsNext = parts.reduce((next, { startMs }) => (startMs > atMs ? Math.min(next, startMs) : next), Infinity)
    const usedMs = Math.min(endsFirst.forMs, leftMs, endsFirst.endMs - atMs, startsNext - atMs)
    endsFirst.forMs -= usedMs
    atMs += usedMs
  }
  return { kind: "lasts" }
}

const spentAt = (atMs: number, nowMs: number): Forecast => ({ kind: "spent", atMs, isNear: atMs - nowMs < NEAR_MS })

/** Milliseconds until an amount is used; as a forecast may be, not exact. */
const timeFor = (amount: bigint, { spent, spanMs }: Pace): number => (amount <= 0n ? 0 : (Number(amount) / Number(spent)) * spanMs)

const amountIn = (milliseconds: number, { spent, spanMs }: Pace): bigint => (spent * BigInt(Math.round(milliseconds))) / BigInt(spanMs)
