import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { Call } from "../call.ts"
import type { ImagePart, Part, ToolResultPart } from "../chat/part.ts"
import type { Turn } from "../chat/request.ts"
import { decodeGmRequest } from "./decode-request.ts"
import { gmLane } from "./lane.ts"
import { askedByGemini, generation, sentToGemini } from "./test/kit.ts"

const text = (value: string): Part => ({ kind: "text", text: value })
const user = (...parts: readonly (Part | string)[]): Turn => ({ role: "user", parts: parts.map((part) => (typeof part === "string" ? text(part) : part)) })
const assistant = (...parts: readonly (Part | string)[]): Turn => ({ ...user(...parts), role: "assistant" })
const system = (...parts: readonly string[]): Turn => ({ ...user(...parts), role: "system" })
const calling = (id: string, args = "{}", name = "weather"): Part => ({ kind: "toolCall", id, name, arguments: args })
const result = (callId: string, said: string, name: string | null = null): ToolResultPart => ({ kind: "toolResult", callId, name, content: [{ kind: "text", text: said }], failed: false })
const tool = (name = "weather", parameters: object | null = { type: "object", properties: { city: { type: "string" } } }) => ({ kind: "function", name, description: "Tells it.", parameters: parameters as Record<string, unknown> | null, strict: null }) as const
const contentsOf = (turns: readonly Turn[], model?: string) => sentToGemini({ turns }, model).body.contents
const picture: ImagePart = { kind: "image", media: { kind: "base64", mediaType: "image/png", data: "iVBORw0K" } }

