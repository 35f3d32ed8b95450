import { createRawLane, type RawLane } from "../raw-lane.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { readAmAnswer } from "./answer.ts"
import { encodeAmError, encodeAmStreamError } from "./errors.ts"
import { amForwardedHeaders, amUnsupportedFields } from "./opt-ins.ts"
import { amClampWords, encodeAmCall, OUTPUT_FIELD, readAmCall } from "./request.ts"
import { createAmStreamReader } from "./stream.ts"
import { ANTHROPIC_VERSION } from "./version.ts"

/** Anthropic messages (API reference: https://docs.anthropic.com/en/api/messages). */
export const amLane: RawLane = createRawLane({
  dialect: "am",
  forwardedHeaders: amForwardedHeaders,
  ownHeaders: { "anthropic-version": ANTHROPIC_VERSION },
  streamType: "text/event-stream; charset=utf-8",
  requestIdHeader: "request-id",
  readCall: readAmCall,
  encodeCall: encodeAmCall,
  unsupportedFields: amUnsupportedFields,
  outputField: () => OUTPUT_FIELD,
  clampWords: (call, _, tokens) => amClampWords(call, tokens),
  readAnswer: readAmAnswer,
  openStream: createAmStreamReader,
  readWords: readUpstreamWords,
  encodeError: encodeAmError,
  encodeStreamError: encodeAmStreamError,
  ping: 'event: ping\ndata: {"type":"ping"}\n\n',
})
