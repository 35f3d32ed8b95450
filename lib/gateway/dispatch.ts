import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { type Hold, partsOfHold, type Refusal } from "#lib/quota/types.ts"
import type { Media } from "#lib/wire/chat/part.ts"
import { attempt, type AttemptOptions } from "./attempt.ts"
import type { Breaker, Verdict } from "./breaker.ts"
import { holdPlan, planParts, planWords, releasePlan } from "./plan.ts"
import type { GatewayPorts } from "./ports.ts"
import { isSandbox } from "./reach.ts"
import { breakerKey } from "./route.ts"
import { fetchMedia } from "./fetch-media.ts"
import type { OpenLine } from "./spool-lines.ts"
import { type Admitted, type Candidate, type Delivery, heldNanoUsd, proven, type Relaying } from "./stages.ts"
import { SPOOL_FULL } from "./upstream-failure.ts"
import { attempted } from "./upstream-request.ts"

/** Channels tried for one call. */
const ATTEMPTS_MAX = 5

const NO_ADDRESSES: readonly string[] = []

const NONE_FREE: GatewayError = { code: "overloaded", status: 503, message: "Every channel for this model is resting at the moment. Try again shortly.", retryAfterSeconds: 1 }

export type DispatchOptions = AttemptOptions & {
  readonly breaker: Breaker
  readonly ports: Pick<GatewayPorts, "spool" | "log" | "health" | "quota">
}

/** Tries the candidates in their order, each once, while nothing has been sent to the client (W-107). */
export async function dispatch(admitted: Admitted, options: DispatchOptions): Promise<Relaying> {
  const relaying = (delivery: Delivery) => proven<Admitted, Relaying>(admitted, { delivery })
  const { breaker, ports } = options
  let attempts = 0
  let error = NONE_FREE
  const media = new Map<string, Media>()
  for (const candidate of admitted.candidates) {
    const key = breakerKey(candidate)
    const { name } = candidate.target.channel
    if (attempts === ATTEMPTS_MAX) break
    if (options.departure.reason !== null) return relaying({ kind: "abandoned", reason: options.departure.reason, candidate: null })
    // Another call may have tripped it since the route was found, or be probing it now.
    if (!breaker.begin(key)) {
      admitted.words.push(`${name}: resting`)
      continue
    }
    const addresses = candidate.lane.linkedMedia?.(admitted.call, candidate.asked.traits).filter((address) => !media.has(address)) ?? NO_ADDRESSES
    if (addresses.length > 0) {
      const fetched = await fetchMedia(addresses, options)
      if (!fetched.ok) {
        breaker.report(key, { kind: "unknown" })
        admitted.words.push(`${name}: ${fetched.error.message}`)
        error = fetched.error
        continue
      }
      for (const [address, one] of fetched.value) media.set(address, one)
    }
    const attempting = attempted(admitted, candidate.asked, admitted.clampedOutputTokens)
    const prepared = candidate.lane.prepare(media.size === 0 ? attempting : { ...attempting, media })
    if (!prepared.ok) {
      breaker.report(key, { kind: "unknown" })
      admitted.words.push(`${name}: ${prepared.error.message}`)
      error = prepared.error
      continue
    }
    const holding = holdPlan(admitted, candidate, ports.quota)
    const plan = holding instanceof Promise ? await holding : holding
    if (plan !== null && !plan.ok) {
      breaker.report(key, { kind: "unknown" })
      admitted.words.push(`${name}: ${planWords(plan)}`)
      error = { ...NONE_FREE, ...waitOf(plan, admitted) }
      continue
    }
    const line = openLine(admitted, candidate, plan, ++attempts)
    // Test calls provoke failures on purpose, and every tenant's meet the same sandbox: it never rests.
    const report = (verdict: Verdict) => breaker.report(key, isSandbox(candidate.target.channel) ? { kind: "unknown" } : verdict)
    if (!ports.spool.open(line, candidate.target.price)) {
      report({ kind: "unknown" })
      releasePlan(plan, ports.quota)
      return relaying({ kind: "nothing", error: SPOOL_FULL })
    }
    admitted.sent.last = { candidate, line, plan }
    const outcome = await attempt(admitted, candidate, prepared.value, options, {
      onBroken: () => report({ kind: "failing" }),
      searchFailed: (detail, channelId) => ports.log("warn", "search.failed", { requestId: admitted.requestId, channelId, detail }),
    })
    switch (outcome.kind) {
      case "answer":
      case "stream":
        report({ kind: "healthy" })
        ports.health.answered(candidate.target.channel.id)
        admitted.words.push(`${name}: answered`)
        return relaying({ ...outcome, candidate, changes: prepared.value })
      case "abandoned":
        report({ kind: "unknown" })
        admitted.words.push(`${name}: ${outcome.reason === "client" ? "the client left" : "this process stopped"}`)
        return relaying({ ...outcome, candidate })
      case "failed": {
        const { failure } = outcome
        if (admitted.upload?.failure) {
          report({ kind: "unknown" })
          return relaying({ kind: "nothing", error: admitted.upload.failure })
        }
        report(failure.verdict)
        releasePlan(plan, ports.quota)
        admitted.sent.last = { candidate, line, plan: null }
        if (failure.exhaustion !== undefined && candidate.credential !== null) ports.health.exhausted(candidate.credential.id, failure.exhaustion)
        admitted.words.push(`${name}: ${failure.word}`)
        ports.log("warn", "upstream.failed", { requestId: admitted.requestId, channelId: candidate.target.channel.id, credentialId: candidate.credential?.id ?? null, detail: failure.error.detail ?? failure.word })
        error = failure.error
        if (!failure.retryable || admitted.upload?.spent) return relaying({ kind: "nothing", error })
        ports.health.failed(candidate.target.channel.id, failure.word)
      }
    }
  }
  return relaying({ kind: "nothing", error })
}

/** When the plan that was passed over has something again. */
const waitOf = ({ resetsAt }: Refusal, { receivedAtMs }: Admitted): Pick<GatewayError, "retryAfterSeconds"> =>
  resetsAt === null ? {} : { retryAfterSeconds: Math.max(1, Math.ceil((resetsAt - receivedAtMs) / 1000)) }

/** Enough to book the call if nothing else is ever heard of it. */
function openLine(admitted: Admitted, { target, credential }: Candidate, plan: Hold | null, attempts: number): OpenLine {
  const { principal, call, hold } = admitted
  return {
    requestId: admitted.requestId,
    admittedAtMs: admitted.receivedAtMs,
    organizationId: principal.organizationId,
    projectId: principal.projectId,
    membershipId: principal.membershipId,
    keyId: principal.keyId,
    test: admitted.sandboxed,
    model: call.model,
    upstreamModel: target.upstreamModel,
    channelId: target.channel.id,
    credentialId: credential?.id ?? null,
    providerId: target.channel.providerId,
    dialect: admitted.lane.dialect,
    endpoint: admitted.endpoint,
    streamed: call.streamed,
    attempts,
    costPriceId: target.price.cost.id,
    sellPriceId: target.price.sell.id,
    markupPpm: target.price.markupPpm,
    holdNanoUsd: heldNanoUsd(admitted),
    holdParts: plan === null ? partsOfHold(hold) : [...partsOfHold(hold), ...planParts(plan)],
    clientSession: call.session,
    plan: target.channel.codingPlan,
  }
}
