import type { ClientCodec } from "../chat/codec.ts"
import { decodeAmRequest } from "./decode-request.ts"
import { encodeAmAnswer, messageId } from "./encode-answer.ts"
import { createAmStreamEncoder } from "./encode-stream.ts"
import { OPT_IN_HEADER } from "./opt-ins.ts"

/** Clients of Anthropic messages, whose calls go to channels of other dialects. */
export const amClientCodec: ClientCodec = {
  dialect: "am",
  fieldNames: {
    outputTokensMax: "max_tokens",
    choices: null,
    stop: "stop_sequences",
    temperature: "temperature",
    topP: "top_p",
    topK: "top_k",
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logitBias: null,
    logprobs: null,
    format: "output_config.format",
    verbosity: null,
    modalities: null,
    reasoning: "thinking",
    tools: "tools",
    toolChoice: "tool_choice",
    parallelTools: "tool_choice.disable_parallel_tool_use",
    messages: "messages",
    system: "system",
    user: "metadata.user_id",
    serviceTier: "service_tier",
    store: null,
    audio: null,
  },
  optInHeaders: [OPT_IN_HEADER],
  decodeRequest: decodeAmRequest,
  responseId: messageId,
  encodeAnswer: encodeAmAnswer,
  openEncoder: createAmStreamEncoder,
}
