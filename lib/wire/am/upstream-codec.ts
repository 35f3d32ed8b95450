import type { UpstreamCodec } from "../chat/codec.ts"
import { failingTooDeep } from "../chat/deep-answers.ts"
import { readUpstreamWords } from "../upstream-words.ts"
import { decodeAmAnswer } from "./decode-answer.ts"
import { createAmStreamDecoder } from "./decode-stream.ts"
import { encodeAmRequest } from "./encode-request.ts"
import { ANTHROPIC_VERSION } from "./version.ts"

/** Channels that speak Anthropic messages, asked on behalf of clients of other dialects. */
export const amUpstreamCodec: UpstreamCodec = failingTooDeep({
  dialect: "am",
  ownHeaders: { "anthropic-version": ANTHROPIC_VERSION },
  encodeRequest: encodeAmRequest,
  decodeAnswer: decodeAmAnswer,
  openDecoder: createAmStreamDecoder,
  readWords: readUpstreamWords,
})
