import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, StreamDecoder } from "../chat/codec.ts"
import type { AnswerPart } from "../chat/part.ts"
import { createSseDecoder } from "../chat/sse-decoder.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { wordsOf } from "../upstream-words.ts"
import { chatUsageOf, citationsOf, detailsOf, failureOf, imagesOf, listContent, listOf, plainReasoning } from "./decode-parts.ts"
import { finishOf, stopSequenceOf } from "./finish.ts"
import { readExtraContent, signatureOfDetail } from "./reasoning-details.ts"
import { createStreamCalls } from "./stream-calls.ts"
import { createThinkTags } from "./think-tags.ts"

type Emit = (event: ChatEvent) => void

const DONE = "[DONE]"
/** The most answers of one call (chat completions reference, n). */
const CHOICES_MAX = 128

/** Reads a stream of chat completion chunks of any vendor. */
export function createCcStreamDecoder(context: DecodeContext, emit: Emit): StreamDecoder {
  const choices = new Map<number, ChoiceReader>()
  let started = false

  const choiceAt = (index: number): ChoiceReader => {
    let choice = choices.get(index)
    if (choice === undefined) choices.set(index, (choice = createChoiceReader(index, context, emit)))
    return choice
  }

  const takeChunk = (chunk: Fields): boolean => {
    const { error, id, usage } = chunk
    const failure = failureOf(chunk)
    if (failure !== null || (error !== undefined && error !== null && error !== false)) {
      emit({ kind: "failed", words: failure ?? wordsOf(chunk) })
      return false
    }
    if (!started) {
      started = true
      emit({ kind: "start", id: typeof id === "string" ? id : null })
    }
    // A usage chunk has no choices (W-97); Azure's first chunk has none either.
    for (const choice of listOf(chunk["choices"])) {
      const { index } = choice
      choiceAt(typeof index === "number" && Number.isInteger(index) && index >= 0 && index < CHOICES_MAX ? index : 0).take(choice)
    }
    if (usage !== null && usage !== undefined) {
      const counted = chatUsageOf(usage, chunk["service_tier"])
      if (counted !== null) emit({ kind: "usage", usage: counted })
    }
    return true
  }

  return createSseDecoder({
    take(data) {
      if (data === DONE) {
        emit({ kind: "end" })
        return false
      }
      const chunk = parsed(data)
      if (chunk !== null) return takeChunk(chunk)
      emit({ kind: "failed", words: null })
      return false
    },
    overflow: () => emit({ kind: "failed", words: null }),
    // Whether what came is a whole answer is the lane's to judge (W-104).
    closed: () => {},
  })
}

function parsed(data: string): Fields | null {
  try {
    const json: unknown = JSON.parse(data)
    return isRecord(json) ? json : null
  } catch {
    return null
  }
}

type ChoiceReader = { take(choice: Fields): void }
type Growing = "text" | "refusal" | "reasoning"

/** One of the answers of a stream. Of thinking, text and refusal one block is open at a time, and none beside a call (W-52, W-59). */
function createChoiceReader(choice: number, context: DecodeContext, emit: Emit): ChoiceReader {
  const tags = createThinkTags()
  let blocks = 0
  let open: { readonly kind: Growing; readonly block: number } | null = null
  let refused = false
  let thoughtApart = false
  /** What the open block of thinking says. */
  let thought = ""
  let finished = false

  const openBlock = (part: AnswerPart): number => {
    emit({ kind: "open", choice, block: blocks, part })
    return blocks++
  }
  const closeOpen = () => {
    if (open === null) return
    emit({ kind: "close", choice, block: open.block })
    open = null
  }
  const grow = (kind: Growing, text: string) => {
    if (text === "") return
    if (open?.kind !== kind) {
      closeOpen()
      thought = ""
      open = { kind, block: openBlock({ kind, text: "" }) }
    }
    if (kind === "reasoning") thought += text
    emit({ kind: "delta", choice, block: open.block, text })
  }
  const calls = createStreamCalls(context, {
    open({ id, name }) {
      closeOpen()
      return openBlock({ kind: "toolCall", id, name, arguments: "" })
    },
    delta: (block, text) => emit({ kind: "delta", choice, block, text }),
    signature: (block, signature) => emit({ kind: "signature", choice, block, signature }),
    close: (block) => emit({ kind: "close", choice, block }),
  })

  const say = (content: unknown) => {
    if (typeof content === "string") {
      // Who gives thinking a field of its own writes no tags.
      if (thoughtApart) grow("text", content)
      else for (const { thinking, text } of tags.push(content)) grow(thinking ? "reasoning" : "text", text)
    } else if (Array.isArray(content)) for (const { thinking, text } of listContent(content)) grow(thinking ? "reasoning" : "text", text)
  }
  const think = (delta: Fields) => {
    const details = detailsOf(delta)
    const said = plainReasoning(delta)
    const text = said || details.map((detail) => detail["text"] ?? detail["summary"]).filter((one) => typeof one === "string").join("")
    if (text !== "") thoughtApart = true
    // A gateway like this one repeats the whole text beside its proof, for clients that keep the two together.
    const repeated = said === "" && open?.kind === "reasoning" && text === thought
    if (!repeated) grow("reasoning", text)
    for (const detail of details) sign(detail)
  }
  const sign = (detail: Fields) => {
    const signature = signatureOfDetail(detail)
    if (signature === null) return
    if (detail["type"] === "reasoning.encrypted") {
      closeOpen()
      emit({ kind: "close", choice, block: openBlock({ kind: "reasoning", text: "", hidden: true, signature }) })
      return
    }
    if (open?.kind !== "reasoning") {
      closeOpen()
      open = { kind: "reasoning", block: openBlock({ kind: "reasoning", text: "" }) }
    }
    emit({ kind: "signature", choice, block: open.block, signature })
    // A proof ends its block; what follows is thought anew.
    closeOpen()
  }
  const takeDelta = (delta: Fields) => {
    think(delta)
    say(delta["content"])
    if (typeof delta["refusal"] === "string" && delta["refusal"] !== "") {
      refused = true
      grow("refusal", delta["refusal"])
    }
    for (const citation of citationsOf(delta)) if (open?.kind === "text") emit({ kind: "citation", choice, block: open.block, citation })
    for (const image of imagesOf(delta)) {
      closeOpen()
      emit({ kind: "close", choice, block: openBlock(image) })
    }
    const { signature } = readExtraContent(delta["extra_content"])
    if (signature !== undefined && open?.kind === "text") emit({ kind: "signature", choice, block: open.block, signature })
    for (const call of listOf(delta["tool_calls"])) calls.add(call)
    if (isRecord(delta["function_call"])) calls.add({ index: 0, function: delta["function_call"] })
  }

  return {
    take(given) {
      if (finished) return
      const { delta, message, finish_reason: word, logprobs } = given
      if (isRecord(delta)) takeDelta(delta)
      // Some providers send the last chunk of a stream as a whole message.
      else if (isRecord(message) && blocks === 0) takeDelta(message)
      if (isRecord(logprobs)) emit({ kind: "logprobs", choice, logprobs })
      if (typeof word !== "string" || word === "") return
      finished = true
      for (const { thinking, text } of tags.end()) grow(thinking ? "reasoning" : "text", text)
      closeOpen()
      calls.end()
      emit({ kind: "finish", choice, finish: finishOf(word, { calls: calls.any, refusal: refused, stopSequence: stopSequenceOf(given["stop_reason"]) }) })
    },
  }
}
