import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { tokensAffordable, type UsageBound, worstCaseNanoUsd } from "#lib/ledger/worst-case.ts"
import type { Hold, HoldAmounts, QuotaDefinition, QuotaPort, Refusal } from "#lib/quota/types.ts"
import { inputTokensHigh, outputTokensMax, usageBound } from "./bound.ts"
import { refusalError } from "./refusal.ts"
import { type Admitted, type Candidate, proven, type Routed } from "./stages.ts"
import type { TargetPrice } from "./types.ts"

/** A call that could not bring back this many tokens is not worth starting (DESIGN.md, "How much to hold"). */
const OUTPUT_TOKENS_USEFUL_MIN = 256
const NO_QUOTAS: Hold = { ok: true, parts: [], granted: {} }

/**
 * Takes one hold over every quota of the call, at the sell price of the dearest candidate. Where it is less than the worst case, the
 * bound on output is what the hold buys. Answers at once where the leases suffice.
 */
export function admit(routed: Routed, quota: QuotaPort): Result<Admitted, GatewayError> | Promise<Result<Admitted, GatewayError>> {
  const asked = outputTokensMax(routed.call, routed.model)
  const quotas = quotasOf(routed)
  const worst = costOf(routed, asked)
  if (quotas.length === 0) return ok(admitted(routed, NO_QUOTAS, worst, null))
  const hold = quota.hold(quotas, amountsOf(routed, asked, worst), routed.receivedAtMs)
  const judge = (answer: Hold | Refusal) => judgeHold(routed, answer, asked, worst)
  return hold instanceof Promise ? hold.then(judge) : judge(hold)
}

function judgeHold(routed: Routed, hold: Hold | Refusal, asked: number, worst: bigint): Result<Admitted, GatewayError> {
  if (!hold.ok) return err(refusalError(hold, routed.receivedAtMs))
  if (isWhole(hold, asked, worst, routed)) return ok(admitted(routed, hold, worst, null))
  const affordable = Math.min(affordableTokens(routed, hold), asked)
  return ok(admitted(routed, hold, hold.granted.nanoUsd ?? worst, affordable < asked ? affordable : null))
}

/** Whether the hold covers the worst case: then nothing has to be worked out. */
function isWhole({ granted }: Hold, asked: number, worst: bigint, { call }: Routed): boolean {
  const tokens = BigInt(inputTokensHigh(call.size) + asked * call.choices)
  return (granted.nanoUsd ?? worst) >= worst && (granted.tokens ?? tokens) >= tokens
}

const admitted = (routed: Routed, hold: Hold, holdNanoUsd: bigint, clampedOutputTokens: number | null): Admitted =>
  proven<Admitted>({ ...routed, hold, holdNanoUsd, clampedOutputTokens, sent: { last: null } })

/** The sandbox's pretend costs meet a test key's own budget only, and no budget of a live key. */
const quotasOf = ({ principal, sandboxed }: Routed): readonly QuotaDefinition[] =>
  sandboxed && !principal.test ? principal.quotas.filter(({ unit }) => unit !== "nanoUsd") : principal.quotas

function amountsOf(routed: Routed, asked: number, worst: bigint): HoldAmounts {
  const useful = Math.min(asked, OUTPUT_TOKENS_USEFUL_MIN)
  const { choices, size } = routed.call
  const inputTokens = inputTokensHigh(size)
  return {
    nanoUsd: { worst, minimum: costOf(routed, useful) },
    tokens: { worst: BigInt(inputTokens + asked * choices), minimum: BigInt(inputTokens + useful * choices) },
    requests: { worst: 1n, minimum: 1n },
    concurrent: { worst: 1n, minimum: 1n },
  }
}

/** What the dearest candidate would charge at most. */
function costOf(routed: Routed, outputTokensPerChoice: number): bigint {
  const bound = usageBound(routed.call, routed.demands, outputTokensPerChoice)
  let dearest = 0n
  for (const candidate of distinctPrices(routed.candidates)) {
    const cost = worstCaseNanoUsd(bound, candidate.target.price.sell.rates, priceOptions(routed, candidate))
    if (cost > dearest) dearest = cost
  }
  return dearest
}

/** Output tokens per choice that the hold covers at every candidate's price. */
function affordableTokens(routed: Routed, { granted }: Hold): number {
  const { choices, size } = routed.call
  const bound: UsageBound = usageBound(routed.call, routed.demands, 0)
  let tokens = Number.MAX_SAFE_INTEGER
  if (granted.nanoUsd !== undefined) {
    for (const candidate of distinctPrices(routed.candidates)) {
      tokens = Math.min(tokens, tokensAffordable(granted.nanoUsd, bound, candidate.target.price.sell.rates, priceOptions(routed, candidate)) - bound.outputTokens)
    }
  }
  if (granted.tokens !== undefined) tokens = Math.min(tokens, Number(granted.tokens) - inputTokensHigh(size))
  return Math.max(1, Math.floor(tokens / choices))
}

const priceOptions = ({ receivedAtMs }: Routed, { target }: Candidate) => ({ admittedAtMs: receivedAtMs, markupPpm: target.price.markupPpm })

/** A pool of credentials has one price, and so have channels with the same price for the model. */
function distinctPrices(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length === 1) return candidates
  return candidates.filter(({ target }, index) => candidates.findIndex((other) => isSamePrice(other.target.price, target.price)) === index)
}

const isSamePrice = (a: TargetPrice, b: TargetPrice): boolean => a === b || (a.sell.id === b.sell.id && a.markupPpm === b.markupPpm)
