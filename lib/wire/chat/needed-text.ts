import { ok } from "#lib/kernel/result.ts"
import type { ChatAnswer, ChatEvent, Finish } from "./answer.ts"
import type { UpstreamCodec } from "./codec.ts"
import type { AnswerPart } from "./part.ts"

type Answering = Pick<UpstreamCodec, "decodeAnswer" | "openDecoder">

/** Reads answers of which the text alone is wanted: one that has none, such as a refusal or thoughts up to the bound, could not be completed. */
export const needingText = (upstream: Answering): Answering => ({
  decodeAnswer(body, context) {
    const answer = upstream.decodeAnswer(body, context)
    return answer.ok ? ok(judged(answer.value)) : answer
  },
  openDecoder: (context, emit) => upstream.openDecoder(context, judgeEvents(emit)),
})

const says = (part: AnswerPart): boolean => part.kind === "text" && part.text.trim() !== ""

const withoutText = (finish: Finish): Finish => ({ ...finish, reason: "incomplete", word: `${finish.word}, without a text` })

const judged = (answer: ChatAnswer): ChatAnswer => ({ ...answer, choices: answer.choices.map((choice) => (choice.parts.some(says) ? choice : { ...choice, finish: withoutText(choice.finish) })) })

function judgeEvents(emit: (event: ChatEvent) => void): (event: ChatEvent) => void {
  const texts = new Set<string>()
  const said = new Set<number>()
  return (event) => {
    if (event.kind === "open" && event.part.kind === "text") {
      texts.add(`${event.choice} ${event.block}`)
      if (says(event.part)) said.add(event.choice)
    } else if (event.kind === "delta" && !said.has(event.choice) && event.text.trim() !== "" && texts.has(`${event.choice} ${event.block}`)) said.add(event.choice)
    emit(event.kind === "finish" && !said.has(event.choice) ? { ...event, finish: withoutText(event.finish) } : event)
  }
}
