import type { QuotaPort } from "#lib/quota/types.ts"
import { NOTHING_BILLED, tokensOf } from "./bill.ts"
import { settlePlan } from "./plan.ts"
import type { GatewayPorts } from "./ports.ts"
import { type Admitted, type Bill, type Ending, booked, heldNanoUsd, type Settle, type Settled } from "./stages.ts"

/** A call that produced nothing costs nothing. */
export const failedEnding = (errorCode: Ending["errorCode"]): Ending => ({
  status: "failed",
  errorCode,
  finish: null,
  responseId: null,
  bill: NOTHING_BILLED,
  firstByteMs: null,
})

/**
 * The provider reports more than was held: as much of it as the quotas can still grant is taken for it before the call is settled, so that
 * the house absorbs only what no quota has. Our own estimates are bounded by the hold instead.
 */
export function coverExcess(admitted: Admitted, bill: Bill, quota: QuotaPort): void | Promise<void> {
  const { granted } = admitted.hold
  const tokens = tokensOf(bill)
  if (bill.usage.estimated === true) return
  if (bill.priceNanoUsd <= (granted.nanoUsd ?? bill.priceNanoUsd) && tokens <= (granted.tokens ?? tokens)) return
  return quota.cover(admitted.hold, { nanoUsd: bill.priceNanoUsd, tokens })
}

/**
 * Releases the hold, charges what the quotas cover and writes the end of a call into the spool: once, however often it is asked. The
 * house absorbs what no quota covers, so that charged + absorbed = usage × price.
 */
export function createSettle(admitted: Admitted, { spool, quota, clock }: Pick<GatewayPorts, "spool" | "quota" | "clock">): Settle {
  let settled: Settled | null = null
  return (ending) => {
    if (settled !== null) return settled
    const { requestId, hold, sent, startedMs, words } = admitted
    const { bill } = ending
    // Our own estimate never costs more than was held for the call.
    const held = heldNanoUsd(admitted)
    const due = bill.usage.estimated === true && bill.priceNanoUsd > held ? held : bill.priceNanoUsd
    const { parts, covered } = quota.settle(hold, { nanoUsd: due, tokens: tokensOf(bill), requests: sent.last === null ? 0n : 1n })
    const chargedNanoUsd = covered.nanoUsd ?? due
    settled = booked({ requestId, chargedNanoUsd })
    // Without an attempt nothing reached a provider, and there is nothing to record.
    if (sent.last === null) return settled
    const ofPlan = settlePlan(sent.last.plan, bill, quota)
    spool.settle({
      requestId,
      status: ending.status,
      errorCode: ending.errorCode,
      finish: ending.finish,
      responseId: ending.responseId,
      route: words,
      usage: bill.usage,
      costNanoUsd: bill.costNanoUsd,
      chargedNanoUsd,
      absorbedNanoUsd: bill.priceNanoUsd - chargedNanoUsd,
      firstByteMs: ending.firstByteMs,
      durationMs: Math.round(clock.monotonic() - startedMs),
      parts: ofPlan.length === 0 ? parts : [...parts, ...ofPlan],
    })
    return settled
  }
}