describe("turns toward Gemini", () => {
  test("W-1 leading system turns are one instruction with all their parts, W-2 a later one keeps its place, marked", () => {
    const { body } = sentToGemini({ turns: [system("a", "b"), system("c"), user("hi"), system("later")] })
    expect(body.systemInstruction).toEqual({ parts: [{ text: "a" }, { text: "b" }, { text: "c" }] })
    expect(body.contents).toEqual([{ role: "user", parts: [{ text: "hi" }, { text: "<system>\nlater\n</system>" }] }])
  })

  test("W-5 consecutive turns of one role are one content", () => {
    expect(contentsOf([user("a"), user("b"), assistant("c"), assistant("d"), user("e")])).toEqual([
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
      { role: "model", parts: [{ text: "c" }, { text: "d" }] },
      { role: "user", parts: [{ text: "e" }] },
    ])
  })

  test("W-6 a conversation that the assistant begins gets a user before it, and one of instructions alone somebody who asks", () => {
    expect(contentsOf([assistant("hello"), user("hi")])[0]).toEqual({ role: "user", parts: [{ text: "." }] })
    expect(sentToGemini({ turns: [system("be brief")] }).body).toMatchObject({ systemInstruction: { parts: [{ text: "be brief" }] }, contents: [{ role: "user", parts: [{ text: "." }] }] })
  })

  test("W-8 empty and blank texts are left out", () => {
    expect(contentsOf([user("", "a", "  \n"), assistant(""), user("b")])).toEqual([{ role: "user", parts: [{ text: "a" }, { text: "b" }] }])
  })

  test("W-12 a turn's name is left out without a word", () => {
    const { body, dropped } = sentToGemini({ turns: [{ ...user("hi"), name: "ann" }] })
    expect(JSON.stringify(body)).not.toContain("ann")
    expect(dropped).toEqual([])
  })

  test("W-33 W-36 two parallel calls of one function keep their order, ids and results, and a result without a name gets its call's", () => {
    expect(contentsOf([user("?"), assistant(calling("a", '{"city":"Rome"}'), calling("b", '{"city":"Oslo"}')), user(result("b", "4 °C"), result("a", '{"degrees":20}'))]).slice(1)).toEqual([
      { role: "model", parts: [{ functionCall: { id: "a", name: "weather", args: { city: "Rome" } } }, { functionCall: { id: "b", name: "weather", args: { city: "Oslo" } } }] },
      { role: "user", parts: [{ functionResponse: { id: "a", name: "weather", response: { degrees: 20 } } }, { functionResponse: { id: "b", name: "weather", response: { output: "4 °C" } } }] },
    ])
  })

  test("W-30 W-31 a failed result says so, an empty one is an empty text", () => {
    const failed: Part = { ...result("a", "no such city"), failed: true }
    expect(contentsOf([user("?"), assistant(calling("a"), calling("b")), user(failed, { ...result("b", ""), content: [] })])[2]?.parts).toMatchObject([
      { functionResponse: { response: { error: "no such city" } } },
      { functionResponse: { response: { output: "" } } },
    ])
  })

  test("W-32 a call without a result gets a placeholder, a result without a call is told as text", () => {
    expect(contentsOf([user("?"), assistant(calling("a")), user("go on")])[2]?.parts).toMatchObject([{ functionResponse: { id: "a" } }, { text: "go on" }])
    expect(contentsOf([user(result("lost", "12 °C"))])[0]?.parts).toMatchObject([{ text: expect.stringContaining("lost") as string }, { text: "12 °C" }])
  })

  test.each([["", {}], ["null", {}], ['{"city":', { input: '{"city":' }], ["[1]", { input: "[1]" }]])("W-35 arguments %j in the history become an object", (args, expected) => {
    expect(contentsOf([user("?"), assistant(calling("a", args)), user(result("a", "x"))])[1]?.parts[0]).toMatchObject({ functionCall: { args: expected } })
  })

  test("W-29 pictures in a result stand in it where the model takes that, and else behind all results", () => {
    const seen = { ...result("a", "see"), content: [{ kind: "text", text: "see" } as const, picture] }
    const turns = [user("?"), assistant(calling("a"), calling("b")), user(seen, result("b", "x"))]
    expect(contentsOf(turns, "gemini-2.5-flash")[2]?.parts.map((part) => Object.keys(part)[0])).toEqual(["functionResponse", "functionResponse", "inlineData"])
    expect(contentsOf(turns, "gemini-3-flash-preview")[2]?.parts[0]).toMatchObject({ functionResponse: { parts: [{ inlineData: { mimeType: "image/png", data: "iVBORw0K" } }] } })
  })

  test("W-57 Gemini's signatures go back on their parts, W-56 nobody else's do", () => {
    const own = { origin: "gm", data: "c2ln" } as const
    const foreign = { origin: "am", data: "Zm9yZWlnbg==" } as const
    const parts = contentsOf([user("?"), assistant({ kind: "reasoning", text: "hm", signature: own }, { kind: "reasoning", text: "ah", signature: foreign }, { kind: "reasoning", text: "", signature: foreign }, { kind: "text", text: "", signature: own }, { ...calling("a"), signature: own } as Part), user(result("a", "x"))])[1]?.parts
    expect(parts).toEqual([
      { text: "hm", thought: true, thoughtSignature: "c2ln" },
      { text: "ah", thought: true },
      { text: "", thoughtSignature: "c2ln" },
      { functionCall: { id: "a", name: "weather", args: {} }, thoughtSignature: "c2ln" },
    ])
  })

  test("W-57 a model that wants signatures gets Google's own word for the first call that another provider made, and no other", () => {
    const turns = [user("?"), assistant(calling("a"), calling("b")), user(result("a", "x"), result("b", "y"))]
    expect(contentsOf(turns, "gemini-3-pro-preview")[1]?.parts.map((part) => part["thoughtSignature"])).toEqual(["skip_thought_signature_validator", undefined])
    expect(JSON.stringify(contentsOf(turns, "gemini-2.5-flash"))).not.toContain("thoughtSignature")
  })

  test("W-62 W-63 W-64 W-66 pictures, documents and recordings go inline with their types, addresses as files, plain text as text", () => {
    const parts: Part[] = [
      picture,
      { kind: "image", media: { kind: "url", url: "https://example.com/a.png", mediaType: "image/png" } },
      { kind: "document", media: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "a.pdf" },
      { kind: "document", media: { kind: "text", text: "plain" }, name: null },
      { kind: "audio", media: { kind: "base64", mediaType: "audio/mp3", data: "SUQz" } },
    ]
    expect(contentsOf([user(...parts)])[0]?.parts).toEqual([
      { inlineData: { mimeType: "image/png", data: "iVBORw0K" } },
      { fileData: { fileUri: "https://example.com/a.png", mimeType: "image/png" } },
      { inlineData: { mimeType: "application/pdf", data: "JVBERi0=" } },
      { text: "plain" },
      { inlineData: { mimeType: "audio/mp3", data: "SUQz" } },
    ])
  })
})

