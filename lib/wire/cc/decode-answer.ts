import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { ChatAnswer, ChatChoice } from "../chat/answer.ts"
import type { DecodeContext } from "../chat/codec.ts"
import type { AnswerPart, ReasoningPart, ToolCallPart } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { chatUsageOf, citationsOf, detailsOf, failureOf, heldOf, imagesOf, listContent, listOf, plainReasoning, textOfDetail } from "./decode-parts.ts"
import { finishOf, stopSequenceOf } from "./finish.ts"
import { readExtraContent, signatureOfDetail } from "./reasoning-details.ts"
import { createThinkTags, type Thought } from "./think-tags.ts"

/** A whole chat completion, or what the provider says in its place. */
export function decodeCcAnswer(body: Buffer, context: DecodeContext): Result<ChatAnswer, { readonly words: UpstreamWords | null }> {
  const answer = parsed(body)
  if (answer === null) return err({ words: null })
  const choices = listOf(answer["choices"])
  if (choices.length === 0) return err({ words: failureOf(answer) ?? wordsOf(answer) })
  const { id, usage, service_tier: serviceTier } = answer
  return ok({ id: typeof id === "string" ? id : null, choices: choices.map((choice) => choiceOf(choice, context)), usage: chatUsageOf(usage, serviceTier) })
}

function parsed(body: Buffer): Fields | null {
  try {
    const json: unknown = JSON.parse(body.toString("utf8"))
    return isRecord(json) ? json : null
  } catch {
    return null
  }
}

function choiceOf(choice: Fields, context: DecodeContext): ChatChoice {
  const message = isRecord(choice["message"]) ? choice["message"] : {}
  const parts = partsOf(message, context)
  const word = typeof choice["finish_reason"] === "string" && choice["finish_reason"] !== "" ? choice["finish_reason"] : "stop"
  return {
    parts,
    finish: finishOf(word, heldOf(parts, stopSequenceOf(choice["stop_reason"]))),
    ...(isRecord(choice["logprobs"]) && { logprobs: choice["logprobs"] }),
  }
}

/** Thinking, text, pictures, calls (W-59). */
function partsOf(message: Fields, context: DecodeContext): readonly AnswerPart[] {
  const said = thoughtsOf(message["content"])
  const text = said.filter(({ thinking }) => !thinking).map((one) => one.text).join("")
  const citations = citationsOf(message)
  const { refusal } = message
  const legacy = message["function_call"]
  return [
    ...reasoningOf(message, said.filter(({ thinking }) => thinking).map((one) => one.text).join("")),
    ...(text === "" ? [] : [{ kind: "text" as const, text, ...readExtraContent(message["extra_content"]), ...(citations.length > 0 && { citations }) }]),
    ...(typeof refusal === "string" && refusal !== "" ? [{ kind: "refusal" as const, text: refusal }] : []),
    ...imagesOf(message),
    ...listOf(message["tool_calls"]).map((call) => callOf(call, context)),
    ...(isRecord(legacy) ? [callOf({ function: legacy }, context)] : []),
  ]
}

function thoughtsOf(content: unknown): readonly Thought[] {
  if (Array.isArray(content)) return listContent(content)
  if (typeof content !== "string") return []
  const tags = createThinkTags()
  return [...tags.push(content), ...tags.end()]
}

/** OpenRouter's details say all that the plain field says, and the proofs. */
function reasoningOf(message: Fields, tagged: string): readonly ReasoningPart[] {
  const parts = detailsOf(message).flatMap((detail): readonly ReasoningPart[] => {
    const said = textOfDetail(detail)
    const signature = signatureOfDetail(detail)
    if (said === "" && signature === null) return []
    return [{ kind: "reasoning", text: said, ...(detail["type"] === "reasoning.encrypted" && { hidden: true }), ...(signature !== null && { signature }) }]
  })
  const plain = plainReasoning(message) + tagged
  if (parts.some(({ text }) => text !== "") || plain === "") return parts
  return [{ kind: "reasoning", text: plain }, ...parts]
}

/** A call; one without arguments has an empty object (W-43). */
function callOf(call: Fields, { toolName, newCallId }: DecodeContext): ToolCallPart {
  const custom = isRecord(call["custom"]) ? call["custom"] : null
  const called: Fields = custom ?? (isRecord(call["function"]) ? call["function"] : {})
  const given = custom === null ? called["arguments"] : called["input"]
  const text = typeof given === "string" ? given : given === undefined || given === null ? "" : JSON.stringify(given)
  return {
    kind: "toolCall",
    id: typeof call["id"] === "string" && call["id"] !== "" ? call["id"] : newCallId(),
    name: toolName(typeof called["name"] === "string" ? called["name"] : ""),
    arguments: text === "" && custom === null ? "{}" : text,
    ...readExtraContent(call["extra_content"]),
  }
}
