import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { readChatRequest } from "#lib/wire/lanes.ts"
import { isCount, isRecord } from "#lib/wire/request-fields.ts"
import { promptText } from "#lib/wire/tokens/prompt-text.ts"
import type { Prepared } from "#lib/wire/upstream-lane.ts"
import { inputTokensLikely } from "./bound.ts"
import { countBody, countFieldOf, countUrl } from "./count-call.ts"
import type { Departure } from "./departure.ts"
import type { GatewayPorts, UpstreamCall, UpstreamSink } from "./ports.ts"
import { refusalError } from "./refusal.ts"
import { SHUTTING_DOWN } from "./relay.ts"
import type { Candidate, Routed } from "./stages.ts"
import { statusFailure } from "./upstream-failure.ts"
import { attempted, ownHeaders, upstreamRequest } from "./upstream-request.ts"

/** A count helps a client that waits to send its real call: it gets our estimate rather than a long wait. */
const ATTEMPTS_MAX = 2
const ATTEMPT_MS_MAX = 5_000
const ANSWER_BYTES_MAX = 64 * 1024
/** A channel that has no such endpoint is asked again after this long. */
const ABSENT_MS = 10 * 60_000
const ABSENT_STATUSES: readonly number[] = [404, 405, 501]
/** Bedrock has the operation for some of its models alone, and says so under 400 ("The provided model doesn't support counting tokens"). */
const UNCOUNTED_MODEL = /support counting tokens/i

/** `estimated`: by us, since no channel of the model counts. */
export type Counted = { readonly inputTokens: number; readonly estimated: boolean }

export type TokenCounter = {
  /** The tokens of a prompt. The error null: the client left. Costs nothing, and is bounded by the key's own rate and concurrency. */
  count(routed: Routed, departure: Departure): Promise<Result<Counted, GatewayError | null>>
}

/** What one channel said. `unable`: it did not count, and another one or our estimate has to. */
type Said = { readonly kind: "counted"; readonly inputTokens: number } | { readonly kind: "refused"; readonly error: GatewayError | null } | { readonly kind: "unable" } | { readonly kind: "absent" }

export function createTokenCounter({ upstream, quota, clock, tokens }: Pick<GatewayPorts, "upstream" | "quota" | "clock" | "tokens">): TokenCounter {
  /** Models of channels without such an endpoint, by when they are asked again (monotonic); as many as operators set up. */
  const absentUntilMs = new Map<string, number>()
  const keyOf = ({ target: { channel, upstreamModel } }: Candidate): string => `${channel.id} ${upstreamModel}`

  async function ask(routed: Routed, departure: Departure): Promise<Result<Counted, GatewayError | null>> {
    const able = routed.candidates.filter((candidate) => countUrl(candidate) !== null && (absentUntilMs.get(keyOf(candidate)) ?? 0) <= clock.monotonic())
    for (const candidate of able.slice(0, ATTEMPTS_MAX)) {
      const prepared = candidate.lane.prepare(attempted(routed, candidate.asked, null))
      if (!prepared.ok) continue
      const said = await askOne(routed, candidate, prepared.value, { upstream, clock, departure })
      if (said.kind === "counted") return ok({ inputTokens: said.inputTokens, estimated: false })
      if (said.kind === "refused") return err(said.error)
      if (said.kind === "absent") absentUntilMs.set(keyOf(candidate), clock.monotonic() + ABSENT_MS)
    }
    return ok({ inputTokens: await estimate(routed), estimated: true })
  }

  /** By OpenAI's tokenizers; by the size of the prompt where that takes too long, or where it holds what no other dialect has. */
  async function estimate({ lane, call, candidates }: Routed): Promise<number> {
    const request = readChatRequest(lane.dialect, call)
    const [candidate] = candidates
    if (request?.ok !== true || candidate === undefined) return inputTokensLikely(call.size)
    const { texts, encoding, tokens: others } = promptText(request.value, candidate.target.upstreamModel)
    const counted = await tokens.count(texts, encoding)
    return counted === null ? inputTokensLikely(call.size) : counted + others
  }

  return {
    async count(routed, departure) {
      const quotas = routed.principal.quotas.filter(({ unit }) => unit === "requests" || unit === "concurrent")
      const one = { worst: 1n, minimum: 1n }
      const hold = await quota.hold(quotas, { requests: one, concurrent: one }, routed.receivedAtMs)
      if (!hold.ok) return err(refusalError(hold, routed.receivedAtMs, routed.principal))
      try {
        return await ask(routed, departure)
      } finally {
        quota.settle(hold, { requests: 0n })
      }
    },
  }
}

type AskOptions = Pick<GatewayPorts, "upstream" | "clock"> & { readonly departure: Departure }

function askOne(routed: Routed, candidate: Candidate, prepared: Prepared, { upstream, clock, departure }: AskOptions): Promise<Said> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let status = 0
    let headers: Parameters<UpstreamSink["onHead"]>[1] = {}
    let call: UpstreamCall | null = null
    const say = (said: Said, abort: boolean) => {
      clearTimeout(timer)
      if (abort) call?.abort()
      resolve(said)
    }
    const timer = setTimeout(() => say({ kind: "unable" }, true), ATTEMPT_MS_MAX)
    departure.listen((reason) => say({ kind: "refused", error: reason === "shutdown" ? SHUTTING_DOWN : null }, true))
    if (departure.reason !== null) return
    const url = countUrl(candidate) ?? ""
    const body = Buffer.isBuffer(prepared.body) ? countBody(prepared.body, candidate, routed.lane.dialect === candidate.lane.dialect) : prepared.body
    call = upstream.call(upstreamRequest({ ...prepared, body }, candidate, routed.headers, { url, headers: ownHeaders(candidate, prepared.streamed) }), {
      onHead(code, given) {
        status = code
        headers = given
      },
      onData(chunk) {
        bytes += chunk.length
        if (bytes > ANSWER_BYTES_MAX) say({ kind: "unable" }, true)
        else chunks.push(chunk)
        return true
      },
      onEnd: () => say(readCount(status, headers, Buffer.concat(chunks), { candidate, nowMs: clock.now() }), false),
      onFailure: () => say({ kind: "unable" }, false),
    })
  })
}

type Asked = { readonly candidate: Candidate; readonly nowMs: number }

function readCount(status: number, headers: Parameters<UpstreamSink["onHead"]>[1], body: Buffer, { candidate, nowMs }: Asked): Said {
  if (ABSENT_STATUSES.includes(status)) return { kind: "absent" }
  if (status !== 200) {
    const failure = statusFailure(status, headers, body, candidate, nowMs)
    const words = candidate.lane.readWords(body)
    if (words !== null && UNCOUNTED_MODEL.test(words.message)) return { kind: "absent" }
    // Only a refusal with words is about the request; a channel that cannot count may answer anything.
    return !failure.retryable && words !== null ? { kind: "refused", error: failure.error } : { kind: "unable" }
  }
  try {
    const json: unknown = JSON.parse(body.toString("utf8"))
    const count = isRecord(json) ? json[countFieldOf(candidate) ?? ""] : undefined
    return isCount(count) ? { kind: "counted", inputTokens: count } : { kind: "unable" }
  } catch {
    return { kind: "unable" }
  }
}
