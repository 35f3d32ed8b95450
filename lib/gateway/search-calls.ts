import type { Found, Question, Rounds } from "#lib/wire/rounds.ts"
import type { UpstreamCall, UpstreamPort, UpstreamRequest, UpstreamSink } from "./ports.ts"
import { askSearch, type SearchConfig } from "./web-search.ts"

/** Of one call that is not passed on as it comes. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024
const NOTHING = Buffer.alloc(0)

export type SearchCallsOptions = {
  readonly upstream: UpstreamPort
  readonly search: SearchConfig
  readonly rounds: Rounds
  /** Whether what comes is read while it comes. */
  readonly live: boolean
  readonly failed: (detail: string) => void
}

/**
 * Makes the calls that one answer takes when its model searches (wire/rounds.ts), and lets them look like one call to whoever reads it:
 * one head, then all that comes, and an end behind the last. What the searches bring is flushed before the next call is made.
 */
export function searchCalls({ upstream, search, rounds, live, failed }: SearchCallsOptions): UpstreamPort {
  return {
    call(request, sink) {
      let current: Pick<UpstreamCall, "abort"> & Partial<Pick<UpstreamCall, "resume">> = { abort() {} }
      let aborted = false
      const passOn = (bytes: Buffer) => {
        if (bytes.length > 0) sink.onData(bytes)
        sink.onEnd()
      }
      const make = (body: UpstreamRequest["body"], first: boolean): void => {
        current = upstream.call({ ...request, body }, roundSink(sink, { first, live, ended: (bytes) => goOn(live ? null : bytes, bytes) }))
      }
      const goOn = (body: Buffer | null, bytes: Buffer): void => {
        if (aborted) return
        const questions = rounds.ended(body)
        if (questions === null) return passOn(bytes)
        let answered = false
        const asking = askAll(questions, { upstream, search, failed }, (found) => {
          answered = true
          if (aborted) return
          const next = rounds.next(found)
          if (live) sink.onData(NOTHING)
          if (aborted) return
          if (next === null) passOn(bytes)
          else make(next, false)
        })
        if (!answered) current = asking
      }
      make(request.body, true)
      return {
        resume: () => current.resume?.(),
        abort() {
          aborted = true
          current.abort()
        },
      }
    },
  }
}

type RoundOptions = { readonly first: boolean; readonly live: boolean; readonly ended: (bytes: Buffer) => void }

/** Hears one of the calls. Only the first may be refused as such: behind it, whatever goes wrong breaks the answer off. */
function roundSink(sink: UpstreamSink, { first, live, ended }: RoundOptions): UpstreamSink {
  const held: Buffer[] = []
  let bytes = 0
  let status = 0
  const isGood = () => status >= 200 && status < 300
  const isPassed = () => (live && isGood()) || (first && !isGood())
  return {
    onHead(code, headers) {
      status = code
      if (first) sink.onHead(code, headers)
    },
    onData(chunk) {
      if (isPassed()) return sink.onData(chunk)
      bytes += chunk.length
      if (bytes <= ANSWER_BYTES_MAX) held.push(chunk)
      return true
    },
    onEnd() {
      if (first && !isGood()) return sink.onEnd()
      if (!isGood()) return sink.onFailure({ kind: "closed", detail: `a later call of the answer was answered ${status}` })
      if (bytes > ANSWER_BYTES_MAX) return sink.onFailure({ kind: "closed", detail: "answered more than it may" })
      ended(Buffer.concat(held))
    },
    onFailure: (failure) => sink.onFailure(failure),
  }
}

/** Asks all at once; `done` gets the answers in the order of the questions. */
function askAll(questions: readonly Question[], { upstream, search, failed }: Pick<SearchCallsOptions, "upstream" | "search" | "failed">, done: (found: readonly Found[]) => void): { abort(): void } {
  const found = new Array<Found>(questions.length)
  let missing = questions.length
  if (missing === 0) {
    done(found)
    return { abort() {} }
  }
  const calls = questions.map((question, index) =>
    askSearch(search, question, upstream, (asked) => {
      if (asked.detail !== null) failed(asked.detail)
      found[index] = asked.found
      if (--missing === 0) done(found)
    }),
  )
  return {
    abort() {
      for (const call of calls) call.abort()
    },
  }
}
