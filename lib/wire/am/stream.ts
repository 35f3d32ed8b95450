import { completionTokens, type Usage } from "#lib/kernel/usage.ts"
import { asciiJson, jsonMembers } from "../json-members.ts"
import type { Seen, StreamOptions, StreamReader, StreamState } from "../raw-lane.ts"
import { createRawStream, STREAM_OVER, streamFailed } from "../raw-stream.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import { dataEvent, eventData } from "../sse/event-data.ts"
import { createStreamMeter } from "../stream-meter.ts"
import { amUsage, laterUsage, searchesIn } from "./usage.ts"

/** How Anthropic begins the data of its deltas: most of a stream, passed on without being parsed. */
const DELTA = '{"type":"content_block_delta"'
const MESSAGE_STOP = namedEvent("message_stop", '{"type":"message_stop"}')

/**
 * Reads a stream of messages events (https://docs.anthropic.com/en/docs/build-with-claude/streaming). Deltas pass as they came; of
 * the other events those with an id, a usage, a stop reason or an error are learned from, and the model's name is replaced in
 * `message_start` (W-116). A stop reason makes the answer whole: `message_stop` is ours to write behind it, and without one there is
 * none (W-104, W-141). The answer has begun with its first block, so that a refusal behind `message_start` can still be answered by
 * the next channel (W-107).
 */
export function createAmStreamReader({ publicModel }: StreamOptions): StreamReader {
  const meter = createStreamMeter()
  let started = false
  let opened = false
  /** The block that is being written. */
  let openBlock: unknown = null
  let responseId: string | null = null
  let finish: string | null = null
  let usage: Fields | null = null
  /** Whether the output was counted at its end. */
  let counted = false
  let searches = 0

  const take = (text: string): string | StreamState => {
    const data = eventData(text)
    if (data === null || data === "") return ""
    if (data.startsWith(DELTA) && data.endsWith("}")) {
      if (!opened) return streamFailed(null)
      started = true
      meter.add(data.length)
      return passed(text, "content_block_delta")
    }
    const event = objectIn(data)
    if (event === null) return streamFailed(null)
    const type = event["type"]
    switch (type) {
      case "message_start": {
        const message = isRecord(event["message"]) ? event["message"] : {}
        opened = true
        responseId = typeof message["id"] === "string" ? message["id"] : null
        usage = laterUsage(null, message["usage"])
        return namedEvent(type, renamed(data, publicModel))
      }
      case "content_block_stop":
        openBlock = null
        break
      case "content_block_start":
        openBlock = event["index"]
        started = opened
        searches += searchesIn([event["content_block"]]) ?? 0
        meter.add(data.length)
        break
      case "content_block_delta":
        started = opened
        meter.add(data.length)
        break
      case "message_delta": {
        started = opened
        const delta = isRecord(event["delta"]) ? event["delta"] : {}
        if (typeof delta["stop_reason"] === "string") finish = delta["stop_reason"]
        counted ||= isRecord(event["usage"]) && typeof event["usage"]["output_tokens"] === "number"
        usage = laterUsage(usage, event["usage"])
        break
      }
      case "message_stop":
        return STREAM_OVER
      case "ping":
        // Ours keep a silent stream alive (W-109).
        return ""
    }
    if (type === "error" || typeof type !== "string") return streamFailed(event)
    // A piece of an answer without its beginning is no answer (W-106).
    return opened ? passed(text, type) : streamFailed(null)
  }

  /** What `message_start` counts of the output is one token: without a later count, ours stands in its place. */
  const usageSeen = (): Usage | null => {
    const reported = amUsage(usage, searches === 0 ? undefined : searches)
    if (reported === null || counted) return reported
    return (reported.input ?? 0) === 0 && (reported.cacheRead ?? 0) === 0 ? null : { ...reported, output: meter.tokens(), estimated: true }
  }

  return createRawStream({
    take,
    isEvent,
    ending: MESSAGE_STOP,
    get whole() {
      return finish !== null
    },
    get started() {
      return started
    },
    get seen(): Seen {
      return { responseId, finish, usage: usageSeen(), outputTokensEstimated: meter.tokens() }
    },
    get outputTokensEstimated() {
      return meter.tokens()
    },
    cutShort({ limit, usage }) {
      finish = "max_tokens"
      const closed = openBlock === null ? "" : namedEvent("content_block_stop", asciiJson({ type: "content_block_stop", index: openBlock }))
      const delta = { type: "message_delta", delta: { stop_reason: finish, stop_sequence: null }, usage: { output_tokens: completionTokens(usage) }, turnpike: { limit } }
      return closed + namedEvent("message_delta", asciiJson(delta))
    },
  })
}

function isEvent(text: string): boolean {
  const data = eventData(text)
  return data !== null && objectIn(data) !== null
}

/** Anthropic's clients go by the event's name, which some compatible providers leave out. */
const passed = (event: string, type: string): string => (event.startsWith("event:") ? `${event}\n\n` : namedEvent(type, eventData(event) ?? ""))

function namedEvent(name: string, data: string): string {
  return `event: ${name}\n${dataEvent(data)}`
}

/** `message_start` with the public name in its message's `model`; all else keeps its bytes. */
function renamed(data: string, publicModel: string): string {
  const message = jsonMembers(data).findLast(({ key }) => key === "message")
  if (message === undefined) return data
  const text = data.slice(message.valueStart, message.valueEnd)
  const model = text.startsWith("{") ? jsonMembers(text).findLast(({ key }) => key === "model") : undefined
  if (model === undefined) return data
  const [start, end] = [message.valueStart + model.valueStart, message.valueStart + model.valueEnd]
  return data.slice(0, start) + asciiJson(publicModel) + data.slice(end)
}
