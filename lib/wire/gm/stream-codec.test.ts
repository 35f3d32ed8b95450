import { readdirSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { Call } from "../call.ts"
import type { ChatEvent } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import { createCollector } from "../chat/collect.ts"
import type { AnswerPart } from "../chat/part.ts"
import { createGmStreamEncoder } from "./encode-stream.ts"
import { gmClientCodec } from "./client-codec.ts"
import { askedByGemini, contextOf, decoded } from "./test/kit.ts"
import { gmUpstreamCodec } from "./upstream-codec.ts"

const folder = new URL("fixtures/", import.meta.url)
const fixtures = readdirSync(folder).flatMap((file) => (file.endsWith(".stream.txt") ? [file.slice(0, -".stream.txt".length)] : []))
const streamOf = (name: string) => readFileSync(new URL(`${name}.stream.txt`, folder))
const eventsOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.events.json`, folder), "utf8")) as readonly ChatEvent[]

const encoding = (streamForm: "events" | "list" = "events") => ({ publicModel: "public", responseId: "mAitaLmk", call: { streamForm } as Call, inputTokensEstimated: 9 }) as EncodeContext
const written = (events: readonly ChatEvent[], form: "events" | "list" = "events") => {
  const encoder = createGmStreamEncoder(encoding(form))
  return events.map((one) => encoder.event(one)).join("") + encoder.end()
}
function answerOf(events: readonly ChatEvent[]) {
  const collector = createCollector()
  for (const one of events) collector.add(one)
  return collector.answer()
}
const chunk = (fields: object) => `data: ${JSON.stringify({ responseId: "r1", modelVersion: "gemini-3-flash", ...fields })}\n\n`
const said = (parts: readonly object[], finishReason?: string) => chunk({ candidates: [{ content: { role: "model", parts }, index: 0, ...(finishReason !== undefined && { finishReason }) }] })
const partsOf = (pieces: readonly string[]): readonly AnswerPart[] | undefined => answerOf(decoded(pieces))?.choices[0]?.parts
const finishOf = (events: readonly ChatEvent[]) => events.find((event) => event.kind === "finish")?.finish

test.each(fixtures)("W-42 W-45 W-57 W-67 W-91 W-95 W-105 the documented stream %s means its events", (name) => {
  expect(decoded([streamOf(name)])).toEqual(eventsOf(name))
})

test.each(fixtures.filter((name) => name !== "error"))("W-42 W-45 W-57 W-67 W-91 W-95 the stream %s as one whole response means the same answer", (name) => {
  const chunks = streamOf(name).toString("utf8").split("\n\n").filter((event) => event !== "").map((event) => JSON.parse(event.slice(6)) as { candidates?: { content: { parts: object[] } }[] })
  const last = chunks.at(-1)!
  const parts = chunks.flatMap(({ candidates = [] }) => candidates.flatMap(({ content }) => content.parts))
  const whole = last.candidates === undefined ? last : { ...last, candidates: last.candidates.map((one) => ({ ...one, content: { ...one.content, parts } })) }
  const answer = gmUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify(whole)), contextOf())
  expect(answer).toEqual({ ok: true, value: answerOf(eventsOf(name)) })
})

test.each(fixtures.filter((name) => name !== "error"))("W-57 W-67 W-95 W-96 the events of %s are written as a stream, a list and an answer that mean the same", (name) => {
  const expected = answerOf(eventsOf(name))!
  const meaning = (answer: ReturnType<typeof answerOf>) =>
    answer?.choices.map(({ parts, finish }) => ({ reason: finish.reason, parts: parts.filter(({ kind }) => kind !== "search").map((part) => ({ ...part, ...("citations" in part && { citations: part.citations?.length }) })) }))
  expect(meaning(answerOf(decoded([written(eventsOf(name))])))).toEqual(meaning(expected))
  const list = JSON.parse(written(eventsOf(name), "list")) as object[]
  expect(meaning(answerOf(decoded(list.map((one) => `data: ${JSON.stringify(one)}\n\n`))))).toEqual(meaning(expected))
  const body = Buffer.from(JSON.stringify(gmClientCodec.encodeAnswer(expected, encoding())))
  const read = gmUpstreamCodec.decodeAnswer(body, contextOf())
  expect(meaning(read.ok ? read.value : null)).toEqual(meaning(expected))
  const { search: _search, outputImage, ...counts } = expected.usage!.counts
  expect(read.ok && read.value.usage?.counts).toMatchObject({ ...counts, output: (counts.output ?? 0) + (outputImage ?? 0) })
})

test.each(fixtures)("W-101 W-102 W-140 the stream %s means the same wherever it is cut, with any line endings", (name) => {
  const expected = eventsOf(name)
  const text = `\uFEFF: keep-alive\n\n${streamOf(name).toString("utf8")}`
  fc.assert(
    fc.property(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat(), { maxLength: 30 }), (newline, places) => {
      const bytes = Buffer.from(text.replaceAll("\n", newline))
      const ends = [...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length]
      expect(decoded(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))).toEqual(expected)
    }),
  )
})

test("W-42 two calls without ids get two, and an id that is there stays", () => {
  const parts = partsOf([said([{ functionCall: { name: "f", args: {} } }, { functionCall: { name: "f", args: {} } }, { functionCall: { id: "own", name: "f" } }], "STOP")])
  expect(parts).toMatchObject([{ id: "call_new_0" }, { id: "call_new_1" }, { id: "own", arguments: "{}" }])
})

test("W-45 STOP behind a call is the finish of a call, also when the call came in an earlier chunk", () => {
  expect(finishOf(decoded([said([{ functionCall: { name: "f", args: {} } }]), said([{ text: "" }], "STOP")]))).toMatchObject({ reason: "toolCalls", word: "STOP" })
})

test.each(["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"])("W-90 %s is a filtered answer", (word) => {
  expect(finishOf(decoded([said([{ text: "a" }], word)]))).toEqual({ reason: "filtered", word, stopSequence: null })
})

test("W-90 a call that the model could not write down is no answer but something to repeat", () => {
  expect(finishOf(decoded([said([], "MALFORMED_FUNCTION_CALL")]))).toMatchObject({ reason: "incomplete" })
  const answer = gmUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify({ candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL" }] })), contextOf())
  expect(answer.ok && answer.value.choices[0]?.finish.reason).toBe("incomplete")
})

test("W-91 a blocked prompt is a filtered answer without parts, streamed and whole", () => {
  const body = { promptFeedback: { blockReason: "SAFETY" } }
  const expected = [{ parts: [], finish: { reason: "filtered", word: "SAFETY", stopSequence: null } }]
  expect(answerOf(decoded([chunk(body)]))?.choices).toEqual(expected)
  const answer = gmUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify(body)), contextOf())
  expect(answer.ok && answer.value.choices).toEqual(expected)
})

test("W-104 without a finish there is no answer, whole or streamed", () => {
  expect(answerOf(decoded([said([{ text: "a" }])]))).toBeNull()
  expect(gmUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify({ candidates: [{ content: { parts: [{ text: "a" }] } }] })), contextOf())).toEqual({ ok: false, error: { words: null } })
})

test("W-57 each part keeps its own signature, and what comes behind one is another part", () => {
  const parts = partsOf([said([{ text: "a", thoughtSignature: "s1" }]), said([{ text: "b" }]), said([{ functionCall: { id: "1", name: "f", args: {} }, thoughtSignature: "s2" }], "STOP")])
  expect(parts).toMatchObject([{ text: "a", signature: { origin: "gm", data: "s1" } }, { text: "b" }, { kind: "toolCall", signature: { origin: "gm", data: "s2" } }])
  expect(parts?.[1]).not.toHaveProperty("signature")
})

test("W-54 another provider's proof is marked, and comes back byte for byte as that provider's", () => {
  const events: ChatEvent[] = [
    { kind: "open", choice: 0, block: 0, part: { kind: "reasoning", text: "" } },
    { kind: "delta", choice: 0, block: 0, text: "hm" },
    { kind: "signature", choice: 0, block: 0, signature: { origin: "am", data: "Eq/+w==" } },
    { kind: "close", choice: 0, block: 0 },
    { kind: "finish", choice: 0, finish: { reason: "stop", word: "end_turn", stopSequence: null } },
  ]
  const chunks = written(events).split("\n\n").filter((one) => one !== "").map((one) => JSON.parse(one.slice(6)) as { candidates: { content: object }[] })
  expect(JSON.stringify(chunks)).not.toContain("Eq/+w==")
  // Google's own chat client keeps every chunk of a stream as a content of its own.
  const contents = [{ role: "user", parts: [{ text: "?" }] }, ...chunks.map(({ candidates }) => candidates[0]!.content)]
  expect(askedByGemini({ contents }).turns[1]).toEqual({ role: "assistant", parts: [{ kind: "reasoning", text: "hm", signature: { origin: "am", data: "Eq/+w==" } }] })
})

test("W-73 W-104 of several candidates each has its own parts and finish", () => {
  const two = chunk({ candidates: [{ content: { parts: [{ text: "a" }] }, index: 0 }, { content: { parts: [{ text: "b" }] }, index: 1, finishReason: "MAX_TOKENS" }] })
  expect(answerOf(decoded([two]))).toBeNull()
  expect(answerOf(decoded([two, said([{ text: "c" }], "STOP")]))?.choices).toMatchObject([{ parts: [{ text: "ac" }], finish: { reason: "stop" } }, { parts: [{ text: "b" }], finish: { reason: "length" } }])
})

test("W-74 log probabilities are those of chat completions, and come back the same", () => {
  const logprobsResult = { chosenCandidates: [{ token: "é", logProbability: -0.5 }], topCandidates: [{ candidates: [{ token: "é", logProbability: -0.5 }, { token: "x", logProbability: -2 }] }] }
  const answer = answerOf(decoded([chunk({ candidates: [{ content: { parts: [{ text: "é" }] }, index: 0, finishReason: "STOP", logprobsResult }] })]))!
  expect(answer.choices[0]?.logprobs).toMatchObject({ content: [{ token: "é", logprob: -0.5, bytes: [195, 169], top_logprobs: [{ token: "é" }, { token: "x", logprob: -2 }] }] })
  expect(gmClientCodec.encodeAnswer(answer, encoding())).toMatchObject({ candidates: [{ logprobsResult }] })
})

test("W-44 a call that was cut off at the bound keeps what came of it", () => {
  const events: ChatEvent[] = [
    { kind: "open", choice: 0, block: 0, part: { kind: "toolCall", id: "1", name: "f", arguments: "" } },
    { kind: "delta", choice: 0, block: 0, text: '{"a":' },
    { kind: "close", choice: 0, block: 0 },
    { kind: "finish", choice: 0, finish: { reason: "length", word: "length", stopSequence: null, limit: "the budget" } },
  ]
  const chunks = written(events).split("\n\n").filter((one) => one !== "").map((one) => JSON.parse(one.slice(6)) as unknown)
  expect(chunks).toMatchObject([{ candidates: [{ content: { parts: [{ functionCall: { args: { input: '{"a":' } } }] } }] }, { candidates: [{ finishReason: "MAX_TOKENS", turnpike: { limit: "the budget" } }] }])
})

test("W-103 one event of megabytes in small pieces takes linear time", async () => {
  await expectLinear((size) => {
    const bytes = Buffer.from(said([{ text: "x".repeat(size) }], "STOP"))
    const pieces = Array.from({ length: Math.ceil(bytes.length / 1024) }, (_, index) => bytes.subarray(index * 1024, (index + 1) * 1024))
    expect((answerOf(decoded(pieces))?.choices[0]?.parts[0] as { text: string }).text).toHaveLength(size)
  }, 512 * 1024)
})

test("no bytes make the decoder throw", () => {
  const odd = fc.oneof(fc.json(), fc.constantFrom('{"candidates":[{"index":"x","content":{"parts":[{"functionCall":{"name":7,"args":[]}},{"inlineData":{}},{"text":3},null]},"groundingMetadata":{"groundingChunks":[null],"groundingSupports":[{"groundingChunkIndices":[9]}],"webSearchQueries":[1]},"logprobsResult":{"topCandidates":3,"chosenCandidates":[{}]},"finishReason":"STOP"}]}', '{"candidates":[{"__proto__":{"toString":1},"content":7}],"usageMetadata":{"promptTokenCount":{"toString":1}}}', `${"[".repeat(100_000)}${"]".repeat(100_000)}`))
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 5 }), (events) => {
      const heard = decoded(events.map((one) => `data: ${one}\n\n`))
      written(heard)
      gmUpstreamCodec.decodeAnswer(Buffer.from(events[0] ?? ""), contextOf())
    }),
  )
})
