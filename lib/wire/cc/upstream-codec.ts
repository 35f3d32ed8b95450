import type { UpstreamCodec } from "../chat/codec.ts"
import { failingTooDeep } from "../chat/deep-answers.ts"
import { isWebAddress } from "../chat/linked-media.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { decodeCcAnswer } from "./decode-answer.ts"
import { createCcStreamDecoder } from "./decode-stream.ts"
import { encodeCcRequest } from "./encode-request.ts"

/** OpenAI's models from GPT-5 on have custom tools in chat completions (function calling guide). */
const CUSTOM_TOOLS = /(?:^|\/)gpt-(?:[5-9]|\d\d)/

/** Channels that speak chat completions, asked on behalf of clients of other dialects. */
export const ccUpstreamCodec: UpstreamCodec = failingTooDeep({
  dialect: "cc",
  ownHeaders: {},
  takesCustomTools: ({ model }) => CUSTOM_TOOLS.test(model),
  // Pictures are fetched by most vendors; a `file` and `input_audio` have no place for an address (chat completions reference).
  isBrought: (address, kind, { cc }) => (kind === "audio" || kind === "document" || cc?.fetches === false) && isWebAddress(address),
  encodeRequest: encodeCcRequest,
  decodeAnswer: decodeCcAnswer,
  openDecoder: createCcStreamDecoder,
  readWords: readUpstreamWords,
})
