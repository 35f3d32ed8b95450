import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, StreamDecoder } from "../chat/codec.ts"
import type { AnswerPart } from "../chat/part.ts"
import { createSseDecoder } from "../chat/sse-decoder.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import { wordsOf } from "../upstream-words.ts"
import { type Blocks, createBlocks } from "./decode-blocks.ts"
import { callOf, citationOf, finishOfResponse, partsOfItem, reasoningOf, textIn, usageOfResponse } from "./decode-answer.ts"

type Emit = (event: ChatEvent) => void
/** What one event of the stream does. */
type Handler = (event: Fields, blocks: Blocks, context: DecodeContext, emit: Emit) => void

/** Items that come whole, when they are done. */
const wholeItems: readonly unknown[] = ["web_search_call", "image_generation_call"]

/**
 * Reads a stream of response events. A block is opened by its own event, or by the first text for it where a provider leaves that event
 * out; what was never streamed is taken from the item when it is done, and from the response at the end.
 */
export function openRsDecoder(context: DecodeContext, emit: Emit): StreamDecoder {
  const blocks = createBlocks(emit)
  let started = false

  /** False: the stream is over. */
  function take(event: Fields): boolean {
    const type = event["type"]
    const response = isRecord(event["response"]) ? event["response"] : {}
    if (type === "response.created" || (!started && (type === "response.queued" || type === "response.in_progress"))) {
      started = true
      emit({ kind: "start", id: typeof response["id"] === "string" ? response["id"] : null })
      return true
    }
    if (type === "error" || type === "response.failed" || typeof type !== "string") {
      emit({ kind: "failed", words: wordsOf(type === "response.failed" ? response : event) })
      return false
    }
    if (type === "response.completed" || type === "response.incomplete") {
      conclude(response, blocks, context, emit)
      return false
    }
    if (Object.hasOwn(handlers, type)) handlers[type]?.(event, blocks, context, emit)
    return true
  }

  return createSseDecoder({
    take(data) {
      if (data === "[DONE]") return true
      const event = objectIn(data)
      if (event !== null) return take(event)
      emit({ kind: "failed", words: null })
      return false
    },
    overflow: () => emit({ kind: "failed", words: null }),
    closed: () => {},
  })
}

function conclude(response: Fields, blocks: Blocks, context: DecodeContext, emit: Emit): void {
  if (blocks.opened === 0 && Array.isArray(response["output"])) {
    for (const item of response["output"] as readonly unknown[]) for (const part of partsOfItem(item, context)) blocks.whole(part)
  }
  blocks.closeAll()
  emit({ kind: "finish", choice: 0, finish: finishOfResponse(response, blocks.calls > 0) })
  const usage = usageOfResponse(response)
  if (usage !== null) emit({ kind: "usage", usage })
  emit({ kind: "end" })
}

const indexIn = (event: Fields, name: string): string => (typeof event[name] === "number" ? String(event[name]) : "")
const itemKey = (event: Fields): string => indexIn(event, "output_index")
const partKey = (event: Fields): string => `${itemKey(event)}/${indexIn(event, "content_index")}`

const TEXT: AnswerPart = { kind: "text", text: "" }
const REFUSAL: AnswerPart = { kind: "refusal", text: "" }
const REASONING: AnswerPart = { kind: "reasoning", text: "" }

const growCall =
  (member: "delta" | "arguments" | "input"): Handler =>
  (event, blocks) =>
    member === "delta" ? blocks.grow(itemKey(event), textIn(event, member)) : blocks.complete(itemKey(event), textIn(event, member))

const growTalk =
  (part: AnswerPart, member: string): Handler =>
  (event, blocks) => {
    blocks.open(partKey(event), part)
    if (member === "delta") blocks.grow(partKey(event), textIn(event, member))
    else blocks.complete(partKey(event), textIn(event, member))
  }

const growText = growTalk(TEXT, "delta")

const growThought: Handler = (event, blocks) => {
  blocks.open(itemKey(event), REASONING)
  blocks.grow(itemKey(event), textIn(event, "delta"))
}

const handlers: Readonly<Record<string, Handler>> = {
  "response.output_item.added": (event, blocks, context) => {
    const item = isRecord(event["item"]) ? event["item"] : {}
    if (item["type"] === "function_call" || item["type"] === "custom_tool_call") blocks.open(itemKey(event), callOf(item, context))
    else if (item["type"] === "reasoning") blocks.open(itemKey(event), { ...REASONING, ...(typeof item["id"] === "string" && { id: item["id"] }) })
  },
  "response.content_part.added": (event, blocks) => {
    const part = isRecord(event["part"]) ? event["part"] : {}
    if (part["type"] === "output_text") blocks.open(partKey(event), TEXT)
    else if (part["type"] === "refusal") blocks.open(partKey(event), REFUSAL)
  },
  "response.output_text.delta": (event, blocks, context, emit) => {
    growText(event, blocks, context, emit)
    const { logprobs } = event
    if (Array.isArray(logprobs) && logprobs.length > 0) emit({ kind: "logprobs", choice: 0, logprobs: { content: logprobs } })
  },
  "response.output_text.done": growTalk(TEXT, "text"),
  "response.refusal.delta": growTalk(REFUSAL, "delta"),
  "response.refusal.done": growTalk(REFUSAL, "refusal"),
  "response.output_text.annotation.added": (event, blocks) => {
    const citation = citationOf(event["annotation"])
    if (citation !== null) blocks.cite(partKey(event), citation)
  },
  "response.content_part.done": (event, blocks) => blocks.close(partKey(event)),
  "response.reasoning_summary_part.added": (event, blocks) => {
    blocks.open(itemKey(event), REASONING)
    // Parts of a summary are paragraphs.
    if (blocks.hasText(itemKey(event))) blocks.grow(itemKey(event), "\n\n")
  },
  "response.reasoning_summary_text.delta": growThought,
  "response.reasoning_text.delta": growThought,
  "response.function_call_arguments.delta": growCall("delta"),
  "response.function_call_arguments.done": growCall("arguments"),
  "response.custom_tool_call_input.delta": growCall("delta"),
  "response.custom_tool_call_input.done": growCall("input"),
  "response.output_item.done": (event, blocks, context) => {
    const item = isRecord(event["item"]) ? event["item"] : {}
    const key = itemKey(event)
    if (item["type"] === "message") return blocks.closeMessage(key, partsOfItem(item, context))
    if (wholeItems.includes(item["type"])) for (const part of partsOfItem(item, context)) blocks.whole(part)
    else if (item["type"] === "reasoning") blocks.closeReasoning(key, reasoningOf(item))
    else if (item["type"] === "function_call" || item["type"] === "custom_tool_call") blocks.closeCall(key, callOf(item, context))
  },
}
