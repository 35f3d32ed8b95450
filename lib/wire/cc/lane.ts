import { createRawLane, type RawCodec, type RawLane } from "../raw-lane.ts"
import { readCcAnswer } from "./answer.ts"
import { encodeCcError, encodeCcStreamError } from "./errors.ts"
import { ccOutputField, encodeCcCall, readCcCall } from "./request.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { createCcStreamReader } from "./stream.ts"

// Some coding plans admit only agents that they know by their user agent (Kimi's, for one).
const FORWARDED_HEADERS = ["user-agent"] as const
const NONE: readonly string[] = []

export const ccCodec: RawCodec = {
  dialect: "cc",
  forwardedHeaders: () => FORWARDED_HEADERS,
  ownHeaders: {},
  streamType: "text/event-stream; charset=utf-8",
  requestIdHeader: null,
  readCall: readCcCall,
  encodeCall: encodeCcCall,
  unsupportedFields: () => NONE,
  outputField: ccOutputField,
  clampWords: (call, traits, tokens) => `${ccOutputField(call, traits)}=${tokens}`,
  readAnswer: readCcAnswer,
  openStream: (options) => createCcStreamReader(options),
  readWords: readUpstreamWords,
  encodeError: encodeCcError,
  encodeStreamError: encodeCcStreamError,
  ping: ": ping\n\n",
}

/** OpenAI chat completions (API reference: https://platform.openai.com/docs/api-reference/chat). */
export const ccLane: RawLane = createRawLane(ccCodec)
