import type { ChatEvent, ChatUsage, Finish } from "../chat/answer.ts"
import type { EncodeContext, StreamEncoder } from "../chat/codec.ts"
import type { AnswerPart, Citation } from "../chat/part.ts"
import type { Fields } from "../request-fields.ts"
import { answerParts, signedBy } from "./encode-answer.ts"
import { wordOf } from "./finish.ts"
import { createFraming } from "./framing.ts"
import { groundingMetadata } from "./grounding.ts"
import { logprobsResult } from "./logprobs.ts"
import { usageMetadata } from "./usage-metadata.ts"

type Block = { part: AnswerPart; readonly grown: string[]; readonly citations: Citation[]; /** Before and behind the JSON of a piece of its text. */ readonly head: string; readonly tail: string }

/**
 * Writes Gemini's stream (https://ai.google.dev/api/generate-content, streamGenerateContent): each chunk is a response with the parts that
 * are new. Text and thoughts come as they grow; a call is written whole, since its arguments are an object. The finishes stand in the last
 * chunk, with the usage.
 */
export function createGmStreamEncoder({ call, publicModel, responseId }: EncodeContext): StreamEncoder {
  const framing = createFraming(call.streamForm ?? "events")
  const foot = `"modelVersion":${JSON.stringify(publicModel)},"responseId":${JSON.stringify(responseId)}}`
  const blocks = new Map<string, Block>()
  const finishes = new Map<number, Finish>()
  const logprobs = new Map<number, unknown>()
  /** What was searched and cited, by choice: it stands beside the last chunk's content. */
  const sourced = new Map<number, AnswerPart[]>()
  let usage: ChatUsage | null = null
  let pieces = 0

  const chunk = (json: string): string => {
    pieces++
    return framing.piece(json)
  }
  const partChunk = (choice: number, parts: readonly Fields[]): string => (parts.length === 0 ? "" : chunk(`{"candidates":[{"content":{"parts":${JSON.stringify(parts)},"role":"model"},"index":${choice}}],${foot}`))
  const noteSource = (choice: number, part: AnswerPart) => void sourced.set(choice, [...(sourced.get(choice) ?? []), part])

  const open = (choice: number, key: string, part: AnswerPart): string => {
    const thought = part.kind === "reasoning" ? ',"thought":true' : ""
    blocks.set(key, { part, grown: [], citations: [], head: '{"candidates":[{"content":{"parts":[{"text":', tail: `${thought}}],"role":"model"},"index":${choice}}],${foot}` })
    if (part.kind === "toolCall" || part.kind === "search" || part.kind === "image" || part.kind === "audio") return ""
    return part.text === "" ? "" : partChunk(choice, answerParts(part))
  }

  const close = (choice: number, key: string): string => {
    const block = blocks.get(key)
    if (block === undefined) return ""
    blocks.delete(key)
    const { part, grown, citations } = block
    switch (part.kind) {
      case "toolCall":
        return partChunk(choice, answerParts({ ...part, arguments: part.arguments + grown.join("") }))
      case "image":
      case "audio":
        return partChunk(choice, answerParts(part))
      case "search":
        noteSource(choice, part)
        return ""
      case "text":
        if (citations.length > 0) noteSource(choice, { ...part, text: part.text + grown.join(""), citations })
        return ""
      case "refusal":
      case "reasoning":
        return ""
    }
  }

  return {
    event(event: ChatEvent): string {
      switch (event.kind) {
        case "delta": {
          const block = blocks.get(keyOf(event))
          if (block === undefined) return ""
          if (block.part.kind === "toolCall") {
            block.grown.push(event.text)
            return ""
          }
          if (block.part.kind === "text") block.grown.push(event.text)
          return chunk(block.head + JSON.stringify(event.text) + block.tail)
        }
        case "open":
          return open(event.choice, keyOf(event), event.part)
        case "close":
          return close(event.choice, keyOf(event))
        case "signature": {
          const block = blocks.get(keyOf(event))
          if (block === undefined) return ""
          if (block.part.kind === "text" || block.part.kind === "refusal" || block.part.kind === "reasoning") {
            return partChunk(event.choice, [{ text: "", ...(block.part.kind === "reasoning" && { thought: true }), ...signedBy(event.signature) }])
          }
          block.part = { ...block.part, signature: event.signature }
          return ""
        }
        case "citation":
          blocks.get(keyOf(event))?.citations.push(event.citation)
          return ""
        case "logprobs":
          logprobs.set(event.choice, event.logprobs)
          return ""
        case "finish":
          finishes.set(event.choice, event.finish)
          return ""
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
      const candidates = [...finishes].map(([index, finish]) => {
        const grounding = groundingMetadata(sourced.get(index) ?? [])
        const result = logprobsResult(logprobs.get(index))
        return {
          content: { parts: [], role: "model" },
          finishReason: wordOf(finish),
          index,
          ...(result !== null && { logprobsResult: result }),
          ...(grounding !== null && { groundingMetadata: grounding }),
          ...(finish.limit !== undefined && { turnpike: { limit: finish.limit } }),
        }
      })
      const counts = usage === null ? "" : `"usageMetadata":${JSON.stringify(usageMetadata(usage))},`
      return chunk(`{"candidates":${JSON.stringify(candidates)},${counts}${foot}`) + framing.ending
    },
    get events() {
      return pieces
    },
  }
}

const keyOf = ({ choice, block }: { readonly choice: number; readonly block: number }): string => `${choice} ${block}`
