import type { ChatAnswer, ChatChoice } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import type { AnswerPart, Signature } from "../chat/part.ts"
import { writeSignature } from "../chat/signature.ts"
import { argumentsObject } from "../chat/tool-arguments.ts"
import type { Fields } from "../request-fields.ts"
import { wordOf } from "./finish.ts"
import { groundingMetadata } from "./grounding.ts"
import { logprobsResult } from "./logprobs.ts"
import { usageMetadata } from "./usage-metadata.ts"

/** An answer as Gemini's generateContent gives it (https://ai.google.dev/api/generate-content#GenerateContentResponse). */
export function encodeGmAnswer(answer: ChatAnswer, { publicModel, responseId }: EncodeContext): Fields {
  return {
    candidates: answer.choices.map(candidateOf),
    ...(answer.usage !== null && { usageMetadata: usageMetadata(answer.usage) }),
    modelVersion: publicModel,
    responseId,
  }
}

function candidateOf({ parts, finish, logprobs }: ChatChoice, index: number): Fields {
  const grounding = groundingMetadata(parts)
  const result = logprobs === undefined ? null : logprobsResult(logprobs)
  return {
    content: { parts: parts.flatMap(answerParts), role: "model" },
    finishReason: wordOf(finish),
    index,
    ...(result !== null && { logprobsResult: result }),
    ...(grounding !== null && { groundingMetadata: grounding }),
    ...(finish.limit !== undefined && { turnpike: { limit: finish.limit } }),
  }
}

/** A part of an answer; what was searched stands beside the content. */
export function answerParts(part: AnswerPart): readonly Fields[] {
  const signature = signedBy(part.signature)
  switch (part.kind) {
    case "text":
    case "refusal":
      return part.text === "" && part.signature === undefined ? [] : [{ text: part.text, ...signature }]
    case "reasoning":
      return part.text === "" && part.signature === undefined ? [] : [{ text: part.text, thought: true, ...signature }]
    case "toolCall":
      return [{ functionCall: { id: part.id, name: part.name, args: argumentsObject(part.arguments) }, ...signature }]
    case "image":
    case "audio":
      return [part.media.kind === "base64" ? { inlineData: { mimeType: part.media.mediaType, data: part.media.data }, ...signature } : { fileData: { fileUri: part.media.url, ...(part.media.mediaType !== null && { mimeType: part.media.mediaType }) }, ...signature }]
    case "search":
      return []
  }
}

/** Another provider's proof travels marked, and comes back to that provider alone (W-54, W-57). */
export const signedBy = (signature: Signature | undefined): Fields => (signature === undefined ? {} : { thoughtSignature: writeSignature(signature, "gm") })
