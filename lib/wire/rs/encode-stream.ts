import type { ChatEvent, ChatUsage, Finish } from "../chat/answer.ts"
import type { EncodeContext, StreamEncoder } from "../chat/codec.ts"
import { citeInBlock, closeBlock, closeMessage, createDesk, growBlock, openBlock, signBlock } from "./encode-blocks.ts"
import { logprobsOf } from "./items.ts"
import { endedAs, responseEnd, responseHead } from "./response.ts"

const STOPPED: Finish = { reason: "stop", word: "stop", stopSequence: null }

/**
 * Writes a response as it comes, in the order of OpenAI's events (https://platform.openai.com/docs/api-reference/responses-streaming,
 * W-47): each item is added, grows and is done under its own index; a message stays open as long as texts follow each other. The dialect
 * knows one answer per call, so that only the first choice is anybody's.
 */
export function openRsEncoder(context: EncodeContext): StreamEncoder {
  const head = responseHead(context)
  const desk = createDesk(context)
  const { writer } = desk
  let finish = STOPPED
  let usage: ChatUsage | null = null
  let answer: string | null = null

  function begin(): string {
    const response = { response: { ...head, status: "in_progress", incomplete_details: null, output: [], usage: null } }
    return writer.write("response.created", response) + writer.write("response.in_progress", response)
  }

  return {
    event(event: ChatEvent): string {
      if ("choice" in event && event.choice !== 0) return ""
      switch (event.kind) {
        case "start":
          return begin()
        case "open":
          return openBlock(desk, event.block, event.part)
        case "delta":
          return growBlock(desk, event.block, event.text)
        case "signature":
          signBlock(desk, event.block, event.signature)
          return ""
        case "citation":
          return citeInBlock(desk, event.block, event.citation)
        case "close":
          return closeBlock(desk, event.block)
        case "logprobs":
          desk.logprobs = [...desk.logprobs, ...logprobsOf(event.logprobs)]
          return ""
        case "finish":
          finish = event.finish
          return closeMessage(desk)
        case "usage":
          usage = event.usage
          return ""
        case "end":
        case "failed":
          return ""
      }
    },
    end() {
      answer = JSON.stringify({ ...head, ...responseEnd(finish, usage, desk.items) })
      return writer.writeJson(`response.${endedAs(finish).status}`, `"response":${answer}`)
    },
    get events() {
      return writer.count
    },
    answer: () => (answer === null ? null : Buffer.from(answer, "utf8")),
  }
}
