import fc from "fast-check"
import { expect, test } from "vitest"
import type { ChatAnswer, ChatEvent } from "./answer.ts"
import { createCollector, eventsOf } from "./collect.ts"
import type { AnswerPart } from "./part.ts"

const words = fc.string({ maxLength: 12 })
const signature = fc.option(fc.record({ origin: fc.constantFrom("am" as const, "gm" as const), data: fc.base64String({ minLength: 4, maxLength: 8 }) }), { nil: undefined })
const signed = <T extends AnswerPart>(part: fc.Arbitrary<T>): fc.Arbitrary<AnswerPart> =>
  fc.tuple(part, signature).map(([value, proof]) => (proof === undefined ? value : { ...value, signature: proof }))

const part = fc.oneof(
  signed(fc.record({ kind: fc.constant("text" as const), text: words })),
  signed(fc.record({ kind: fc.constant("reasoning" as const), text: words })),
  signed(fc.record({ kind: fc.constant("toolCall" as const), id: words, name: words, arguments: words })),
  fc.record({ kind: fc.constant("refusal" as const), text: words }),
  fc.record({ kind: fc.constant("image" as const), media: fc.record({ kind: fc.constant("base64" as const), mediaType: fc.constant("image/png"), data: fc.base64String() }) }),
)
const finish = fc.record({ reason: fc.constantFrom("stop" as const, "length" as const, "toolCalls" as const), word: words, stopSequence: fc.option(words) })
const usage = fc.option(fc.record({ counts: fc.record({ input: fc.nat(), output: fc.nat() }), reasoningTokens: fc.option(fc.nat()) }))
const answer: fc.Arbitrary<ChatAnswer> = fc.record({ id: fc.option(words), choices: fc.array(fc.record({ parts: fc.array(part, { maxLength: 5 }), finish }), { minLength: 1, maxLength: 3 }), usage })

test("W-117 an answer replayed as a stream and collected again is the same answer", () => {
  fc.assert(
    fc.property(answer, (whole) => {
      const collector = createCollector()
      for (const event of eventsOf(whole)) collector.add(event)
      expect(collector.answer()).toEqual(whole)
    }),
  )
})

test("W-108 a replayed stream closes every block once, behind its last delta and before the choice's finish", () => {
  fc.assert(
    fc.property(answer, (whole) => {
      const open = new Set<string>()
      for (const event of eventsOf(whole)) {
        const key = "block" in event ? `${event.choice}/${event.block}` : ""
        if (event.kind === "open") open.add(key)
        else if (event.kind === "close") expect(open.delete(key)).toBe(true)
        else if (event.kind === "delta" || event.kind === "signature") expect(open.has(key)).toBe(true)
        else if (event.kind === "finish") expect([...open].filter((block) => block.startsWith(`${event.choice}/`))).toEqual([])
      }
      expect(open.size).toBe(0)
    }),
  )
})

test("W-104 a stream without a finish is no answer", () => {
  const collector = createCollector()
  const events: readonly ChatEvent[] = [
    { kind: "start", id: "1" },
    { kind: "open", choice: 0, block: 0, part: { kind: "text", text: "" } },
    { kind: "delta", choice: 0, block: 0, text: "half" },
    { kind: "close", choice: 0, block: 0 },
    { kind: "end" },
  ]
  for (const event of events) collector.add(event)
  expect(collector.answer()).toBeNull()
})

test("log probabilities of a stream continue each other", () => {
  const collector = createCollector()
  collector.add({ kind: "logprobs", choice: 0, logprobs: { content: [{ token: "a" }], refusal: null } })
  collector.add({ kind: "logprobs", choice: 0, logprobs: { content: [{ token: "b" }], refusal: null } })
  collector.add({ kind: "finish", choice: 0, finish: { reason: "stop", word: "stop", stopSequence: null } })
  expect(collector.answer()?.choices[0]?.logprobs).toEqual({ content: [{ token: "a" }, { token: "b" }], refusal: null })
})
