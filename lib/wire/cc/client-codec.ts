import type { ClientCodec } from "../chat/codec.ts"
import { decodeCcRequest } from "./decode-request.ts"
import { encodeCcAnswer } from "./encode-answer.ts"
import { completionId } from "./encode-parts.ts"
import { createCcStreamEncoder } from "./encode-stream.ts"

/** Clients of chat completions, whose calls go to channels of other dialects. */
export const ccClientCodec: ClientCodec = {
  dialect: "cc",
  dropsThoughts: true,
  fieldNames: {
    outputTokensMax: "max_tokens",
    choices: "n",
    stop: "stop",
    temperature: "temperature",
    topP: "top_p",
    topK: "top_k",
    seed: "seed",
    presencePenalty: "presence_penalty",
    frequencyPenalty: "frequency_penalty",
    logitBias: "logit_bias",
    logprobs: "logprobs",
    format: "response_format",
    verbosity: "verbosity",
    modalities: "modalities",
    reasoning: "reasoning_effort",
    tools: "tools",
    toolChoice: "tool_choice",
    parallelTools: "parallel_tool_calls",
    messages: "messages",
    system: "messages",
    user: "user",
    serviceTier: "service_tier",
    store: "store",
    audio: "audio",
  },
  decodeRequest: decodeCcRequest,
  responseId: completionId,
  encodeAnswer: encodeCcAnswer,
  openEncoder: createCcStreamEncoder,
}
