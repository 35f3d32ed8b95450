import type { Usage } from "#lib/kernel/usage.ts"
import type { Call } from "../call.ts"
import { asciiJson, jsonMembers, patchJsonObject } from "../json-members.ts"
import type { Seen, StreamOptions, StreamReader, StreamState } from "../raw-lane.ts"
import { createRawStream, STREAM_OVER, streamFailed } from "../raw-stream.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import { dataEvent, eventData } from "../sse/event-data.ts"
import { createStreamMeter } from "../stream-meter.ts"
import { finishOf, ourWords } from "./answer.ts"
import { isSearchCall, rsUsage, searchesIn, usageObject } from "./usage.ts"

/** Events of which nothing has to be learned: deltas, which are most of a stream, pass on without being parsed. */
const DELTA_NAME = /^event: ?response\.[a-z_.]+\.delta\n/
/** How OpenAI begins the data of its deltas, where the event has no name. */
const DELTA_DATA = /^\{"type":"response\.[a-z_.]+\.delta"/

/** Why a response is incomplete that has reached its bound on output, whoever set it. */
const OUTPUT_LIMIT = "max_output_tokens"

/** Events that carry the whole response so far. */
const lifecycle: readonly unknown[] = ["response.created", "response.queued", "response.in_progress"]
const endings: readonly unknown[] = ["response.completed", "response.incomplete"]

/**
 * Reads a stream of response events (https://platform.openai.com/docs/api-reference/responses-streaming). Deltas pass as they came; the
 * events that repeat the response say in it what the client asked for (W-116). A response that is complete or says why it is not makes the
 * answer whole; one that failed is an error, and without either there is none (W-104, W-141). The answer has begun with its first item,
 * so that a failure behind `response.created` can still be answered by the next channel (W-107).
 */
export function createRsStreamReader({ call }: StreamOptions): StreamReader {
  const meter = createStreamMeter()
  let started = false
  let created = false
  let responseId: string | null = null
  let finish: string | null = null
  let ended: Fields | null = null
  let ending = ""
  let answer: string | null = null
  /** The response as it stood when it last came whole. */
  let latest = "{}"
  let searches = 0
  let events = 0

  const passed = (text: string): string => {
    events++
    return `${text}\n\n`
  }

  const take = (text: string): string | StreamState => {
    const data = eventData(text)
    // `[DONE]` is chat completions' end; some compatible providers write it here too.
    if (data === null || data === "" || data === "[DONE]") return ""
    if ((DELTA_NAME.test(text) || DELTA_DATA.test(data)) && data.endsWith("}")) {
      if (!created) return streamFailed(null)
      started = true
      meter.add(data.length)
      return passed(text)
    }
    const event = objectIn(data)
    if (event === null) return streamFailed(null)
    const { type, response } = event
    if (type === "error" || typeof type !== "string") return streamFailed(event)
    if (type === "response.failed") return streamFailed(response)
    if (lifecycle.includes(type) || endings.includes(type)) {
      if (!isRecord(response)) return streamFailed(event)
      created = true
      responseId ??= typeof response["id"] === "string" ? response["id"] : null
      const said = inOurWords(data, response, call)
      latest = said.response
      if (!endings.includes(type)) return passed(said.text === data ? text : `event: ${type}\n${dataEvent(said.text).slice(0, -2)}`)
      finish = finishOf(response)
      ended = response
      answer = said.response
      ending = passed(said.text === data ? text : `event: ${type}\n${dataEvent(said.text).slice(0, -2)}`)
      return STREAM_OVER
    }
    // A piece of an answer without its beginning is no answer (W-106).
    if (!created) return streamFailed(null)
    started = true
    if (type === "response.output_item.done" && isSearchCall(event["item"])) searches++
    return passed(text)
  }

  const usageSeen = (): Usage | null => (ended === null ? null : rsUsage(ended, searchesIn(ended["output"]) ?? (searches === 0 ? undefined : searches)))

  return createRawStream({
    take,
    isEvent,
    get ending() {
      return ending
    },
    get whole() {
      return finish !== null
    },
    get started() {
      return started || finish !== null
    },
    get seen(): Seen {
      return { responseId, finish, usage: usageSeen(), outputTokensEstimated: meter.tokens(), events }
    },
    get outputTokensEstimated() {
      return meter.tokens()
    },
    /** The output so far is left out: a client that puts events together has it, and an empty list would take it away again. */
    cutShort({ limit, usage }) {
      finish = OUTPUT_LIMIT
      const changes = { status: "incomplete", incomplete_details: { reason: OUTPUT_LIMIT }, usage: usageObject(usage), turnpike: { limit } }
      const response = patchJsonObject(latest, new Map<string, string | null>([["output", null], ...Object.entries(changes).map(([name, value]) => [name, asciiJson(value)] as const)]))
      const type = "response.incomplete"
      return `event: ${type}\n${dataEvent(`{"type":"${type}","response":${response},"sequence_number":${events++}}`)}`
    },
    answer: () => (answer === null ? null : Buffer.from(answer, "latin1")),
  })
}

function isEvent(text: string): boolean {
  const data = eventData(text)
  return data !== null && objectIn(data) !== null
}

/** An event with our words in its response, and that response alone; all else keeps its bytes. */
function inOurWords(data: string, response: Fields, call: Call): { readonly text: string; readonly response: string } {
  const member = jsonMembers(data).findLast(({ key }) => key === "response")
  if (member === undefined) return { text: data, response: "" }
  const before = data.slice(member.valueStart, member.valueEnd)
  const changes = ourWords(response, call.model, call.fields)
  if (changes.size === 0) return { text: data, response: before }
  const after = patchJsonObject(before, changes)
  return { text: data.slice(0, member.valueStart) + after + data.slice(member.valueEnd), response: after }
}