describe("tools toward Gemini", () => {
  test("W-14 a tool without parameters has an object without properties", () => {
    const sent = { name: "now", description: "Tells it." }
    expect(sentToGemini({ tools: [tool("now", null)] }).body.tools).toEqual([{ functionDeclarations: [{ ...sent, parametersJsonSchema: { type: "object", properties: {} } }] }])
    expect(sentToGemini({ tools: [tool("now", null)] }, "gemini-2.0-flash").body.tools).toEqual([{ functionDeclarations: [{ ...sent, parameters: { type: "OBJECT", properties: {} } }] }])
  })

  test.each([
    ["W-15", { kind: "any" }, { mode: "ANY" }],
    ["W-15", { kind: "auto" }, { mode: "AUTO" }],
    ["W-16", { kind: "none" }, { mode: "NONE" }],
    ["W-17", { kind: "tool", name: "weather" }, { mode: "ANY", allowedFunctionNames: ["weather"] }],
    ["W-17", { kind: "any", allowed: ["weather"] }, { mode: "ANY", allowedFunctionNames: ["weather"] }],
    ["W-17", { kind: "auto", allowed: ["weather"] }, { mode: "VALIDATED", allowedFunctionNames: ["weather"] }],
  ] as const)("%s the choice %j is said in Gemini's modes", (_rule, toolChoice, functionCallingConfig) => {
    expect(sentToGemini({ tools: [tool()], toolChoice }).body.toolConfig).toEqual({ functionCallingConfig })
  })

  test("W-18 a choice among no tools is left out, W-19 that calls come one by one cannot be said, which is", () => {
    expect(sentToGemini({ toolChoice: { kind: "any" } }).body).not.toHaveProperty("toolConfig")
    expect(sentToGemini({ tools: [tool()], parallelTools: false }).dropped).toEqual(["parallelTools"])
    expect(sentToGemini({ tools: [tool()] }).dropped).toEqual([])
  })

  test("W-22 a name that Gemini refuses has an alias in the tool, the choice and the history", () => {
    const name = "mcp/files.read:now".padEnd(90, "x")
    const { body, toolNames } = sentToGemini({ tools: [tool(name)], toolChoice: { kind: "tool", name }, turns: [user("?"), assistant(calling("a", "{}", name)), user(result("a", "x"))] })
    const [alias = ""] = toolNames.keys()
    expect(toolNames.get(alias)).toBe(name)
    expect(alias).toMatch(/^[\w-]{1,64}$/)
    expect(JSON.stringify(body).split(alias)).toHaveLength(5)
  })

  test("W-23 a search is Google's own, beside functions only where the model takes both", () => {
    const search = { kind: "search", name: "web_search", usesMax: 3, allowedDomains: [], blockedDomains: [], location: null } as const
    expect(sentToGemini({ tools: [search] })).toMatchObject({ body: { tools: [{ googleSearch: {} }] }, dropped: ["tools[0]"] })
    expect(sentToGemini({ tools: [tool(), search] }).refused).toMatchObject({ field: "tools" })
    expect(sentToGemini({ tools: [tool(), { ...search, optional: true }] })).toMatchObject({ refused: null, dropped: ["tools[1]"] })
    expect(sentToGemini({ tools: [tool(), search] }, "gemini-3-flash-preview").body).toMatchObject({ tools: [{ functionDeclarations: [{}] }, { googleSearch: {} }], toolConfig: { includeServerSideToolInvocations: true } })
  })
})

