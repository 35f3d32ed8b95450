import type { ClientCodec } from "../chat/codec.ts"
import { decodeRsRequest, rsFieldNames } from "./decode-request.ts"
import { encodeRsAnswer } from "./encode-answer.ts"
import { openRsEncoder } from "./encode-stream.ts"
import { rsResponseId } from "./response.ts"

/** Clients of OpenAI responses before channels of any other dialect. */
export const rsClientCodec: ClientCodec = {
  dialect: "rs",
  fieldNames: rsFieldNames,
  decodeRequest: decodeRsRequest,
  responseId: rsResponseId,
  encodeAnswer: encodeRsAnswer,
  openEncoder: openRsEncoder,
}
