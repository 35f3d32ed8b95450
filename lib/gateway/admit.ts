import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Hold, QuotaDefinition, Refusal } from "#lib/quota/types.ts"
import { outputTokensMax } from "./bound.ts"
import { createGrowth, isWatchable, OUTPUT_TOKENS_AHEAD } from "./growth.ts"
import { affordableTokens, holdAmounts, worstCost, worstTokens } from "./hold-amounts.ts"
import type { GatewayPorts } from "./ports.ts"
import { refusalError } from "./refusal.ts"
import { type Admitted, type Growth, proven, type Routed } from "./stages.ts"

const NO_QUOTAS: Hold = { ok: true, parts: [], granted: {} }

/**
 * Takes one hold over every quota of the call, at the sell price of the dearest candidate. A stream that can be watched begins with a
 * part of the worst case and grows. For any other call that gets less than the worst case, the bound on output is what the hold buys.
 * Answers at once where the leases suffice.
 */
export function admit(routed: Routed, ports: Pick<GatewayPorts, "quota" | "spool">): Result<Admitted, GatewayError> | Promise<Result<Admitted, GatewayError>> {
  const asked = outputTokensMax(routed.call, routed.model)
  const quotas = quotasOf(routed)
  if (quotas.length === 0) return ok(admitted(routed, NO_QUOTAS, worstCost(routed, asked), null, null))
  const watchable = isWatchable(routed)
  const amounts = holdAmounts(routed, watchable ? Math.min(asked, OUTPUT_TOKENS_AHEAD) : asked)
  const worst = watchable ? worstCost(routed, asked) : amounts.nanoUsd.worst
  const growth = watchable ? createGrowth(routed, asked, amounts, ports) : null
  const hold = ports.quota.hold(quotas, amounts, routed.receivedAtMs, growth ?? undefined)
  const judge = (answer: Hold | Refusal) => judgeHold(routed, answer, asked, worst, growth)
  return hold instanceof Promise ? hold.then(judge) : judge(hold)
}

function judgeHold(routed: Routed, hold: Hold | Refusal, asked: number, worst: bigint, growth: Growth | null): Result<Admitted, GatewayError> {
  if (!hold.ok) return err(refusalError(hold, routed.receivedAtMs, routed.principal))
  if (growth !== null) {
    const growing = admitted(routed, hold, worst, null, growth)
    growth.begin(growing)
    return ok(growing)
  }
  if (isWhole(hold, asked, worst, routed)) return ok(admitted(routed, hold, worst, null, null))
  const affordable = Math.min(Math.max(1, affordableTokens(routed, hold)), asked)
  return ok(admitted(routed, hold, worst, affordable < asked ? affordable : null, null))
}

/** Whether the hold covers the worst case: then nothing has to be worked out. */
function isWhole({ granted }: Hold, asked: number, worst: bigint, routed: Routed): boolean {
  const tokens = worstTokens(routed, asked)
  return (granted.nanoUsd ?? worst) >= worst && (granted.tokens ?? tokens) >= tokens
}

const admitted = (routed: Routed, hold: Hold, worstNanoUsd: bigint, clampedOutputTokens: number | null, growth: Growth | null): Admitted =>
  proven<Routed, Admitted>(routed, { hold, worstNanoUsd, clampedOutputTokens, growth, sent: { last: null } })

/** The sandbox's pretend costs meet a test key's own budget only, and no budget of a live key. */
const quotasOf = ({ principal, sandboxed }: Routed): readonly QuotaDefinition[] =>
  sandboxed && !principal.test ? principal.quotas.filter(({ unit }) => unit !== "nanoUsd") : principal.quotas
