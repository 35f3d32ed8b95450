import { encodeCcError } from "../cc/errors.ts"
import { createRawLane, type RawLane } from "../raw-lane.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { readRsAnswer } from "./answer.ts"
import { encodeRsStreamError } from "./errors.ts"
import { rsMemory } from "./memory.ts"
import { encodeRsCall, foreignThoughtsOf, OUTPUT_FIELD, readCompactionCall, readRsCall, searchToolsOf } from "./request.ts"
import { createRsStreamReader } from "./stream.ts"

// Some coding plans admit only agents that they know by their user agent.
const FORWARDED_HEADERS = ["user-agent"] as const

/** OpenAI responses (API reference: https://platform.openai.com/docs/api-reference/responses). */
export const rsLane: RawLane = createRawLane({
  dialect: "rs",
  forwardedHeaders: () => FORWARDED_HEADERS,
  ownHeaders: {},
  streamType: "text/event-stream; charset=utf-8",
  // The openai packages show it as `_request_id`.
  requestIdHeader: "x-request-id",
  readCall: readRsCall,
  encodeCall: encodeRsCall,
  unsupportedFields: foreignThoughtsOf,
  searchTools: searchToolsOf,
  outputField: () => OUTPUT_FIELD,
  clampWords: (_call, _provider, tokens) => `${OUTPUT_FIELD}=${tokens}`,
  readAnswer: readRsAnswer,
  openStream: createRsStreamReader,
  readWords: readUpstreamWords,
  encodeError: encodeCcError,
  encodeStreamError: encodeRsStreamError,
  ping: ": ping\n\n",
  memory: rsMemory,
})

/** Compactions, by the same words. Nobody finds them again by an id: what came of one is in the client's hands. */
export const rsCompactionLane: RawLane = { ...rsLane, readCall: readCompactionCall, memory: { ...rsMemory, wantsKept: () => false, asksToKeep: () => false } }
