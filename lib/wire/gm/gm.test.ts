import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Addressed, Call } from "../call.ts"
import { gmLane, gmListLane } from "./lane.ts"
import { gmUsage } from "./usage.ts"

const contents = [{ role: "user", parts: [{ text: "hi" }] }]
const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
const addressed: Addressed = { model: "public", streamed: false }

function call(fields: object = {}, address: Partial<Addressed> = {}): Call {
  const read = gmLane.readCall(bytes({ contents, ...fields }), {}, { ...addressed, ...address })
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}
function refusal(body: unknown, address: Addressed | undefined = addressed) {
  const read = gmLane.readCall(bytes(body), {}, address)
  if (read.ok) throw new Error("it was taken")
  return read.error
}
const target = { providerId: "gemini", upstreamModel: "gemini-x", outputTokensMax: null, traits: {} as never, drop: [], searches: false }
function sent(body: string, clampedOutputTokens: number | null = null, drop: readonly string[] = []) {
  const read = gmLane.readCall(bytes(body), {}, addressed)
  if (!read.ok) throw new Error(read.error.message)
  const prepared = gmLane.prepare({ body: bytes(body), call: read.value, headers: {}, requestId: "req_1", receivedAtMs: 0, target: { ...target, drop }, clampedOutputTokens })
  if (!prepared.ok) throw new Error(prepared.error.message)
  return { body: prepared.value.body.toString(), changed: prepared.value.changed, dropped: prepared.value.dropped }
}

describe("requests", () => {
  test("the model and whether to stream come from the address, the bound and the candidates from either spelling", () => {
    expect(call({ generationConfig: { maxOutputTokens: 50, candidateCount: 2 } }, { streamed: true })).toMatchObject({ model: "public", streamed: true, outputTokensMax: 50, choices: 2 })
    expect(call({ generation_config: { max_output_tokens: 50, candidate_count: 3 } })).toMatchObject({ outputTokensMax: 50, choices: 3 })
    expect(call({ generationConfig: { maxOutputTokens: 0 } })).toMatchObject({ outputTokensMax: null, choices: 1 })
  })

  test.each([
    ["contents", { contents: [] }],
    ["contents", {}],
    ["generationConfig", { contents, generationConfig: 7 }],
    ["generationConfig", { contents, generationConfig: {}, generation_config: {} }],
    ["maxOutputTokens", { contents, generationConfig: { maxOutputTokens: 1, max_output_tokens: 9_999 } }],
    ["generationConfig.maxOutputTokens", { contents, generationConfig: { maxOutputTokens: "5" } }],
    ["generationConfig.candidateCount", { contents, generationConfig: { candidateCount: 9 } }],
  ])("a request with a wrong %s is refused by that name", (param, body) => {
    expect(refusal(body)).toMatchObject({ code: "invalid_request", param })
  })

  test("what is no JSON object, or has no model in its address, is a clear refusal", () => {
    expect(refusal("[1]").message).toContain("JSON object")
    expect(refusal("{").message).toContain("not valid JSON")
    expect(refusal({ contents }, { model: "", streamed: false })).toMatchObject({ param: "model" })
  })

  test("pictures, recordings and files count apart from the text, also linked ones and those in a function's result", () => {
    const data = "A".repeat(1_000)
    const inline = (mimeType: string) => ({ inlineData: { mimeType, data } })
    const { size } = call({ contents: [{ parts: [inline("image/png"), inline("audio/wav"), inline("application/pdf"), { inline_data: { mime_type: "image/png", data } }, { functionResponse: { name: "f", parts: [inline("image/png")] } }] }] })
    expect(size).toMatchObject({ images: 3, audioBytes: 1_000, fileBytes: 1_000 })
    expect(size.textBytes).toBeLessThan(600)
    expect(call({ contents: [{ parts: [{ fileData: { fileUri: "https://youtu.be/x" } }] }] }).size.fileBytes).toBe(2_000_000)
  })

  test("W-135 a body passes byte for byte, tools in full JSON Schema, made-up ids and the dummy signature with it", () => {
    const body = JSON.stringify({
      contents: [
        { role: "user", parts: [{ text: "工 é" }] },
        { role: "model", parts: [{ functionCall: { id: "call-1", name: "read_file", args: { path: "a" } }, thoughtSignature: "skip_thought_signature_validator" }] },
        { role: "user", parts: [{ functionResponse: { id: "call-1", name: "read_file", response: { output: "x" } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: "read_file", parametersJsonSchema: { $schema: "http://json-schema.org/draft-07/schema#", type: "object", additionalProperties: false, properties: { path: { type: ["string", "null"] } } } }] }],
      generationConfig: { temperature: 1, thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } },
    })
    expect(sent(body).body).toBe(body)
  })

  test("a clamped bound is written into the client's own spelling, and thinking keeps below it", () => {
    expect(sent('{"contents":[{}],"generation_config":{"top_k":3}}', 64)).toMatchObject({ body: '{"contents":[{}],"generation_config":{"top_k":3,"maxOutputTokens":64}}', changed: ["generationConfig.maxOutputTokens=64"] })
    expect(sent('{"contents":[{}]}', 64).body).toBe('{"contents":[{}],"generationConfig":{"maxOutputTokens":64}}')
    const thinking = sent('{"contents":[{}],"generationConfig":{"maxOutputTokens":900,"thinkingConfig":{"thinkingBudget":500}}}', 100)
    expect(thinking.body).toBe('{"contents":[{}],"generationConfig":{"maxOutputTokens":100,"thinkingConfig":{"thinkingBudget":50}}}')
    expect(thinking.changed).toEqual(["generationConfig.maxOutputTokens=100,generationConfig.thinkingConfig.thinkingBudget=50"])
  })

  test("of what stands twice only the last and checked one goes on, a model's name in the body does not, and a channel's drops are said", () => {
    expect(sent('{"model":"models/other","contents":[{}],"generationConfig":{"maxOutputTokens":9999},"generationConfig":{"maxOutputTokens":5}}').body).toBe('{"contents":[{}],"generationConfig":{"maxOutputTokens":5}}')
    expect(sent('{"contents":[{}],"safetySettings":[]}', null, ["safetySettings", "labels"])).toMatchObject({ body: '{"contents":[{}]}', dropped: ["safetySettings"] })
  })

  test("a request that is wrapped to be counted is unwrapped", () => {
    expect(sent('{"generateContentRequest":{"model":"models/x","contents":[{"parts":[]}]}}').body).toBe('{"contents":[{"parts":[]}]}')
  })
})

