import type { Clock } from "#lib/kernel/clock.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import type { QuotaPort } from "#lib/quota/types.ts"
import type { Seen } from "#lib/wire/raw-lane.ts"
import { answerType, replyHeaders, sendError } from "./answers.ts"
import { billFor } from "./bill.ts"
import type { Departure } from "./departure.ts"
import type { Reply } from "./exchange.ts"
import { watchLimit } from "./limit.ts"
import { coverExcess, failedEnding } from "./settle.ts"
import type { Admitted, Candidate, Changes, Delivery, Ending, Relaying, Settle } from "./stages.ts"

export type RelayOptions = {
  readonly reply: Reply
  readonly departure: Departure
  readonly clock: Clock
  readonly quota: QuotaPort
  readonly settle: Settle
  /** A stream that is silent for so long gets a ping (W-109). */
  readonly silenceMs: number
}

type Delivered<K extends Delivery["kind"]> = Extract<Delivery, { readonly kind: K }>

export const SHUTTING_DOWN: GatewayError = { code: "unavailable", message: "This server is being restarted. Try again.", retryAfterSeconds: 1 }

/** Brings what the attempts gave to the client, and says how the call ended. */
export function relay(relaying: Relaying, options: RelayOptions): Ending | Promise<Ending> {
  const { delivery } = relaying
  switch (delivery.kind) {
    case "answer":
      return relayAnswer(relaying, delivery, options)
    case "stream":
      return relayStream(relaying, delivery, options)
    case "nothing":
      sendError(options.reply, delivery.error, relaying.lane, relaying.requestId)
      return failedEnding(delivery.error.code)
    case "abandoned":
      if (delivery.reason === "shutdown") {
        sendError(options.reply, SHUTTING_DOWN, relaying.lane, relaying.requestId)
        return failedEnding("unavailable")
      }
      // Who left within a form left before the provider had it.
      return delivery.candidate === null || relaying.upload?.arrived === false ? failedEnding(null) : abandonedEnding(relaying, delivery.candidate)
  }
}

function relayAnswer(relaying: Relaying, delivered: Delivered<"answer">, options: RelayOptions): Ending | Promise<Ending> {
  const { candidate, seen } = delivered
  const ended = ending(seen, billFor(relaying, candidate, seen), "complete", null, elapsedMs(relaying, options.clock))
  const covering = coverExcess(relaying, ended.bill, options.quota)
  return covering === undefined ? sendAnswer(relaying, delivered, ended, options) : covering.then(() => sendAnswer(relaying, delivered, ended, options))
}

function sendAnswer(relaying: Relaying, { candidate, changes, body, contentType }: Delivered<"answer">, ended: Ending, { reply, settle }: RelayOptions): Ending {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body
  const headers = headersOf(relaying, candidate, changes)
  headers["x-turnpike-cost-usd"] = formatUsd(settle(ended).chargedNanoUsd)
  headers["content-type"] = contentType !== undefined ? answerType(contentType) : (relaying.call.streamed ? relaying.lane.streamType : null) ?? "application/json"
  headers["content-length"] = String(bytes.length)
  reply.head(200, headers)
  reply.end(bytes)
  return ended
}

