import type { UpstreamCodec } from "../chat/codec.ts"
import { failingTooDeep } from "../chat/deep-answers.ts"
import { isWebAddress } from "../chat/linked-media.ts"
import { decodeBrAnswer } from "./decode-answer.ts"
import { createBrStreamDecoder } from "./decode-stream.ts"
import { encodeBrRequest } from "./encode-request.ts"
import { readBrWords } from "./words.ts"

/** Channels that speak Amazon Bedrock's Converse and ConverseStream (Bedrock API reference, Converse). */
export const brUpstreamCodec: UpstreamCodec = failingTooDeep({
  dialect: "br",
  // The address alone says whether a stream is wanted.
  ownHeaders: { accept: "*/*" },
  encodeRequest: encodeBrRequest,
  isBrought: isWebAddress,
  decodeAnswer: decodeBrAnswer,
  openDecoder: createBrStreamDecoder,
  readWords: readBrWords,
})
