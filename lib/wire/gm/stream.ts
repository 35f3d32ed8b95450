import { asciiJson } from "../json-members.ts"
import { createMemberRenamer } from "../member-renamer.ts"
import type { Seen, StreamOptions, StreamReader, StreamState } from "../raw-lane.ts"
import { createRawStream, streamFailed } from "../raw-stream.ts"
import { type Fields, objectIn } from "../request-fields.ts"
import { eventData } from "../sse/event-data.ts"
import { createStreamMeter } from "../stream-meter.ts"
import { blockReasonOf, candidatesOf, finishOf, summedSearches } from "./answer.ts"
import { textIn } from "./fields.ts"
import { createFraming } from "./framing.ts"
import { usageMetadata } from "./usage-metadata.ts"
import { gmUsage } from "./usage.ts"

/** Google's word for an answer that came to its bound on output. */
const MAX_TOKENS = "MAX_TOKENS"

/** Inside a JSON string a quote is escaped, so these words with their quotes can only be keys. */
const NOTABLE = /"(?:finishReason|blockReason|error|groundingMetadata)"/
const USAGE_KEY = '"usageMetadata"'

/**
 * Reads a stream of generateContent responses (https://ai.google.dev/api/generate-content, streamGenerateContent). Each chunk is a
 * response of its own with the usage so far; most only carry text, so that only the first one and those with a finish, a block, an error
 * or grounding are parsed, and of the usages the last. Nothing marks the end: it is a close behind every candidate's finish (W-104, W-141).
 */
export function createGmStreamReader({ publicModel, call }: StreamOptions): StreamReader {
  const meter = createStreamMeter()
  const rename = createMemberRenamer("modelVersion", publicModel)
  const framing = createFraming(call.streamForm ?? "events")
  const openCandidates = new Set<number>()
  let pieces = 0
  let started = false
  let responseId: string | null = null
  let finish: string | null = null
  let modelVersion: unknown
  let searches: number | undefined
  /** The last chunk that counted: parsed only when somebody asks. */
  let counted: string | null = null

  const learn = (chunk: Fields): void => {
    responseId ??= textIn(chunk["responseId"])
    modelVersion ??= chunk["modelVersion"]
    const candidates = candidatesOf(chunk)
    searches = summedSearches(candidates, modelVersion) ?? searches
    for (const candidate of candidates) {
      const index = typeof candidate["index"] === "number" ? candidate["index"] : 0
      const reason = finishOf(candidate)
      if (reason === null) {
        if (finish === null || call.choices > 1) openCandidates.add(index)
        continue
      }
      finish ??= reason
      openCandidates.delete(index)
    }
    finish ??= blockReasonOf(chunk)
    started ||= candidates.length > 0 || finish !== null
  }

  const take = (event: string): string | StreamState => {
    const data = eventData(event)
    if (data === null || data === "") return ""
    if (!data.startsWith("{") || !data.endsWith("}")) return streamFailed(null)
    if (!started || call.choices > 1 || NOTABLE.test(data)) {
      const chunk = objectIn(data)
      if (chunk === null || isError(chunk)) return streamFailed(chunk)
      learn(chunk)
    }
    if (data.includes(USAGE_KEY)) counted = data
    meter.add(data.length)
    pieces++
    const renamed = rename(data)
    return renamed === data && call.streamForm !== "list" ? `${event}\n\n` : framing.piece(renamed)
  }

  return createRawStream({
    take,
    isEvent,
    ending: framing.ending,
    get whole() {
      return finish !== null && openCandidates.size === 0
    },
    get started() {
      return started
    },
    get seen(): Seen {
      const usage = counted === null ? null : gmUsage(objectIn(counted)?.["usageMetadata"], searches)
      return { responseId, finish, usage, outputTokensEstimated: meter.tokens(), events: pieces }
    },
    get outputTokensEstimated() {
      return meter.tokens()
    },
    /** One more chunk finishes every open candidate, with the usage so far. */
    cutShort({ limit, usage }) {
      finish = MAX_TOKENS
      const candidates = [...openCandidates].map((index) => ({ content: { parts: [], role: "model" }, finishReason: MAX_TOKENS, index }))
      openCandidates.clear()
      return framing.piece(asciiJson({ candidates, usageMetadata: usageMetadata({ counts: usage, reasoningTokens: null }), modelVersion: publicModel, ...(responseId !== null && { responseId }), turnpike: { limit } }))
    },
  })
}

const isError = (chunk: Fields): boolean => chunk["error"] !== undefined && chunk["error"] !== null

function isEvent(event: string): boolean {
  const data = eventData(event)
  return data !== null && objectIn(data) !== null
}