describe("parameters toward Gemini", () => {
  const config = (changes: object, model?: string, target?: object) => sentToGemini({ generation: { ...generation, ...changes } }, model, target)

  test("W-68 W-69 the bound is Gemini's word, within the model's limit and what the hold buys", () => {
    expect(config({ outputTokensMax: 500 })).toMatchObject({ body: { generationConfig: { maxOutputTokens: 500 } }, changed: [] })
    expect(config({ outputTokensMax: 500 }, undefined, { outputTokensMax: 100 })).toMatchObject({ body: { generationConfig: { maxOutputTokens: 100 } }, changed: ["outputTokensMax=100"] })
    expect(config({}, undefined, { outputTokensCap: 64 })).toMatchObject({ body: { generationConfig: { maxOutputTokens: 64 } }, changed: ["outputTokensMax=64"] })
    expect(config({}).body).not.toHaveProperty("generationConfig")
  })

  test("W-70 W-72 W-73 W-74 W-75 stop words, sampling, candidates and log probabilities are mapped, the rest is named", () => {
    const { body, dropped, changed } = config({ stop: ["a", "b", "c", "d", "e", "f"], temperature: 0.5, topP: 0.9, topK: 40, seed: 7, presencePenalty: 1, frequencyPenalty: 0.5, choices: 3, logprobs: 4, logitBias: { "5": 1 }, verbosity: "low" })
    expect(body.generationConfig).toEqual({ stopSequences: ["a", "b", "c", "d", "e"], temperature: 0.5, topP: 0.9, topK: 40, seed: 7, presencePenalty: 1, frequencyPenalty: 0.5, candidateCount: 3, responseLogprobs: true, logprobs: 4 })
    expect(dropped).toEqual(["logitBias", "verbosity"])
    expect(changed).toEqual(["stop=5 of 6"])
    expect(config({ choices: 9 }).refused).toMatchObject({ field: "choices" })
  })

  test("W-76 W-77 JSON is a media type, a schema is given as it is", () => {
    expect(config({ format: { kind: "json" } }).body.generationConfig).toEqual({ responseMimeType: "application/json" })
    const schema = { $schema: "x", type: "object", properties: { a: { type: ["string", "null"] } }, additionalProperties: false }
    const { $schema: _draft, ...plain } = schema
    expect(config({ format: { kind: "schema", name: "n", description: null, schema, strict: true } }).body.generationConfig).toEqual({ responseMimeType: "application/json", responseJsonSchema: plain })
    expect(sentToGemini({ tools: [tool()], generation: { ...generation, format: { kind: "json" } } }).refused).toMatchObject({ field: "format" })
    expect(sentToGemini({ tools: [tool()], generation: { ...generation, format: { kind: "json" } } }, "gemini-3-flash-preview").refused).toBeNull()
  })

  test.each([
    ["gemini-2.5-flash", { kind: "effort", effort: "low", shown: null }, { includeThoughts: true, thinkingBudget: 1_024 }, []],
    ["gemini-2.5-flash", { kind: "budget", tokens: 5_000, shown: false }, { thinkingBudget: 5_000 }, []],
    ["gemini-2.5-flash", { kind: "adaptive", effort: null, shown: true }, { includeThoughts: true, thinkingBudget: -1 }, []],
    ["gemini-2.5-flash", { kind: "off", shown: null }, { thinkingBudget: 0 }, []],
    ["gemini-2.5-pro", { kind: "off", shown: null }, { thinkingBudget: 128 }, ["reasoning=128"]],
    ["gemini-2.5-pro", { kind: "budget", tokens: 90_000, shown: true }, { includeThoughts: true, thinkingBudget: 32_768 }, ["reasoning=32768"]],
    ["gemini-3-pro-preview", { kind: "effort", effort: "max", shown: null }, { includeThoughts: true, thinkingLevel: "HIGH" }, []],
    ["gemini-3-flash-preview", { kind: "off", shown: null }, { thinkingLevel: "MINIMAL" }, ["reasoning=minimal"]],
    ["gemini-3-flash-preview", { kind: "budget", tokens: 8_000, shown: true }, { includeThoughts: true, thinkingLevel: "MEDIUM" }, []],
  ] as const)("W-48 W-51 %s is asked to think as %j", (model, reasoning, thinkingConfig, changed) => {
    const sent = sentToGemini({ reasoning }, model)
    expect(sent.body.generationConfig).toEqual({ thinkingConfig })
    expect(sent.changed).toEqual(changed)
  })

  test("W-48 a model that does not think is not asked to, which is said", () => {
    expect(sentToGemini({ reasoning: { kind: "effort", effort: "high", shown: null } }, "gemma-3-27b")).toMatchObject({ dropped: ["reasoning"] })
  })

  test("W-79 the end user has no place, which is said", () => {
    expect(sentToGemini({ user: "ann" }).dropped).toEqual(["user"])
  })
})

