import type { ChatEvent, ChatUsage, Finish } from "../chat/answer.ts"
import type { EncodeContext, StreamEncoder } from "../chat/codec.ts"
import type { AnswerPart, Citation, Signature } from "../chat/part.ts"
import { writeSignature } from "../chat/signature.ts"
import { citationBlock } from "./citations.ts"
import { answerBlocks, type Block, reasoningBlock, signatureBlock } from "./encode-blocks.ts"
import { messageId, stopFields, usageBlock } from "./encode-answer.ts"

/** A block that grows while others wait: only one may be open at a time (W-40, W-125). */
type Growing = {
  readonly part: AnswerPart
  /** What has come while another block was open, in its order. */
  readonly waiting: string[]
  readonly citations: Citation[]
  signature: Signature | null
  /** Its start was written. */
  begun: boolean
  closed: boolean
}

/**
 * Writes Anthropic's stream (https://docs.anthropic.com/en/docs/build-with-claude/streaming): message_start → (block_start → deltas →
 * block_stop)* → message_delta → message_stop. Blocks come in the order in which they opened; of those that grow at the same time the
 * first goes on as it comes, and the others are kept until it has closed (W-40).
 */
export function createAmStreamEncoder(context: EncodeContext): StreamEncoder {
  const queue: Growing[] = []
  const growing = new Map<number, Growing>()
  let started = false
  let index = 0
  /** The beginning of the open block's deltas, up to the JSON of their text. */
  let deltaHead = ""
  let called = false
  let usage: ChatUsage | null = null
  let finish: Finish | null = null

  const start = (): string => {
    if (started) return ""
    started = true
    return startEvent(context, usage)
  }

  /** Writes the head of the block that is first in the queue. */
  const head = (one: Growing): string => {
    const { part } = one
    one.begun = true
    const before = part.kind !== "reasoning" && part.signature !== undefined ? wholeBlock(index++, signatureBlock(part.signature)) : ""
    deltaHead = deltaHeadOf(part.kind, index)
    return before + blockStart(index, emptyBlock(part))
  }

  /** Writes what the block that is first in the queue ends with. */
  const tail = (one: Growing): string => {
    const { part, signature, citations } = one
    if (isWhole(part)) {
      const whole = signature === null ? part : { ...part, signature }
      return answerBlocks(whole).map((block) => wholeBlock(index++, block)).join("")
    }
    let out = ""
    if (!one.begun) {
      // Text without a character is no block: Anthropic refuses one when the conversation comes back (W-8).
      if (signature === null && part.signature === undefined) return ""
      if (part.kind !== "reasoning") return wholeBlock(index++, signatureBlock(signature ?? part.signature!))
      out = head(one)
    }
    for (const citation of citations) out += delta(index, { type: "citations_delta", citation: citationBlock(citation) })
    const proof = signature ?? (part.kind === "reasoning" ? part.signature : undefined)
    if (part.kind === "reasoning" && proof !== undefined) out += delta(index, { type: "signature_delta", signature: writeSignature(proof, "am") })
    out += blockStop(index++)
    if (part.kind !== "reasoning" && signature !== null) out += wholeBlock(index++, signatureBlock(signature))
    return out
  }

  /** Ends the first block where it has closed, and begins the next ones with what they have. */
  const advance = (): string => {
    let out = ""
    for (let first = queue[0]; first?.closed === true; first = queue[0]) {
      out += tail(first)
      queue.shift()
      const next = queue[0]
      if (next === undefined) break
      out += begin(next)
      for (const text of next.waiting) out += grow(next, text)
    }
    return out
  }

  const open = (block: number, part: AnswerPart): string => {
    if (part.kind === "toolCall") called = true
    const one: Growing = { part, waiting: [], citations: [], signature: null, begun: false, closed: false }
    growing.set(block, one)
    queue.push(one)
    let out = start()
    if (queue.length === 1) out += begin(one)
    const text = beginningOf(part)
    return text === "" ? out : out + grow(one, text)
  }

  const grow = (one: Growing, text: string): string => {
    if (queue[0] !== one) {
      one.waiting.push(text)
      return ""
    }
    const chunk = (one.begun ? "" : head(one)) + deltaHead
    return chunk + JSON.stringify(text) + DELTA_TAIL
  }

  /** A call is one before its first argument; all else begins with its first text. */
  const begin = (one: Growing): string => (one.part.kind === "toolCall" ? head(one) : "")

  return {
    event(event: ChatEvent): string {
      // Messages have one answer alone.
      if ("choice" in event && event.choice !== 0) return ""
      switch (event.kind) {
        case "delta": {
          const one = growing.get(event.block)
          return one === undefined ? "" : grow(one, event.text)
        }
        case "open":
          return open(event.block, event.part)
        case "signature": {
          const one = growing.get(event.block)
          if (one !== undefined) one.signature = event.signature
          return ""
        }
        case "citation":
          growing.get(event.block)?.citations.push(event.citation)
          return ""
        case "close": {
          const one = growing.get(event.block)
          if (one === undefined) return ""
          one.closed = true
          growing.delete(event.block)
          return advance()
        }
        case "finish":
          finish = event.finish
          return start()
        case "usage":
          usage = event.usage
          return ""
        case "start":
        case "logprobs":
        case "end":
        case "failed":
          return ""
      }
    },
    end() {
      let out = start()
      for (const one of queue) one.closed = true
      out += advance()
      const ending = { type: "message_delta", delta: stopFields(finish, called), usage: usageBlock(usage ?? unknownUsage(context)), ...(finish?.limit !== undefined && { turnpike: { limit: finish.limit } }) }
      return `${out}event: message_delta\ndata: ${JSON.stringify(ending)}\n\n${MESSAGE_STOP}`
    },
  }
}

