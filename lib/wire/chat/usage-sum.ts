import { type Usage, usageUnits } from "#lib/kernel/usage.ts"
import type { ChatUsage } from "./answer.ts"

/** What two calls of one answer used together. A unit that neither reported stays absent (W-100). */
export function addUsage(one: ChatUsage, other: ChatUsage): ChatUsage {
  const counts: Record<string, unknown> = { ...one.counts, ...other.counts }
  for (const unit of usageUnits) {
    const [first, second] = [one.counts[unit], other.counts[unit]]
    if (first !== undefined || second !== undefined) counts[unit] = (first ?? 0) + (second ?? 0)
  }
  if (one.counts.estimated === true || other.counts.estimated === true) counts["estimated"] = true
  const reasoningTokens = one.reasoningTokens === null && other.reasoningTokens === null ? null : (one.reasoningTokens ?? 0) + (other.reasoningTokens ?? 0)
  return { counts: counts as Usage, reasoningTokens }
}