const response = (fields: object = {}) => ({
  candidates: [{ content: { parts: [{ text: "hello" }], role: "model" }, finishReason: "STOP", index: 0 }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 7, totalTokenCount: 22 },
  modelVersion: "gemini-x",
  responseId: "r1",
  ...fields,
})

describe("whole answers", () => {
  test("W-116 the model's version is the public name, all else passes as it came", () => {
    const text = `{"candidates": [{"content": {"parts": [{"text": "é", "thoughtSignature": "s=="}]},"finishReason": "STOP"}], "modelVersion": "gemini-x","new":{"a":1}}`
    const read = gmLane.readAnswer(bytes(text), "public")
    const body = read.ok ? read.value.body : ""
    expect(Buffer.from(body as string, "latin1").toString()).toBe('{"candidates": [{"content": {"parts": [{"text": "é", "thoughtSignature": "s=="}]},"finishReason": "STOP"}],"modelVersion":"public","new":{"a":1}}')
  })

  test("its id, finish and usage are learned", () => {
    const read = gmLane.readAnswer(bytes(response()), "public")
    expect(read).toMatchObject({ ok: true, value: { seen: { responseId: "r1", finish: "STOP", usage: { input: 10, output: 5, reasoning: 7 } } } })
  })

  test("W-91 a blocked prompt is an answer, and its reason the finish", () => {
    const read = gmLane.readAnswer(bytes({ promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 4 } }), "public")
    expect(read).toMatchObject({ ok: true, value: { seen: { finish: "SAFETY", usage: { input: 4, output: 0 } } } })
  })

  test.each([["an error object", { error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } }, { message: "overloaded", code: "UNAVAILABLE", param: null }], ["an answer of nothing", { candidates: [] }, null], ["a page", "<html>", null], ["null", "null", null]])("%s under status 200 is a failure", (_, body, words) => {
    expect(gmLane.readAnswer(bytes(body), "public")).toEqual({ ok: false, error: { words } })
  })
})

