import type { UpstreamCodec } from "../chat/codec.ts"
import { failingTooDeep } from "../chat/deep-answers.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { decodeRsAnswer } from "./decode-answer.ts"
import { openRsDecoder } from "./decode-stream.ts"
import { encodeRsRequest } from "./encode-request.ts"

/** Providers whose models know custom tools (OpenAI function calling guide, custom tools). */
const providersWithCustomTools: readonly string[] = ["openai", "azure-openai"]

/** Channels of OpenAI responses on behalf of clients of any other dialect. */
export const rsUpstreamCodec: UpstreamCodec = failingTooDeep({
  dialect: "rs",
  ownHeaders: {},
  takesCustomTools: ({ providerId }) => providersWithCustomTools.includes(providerId),
  encodeRequest: encodeRsRequest,
  decodeAnswer: decodeRsAnswer,
  openDecoder: openRsDecoder,
  readWords: readUpstreamWords,
})
