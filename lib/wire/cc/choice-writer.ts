import type { Finish } from "../chat/answer.ts"
import type { AnswerPart, Citation, ReasoningPart, Signature } from "../chat/part.ts"
import type { ChunkWriter } from "./chunk-writer.ts"
import { annotationField, imageField } from "./encode-parts.ts"
import { finishWord } from "./finish.ts"
import { detailOf, extraContent } from "./reasoning-details.ts"

type Block = {
  readonly part: AnswerPart
  /** Of a call: its index among the calls of its choice. */
  readonly call: number
  /** What it thinks, which is written once more beside its proof. */
  text: string
  signature: Signature | undefined
  empty: boolean
}

export type ChoiceOptions = {
  readonly chunks: ChunkWriter
  /** Calls are written as `function_call`, of which an answer has one (W-25). */
  readonly legacy: boolean
  /** Tools whose calls have plain input. */
  readonly custom: ReadonlySet<string>
}

export type ChoiceWriter = {
  open(block: number, part: AnswerPart): string
  grow(block: number, text: string): string
  sign(block: number, signature: Signature): void
  close(block: number): string
  cite(citation: Citation): string
  logprobs(logprobs: unknown): string
  finish(finish: Finish): string
}

/** Writes one of the answers of a stream. */
export function createChoiceWriter(index: number, { chunks, legacy, custom }: ChoiceOptions): ChoiceWriter {
  const blocks = new Map<number, Block>()
  let calls = 0
  let images = 0
  let details = 0
  let refusal = false
  let begun = false

  const isCustom = (part: AnswerPart) => part.kind === "toolCall" && custom.has(part.name)
  /** The first chunk says who speaks. */
  const begin = (): string => {
    if (begun) return ""
    begun = true
    return chunks.delta(index, '{"role":"assistant","content":""}')
  }
  const beginCall = (part: AnswerPart, call: number): string => {
    if (part.kind !== "toolCall") return ""
    if (legacy) return call === 0 ? chunks.delta(index, JSON.stringify({ function_call: { name: part.name, arguments: "" } })) : ""
    const named = isCustom(part) ? { type: "custom", custom: { name: part.name, input: "" } } : { type: "function", function: { name: part.name, arguments: "" } }
    return chunks.delta(index, JSON.stringify({ tool_calls: [{ index: call, id: part.id, ...named, ...(!isCustom(part) && extraContent(part)) }] }))
  }
  const growCall = ({ part, call }: Block, json: string): string => {
    if (legacy) return call === 0 ? chunks.delta(index, `{"function_call":{"arguments":${json}}}`) : ""
    return chunks.delta(index, isCustom(part) ? `{"tool_calls":[{"index":${call},"custom":{"input":${json}}}]}` : `{"tool_calls":[{"index":${call},"function":{"arguments":${json}}}]}`)
  }
  const grow = (block: Block, text: string): string => {
    block.empty = false
    const json = JSON.stringify(text)
    switch (block.part.kind) {
      case "text":
        return chunks.delta(index, `{"content":${json}}`)
      case "reasoning":
        block.text += text
        return chunks.delta(index, `{"reasoning_content":${json}}`)
      case "refusal":
        return chunks.delta(index, `{"refusal":${json}}`)
      case "toolCall":
        return growCall(block, json)
      case "image":
      case "audio":
      case "search":
        return ""
    }
  }
  const proof = ({ part, call, text }: Block, signature: Signature): string => {
    if (part.kind === "reasoning") return chunks.delta(index, JSON.stringify({ reasoning_details: [detailOf(provenThought(part, text, signature), details++)] }))
    if (part.kind === "text") return chunks.delta(index, JSON.stringify(extraContent({ signature })))
    // Vercel's AI SDK reads no call without `function`.
    return part.kind === "toolCall" && !legacy && !isCustom(part) ? chunks.delta(index, JSON.stringify({ tool_calls: [{ index: call, function: { arguments: "" }, ...extraContent({ signature }) }] })) : ""
  }

  return {
    open(number, part) {
      const first = begin()
      if (part.kind === "image") return first + chunks.delta(index, JSON.stringify({ images: [imageField(part, images++)] }))
      refusal ||= part.kind === "refusal"
      const block: Block = { part, call: part.kind === "toolCall" ? calls++ : 0, text: "", signature: part.kind === "toolCall" ? undefined : part.signature, empty: true }
      blocks.set(number, block)
      const known = part.kind === "toolCall" ? part.arguments : part.kind === "text" || part.kind === "refusal" || part.kind === "reasoning" ? part.text : ""
      return first + beginCall(part, block.call) + (known === "" ? "" : grow(block, known))
    },
    grow(number, text) {
      const block = blocks.get(number)
      return block === undefined ? "" : grow(block, text)
    },
    sign(number, signature) {
      const block = blocks.get(number)
      if (block !== undefined) block.signature = signature
    },
    close(number) {
      const block = blocks.get(number)
      if (block === undefined) return ""
      blocks.delete(number)
      // W-43
      const empty = block.part.kind === "toolCall" && block.empty && !isCustom(block.part) ? grow(block, "{}") : ""
      return block.signature === undefined ? empty : empty + proof(block, block.signature)
    },
    cite: (citation) => chunks.delta(index, JSON.stringify({ annotations: [annotationField(citation)] })),
    logprobs: (logprobs) => begin() + chunks.logprobs(index, logprobs),
    finish: (finish) => begin() + chunks.finish(index, finishWord(finish, { legacy, refusal }), finish.limit === undefined ? null : { turnpike: { limit: finish.limit } }),
  }
}

/** A block of thinking as it is when it closes: clients that keep proofs keep the text that they belong to. */
const provenThought = (part: ReasoningPart, text: string, signature: Signature): ReasoningPart => ({ ...part, text, signature })
