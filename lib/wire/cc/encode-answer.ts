import type { ChatAnswer, ChatChoice } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import type { AnswerPart, ReasoningPart, ToolCallPart } from "../chat/part.ts"
import type { Fields } from "../request-fields.ts"
import { annotationField, completionId, customNames, imageField, usageFields } from "./encode-parts.ts"
import { finishWord } from "./finish.ts"
import { detailOf, extraContent } from "./reasoning-details.ts"

/** A whole answer as a chat completion. */
export function encodeCcAnswer({ choices, usage }: ChatAnswer, context: EncodeContext): Fields {
  return {
    id: completionId(context.responseId),
    object: "chat.completion",
    created: context.createdAtSeconds,
    model: context.publicModel,
    choices: choices.map((choice, index) => choiceFor(choice, index, context)),
    ...(usage !== null && { usage: usageFields(usage) }),
  }
}

function choiceFor({ parts, finish, logprobs }: ChatChoice, index: number, context: EncodeContext): Fields {
  const legacy = context.request.legacyFunctions === true
  return {
    index,
    message: messageFor(parts, context),
    logprobs: logprobs ?? null,
    finish_reason: finishWord(finish, { legacy, refusal: parts.some(({ kind }) => kind === "refusal") }),
    ...(finish.limit !== undefined && { turnpike: { limit: finish.limit } }),
  }
}

function messageFor(parts: readonly AnswerPart[], context: EncodeContext): Fields {
  const texts = parts.filter((part) => part.kind === "text")
  const refusals = parts.filter((part) => part.kind === "refusal")
  const images = parts.filter((part) => part.kind === "image")
  const citations = texts.flatMap((part) => part.citations ?? [])
  const proof = texts.findLast(({ signature }) => signature !== undefined)
  return {
    role: "assistant",
    content: texts.length === 0 ? null : texts.map(({ text }) => text).join(""),
    refusal: refusals.length === 0 ? null : refusals.map(({ text }) => text).join(""),
    ...reasoningFields(parts.filter((part) => part.kind === "reasoning")),
    ...callFields(parts.filter((part) => part.kind === "toolCall"), context),
    ...(images.length > 0 && { images: images.map(imageField) }),
    ...(citations.length > 0 && { annotations: citations.map(annotationField) }),
    ...(proof !== undefined && extraContent(proof)),
  }
}

/** W-53: the text in the field that most clients read; the proofs beside it, which come back with the next request (W-54). */
function reasoningFields(parts: readonly ReasoningPart[]): Fields {
  const text = parts.map((part) => part.text).filter((one) => one !== "").join("\n\n")
  const proven = parts.some(({ signature }) => signature !== undefined)
  return { ...(text !== "" && { reasoning_content: text }), ...(proven && { reasoning_details: parts.map(detailOf) }) }
}

/** Legacy answers have room for one call (W-25). */
function callFields(calls: readonly ToolCallPart[], context: EncodeContext): Fields {
  const [first] = calls
  if (first === undefined) return {}
  if (context.request.legacyFunctions === true) return { function_call: { name: first.name, arguments: argumentsOf(first) } }
  const custom = customNames(context)
  return {
    tool_calls: calls.map((call) =>
      custom.has(call.name)
        ? { id: call.id, type: "custom", custom: { name: call.name, input: call.arguments } }
        : { id: call.id, type: "function", function: { name: call.name, arguments: argumentsOf(call) }, ...extraContent(call) },
    ),
  }
}

/** W-43 */
const argumentsOf = (call: ToolCallPart): string => (call.arguments === "" ? "{}" : call.arguments)
