import { completionTokens, promptTokens, type Usage } from "#lib/kernel/usage.ts"
import { chargedNanoUsd } from "#lib/ledger/charge.ts"
import type { Seen } from "#lib/wire/raw-lane.ts"
import { inputTokensLikely } from "./bound.ts"
import type { Bill, Candidate, Routed } from "./stages.ts"
import { usageOfWork } from "./work.ts"

export const NOTHING_BILLED: Bill = { usage: {}, costNanoUsd: 0n, priceNanoUsd: 0n }

/** A call's usage at the prices of who answered. `seen` null: the client left before anything came, and only the prompt counts. */
export function billFor(routed: Routed, { target }: Candidate, seen: Seen | null): Bill {
  const { receivedAtMs } = routed
  const { cost, sell, markupPpm } = target.price
  const usage = routed.call.work === undefined ? usageOf(routed, seen) : usageOfWork(routed.call.work, seen, [sell.rates, cost.rates])
  const priceNanoUsd = chargedNanoUsd(usage, sell.rates, { admittedAtMs: receivedAtMs, markupPpm })
  // A mark-up multiplies the cost's own rates; without one the sell price may be the cost's very object.
  const costNanoUsd = markupPpm === null && cost.rates === sell.rates ? priceNanoUsd : chargedNanoUsd(usage, cost.rates, { admittedAtMs: receivedAtMs })
  return { usage, costNanoUsd, priceNanoUsd }
}

/** The provider's count, or ours where it sent none (W-98); with what it does not count itself. */
function usageOf({ call, demands }: Routed, seen: Seen | null): Usage {
  const counted: Usage = seen?.usage ?? { input: inputTokensLikely(call.size), output: seen?.outputTokensEstimated ?? 0, estimated: true }
  const searched = counted.search === undefined && demands.units.some(({ unit, reported }) => unit === "search" && !reported)
  return searched ? { ...counted, search: call.choices, call: 1 } : { ...counted, call: 1 }
}

/** All tokens of a bill, for limits that count them. */
export const tokensOf = ({ usage }: Bill): bigint => BigInt(promptTokens(usage) + completionTokens(usage))
