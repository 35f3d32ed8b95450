import type { ChatEvent, ChatUsage } from "../chat/answer.ts"
import type { EncodeContext, StreamEncoder } from "../chat/codec.ts"
import type { AnswerPart, ReasoningPart, Signature } from "../chat/part.ts"
import { annotationField, completionId, customNames, imageField, usageFields } from "./encode-parts.ts"
import { finishWord } from "./finish.ts"
import { detailOf, extraContent } from "./reasoning-details.ts"
import { asksForUsage } from "./request.ts"

type Block = { readonly part: AnswerPart; /** Of a call: its index among the calls of its choice. */ readonly call: number; readonly custom: boolean; text: string; signature: Signature | undefined; empty: boolean }
type Choice = { readonly blocks: Map<number, Block>; calls: number; images: number; details: number; refusal: boolean; begun: boolean }

/** Writes chat completion chunks, and `[DONE]` behind a whole answer alone. */
export function createCcStreamEncoder(context: EncodeContext): StreamEncoder {
  const legacy = context.request.legacyFunctions === true
  const withUsage = asksForUsage(context.call)
  const custom = customNames(context)
  const head = `data: {"id":${JSON.stringify(completionId(context.responseId))},"object":"chat.completion.chunk","created":${context.createdAtSeconds},"model":${JSON.stringify(context.publicModel)},"choices":[`
  // OpenAI writes the member into every chunk of a stream that has a usage chunk.
  const tail = withUsage ? `],"usage":null}\n\n` : "]}\n\n"
  const choices = new Map<number, Choice>()
  let usage: ChatUsage | null = null

  const choiceAt = (index: number): Choice => {
    let choice = choices.get(index)
    if (choice === undefined) choices.set(index, (choice = { blocks: new Map(), calls: 0, images: 0, details: 0, refusal: false, begun: false }))
    return choice
  }
  const chunk = (index: number, delta: string, finish = "null", logprobs = "null", more = ""): string =>
    `${head}{"index":${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish}${more}}${tail}`
  /** The first chunk of a choice says who speaks. */
  const begin = (index: number, choice: Choice): string => {
    if (choice.begun) return ""
    choice.begun = true
    return chunk(index, '{"role":"assistant","content":""}')
  }

  const open = (index: number, number: number, part: AnswerPart): string => {
    const choice = choiceAt(index)
    const first = begin(index, choice)
    const block: Block = { part, call: part.kind === "toolCall" ? choice.calls++ : 0, custom: part.kind === "toolCall" && custom.has(part.name), text: "", signature: part.signature, empty: true }
    choice.blocks.set(number, block)
    switch (part.kind) {
      case "toolCall":
        return first + chunk(index, callBegin(block)) + (part.arguments === "" ? "" : grow(index, block, part.arguments))
      case "image":
        return first + chunk(index, JSON.stringify({ images: [imageField(part, choice.images++)] }))
      case "text":
      case "refusal":
      case "reasoning":
        choice.refusal ||= part.kind === "refusal"
        return part.text === "" ? first : first + grow(index, block, part.text)
      case "audio":
      case "search":
        return first
    }
  }
  const callBegin = ({ part, call, custom: plain }: Block): string => {
    if (part.kind !== "toolCall") return "{}"
    if (legacy) return call === 0 ? JSON.stringify({ function_call: { name: part.name, arguments: "" } }) : "{}"
    const named = plain ? { type: "custom", custom: { name: part.name, input: "" } } : { type: "function", function: { name: part.name, arguments: "" } }
    return JSON.stringify({ tool_calls: [{ index: call, id: part.id, ...named }] })
  }

  const grow = (index: number, block: Block, text: string): string => {
    block.empty = false
    const json = JSON.stringify(text)
    switch (block.part.kind) {
      case "text":
        return chunk(index, `{"content":${json}}`)
      case "reasoning":
        block.text += text
        return chunk(index, `{"reasoning_content":${json}}`)
      case "refusal":
        return chunk(index, `{"refusal":${json}}`)
      case "toolCall":
        if (legacy) return block.call === 0 ? chunk(index, `{"function_call":{"arguments":${json}}}`) : ""
        return chunk(index, block.custom ? `{"tool_calls":[{"index":${block.call},"custom":{"input":${json}}}]}` : `{"tool_calls":[{"index":${block.call},"function":{"arguments":${json}}}]}`)
      case "image":
      case "audio":
      case "search":
        return ""
    }
  }

  const close = (index: number, number: number): string => {
    const choice = choiceAt(index)
    const block = choice.blocks.get(number)
    if (block === undefined) return ""
    choice.blocks.delete(number)
    const { part, signature } = block
    // W-43
    const empty = part.kind === "toolCall" && block.empty && !block.custom ? grow(index, block, "{}") : ""
    if (signature === undefined) return empty
    if (part.kind === "reasoning") return chunk(index, JSON.stringify({ reasoning_details: [detailOf(whole(part, block), choice.details++)] }))
    if (part.kind === "text") return chunk(index, JSON.stringify(extraContent({ signature })))
    if (part.kind === "toolCall" && !legacy && !block.custom) return empty + chunk(index, JSON.stringify({ tool_calls: [{ index: block.call, ...extraContent({ signature }) }] }))
    return empty
  }

  return {
    event(event: ChatEvent): string {
      switch (event.kind) {
        case "delta": {
          const block = choices.get(event.choice)?.blocks.get(event.block)
          return block === undefined ? "" : grow(event.choice, block, event.text)
        }
        case "open":
          return open(event.choice, event.block, event.part)
        case "close":
          return close(event.choice, event.block)
        case "signature": {
          const block = choices.get(event.choice)?.blocks.get(event.block)
          if (block !== undefined) block.signature = event.signature
          return ""
        }
        case "citation":
          return chunk(event.choice, JSON.stringify({ annotations: [annotationField(event.citation)] }))
        case "logprobs":
          return begin(event.choice, choiceAt(event.choice)) + chunk(event.choice, "{}", "null", JSON.stringify(event.logprobs))
        case "finish": {
          const choice = choiceAt(event.choice)
          const word = JSON.stringify(finishWord(event.finish, { legacy, refusal: choice.refusal }))
          const limit = event.finish.limit === undefined ? "" : `,"turnpike":${JSON.stringify({ limit: event.finish.limit })}`
          return begin(event.choice, choice) + chunk(event.choice, "{}", word, "null", limit)
        }
        case "usage":
          usage = event.usage
          return ""
        case "start":
        case "end":
        case "failed":
          return ""
      }
    },
    end() {
      const counted = withUsage && usage !== null ? `${head}],"usage":${JSON.stringify(usageFields(usage))}}\n\n` : ""
      return `${counted}data: [DONE]\n\n`
    },
  }
}

/** A block of thinking as it is when it closes: clients that keep proofs keep the text that they belong to. */
const whole = (part: ReasoningPart, { text, signature }: Block): ReasoningPart => ({ ...part, text, ...(signature !== undefined && { signature }) })
