import type { ClientCodec } from "../chat/codec.ts"
import { decodeGmRequest } from "./decode-request.ts"
import { encodeGmAnswer } from "./encode-answer.ts"
import { createGmStreamEncoder } from "./encode-stream.ts"

/** Clients of Gemini's generateContent, whose calls go to channels of other dialects. */
export const gmClientCodec: ClientCodec = {
  dialect: "gm",
  dropsThoughts: true,
  fieldNames: {
    outputTokensMax: "generationConfig.maxOutputTokens",
    choices: "generationConfig.candidateCount",
    stop: "generationConfig.stopSequences",
    temperature: "generationConfig.temperature",
    topP: "generationConfig.topP",
    topK: "generationConfig.topK",
    seed: "generationConfig.seed",
    presencePenalty: "generationConfig.presencePenalty",
    frequencyPenalty: "generationConfig.frequencyPenalty",
    logitBias: null,
    logprobs: "generationConfig.responseLogprobs",
    format: "generationConfig.responseJsonSchema",
    verbosity: null,
    modalities: "generationConfig.responseModalities",
    reasoning: "generationConfig.thinkingConfig",
    tools: "tools",
    toolChoice: "toolConfig",
    parallelTools: null,
    messages: "contents",
    system: "systemInstruction",
    user: null,
    serviceTier: "serviceTier",
    store: null,
    audio: null,
  },
  decodeRequest: decodeGmRequest,
  responseId: (id) => id,
  encodeAnswer: encodeGmAnswer,
  openEncoder: createGmStreamEncoder,
}