describe("usage", () => {
  test("W-95 candidates and thoughts apart, the cached part out of the prompt, what tools added to it", () => {
    expect(gmUsage({ promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 10, thoughtsTokenCount: 30, toolUsePromptTokenCount: 5, totalTokenCount: 145 })).toEqual({ input: 65, cacheRead: 40, output: 10, reasoning: 30 })
  })

  test("spoken and drawn tokens are told apart, cached speech is paid once", () => {
    const usage = gmUsage({
      promptTokenCount: 100,
      cachedContentTokenCount: 30,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 20 }, { modality: "AUDIO", tokenCount: 80 }],
      cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 30 }],
      candidatesTokenCount: 1_300,
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1_290 }],
    })
    expect(usage).toEqual({ input: 20, cacheRead: 30, inputAudio: 50, output: 10, outputImage: 1_290 })
  })

  test("W-100 what is not counted is absent, and what is no count is none", () => {
    expect(gmUsage({})).toBeNull()
    expect(gmUsage({ promptTokenCount: "7" })).toBeNull()
    expect(gmUsage({ promptTokenCount: 3 })).toEqual({ input: 3, output: 0 })
  })

  test.each([["gemini-3-flash", 3], ["gemini-2.5-flash", 1]])("W-100 %s is charged for %i searches", (modelVersion, search) => {
    const candidates = [{ content: { parts: [] }, finishReason: "STOP", groundingMetadata: { webSearchQueries: ["a", "b", "c"] } }]
    const read = gmLane.readAnswer(bytes(response({ candidates, modelVersion })), "public")
    expect(read.ok && read.value.seen.usage?.search).toBe(search)
  })
})

const chunk = (fields: object) => `data: ${JSON.stringify({ modelVersion: "gemini-x", responseId: "r1", ...fields })}\r\n\r\n`
const said = (text: string, index = 0) => chunk({ candidates: [{ content: { parts: [{ text }], role: "model" }, index }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1 } })
const last = (text: string, index = 0) => chunk({ candidates: [{ content: { parts: [{ text }], role: "model" }, finishReason: "STOP", index }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 2 } })

function open(form: "events" | "list" = "events", fields: object = {}) {
  const reader = gmLane.openStream({ publicModel: "public", call: call(fields, { streamed: true, streamForm: form }) })
  let out = ""
  const text = (piece: Buffer | string) => (typeof piece === "string" ? Buffer.from(piece, "latin1") : piece).toString("utf8")
  return {
    reader,
    push: (piece: string | Buffer) => void (out += text(reader.push(Buffer.from(piece)))),
    end: () => ((out += text(reader.end())), out),
    out: () => out,
  }
}

