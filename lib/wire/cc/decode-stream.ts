import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, StreamDecoder } from "../chat/codec.ts"
import { createSseDecoder } from "../chat/sse-decoder.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import { wordsOf } from "../upstream-words.ts"
import { chatUsageOf, citationsOf, detailsOf, failureOf, imagesOf, listContent, listOf, plainReasoning, textOfDetail } from "./decode-parts.ts"
import { finishOf, stopSequenceOf } from "./finish.ts"
import { readExtraContent, signatureOfDetail } from "./reasoning-details.ts"
import { createStreamBlocks, type StreamBlocks } from "./stream-blocks.ts"
import { createStreamCalls } from "./stream-calls.ts"
import { createThinkTags, type Thought } from "./think-tags.ts"

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
      const chunk = objectIn(data)
      if (chunk !== null) return takeChunk(chunk)
      emit({ kind: "failed", words: null })
      return false
    },
    overflow: () => emit({ kind: "failed", words: null }),
    // Whether what came is a whole answer is the lane's to judge (W-104).
    closed: () => {},
  })
}

type ChoiceReader = { take(choice: Fields): void }

/** One of the answers of a stream. */
function createChoiceReader(choice: number, context: DecodeContext, emit: Emit): ChoiceReader {
  const blocks = createStreamBlocks(choice, emit)
  const calls = createStreamCalls(context, { ...blocks, open: ({ id, name }) => blocks.open({ kind: "toolCall", id, name, arguments: "" }) })
  const speech = createSpeech(blocks)
  let finished = false

  const takeDelta = (delta: Fields) => {
    speech.take(delta)
    for (const call of listOf(delta["tool_calls"])) calls.add(call)
    if (isRecord(delta["function_call"])) calls.add({ index: 0, function: delta["function_call"] })
  }

  return {
    take(given) {
      if (finished) return
      const { delta, message, finish_reason: word, logprobs } = given
      if (isRecord(delta)) takeDelta(delta)
      // Some providers send the last chunk of a stream as a whole message.
      else if (isRecord(message) && blocks.count === 0) takeDelta(message)
      if (isRecord(logprobs)) emit({ kind: "logprobs", choice, logprobs })
      if (typeof word !== "string" || word === "") return
      finished = true
      speech.end()
      calls.end()
      emit({ kind: "finish", choice, finish: finishOf(word, { calls: calls.any, refusal: speech.refused, stopSequence: stopSequenceOf(given["stop_reason"]) }) })
    },
  }
}

/** What an answer thinks, says and shows, of all vendors' deltas. */
function createSpeech(blocks: StreamBlocks) {
  const tags = createThinkTags()
  /** Who gives thinking a field of its own writes no tags. */
  let thoughtApart = false
  let refused = false

  const sayAll = (thoughts: readonly Thought[]) => {
    for (const { thinking, text } of thoughts) blocks.grow(thinking ? "reasoning" : "text", text)
  }
  const say = (content: unknown) => {
    if (Array.isArray(content)) sayAll(listContent(content))
    else if (typeof content === "string" && thoughtApart) blocks.grow("text", content)
    else if (typeof content === "string") sayAll(tags.push(content))
  }
  const think = (delta: Fields) => {
    const said = plainReasoning(delta)
    const details = detailsOf(delta)
    const text = said || details.map(textOfDetail).join("")
    if (text !== "") thoughtApart = true
    // A gateway like this one repeats the whole text beside its proof, for clients that keep the two together.
    if (said !== "" || text !== blocks.thought) blocks.grow("reasoning", text)
    for (const detail of details) {
      const signature = signatureOfDetail(detail)
      if (signature === null) continue
      if (detail["type"] === "reasoning.encrypted") blocks.whole({ kind: "reasoning", text: "", hidden: true, signature })
      else blocks.proveThought(signature)
    }
  }

  return {
    get refused() {
      return refused
    },
    take(delta: Fields): void {
      think(delta)
      say(delta["content"])
      const { refusal } = delta
      if (typeof refusal === "string" && refusal !== "") {
        refused = true
        blocks.grow("refusal", refusal)
      }
      for (const citation of citationsOf(delta)) blocks.cite(citation)
      for (const image of imagesOf(delta)) blocks.whole(image)
      const { signature } = readExtraContent(delta["extra_content"])
      if (signature !== undefined) blocks.proveText(signature)
    },
    end(): void {
      sayAll(tags.end())
      blocks.closeOpen()
    },
  }
}
