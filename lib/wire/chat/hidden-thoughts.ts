import { ok } from "#lib/kernel/result.ts"
import type { ChatAnswer, ChatEvent } from "./answer.ts"
import type { UpstreamCodec } from "./codec.ts"
import type { AnswerPart, ReasoningPart, Signature } from "./part.ts"

/*
 * Anthropic's clients may ask for thinking without its text (`display: "omitted"`): the block then is empty, and its signature stands for what was
 * thought. Of vendors that sign nothing and want their thinking back with a call (DeepSeek, Kimi), the text itself travels in that place.
 */

type Answering = Pick<UpstreamCodec, "decodeAnswer" | "openDecoder">

const THOUGHT = "thought."

const hiddenText = (text: string): Signature => ({ origin: "cc", data: `${THOUGHT}${text}` })

/** A block of thinking as the client sent it back, with the text that was hidden from it. */
export function revealed(part: ReasoningPart): ReasoningPart {
  const { signature, ...rest } = part
  return part.text === "" && signature?.origin === "cc" && signature.data.startsWith(THOUGHT) ? { ...rest, text: signature.data.slice(THOUGHT.length) } : part
}

/** Reads answers whose unsigned thinking is not shown. */
export const hidingThoughts = (upstream: Answering): Answering => ({
  decodeAnswer(body, context) {
    const answer = upstream.decodeAnswer(body, context)
    return answer.ok ? ok(withoutThoughts(answer.value)) : answer
  },
  openDecoder: (context, emit) => upstream.openDecoder(context, hideThoughts(emit)),
})

function withoutThoughts(answer: ChatAnswer): ChatAnswer {
  const hidden = (part: AnswerPart): AnswerPart => (part.kind === "reasoning" && part.text !== "" ? { ...part, text: "", signature: part.signature ?? hiddenText(part.text) } : part)
  return { ...answer, choices: answer.choices.map((choice) => ({ ...choice, parts: choice.parts.map(hidden) })) }
}

function hideThoughts(emit: (event: ChatEvent) => void): (event: ChatEvent) => void {
  const open = new Map<string, { text: string; signed: boolean }>()
  return (event) => {
    if (event.kind === "open" && event.part.kind === "reasoning") {
      open.set(`${event.choice} ${event.block}`, { text: event.part.text, signed: event.part.signature !== undefined })
      return emit({ ...event, part: { ...event.part, text: "" } })
    }
    const thought = open.size > 0 && "block" in event ? open.get(`${event.choice} ${event.block}`) : undefined
    if (thought === undefined) return emit(event)
    if (event.kind === "delta") {
      thought.text += event.text
      return
    }
    if (event.kind === "signature") thought.signed = true
    if (event.kind === "close") {
      open.delete(`${event.choice} ${event.block}`)
      if (!thought.signed && thought.text !== "") emit({ kind: "signature", choice: event.choice, block: event.block, signature: hiddenText(thought.text) })
    }
    emit(event)
  }
}
