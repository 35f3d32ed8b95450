import type { RawLane } from "../raw-lane.ts"
import { readCcAnswer } from "./answer.ts"
import { encodeCcError, encodeCcStreamError } from "./errors.ts"
import { ccOutputField, encodeCcCall, readCcCall } from "./request.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { createCcStreamReader } from "./stream.ts"

/** OpenAI chat completions (API reference: https://platform.openai.com/docs/api-reference/chat). */
export const ccLane: RawLane = {
  dialect: "cc",
  // Some coding plans admit only agents that they know by their user agent (Kimi's, for one).
  forwardedHeaders: ["user-agent"],
  streamType: "text/event-stream; charset=utf-8",
  readCall: readCcCall,
  encodeCall: encodeCcCall,
  outputField: ccOutputField,
  readAnswer: readCcAnswer,
  openStream: createCcStreamReader,
  readWords: readUpstreamWords,
  encodeError: encodeCcError,
  encodeStreamError: encodeCcStreamError,
  ping: ": ping\n\n",
}