const DELTA_TAIL = "}}\n\n"
const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'

/** Parts that do not grow: they are written when they close, in one piece. */
const isWhole = ({ kind, ...part }: AnswerPart): boolean => kind === "search" || kind === "image" || kind === "audio" || (kind === "reasoning" && "hidden" in part && part.hidden === true)

/** What a part that grows had at its beginning. */
function beginningOf(part: AnswerPart): string {
  if (isWhole(part)) return ""
  return part.kind === "toolCall" ? part.arguments : "text" in part ? part.text : ""
}

const deltaWords = { text: '"text_delta","text":', refusal: '"text_delta","text":', reasoning: '"thinking_delta","thinking":', toolCall: '"input_json_delta","partial_json":' } as const

function deltaHeadOf(kind: AnswerPart["kind"], index: number): string {
  const words = kind in deltaWords ? deltaWords[kind as keyof typeof deltaWords] : ""
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":${words}`
}

function emptyBlock(part: AnswerPart): Block {
  if (part.kind === "toolCall") return { type: "tool_use", id: part.id, name: part.name, input: {} }
  return part.kind === "reasoning" ? reasoningBlock({ kind: "reasoning", text: "" }) : { type: "text", text: "" }
}

const blockStart = (index: number, content_block: Block): string => `event: content_block_start\ndata: ${JSON.stringify({ type: "content_block_start", index, content_block })}\n\n`
const blockStop = (index: number): string => `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`
const delta = (index: number, value: Block): string => `event: content_block_delta\ndata: ${JSON.stringify({ type: "content_block_delta", index, delta: value })}\n\n`

/** A block that is there at once. The SDKs read thinking's text and signature from deltas, and a search's query as it grows. */
function wholeBlock(index: number, block: Block): string {
  const { type } = block
  if (type === "thinking") return blockStart(index, { ...block, signature: "" }) + delta(index, { type: "signature_delta", signature: block["signature"] }) + blockStop(index)
  if (type === "server_tool_use") return blockStart(index, { ...block, input: {} }) + delta(index, { type: "input_json_delta", partial_json: JSON.stringify(block["input"]) }) + blockStop(index)
  if (type === "text") return blockStart(index, { ...block, text: "" }) + delta(index, { type: "text_delta", text: block["text"] }) + blockStop(index)
  return blockStart(index, block) + blockStop(index)
}

/** W-124: what the prompt has is said before the provider has counted it. */
function startEvent(context: EncodeContext, usage: ChatUsage | null): string {
  const counts = (usage ?? unknownUsage(context)).counts
  const message = {
    id: messageId(context.responseId),
    type: "message",
    role: "assistant",
    model: context.publicModel,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageBlock({ counts: { ...promptOf(counts), input: counts.input ?? context.inputTokensEstimated, output: 1 }, reasoningTokens: null }),
  }
  return `event: message_start\ndata: ${JSON.stringify({ type: "message_start", message })}\n\n`
}

const promptOf = ({ output: _output, reasoning: _reasoning, outputAudio: _audio, outputImage: _image, search: _search, ...prompt }: ChatUsage["counts"]): ChatUsage["counts"] => prompt

const unknownUsage = ({ inputTokensEstimated }: EncodeContext): ChatUsage => ({ counts: { input: inputTokensEstimated, output: 1 }, reasoningTokens: null })
