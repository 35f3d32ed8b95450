import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, StreamDecoder } from "../chat/codec.ts"
import type { AnswerPart } from "../chat/part.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import { citationOf, finishOf, openedCall, signed, textOf } from "./decode-answer.ts"
import { createEventStreamDecoder, type EventStreamMessage } from "./event-stream.ts"
import { createStreamImages } from "./stream-images.ts"
import { brUsage } from "./usage.ts"
import { exceptionWords } from "./words.ts"

/**
 * Reads ConverseStream (Bedrock API reference, ConverseStream; user guide, “Using the Converse API”). Only the blocks of calls and pictures have
 * a start; all others begin with their first delta. The usage comes last, behind the reason to stop.
 */
export function createBrStreamDecoder(context: DecodeContext, emit: (event: ChatEvent) => void): StreamDecoder {
  const messages = createEventStreamDecoder()
  const blocks = createBlocks(emit)
  const images = createStreamImages()
  let begun = false
  let finished = false
  let over = false

  const fail = (words: Extract<ChatEvent, { kind: "failed" }>["words"]): void => {
    over = true
    emit({ kind: "failed", words })
  }

  const take = (type: string, event: Fields): void => {
    if (type === "messageStart") {
      begun = true
      return emit({ kind: "start", id: null })
    }
    // A piece of an answer without its beginning is no answer (W-106).
    if (!begun) return fail(null)
    const index = event["contentBlockIndex"]
    switch (type) {
      case "contentBlockStart": {
        const start = isRecord(event["start"]) ? event["start"] : {}
        if (isRecord(start["toolUse"])) blocks.open(index, openedCall(start["toolUse"], context))
        if (isRecord(start["image"])) images.open(index, start["image"])
        return
      }
      case "contentBlockDelta":
        if (!isRecord(event["delta"])) return
        if (isRecord(event["delta"]["image"])) return images.grow(index, event["delta"]["image"]) ? undefined : fail(null)
        return blocks.grow(index, event["delta"])
      case "contentBlockStop": {
        const image = images.close(index)
        if (image !== null) blocks.open(index, image)
        return blocks.close(index)
      }
      case "messageStop":
        if (finished) return
        finished = true
        blocks.closeAll()
        return emit({ kind: "finish", choice: 0, finish: finishOf(event) })
      case "metadata": {
        const usage = brUsage(event["usage"], event["serviceTier"])
        if (usage !== null) emit({ kind: "usage", usage })
        if (!finished) return
        over = true
        return emit({ kind: "end" })
      }
    }
  }

  const read = (message: EventStreamMessage): void => {
    if (message.headers[":message-type"] !== "event") return fail(exceptionWords(message))
    const event = objectIn(message.payload)
    if (event === null) return fail(null)
    take(message.headers[":event-type"] ?? "", event)
  }

  return {
    push(chunk) {
      if (over) return
      for (const message of messages.push(chunk)) {
        read(message)
        if (over) return
      }
      if (messages.broken !== null) fail(null)
    },
    end() {
      over = true
    },
  }
}

/** The blocks of a stream by their index in it, numbered in the order in which they open. */
function createBlocks(emit: (event: ChatEvent) => void) {
  const open = new Map<unknown, { readonly block: number; readonly kind: AnswerPart["kind"] }>()
  let count = 0

  const blocks = {
    open(index: unknown, part: AnswerPart): number {
      blocks.close(index)
      const block = count++
      open.set(index, { block, kind: part.kind })
      emit({ kind: "open", choice: 0, block, part })
      return block
    },
    close(index: unknown): void {
      const one = open.get(index)
      if (one === undefined) return
      open.delete(index)
      emit({ kind: "close", choice: 0, block: one.block })
    },
    closeAll(): void {
      for (const index of [...open.keys()]) blocks.close(index)
    },
    grow(index: unknown, { text, toolUse, reasoningContent, citation }: Fields): void {
      if (typeof text === "string") return add(blockOf(index, "text", EMPTY_TEXT), text)
      if (isRecord(toolUse)) {
        const one = open.get(index)
        return one === undefined ? undefined : add(one.block, textOf(toolUse["input"]))
      }
      if (isRecord(reasoningContent)) return growReasoning(index, reasoningContent)
      const source = citationOf(citation)
      if (source !== null) emit({ kind: "citation", choice: 0, block: blockOf(index, "text", EMPTY_TEXT), citation: source })
    },
  }

  const blockOf = (index: unknown, kind: AnswerPart["kind"], part: AnswerPart): number => {
    const one = open.get(index)
    return one?.kind === kind ? one.block : blocks.open(index, part)
  }
  const add = (block: number, text: string): void => {
    if (text !== "") emit({ kind: "delta", choice: 0, block, text })
  }
  const growReasoning = (index: unknown, { text, signature, redactedContent }: Fields): void => {
    if (typeof redactedContent === "string") return void blocks.open(index, { kind: "reasoning", text: "", hidden: true, signature: signed(redactedContent) })
    const block = blockOf(index, "reasoning", EMPTY_REASONING)
    add(block, textOf(text))
    if (typeof signature === "string" && signature !== "") emit({ kind: "signature", choice: 0, block, signature: signed(signature) })
  }
  return blocks
}

const EMPTY_TEXT: AnswerPart = { kind: "text", text: "" }
const EMPTY_REASONING: AnswerPart = { kind: "reasoning", text: "" }
