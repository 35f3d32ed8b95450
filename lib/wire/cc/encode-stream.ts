import type { ChatEvent, ChatUsage } from "../chat/answer.ts"
import type { EncodeContext, StreamEncoder } from "../chat/codec.ts"
import { type ChoiceWriter, createChoiceWriter } from "./choice-writer.ts"
import { createChunkWriter } from "./chunk-writer.ts"
import { customNames } from "./encode-parts.ts"
import { asksForUsage } from "./request.ts"

/** Writes chat completion chunks, and `[DONE]` behind a whole answer alone. */
export function createCcStreamEncoder(context: EncodeContext): StreamEncoder {
  const withUsage = asksForUsage(context.call)
  const chunks = createChunkWriter(context, withUsage)
  const options = { chunks, legacy: context.request.legacyFunctions === true, custom: customNames(context) }
  const choices = new Map<number, ChoiceWriter>()
  let usage: ChatUsage | null = null

  const choiceAt = (index: number): ChoiceWriter => {
    let choice = choices.get(index)
    if (choice === undefined) choices.set(index, (choice = createChoiceWriter(index, options)))
    return choice
  }

  return {
    event(event: ChatEvent): string {
      switch (event.kind) {
        case "delta":
          return choiceAt(event.choice).grow(event.block, event.text)
        case "open":
          return choiceAt(event.choice).open(event.block, event.part)
        case "close":
          return choiceAt(event.choice).close(event.block)
        case "signature":
          choiceAt(event.choice).sign(event.block, event.signature)
          return ""
        case "citation":
          return choiceAt(event.choice).cite(event.citation)
        case "logprobs":
          return choiceAt(event.choice).logprobs(event.logprobs)
        case "finish":
          return choiceAt(event.choice).finish(event.finish)
        case "usage":
          usage = event.usage
          return ""
        case "start":
        case "end":
        case "failed":
          return ""
      }
    },
    // W-97
    end: () => `${withUsage && usage !== null ? chunks.usage(usage) : ""}data: [DONE]\n\n`,
  }
}
