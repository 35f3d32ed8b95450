import { secretsOf } from "#lib/catalog/credentials.ts"
import type { ErrorCode, GatewayError } from "#lib/kernel/error-codes.ts"
import { contextOverflow } from "#lib/wire/context-overflow.ts"
import { redact } from "#lib/wire/redact.ts"
import { type PlanExhaustion, planExhaustion } from "#lib/wire/plan-words.ts"
import type { UpstreamWords } from "#lib/wire/upstream-words.ts"
import type { Verdict } from "./breaker.ts"
import type { UpstreamFailure } from "./ports.ts"
import type { Candidate } from "./stages.ts"

/** What an attempt came to when it did not answer. `retryable`: another channel may do better. */
export type Failure = {
  readonly error: GatewayError
  readonly verdict: Verdict
  readonly retryable: boolean
  readonly word: string
  /** A coding plan has nothing left. */
  readonly exhaustion?: PlanExhaustion
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Statuses that say that the request itself is at fault: another channel would say the same. */
const CALLERS_FAULT: readonly number[] = [400, 413, 415, 422]
/** With these a prompt that does not fit may be refused: some servers call it an error of their own. */
const OVERFLOW_STATUSES: readonly number[] = [...CALLERS_FAULT, 500]
/** Statuses about our credential: its owner is the operator, never the caller (W-112). */
const CREDENTIAL_REFUSED: readonly number[] = [401, 402, 403]
/** Anthropic's answer for an account without money is a 400, `invalid_request_error`, that only its words tell apart. */
const EMPTY_ACCOUNT = /credit balance is too low/i
/** Google answers 400 to a key that it does not know, which only its words tell apart (https://ai.google.dev/gemini-api/docs/troubleshooting). */
const UNKNOWN_KEY = /API key (?:not valid|expired|not found)/i
/** What passes by itself. 408 is Bedrock's ModelTimeoutException (@aws-sdk/client-bedrock-runtime 3.1164.0, schemas), 504 Gemini's DEADLINE_EXCEEDED, 529 Anthropic's overload. */
const passingStatuses: ReadonlyMap<number, ErrorCode> = new Map([[408, "upstream_timeout"], [504, "upstream_timeout"], [503, "overloaded"], [529, "overloaded"]])
const RETRY_AFTER_SECONDS_MAX = 24 * 3600
/** How long a plan rests that is used up without a word of when it begins anew. */
export const PLAN_SECONDS_UNKNOWN = 600

export const SPOOL_FULL: GatewayError = { code: "unavailable", message: "Usage cannot be written down at the moment, so no calls are served. Try again shortly.", retryAfterSeconds: 5 }
const ACCESS_REFUSED = "The provider refused this installation's access. The operator has to see to it."
const MISBEHAVED = "The provider did not answer properly. Try again."

/** An answer with an error status, whatever its body. */
export function statusFailure(status: number, headers: Headers, body: Buffer, candidate: Candidate, nowMs: number): Failure {
  const words = clean(candidate.lane.readWords(body), candidate)
  const seconds = retryAfterSeconds(headers, nowMs) ?? words?.retryAfterSeconds ?? null
  const word = `answered ${status}${words === null ? "" : `: ${words.message.slice(0, 200)}`}`
  const exhaustion = words !== null && candidate.target.channel.codingPlan && status < 500 ? planExhaustion(words, nowMs) : null
  if (exhaustion !== null) return planFailure(exhaustion, word, nowMs)
  const isCredentialRefused = CREDENTIAL_REFUSED.includes(status) || (status === 400 && (EMPTY_ACCOUNT.test(words?.message ?? "") || UNKNOWN_KEY.test(words?.message ?? "")))
  if (words !== null && OVERFLOW_STATUSES.includes(status) && contextOverflow(words) !== null) return overflowFailure(words, word)
  if (CALLERS_FAULT.includes(status) && !isCredentialRefused) {
    return {
      error: { ...rejected(words), status, detail: word },
      verdict: { kind: "healthy" },
      retryable: false,
      word,
    }
  }
  if (isCredentialRefused) {
    const error: GatewayError = { code: "upstream_failed", message: ACCESS_REFUSED, detail: word }
    return { error, verdict: { kind: "refused" }, retryable: true, word }
  }
  if (status === 429) {
    const error: GatewayError = {
      code: "rate_limit_exceeded",
      message: "The provider is limiting calls to this model at the moment. Try again later.",
      detail: word,
      retryAfterSeconds: seconds ?? 1,
    }
    return { error, verdict: { kind: "pausing", seconds }, retryable: true, word }
  }
  const code = passingStatuses.get(status) ?? "upstream_failed"
  const error: GatewayError = {
    code,
    message: words === null ? MISBEHAVED : `The provider failed: ${words.message}`,
    detail: word,
    ...(seconds !== null && { retryAfterSeconds: seconds }),
  }
  // 404 and the like: the channel does not know the model. Its own setting is wrong, while its health is not in question.
  return { error, verdict: status >= 500 ? { kind: "failing" } : { kind: "healthy" }, retryable: true, word }
}

/** A window of the plan is used up: nothing is wrong with the channel, and another one answers meanwhile. */
function planFailure(exhaustion: PlanExhaustion, word: string, nowMs: number): Failure {
  const { resetsAtMs } = exhaustion
  const retryAfterSeconds = resetsAtMs === null ? PLAN_SECONDS_UNKNOWN : Math.ceil((resetsAtMs - nowMs) / 1000)
  const error: GatewayError = { code: "rate_limit_exceeded", message: "The plan behind this model has nothing left at the moment. Try again when its window begins anew.", detail: word, retryAfterSeconds }
  return { error, verdict: { kind: "pausing", seconds: null }, retryable: true, word, exhaustion }
}

/** No answer at all, or one that broke off. */
export function connectionFailure(failure: UpstreamFailure): Failure {
  const detail = `${failure.kind}: ${failure.detail}`
  if (failure.kind === "unauthorized") return { error: { code: "upstream_failed", message: ACCESS_REFUSED, detail }, verdict: { kind: "refused" }, retryable: true, word: connectionWords.unauthorized }
  if (failure.kind === "unrecorded") return { error: { ...SPOOL_FULL, detail }, verdict: { kind: "unknown" }, retryable: false, word: connectionWords.unrecorded }
  const verdict: Verdict = failure.kind === "refusedAddress" ? { kind: "unknown" } : { kind: "failing" }
  const error: GatewayError =
    failure.kind === "timeout"
      ? { code: "upstream_timeout", message: "The provider did not answer in time. Try again.", detail }
      : { code: "upstream_failed", message: "The provider could not be reached, or closed the connection. Try again.", detail }
  // The router's words are shown to tenants; addresses stay in the log.
  return { error, verdict, retryable: true, word: connectionWords[failure.kind] }
}

const connectionWords = {
  connect: "could not be reached",
  timeout: "did not answer in time",
  closed: "closed the connection",
  refusedAddress: "has an address that may not be reached",
  unauthorized: "has a credential for which no token was to be had",
  unrecorded: "was not asked, since usage cannot be written down",
} as const satisfies Record<UpstreamFailure["kind"], string>

/** Status 200 with something that is no answer: an error object, an HTML page, an empty stream (W-106, W-111). */
export function answerFailure(said: UpstreamWords | null, candidate: Candidate, word: string): Failure {
  const words = clean(said, candidate)
  if (words !== null && contextOverflow(words) !== null) return overflowFailure(words, `${word}: ${words.message.slice(0, 200)}`)
  const message = words === null ? MISBEHAVED : `The provider failed: ${words.message}`
  const code = words === null ? "upstream_failed" : codeOf(words)
  const error: GatewayError = { code, message, detail: word, ...(code === "rate_limit_exceeded" && { retryAfterSeconds: 1 }) }
  return { error, verdict: { kind: "failing" }, retryable: true, word: words === null ? word : `${word}: ${words.message.slice(0, 200)}` }
}

/** A stream that ended before its answer did, after the client has seen some of it. */
export function streamError(said: UpstreamWords | null, candidate: Candidate): GatewayError {
  const words = clean(said, candidate)
  if (words !== null && contextOverflow(words) !== null) return overflowError(words)
  return words === null
    ? { code: "upstream_incomplete", message: "The provider ended the stream before the answer was complete." }
    : { code: codeOf(words), message: `The provider failed: ${words.message}` }
}

/**
 * Vendors' own words for a failure that will pass, which clients act upon: Anthropic's (https://docs.anthropic.com/en/api/errors), Google's
 * (https://ai.google.dev/gemini-api/docs/troubleshooting) and Bedrock's (API reference, ConverseStream).
 */
const passingFailures: Readonly<Record<string, ErrorCode>> = {
  overloaded_error: "overloaded",
  rate_limit_error: "rate_limit_exceeded",
  timeout_error: "upstream_timeout",
  UNAVAILABLE: "overloaded",
  RESOURCE_EXHAUSTED: "rate_limit_exceeded",
  DEADLINE_EXCEEDED: "upstream_timeout",
  serviceUnavailableException: "overloaded",
  throttlingException: "rate_limit_exceeded",
  modelTimeoutException: "upstream_timeout",
}

const codeOf = ({ code }: UpstreamWords): ErrorCode => (code === null ? undefined : passingFailures[code]) ?? "upstream_failed"

/** The prompt does not fit the model, whatever the provider's status for that: the caller can shorten it (W-114). */
const overflowFailure = (words: UpstreamWords, word: string): Failure => ({ error: { ...overflowError(words), detail: word }, verdict: { kind: "healthy" }, retryable: false, word })

const overflowError = (words: UpstreamWords): GatewayError => ({ code: "context_length_exceeded", message: words.message, ...paramOf(words) })

function rejected(words: UpstreamWords | null): GatewayError {
  return { code: "upstream_rejected", message: words?.message ?? "The provider rejected the request without saying why.", ...paramOf(words) }
}

const paramOf = (words: UpstreamWords | null) => (words?.param === null || words === null ? {} : { param: words.param })

function clean(words: UpstreamWords | null, { baseUrl, credential }: Candidate): UpstreamWords | null {
  if (words === null) return null
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : ""
  return { ...words, message: redact(words.message, credential === null ? [] : secretsOf(credential.secret), [host]) }
}

/** `retry-after-ms`, `retry-after` in seconds or as a date (W-113), as whole seconds; null where none is given. */
export function retryAfterSeconds(headers: Headers, nowMs: number): number | null {
  const milliseconds = Number(single(headers["retry-after-ms"]) ?? Number.NaN)
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return bounded(milliseconds / 1000)
  const given = single(headers["retry-after"])
  if (given === undefined || given.trim() === "") return null
  const seconds = Number(given)
  if (Number.isFinite(seconds)) return seconds < 0 ? null : bounded(seconds)
  const date = Date.parse(given)
  return Number.isNaN(date) ? null : bounded((date - nowMs) / 1000)
}

const bounded = (seconds: number) => Math.min(Math.max(1, Math.ceil(seconds)), RETRY_AFTER_SECONDS_MAX)
const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
