export type BarParts = {
  /** Percent of the bar's width, together at most 100. */
  readonly usedPercent: number
  readonly heldPercent: number
  readonly tone: "normal" | "warning" | "danger"
}

const WARNING_PERCENT = 80
/** Hundredths of a percent: bigint division cuts, and a bar needs no more. */
const PRECISION = 10_000n

/** How far an amount reaches on the bar of a limit, in percent of its width. */
export const percentOf = (amount: bigint, limit: bigint): number => (limit <= 0n ? 100 : Math.min(100, Math.max(0, Number((amount * PRECISION) / limit) / 100)))

/** How a limit's bar is filled. A limit of zero is full: nothing can be spent from it. */
export function barParts(used: bigint, held: bigint, limit: bigint): BarParts {
  if (limit <= 0n) return { usedPercent: 100, heldPercent: 0, tone: "danger" }
  const usedPercent = percentOf(used, limit)
  const heldPercent = Math.min(100 - usedPercent, percentOf(held, limit))
  return { usedPercent, heldPercent, tone: used >= limit ? "danger" : usedPercent >= WARNING_PERCENT ? "warning" : "normal" }
}
