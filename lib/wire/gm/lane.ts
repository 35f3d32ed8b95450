import { createRawLane, type RawLane } from "../raw-lane.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { readGmAnswer } from "./answer.ts"
import { encodeGmError, encodeGmListError, encodeGmStreamError } from "./errors.ts"
import { encodeGmCall, gmClampWords, readGmCall } from "./request.ts"
import { createGmStreamReader } from "./stream.ts"

const FORWARDED_HEADERS = ["user-agent"] as const
const NONE: readonly string[] = []

/** Gemini generateContent (API reference: https://ai.google.dev/api/generate-content), its streams as server-sent events. */
export const gmLane: RawLane = createRawLane({
  dialect: "gm",
  forwardedHeaders: () => FORWARDED_HEADERS,
  ownHeaders: {},
  streamType: "text/event-stream; charset=utf-8",
  requestIdHeader: null,
  readCall: readGmCall,
  encodeCall: encodeGmCall,
  unsupportedFields: () => NONE,
  outputField: () => "generationConfig.maxOutputTokens",
  clampWords: (call, _, tokens) => gmClampWords(call, tokens),
  readAnswer: readGmAnswer,
  openStream: createGmStreamReader,
  readWords: readUpstreamWords,
  encodeError: encodeGmError,
  encodeStreamError: encodeGmStreamError,
  ping: ": ping\n\n",
})

/** The same for clients that did not ask for events: one JSON list, in which a line break between two elements says nothing. */
export const gmListLane: RawLane = { ...gmLane, streamType: "application/json", encodeStreamError: encodeGmListError, ping: "\n" }
