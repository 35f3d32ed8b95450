import type { Clock } from "#lib/kernel/clock.ts"
import type { Answer, StreamReader } from "#lib/wire/raw-lane.ts"
import type { Prepared } from "#lib/wire/upstream-lane.ts"
import type { Departure, DepartureReason } from "./departure.ts"
import type { UpstreamCall, UpstreamFailure, UpstreamPort, UpstreamSink } from "./ports.ts"
import { searchCalls } from "./search-calls.ts"
import type { Admitted, Candidate, StreamSink, UpstreamStream } from "./stages.ts"
import { answerFailure, connectionFailure, type Failure, statusFailure, streamError } from "./upstream-failure.ts"
import { callRequest } from "./upstream-request.ts"

export type Outcome =
  | ({ readonly kind: "answer" } & Answer)
  | { readonly kind: "stream"; readonly stream: UpstreamStream }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "abandoned"; readonly reason: DepartureReason }

export type AttemptOptions = {
  readonly upstream: UpstreamPort
  readonly clock: Clock
  readonly departure: Departure
  /** After this silence behind the head, a stream counts as begun, so that the client can be kept waiting by pings. */
  readonly silenceMs: number
}

/** What an attempt tells of itself beside its outcome. */
export type AttemptEvents = {
  /** The stream broke after it had begun. */
  readonly onBroken: () => void
  /** A search of ours brought nothing; the answer goes on without it. */
  readonly searchFailed: (detail: string, channelId: string) => void
}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024
const ERROR_BYTES_MAX = 64 * 1024

/** Sends one call to one candidate. Resolves with a whole answer, with a stream that has begun, or with why there is neither. */
export function attempt({ call: asked, headers }: Admitted, candidate: Candidate, prepared: Prepared, options: AttemptOptions, events: AttemptEvents): Promise<Outcome> {
  return new Promise((resolve) => {
    let call: UpstreamCall | null = null
    let settled = false
    const settle = (outcome: Outcome, abort: boolean) => {
      if (settled) return
      settled = true
      if (abort) call?.abort()
      resolve(outcome)
    }
    // Only what comes as a stream for a client that wants one goes on as it comes; all else is read whole first (W-117).
    const reader = prepared.streamed && asked.streamed ? streamSink(prepared, candidate, options, events, settle, () => call) : answerSink(prepared, candidate, options, settle)
    options.departure.listen((reason) => settle({ kind: "abandoned", reason }, true))
    if (settled) return
    call = portFor(prepared, candidate, asked, options, events).call(callRequest(prepared, candidate, headers), reader)
    // An upstream may fail before `call` has returned, and the client may be gone by then.
    if (settled && options.departure.reason !== null) call.abort()
  })
}

/** Where an answer may search on its way, several calls look like one. */
function portFor({ rounds, streamed }: Prepared, { search, target }: Candidate, asked: Admitted["call"], { upstream }: AttemptOptions, { searchFailed }: AttemptEvents): UpstreamPort {
  if (rounds === undefined || search === undefined) return upstream
  return searchCalls({ upstream, search, rounds, live: streamed && asked.streamed, failed: (detail) => searchFailed(detail, target.channel.id) })
}

type Settle = (outcome: Outcome, abort: boolean) => void

/** Collects a whole answer, or the error in its place. */
function answerSink(prepared: Prepared, candidate: Candidate, { clock }: AttemptOptions, settle: Settle): UpstreamSink {
  const answer = createCollector(ANSWER_BYTES_MAX)
  let status = 0
  let headers: Parameters<UpstreamSink["onHead"]>[1] = {}
  return {
    onHead(code, given) {
      status = code
      headers = given
    },
    onData(chunk) {
      if (!answer.add(chunk)) settle({ kind: "failed", failure: answerFailure(null, candidate, "answered more than it may") }, true)
      return true
    },
    onEnd() {
      if (!isSuccess(status)) return settle({ kind: "failed", failure: statusFailure(status, headers, answer.bytes(), candidate, clock.now()) }, false)
      const read = prepared.readAnswer(answer.bytes(), contentTypeOf(headers))
      settle(read.ok ? { kind: "answer", ...read.value } : { kind: "failed", failure: answerFailure(read.error.words, candidate, "answered 200 without an answer") }, false)
    },
    onFailure: (failure) => settle({ kind: "failed", failure: connectionFailure(failure) }, false),
  }
}