describe("streams", () => {
  test("W-116 every chunk names the public model, and the last usage counts", () => {
    const stream = open()
    for (const piece of [said("a"), said("b"), last("c")]) stream.push(piece)
    const out = stream.end()
    expect(out).not.toContain("gemini-x")
    expect(out.match(/"modelVersion":"public"/g)).toHaveLength(3)
    expect(stream.reader.state).toEqual({ kind: "finished" })
    expect(stream.reader.seen).toMatchObject({ responseId: "r1", finish: "STOP", usage: { input: 10, output: 5, reasoning: 2 } })
  })

  test("the list that grows holds the same responses as the events, and is whole JSON", () => {
    const [events, list] = [open("events"), open("list")]
    for (const stream of [events, list]) for (const piece of [said("é"), said("工"), last("c")]) stream.push(piece)
    const responses = events.end().split("\n\n").filter((event) => event !== "").map((event) => JSON.parse(event.slice(6)) as unknown)
    expect(JSON.parse(list.end())).toEqual(responses)
  })

  test("W-104 W-141 an end before every candidate has finished is a failure, in both forms", () => {
    for (const form of ["events", "list"] as const) {
      const stream = open(form)
      stream.push(said("a"))
      stream.end()
      expect(stream.reader.state).toEqual({ kind: "failed", words: null })
    }
    const two = open("events", { generationConfig: { candidateCount: 2 } })
    for (const piece of [said("a", 0), said("b", 1), last("c", 0)]) two.push(piece)
    two.end()
    expect(two.reader.state.kind).toBe("failed")
  })

  test("W-105 an error in the stream keeps its words and Google's own word for it", () => {
    const stream = open()
    stream.push(said("a"))
    stream.push(`data: ${JSON.stringify({ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } })}\n\n`)
    expect(stream.reader.state).toEqual({ kind: "failed", words: { message: "The model is overloaded.", code: "UNAVAILABLE", param: null } })
  })

  test("W-105 our own error ends a stream as Google's does, and closes a list properly wherever it stands", () => {
    const error = { code: "overloaded", message: "工", retryAfterSeconds: 2 } as const
    const event = gmLane.encodeStreamError(error, "req_1")
    expect(event).toMatch(/^data: \{"error":\{"code":529,"message":"\\u5de5","status":"UNAVAILABLE","details":\[/)
    const stream = open("list")
    expect(JSON.parse(gmListLane.encodeStreamError(error, "req_1", stream.reader.seen))).toMatchObject([{ error: { status: "UNAVAILABLE" } }])
    stream.push(said("a"))
    expect(JSON.parse(stream.out() + gmListLane.ping + gmListLane.encodeStreamError(error, "req_1", stream.reader.seen))).toMatchObject([{ candidates: [{}] }, { error: { code: 529 } }])
  })

  test("W-106 a stream of nothing has not begun", () => {
    const stream = open()
    stream.push(": keep-alive\n\n")
    stream.end()
    expect(stream.reader).toMatchObject({ started: false, state: { kind: "failed" } })
  })

  test("W-101 W-102 W-103 cut anywhere, with any line ends, the client gets the same and the same is learned", () => {
    const text = `\uFEFF: hello\n\n${said("naïve 价格 👩‍🚀")}${said("b").replaceAll("\r\n", "\n").replace("data: ", "data:")}${last("done").trimEnd()}`
    const whole = open()
    whole.push(text)
    const expected = whole.end()
    const all = Buffer.from(text)
    fc.assert(
      fc.property(fc.array(fc.nat(all.length), { maxLength: 12 }), (cuts) => {
        const stream = open()
        const places = [0, ...cuts.sort((a, b) => a - b), all.length]
        for (let index = 1; index < places.length; index++) stream.push(all.subarray(places[index - 1], places[index]))
        expect(stream.end()).toBe(expected)
        expect(stream.reader.seen).toEqual(whole.reader.seen)
        expect(stream.reader.state).toEqual({ kind: "finished" })
      }),
    )
  })

  test("an answer that our own limit ends is one that came to its bound, with the limit's name", () => {
    for (const form of ["events", "list"] as const) {
      const stream = open(form)
      stream.push(said("a"))
      const end = stream.reader.cutShort({ limit: "the budget", usage: { input: 10, output: 3 } })
      const text = stream.out() + (end ?? "")
      const responses = form === "list" ? (JSON.parse(text) as unknown[]) : text.trim().split("\n\n").map((event) => JSON.parse(event.slice(6)) as unknown)
      expect(responses.at(-1)).toMatchObject({ candidates: [{ finishReason: "MAX_TOKENS", index: 0 }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 3, totalTokenCount: 13 }, modelVersion: "public", turnpike: { limit: "the budget" } })
      expect(stream.reader.state).toEqual({ kind: "finished" })
    }
  })

  test("no bytes make the readers throw", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json(), fc.constantFrom(said("a"), last("b"), "data: {", 'data: {"candidates":[null,7,{"finishReason":3}]}\n\n', 'data: {"candidates":{"__proto__":1},"usageMetadata":[]}\n\n'))), (pieces) => {
        const stream = open("list")
        for (const piece of pieces) stream.push(piece)
        stream.end()
        void stream.reader.seen
        gmLane.readAnswer(bytes(pieces.join("")), "public")
        gmLane.readCall(bytes(pieces.join("")), {}, addressed)
      }),
    )
  })
})

test("W-112 an error is Google's object: its code and status, the field, when to try again, and never the detail", () => {
  const json = JSON.parse(gmLane.encodeError({ code: "rate_limit_exceeded", message: "slow down", detail: "secret", param: "model", retryAfterSeconds: 7 }, "req_1")) as { error: { details: unknown[] } }
  expect(json.error).toMatchObject({ code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED" })
  expect(json.error.details).toContainEqual({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" })
  expect(json.error.details).toContainEqual({ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "model", description: "slow down" }] })
  expect(JSON.stringify(json)).not.toContain("secret")
})