function relayStream(relaying: Relaying, { candidate, changes, stream }: Delivered<"stream">, options: RelayOptions): Promise<Ending> {
  const { reply, departure, clock, silenceMs, quota, settle } = options
  return new Promise((resolve) => {
    const { lane } = relaying
    let firstByteMs: number | null = null
    let silent = true
    let over = false
    const endWithError = (error: GatewayError) => {
      const words = lane.encodeStreamError(error, relaying.requestId, stream.seen())
      if (words === "") reply.break()
      else reply.end(words)
    }
    const timer = setInterval(() => {
      if (silent && lane.ping !== "") reply.write(lane.ping)
      silent = true
    }, silenceMs)
    /** What closes the answer goes out after the call was booked: who has a whole answer is charged for it, whatever dies in between. */
    const finish = (error: GatewayError | null, status: "complete" | "interrupted", close: () => void) => {
      over = true
      clearInterval(timer)
      const seen = stream.seen()
      const produced = firstByteMs !== null || seen.usage !== null
      const isNothing = status === "interrupted" && !produced && error !== null
      const ended = isNothing ? failedEnding(error.code) : ending(seen, billFor(relaying, candidate, seen), status, error, firstByteMs)
      const conclude = () => {
        settle(ended)
        close()
        resolve(ended)
      }
      const covering = coverExcess(relaying, ended.bill, quota)
      if (covering === undefined) conclude()
      else void covering.then(conclude)
    }
    const limit = watchLimit(relaying, candidate, stream, {
      isOver: () => over,
      reached: (error, bytes) => finish(error, "interrupted", () => reply.end(bytes)),
    })

    reply.head(200, { ...headersOf(relaying, candidate, changes), "content-type": lane.streamType ?? answerType(stream.contentType), "cache-control": "no-cache", "x-accel-buffering": "no" })
    reply.onDrain(() => {
      if (!limit.waiting) stream.resume()
    })
    departure.listen((reason) => {
      if (over) return
      stream.abort()
      if (reason === "shutdown") finish(SHUTTING_DOWN, "interrupted", () => endWithError(SHUTTING_DOWN))
      else finish(null, "interrupted", () => {})
    })
    if (over) return
    stream.connect({
      data(bytes) {
        if (over) return true
        firstByteMs ??= elapsedMs(relaying, clock)
        silent = false
        const flowing = reply.write(bytes)
        return limit.goesOn() && flowing
      },
      end(error, last) {
        if (over) return
        if (last.length > 0) firstByteMs ??= elapsedMs(relaying, clock)
        if (error === null) return finish(null, "complete", () => reply.end(last))
        if (last.length > 0) reply.write(last)
        finish(error, "interrupted", () => endWithError(error))
      },
    })
    if (firstByteMs === null && !over) reply.flush()
  })
}

/** Complete without the provider's own whole count is `estimated`. */
function ending(seen: Seen, bill: Ending["bill"], status: "complete" | "interrupted", error: GatewayError | null, firstByteMs: number | null): Ending {
  return {
    status: status === "complete" && bill.usage.estimated === true ? "estimated" : status,
    errorCode: error?.code ?? null,
    finish: seen.finish,
    responseId: seen.responseId,
    bill,
    firstByteMs,
  }
}

/**
 * Who leaves while the provider is at work has had the prompt read: it is charged, so that leaving early is no way to use a provider
 * for nothing.
 */
const abandonedEnding = (admitted: Admitted, candidate: Candidate): Ending => ({ ...failedEnding(null), status: "interrupted", bill: billFor(admitted, candidate, null) })

/** The head of an answer: what the client may know of the way its call took, and what was changed on it (W-116, and nothing in silence). */
function headersOf({ requestId, lane, call, principal, recalled = NOTHING }: Admitted, { target: { channel } }: Candidate, { dropped, changed: changedThere }: Changes): Record<string, string> {
  const changed = recalled.length === 0 ? changedThere : [...recalled, ...changedThere]
  const headers = replyHeaders(requestId, lane)
  headers["x-turnpike-model"] = headerText(call.model)
  if (principal.seesChannel) headers["x-turnpike-channel"] = headerText(channel.name)
  if (changed.length > 0) headers["x-turnpike-changed"] = headerText(changed.join(","))
  if (dropped.length > 0) headers["x-turnpike-dropped"] = headerText(dropped.join(","))
  return headers
}

const NOTHING: readonly string[] = []

/** Header values are ASCII; names in other scripts are percent-encoded. */
const headerText = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text))

const elapsedMs = ({ startedMs }: Admitted, clock: Clock): number => Math.round(clock.monotonic() - startedMs)
