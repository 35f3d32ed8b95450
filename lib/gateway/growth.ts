import { traitsOf } from "#lib/catalog/model-traits.ts"
import { type Amounts, type Hold, type HoldAmounts, partsOfHold, type QuotaPort, type Refusal } from "#lib/quota/types.ts"
import { billFor, tokensOf } from "./bill.ts"
import { affordableTokens, worstCost, worstTokens } from "./hold-amounts.ts"
import { planParts } from "./plan.ts"
import type { SpoolPort } from "./ports.ts"
import { type Admitted, type Candidate, type Growth, heldNanoUsd, type Routed, type UpstreamStream } from "./stages.ts"

/** Output that a growing hold covers ahead of what has come, per choice: most streams end within the first such piece and never ask again. */
export const OUTPUT_TOKENS_AHEAD = 4_096
/** What came is counted a quarter high: tokens are estimated from bytes until the provider counts them. */
const AHEAD_DIVISOR = 4
/** What a stream needs at the least goes a little beyond what has come, since more comes while somebody decides. */
const NEED_DIVISOR = 32n

/** Whether a call's output can be watched as it comes: streamed, of chat, of text alone, by models that do not think in secret. */
export function isWatchable({ call, candidates, demands }: Routed): boolean {
  if (!call.streamed || call.work !== undefined || demands.units.some(({ unit }) => unit !== "search")) return false
  return candidates.every(({ target }) => !traitsOf(target.upstreamModel).hiddenReasoning)
}

/** `asked`: output tokens per choice that the call may bring back at most. `start`: what the hold began with. */
export function createGrowth(routed: Routed, asked: number, start: HoldAmounts, { quota, spool }: { readonly quota: QuotaPort; readonly spool: SpoolPort }): Growth {
  const { choices } = routed.call
  let admitted: Admitted | null = null
  let watched: { readonly candidate: Candidate; readonly stream: Pick<UpstreamStream, "seen" | "outputTokens"> } | null = null
  /** Output tokens, of all choices, at which more is asked for. */
  let checkAt = 0
  let asking: Promise<Refusal | null> | null = null

  function needed(): Amounts {
    if (watched === null) return { nanoUsd: start.nanoUsd?.minimum ?? 0n, tokens: start.tokens?.minimum ?? 0n }
    const bill = billFor(routed, watched.candidate, watched.stream.seen())
    return { nanoUsd: alittleMore(bill.priceNanoUsd), tokens: alittleMore(tokensOf(bill)) }
  }

  /** In all, as far as the call may go; never less than what is needed. */
  function wanted(tokens: number, need: Amounts): HoldAmounts {
    const perChoice = Math.min(asked, Math.ceil((tokens + tokens / AHEAD_DIVISOR) / choices) + OUTPUT_TOKENS_AHEAD)
    const [nanoUsd, all] = [worstCost(routed, perChoice), worstTokens(routed, perChoice)]
    return {
      nanoUsd: { worst: larger(nanoUsd, need.nanoUsd ?? 0n), minimum: need.nanoUsd ?? 0n },
      tokens: { worst: larger(all, need.tokens ?? 0n), minimum: need.tokens ?? 0n },
    }
  }

  /** Half-way to where the hold ends; never again where it covers all that the call may bring back. */
  function nextCheck(hold: Hold, tokens: number): number {
    const affordable = affordableTokens(routed, hold)
    return affordable >= asked ? Number.POSITIVE_INFINITY : tokens + Math.max(1, Math.floor((affordable * choices - tokens) / 2))
  }

  const covers = ({ granted }: Hold, need: Amounts): boolean =>
    (need.nanoUsd ?? 0n) <= (granted.nanoUsd ?? need.nanoUsd ?? 0n) && (need.tokens ?? 0n) <= (granted.tokens ?? need.tokens ?? 0n)

  function check(): true | Refusal | Promise<true | Refusal> {
    if (admitted === null || watched === null || checkAt === Number.POSITIVE_INFINITY) return true
    const tokens = watched.stream.outputTokens()
    if (tokens < checkAt) return true
    const { hold } = admitted
    const need = needed()
    const answer = asking ?? quota.extend(hold, wanted(tokens, need))
    if (!(answer instanceof Promise)) {
      checkAt = nextCheck(hold, tokens)
      return answer ?? true
    }
    asking ??= answer.finally(() => {
      asking = null
      checkAt = 0
    })
    if (covers(hold, need)) {
      checkAt = tokens + Math.max(1, tokens >> 5)
      return true
    }
    return asking.then((refusal) => refusal ?? check())
  }

  return {
    begin(holder) {
      admitted = holder
      checkAt = nextCheck(holder.hold, 0)
    },
    watch(candidate, stream) {
      watched = { candidate, stream }
    },
    check,
    needed,
    noted() {
      checkAt = 0
      const last = admitted?.sent.last
      if (admitted === null || last === null || last === undefined) return true
      const line = { ...last.line, holdNanoUsd: heldNanoUsd(admitted), holdParts: [...partsOfHold(admitted.hold), ...planParts(last.plan)] }
      if (!spool.open(line, last.candidate.target.price)) return false
      admitted.sent.last = { ...last, line }
      return true
    },
  }
}

const alittleMore = (amount: bigint): bigint => amount + amount / NEED_DIVISOR
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