/** Reads a stream until it has begun; from then on it belongs to whoever connects to it. */
function streamSink(prepared: Prepared, candidate: Candidate, options: AttemptOptions, { onBroken }: AttemptEvents, settle: Settle, call: () => UpstreamCall | null): UpstreamSink {
  const reader = prepared.openStream()
  const body = createStreamBody(reader, candidate, onBroken, call, () => contentTypeOf(headers))
  const refused = createCollector(prepared.streamOptional ? ANSWER_BYTES_MAX : ERROR_BYTES_MAX)
  let status = 0
  let headers: Parameters<UpstreamSink["onHead"]>[1] = {}
  let begun = false
  let silence: NodeJS.Timeout | undefined
  const begin = () => {
    begun = true
    clearTimeout(silence)
    settle({ kind: "stream", stream: body.stream }, false)
  }
  const fail = (failure: Failure, abort: boolean) => {
    clearTimeout(silence)
    settle({ kind: "failed", failure }, abort)
  }
  const isStream = () => isSuccess(status) && !/json|html/.test(contentTypeOf(headers))
  const notAStream = () => (isSuccess(status) ? answerFailure(candidate.lane.readWords(refused.bytes()), candidate, "answered 200 without a stream") : statusFailure(status, headers, refused.bytes(), candidate, options.clock.now()))

  return {
    onHead(code, given) {
      status = code
      headers = given
      if (isStream()) silence = setTimeout(begin, options.silenceMs)
    },
    onData(chunk) {
      if (begun) return body.data(chunk)
      if (!isStream()) {
        if (!refused.add(chunk)) fail(notAStream(), true)
        return true
      }
      const more = body.data(chunk)
      if (reader.started) begin()
      else if (reader.state.kind === "failed") fail(answerFailure(reader.state.words, candidate, "began with an error"), true)
      return more
    },
    onEnd() {
      if (begun) return body.end()
      if (!isStream()) {
        const whole = prepared.streamOptional && isSuccess(status) ? prepared.readAnswer(refused.bytes(), contentTypeOf(headers)) : null
        if (whole?.ok) return settle({ kind: "answer", ...whole.value, contentType: whole.value.contentType ?? "application/json" }, false)
        return fail(notAStream(), false)
      }
      body.end()
      if (reader.started) begin()
      else fail(answerFailure(reader.state.kind === "failed" ? reader.state.words : null, candidate, "answered 200 with an empty stream"), false)
    },
    onFailure(failure) {
      if (begun) body.break(failure)
      else fail(connectionFailure(failure), false)
    },
  }
}

/** Keeps what a stream brings until somebody connects, and then hands it on. */
function createStreamBody(reader: StreamReader, candidate: Candidate, onBroken: () => void, call: () => UpstreamCall | null, contentType: () => string) {
  let sink: StreamSink | null = null
  let early: (Buffer | string)[] = []
  let over: Parameters<StreamSink["end"]> | null = null

  const hand = (bytes: Buffer | string): boolean => {
    if (bytes.length === 0) return true
    if (sink !== null) return sink.data(bytes)
    early.push(bytes)
    return true
  }
  const finish = (...end: Parameters<StreamSink["end"]>) => {
    if (over !== null) return
    over = end
    if (end[0] !== null && reader.started) onBroken()
    sink?.end(...end)
  }
  /** False: the reader has not come to an end. */
  const finishAsRead = (last: Buffer | string): boolean => {
    const { state } = reader
    if (state.kind === "finished") finish(null, last)
    else if (state.kind === "failed") finish(streamError(state.words, candidate), last)
    return state.kind !== "open"
  }
  const stream: UpstreamStream = {
    get contentType() {
      return contentType()
    },
    connect(next) {
      sink = next
      let more = true
      for (const bytes of early) more = next.data(bytes)
      early = []
      if (over !== null) next.end(...over)
      else if (more) call()?.resume()
    },
    resume: () => call()?.resume(),
    abort: () => call()?.abort(),
    seen: () => reader.seen,
    outputTokens: () => reader.outputTokensEstimated,
    answer: () => reader.answer?.() ?? null,
    cutShort: (end) => (over === null ? reader.cutShort(end) : null),
  }
  return {
    stream,
    /** What comes behind the end of the answer is read and thrown away, so that the connection can be used again. */
    data(chunk: Buffer): boolean {
      if (over !== null) return true
      const bytes = reader.push(chunk)
      if (!finishAsRead(bytes)) return hand(bytes)
      if (reader.state.kind === "failed") call()?.abort()
      return true
    },
    end() {
      if (over === null) finishAsRead(reader.end())
    },
    break(failure: UpstreamFailure) {
      finish(connectionFailure(failure).error, "")
    },
  }
}

function createCollector(bytesMax: number) {
  const chunks: Buffer[] = []
  let size = 0
  return {
    /** False: more than its bound; the chunk is not kept. */
    add(chunk: Buffer): boolean {
      size += chunk.length
      if (size > bytesMax) return false
      chunks.push(chunk)
      return true
    },
    bytes: (): Buffer => (chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
  }
}

const contentTypeOf = (headers: Parameters<UpstreamSink["onHead"]>[1]): string => String(headers["content-type"] ?? "")
const isSuccess = (status: number) => status >= 200 && status < 300