describe("requests of Gemini's clients", () => {
  test("W-1 instructions, roles and both spellings are read", () => {
    const asked = askedByGemini({ system_instruction: { parts: [{ text: "be brief" }] }, contents: [{ parts: [{ text: "hi" }] }, { role: "model", parts: [{ text: "a", thought: true }, { text: "b" }] }, { role: "function", parts: [{ function_response: { name: "f", response: { output: "x" } } }] }] })
    expect(asked.turns).toMatchObject([{ role: "system", parts: [{ text: "be brief" }] }, { role: "user" }, { role: "assistant", parts: [{ kind: "reasoning", text: "a" }, { kind: "text", text: "b" }] }, { role: "user", parts: [{ kind: "toolResult", name: "f" }] }])
  })

  test("W-36 W-42 calls without ids are matched with their results by name and order", () => {
    const { turns } = askedByGemini({
      contents: [
        { role: "user", parts: [{ text: "?" }] },
        { role: "model", parts: [{ functionCall: { name: "f", args: { a: 1 } } }, { functionCall: { name: "f", args: { a: 2 } } }, { functionCall: { id: "own", name: "g" } }] },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { result: "one" } } }, { functionResponse: { name: "f", response: { output: "two" } } }, { functionResponse: { id: "own", name: "g", response: { error: "no" } } }] },
      ],
    })
    expect(turns[1]?.parts).toMatchObject([{ id: "call_1_0", arguments: '{"a":1}' }, { id: "call_1_1" }, { id: "own", arguments: "{}" }])
    expect(turns[2]?.parts).toMatchObject([{ callId: "call_1_0", content: [{ text: "one" }], failed: false }, { callId: "call_1_1", content: [{ text: "two" }] }, { callId: "own", content: [{ text: "no" }], failed: true }])
  })

  test("W-57 signatures are kept with their origin, and the dummy is none (W-135)", () => {
    const parts = askedByGemini({ contents: [{ role: "user", parts: [{ text: "?" }] }, { role: "model", parts: [{ functionCall: { name: "f" }, thoughtSignature: "c2ln" }, { functionCall: { name: "f" }, thoughtSignature: "skip_thought_signature_validator" }] }] }).turns[1]?.parts
    expect(parts).toMatchObject([{ signature: { origin: "gm", data: "c2ln" } }, {}])
    expect(parts?.[1]).not.toHaveProperty("signature")
  })

  test("W-63 W-64 W-66 W-67 media are what their types say, and a film that is to be cut is refused by name", () => {
    const inline = (mimeType: string) => ({ inlineData: { mimeType, data: "aGk=" } })
    const parts = askedByGemini({ contents: [{ parts: [inline("image/png"), inline("audio/wav"), inline("application/pdf"), inline("text/plain"), { fileData: { fileUri: "https://example.com/a.png", mimeType: "image/png" } }] }] }).turns[0]?.parts
    expect(parts).toMatchObject([{ kind: "image" }, { kind: "audio" }, { kind: "document", media: { mediaType: "application/pdf" } }, { kind: "document", media: { kind: "text", text: "hi" } }, { kind: "image", media: { kind: "url", url: "https://example.com/a.png" } }])
    const films = askedByGemini({ contents: [{ parts: [inline("video/mp4"), { fileData: { fileUri: "https://youtu.be/x" } }] }] }).turns[0]?.parts
    expect(films).toEqual([{ kind: "video", media: { kind: "base64", mediaType: "video/mp4", data: "aGk=" } }, { kind: "video", media: { kind: "url", url: "https://youtu.be/x", mediaType: null } }])
    const refused = decodeGmRequest({ fields: { contents: [{ parts: [{ text: "a" }, { ...inline("video/mp4"), videoMetadata: { startOffset: "3s" } }] }] } } as unknown as Call)
    expect(refused).toMatchObject({ ok: false, error: { param: "contents[0].parts[1].videoMetadata" } })
  })

  test("W-82 Gemini's own schema becomes JSON Schema, full JSON Schema stays as it is (W-135)", () => {
    const full = { $schema: "x", type: "object", properties: { a: { type: ["string", "null"] } } }
    const { tools } = askedByGemini({ contents: [{ parts: [{ text: "?" }] }], tools: [{ functionDeclarations: [{ name: "f", description: "d", parameters: { type: "OBJECT", properties: { type: { type: "STRING", nullable: true, enum: ["a"] }, list: { type: "ARRAY", minItems: "2", items: { type: "INTEGER" } } }, propertyOrdering: ["type"] } }, { name: "g", parametersJsonSchema: full }] }, { googleSearch: {} }] })
    expect(tools).toMatchObject([
      { kind: "function", name: "f", description: "d", parameters: { type: "object", properties: { type: { type: ["string", "null"], enum: ["a", null] }, list: { type: "array", minItems: 2, items: { type: "integer" } } } } },
      { kind: "function", name: "g", parameters: full },
      { kind: "search" },
    ])
  })

  test("W-78 what only Gemini knows is named, not passed", () => {
    expect(askedByGemini({ contents: [{ parts: [{ text: "?" }] }], safetySettings: [], generationConfig: { mediaResolution: "HIGH", temperature: 1 } }).unknown).toEqual(["safetySettings", "generationConfig.mediaResolution"])
  })

  test.each([
    ["contents[0]", [7]],
    ["contents[0].role", [{ role: "robot", parts: [] }]],
    ["contents[0].parts[0]", [{ parts: ["text"] }]],
    ["contents[0].parts[0].functionCall.name", [{ parts: [{ functionCall: {} }] }]],
    ["contents[0].parts[0].functionResponse.name", [{ parts: [{ functionResponse: {} }] }]],
  ])("a 400 names %s", (param, contents) => {
    expect(decodeGmRequest({ fields: { contents } } as unknown as Call)).toMatchObject({ ok: false, error: { code: "invalid_request", param } })
  })

  test("W-15 W-16 W-17 W-48 W-51 W-68 W-70 W-73 W-74 W-76 W-77 what both can say comes back as it was said", () => {
    const words = fc.string({ minLength: 1, maxLength: 8 })
    const signature = fc.option(fc.constant({ signature: { origin: "gm", data: "c2ln" } } as const), { nil: {} })
    const said = fc.record({ kind: fc.constant("text" as const), text: words.map((word) => `${word}.`) })
    const turn = fc.record({ role: fc.constant("user" as const), parts: fc.array(said, { minLength: 1, maxLength: 3 }) })
    const answered = fc.record({ said: words.map((word) => `${word}.`), signature }).map(({ said: one, signature: proof }): Turn => ({ role: "assistant", parts: [{ kind: "reasoning", text: "hm", signature: { origin: "gm", data: "dGg=" } }, { kind: "text", text: one, ...proof }] }))
    const choice = fc.constantFrom(null, { kind: "auto" }, { kind: "any" }, { kind: "none" }, { kind: "tool", name: "weather" })
    const number = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: null })
    const thinking = fc.constantFrom(null, { kind: "budget", tokens: 2_000, shown: true }, { kind: "adaptive", effort: null, shown: true }, { kind: "off", shown: null })
    const format = fc.constantFrom(null, { kind: "json" }, { kind: "schema", name: null, description: null, schema: { type: "object", properties: { a: { type: "string" } } }, strict: null })
    fc.assert(
      fc.property(
        fc.record({ first: turn, pairs: fc.array(fc.tuple(answered, turn), { maxLength: 3 }), toolChoice: choice, outputTokensMax: number(9_999), topK: number(50), seed: number(99), choices: fc.integer({ min: 1, max: 8 }), logprobs: number(20), stop: fc.array(words, { maxLength: 5 }), thinking, format, tools: fc.boolean() }),
        ({ first, pairs, toolChoice, outputTokensMax, topK, seed, choices, logprobs, stop, thinking: reasoning, format: wanted, tools }) => {
          const turns = [first, ...pairs.flat()]
          const asked = { turns, tools: tools ? [tool()] : [], toolChoice: tools ? toolChoice : null, reasoning, generation: { ...generation, outputTokensMax, topK, seed, choices, logprobs, stop, format: tools ? null : wanted } } as Parameters<typeof sentToGemini>[0]
          const { body, dropped, changed } = sentToGemini(asked)
          const back = askedByGemini(body)
          expect([dropped, changed]).toEqual([[], []])
          expect({ turns: back.turns, toolChoice: back.toolChoice, reasoning: back.reasoning, generation: back.generation, tools: back.tools }).toEqual({ turns, toolChoice: asked.toolChoice, reasoning, generation: asked.generation, tools: asked.tools })
        },
      ),
    )
  })

  test("no body makes the decoder throw, and 5,000 turns, deep nesting and odd names take linear time", async () => {
    fc.assert(
      fc.property(fc.json({ depthSize: "large" }), fc.json(), (contents, parts) => {
        for (const body of [`{"contents":[${contents}]}`, `{"contents":[{"parts":[${parts},{"functionResponse":${contents},"thoughtSignature":${parts}}]}],"tools":[${contents}],"generationConfig":${parts},"toolConfig":${contents},"systemInstruction":${parts}}`]) {
          const call = gmLane.readCall(Buffer.from(body), {}, { model: "m", streamed: false })
          if (call.ok) decodeGmRequest(call.value)
        }
      }),
    )
    await expectLinear((size) => {
      const deep = `${'{"type":"OBJECT","properties":{"__proto__":'.repeat(4 * size)}{}${"}}".repeat(4 * size)}`
      const many = Array.from({ length: size }, (_, index) => ({ role: index % 2 === 0 ? "user" : "model", parts: [{ text: "x" }] }))
      const call = gmLane.readCall(Buffer.from(`{"contents":${JSON.stringify(many)},"tools":[{"functionDeclarations":[{"name":"f","parameters":${deep}}]}]}`), {}, { model: "m", streamed: false })
      expect(call.ok && decodeGmRequest(call.value).ok).toBe(true)
    }, 1_000)
  })
})
