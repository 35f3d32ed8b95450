import { describe, expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { TargetModel } from "../chat/codec.ts"
import { createNotebook } from "../chat/notes.ts"
import type { Part } from "../chat/part.ts"
import { chatFields, type ChatRequest, type Generation, type ToolDefinition, type Turn } from "../chat/request.ts"
import { brUpstreamCodec } from "./upstream-codec.ts"

const generation: Generation = {
  outputTokensMax: null, choices: 1, stop: [], temperature: null, topP: null, topK: null, seed: null, presencePenalty: null, frequencyPenalty: null, logitBias: null, logprobs: null, format: null, verbosity: null, modalities: [],
}
const user = (...parts: readonly (Part | string)[]): Turn => ({ role: "user", parts: parts.map((part) => (typeof part === "string" ? { kind: "text", text: part } : part)) })
const said = (role: Turn["role"], ...parts: readonly (Part | string)[]): Turn => ({ ...user(...parts), role })
const hi = user("hi")
const requestOf = ({ generation: changed, ...rest }: Omit<Partial<ChatRequest>, "generation"> & { readonly generation?: Partial<Generation> } = {}): ChatRequest => ({
  turns: [hi], tools: [], toolChoice: null, parallelTools: null, reasoning: null, user: null, serviceTier: null, unknown: [], ...rest, generation: { ...generation, ...changed },
})
const tool = (name: string, changes: Partial<ToolDefinition> = {}): ToolDefinition => ({ kind: "function", name, description: null, parameters: null, strict: null, ...changes })

const nova = "amazon.nova-pro-v1:0"
const claude = "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
const names = Object.fromEntries(chatFields.map((field) => [field, field])) as Record<(typeof chatFields)[number], string>

function encode(given: Parameters<typeof requestOf>[0], model = nova, target: Partial<TargetModel> = {}) {
  const notes = createNotebook(names, [])
  const encoded = brUpstreamCodec.encodeRequest(requestOf(given), { providerId: "bedrock", model, outputTokensMax: null, traits: traitsOf(model), outputTokensCap: null, ...target }, { streamed: false, notes })
  return { encoded, notes: [...notes.droppedPaths, ...notes.changes] }
}
type Block = Record<string, Record<string, unknown>>
type Body = { messages: { role: string; content: Block[] }[]; system: Block[]; toolConfig: { tools: Block[]; toolChoice?: object }; inferenceConfig: object; additionalModelRequestFields: object; requestMetadata: { user: string }; serviceTier: object; outputConfig: object }
function bodyOf(given: Parameters<typeof requestOf>[0], model?: string, target?: Partial<TargetModel>): Body {
  const { encoded } = encode(given, model, target)
  if (!encoded.ok) throw new Error(encoded.error.message)
  return JSON.parse(JSON.stringify(encoded.value.body)) as Body
}
const refusalOf = (given: Parameters<typeof requestOf>[0], model?: string) => {
  const { encoded } = encode(given, model)
  return encoded.ok ? null : encoded.error.field
}

const call = (id: string, name = "f", args = "{}"): Part => ({ kind: "toolCall", id, name, arguments: args })
const result = (callId: string, ...content: readonly (Part | string)[]): Part => ({ kind: "toolResult", callId, name: null, content: user(...content).parts as never, failed: false })

describe("turns", () => {
  test("the model and whether it streams stand in the address, not in the body", () => {
    expect(bodyOf({})).toEqual({ messages: [{ role: "user", content: [{ text: "hi" }] }] })
  })

  test("W-1 W-2 leading system turns are one list, a later one keeps its place, marked", () => {
    expect(bodyOf({ turns: [said("system", "a"), said("system", "b"), hi, said("assistant", "ho"), said("system", "c")] })).toMatchObject({
      system: [{ text: "a" }, { text: "b" }],
      messages: [{ role: "user" }, { role: "assistant" }, { role: "user", content: [{ text: "<system>\nc\n</system>" }] }],
    })
  })

  test("W-5 W-6 W-8 roles alternate, the user is first, blanks are nothing", () => {
    expect(bodyOf({ turns: [said("assistant", "a"), said("assistant", " "), user("b"), user("c")] }).messages).toEqual([
      { role: "user", content: [{ text: "." }] },
      { role: "assistant", content: [{ text: "a" }] },
      { role: "user", content: [{ text: "b" }, { text: "c" }] },
    ])
  })

  test("W-7 W-27 W-31 W-33 W-36 calls are followed by their results, in one turn, each with its own id", () => {
    const { messages } = bodyOf({ tools: [tool("f")], turns: [hi, said("assistant", call("a b", "f", '{"x":1}'), call("c")), user(result("c", "two")), user("now"), user(result("a b"))] })
    expect(messages[1]?.content).toEqual([{ toolUse: { toolUseId: expect.stringMatching(/^[\w-]{1,64}$/) as unknown, name: "f", input: { x: 1 } } }, { toolUse: { toolUseId: "c", name: "f", input: {} } }])
    expect(messages[2]).toEqual({ role: "user", content: [{ toolResult: { toolUseId: messages[1]?.content[0]?.["toolUse"]?.["toolUseId"], content: [] } }, { toolResult: { toolUseId: "c", content: [{ text: "two" }] } }, { text: "now" }] })
  })

  test("W-30 W-32 W-35 a failed result says so, a missing one gets a place, broken arguments stay readable", () => {
    const failed = { ...(result("a", "no") as object), failed: true } as Part
    const { messages } = bodyOf({ tools: [tool("f")], turns: [hi, said("assistant", call("a", "f", '{"x":'), call("b")), user(failed)] })
    expect(messages[1]?.content[0]?.["toolUse"]?.["input"]).toEqual({ input: '{"x":' })
    expect(messages[2]?.content).toEqual([
      { toolResult: { toolUseId: "a", content: [{ text: "no" }], status: "error" } },
      { toolResult: { toolUseId: "b", content: [{ text: "No result was given." }], status: "error" } },
    ])
  })

  test("W-9 W-10 a prefill is refused by name, or sent without its trailing space", () => {
    expect(refusalOf({ turns: [hi, said("assistant", "so ")] }, "meta.llama3-1-70b-instruct-v1:0")).toBe("messages")
    expect(bodyOf({ turns: [hi, said("assistant", "so ")] }).messages[1]?.content).toEqual([{ text: "so" }])
  })
})

describe("media", () => {
  const image = (mediaType: string): Part => ({ kind: "image", media: { kind: "base64", mediaType, data: "AAAA" } })
  test("W-29 W-63 images are sent as bytes with their format, in results too", () => {
    expect(bodyOf({ turns: [user(image("image/jpg"), "?")] }).messages[0]?.content[0]).toEqual({ image: { format: "jpeg", source: { bytes: "AAAA" } } })
    const { messages } = bodyOf({ tools: [tool("f")], turns: [hi, said("assistant", call("a")), user(result("a", image("image/webp")))] })
    expect(messages[2]?.content[0]?.["toolResult"]?.["content"]).toEqual([{ image: { format: "webp", source: { bytes: "AAAA" } } }])
  })

  test("W-64 documents are sent with a format and a name that Bedrock takes, each once, beside words", () => {
    const pdf: Part = { kind: "document", name: "Q3: report_final.pdf", media: { kind: "base64", mediaType: "application/pdf", data: "JVBE" } }
    const plain: Part = { kind: "document", name: null, media: { kind: "text", text: "héllo" } }
    expect(bodyOf({ turns: [user(pdf, pdf, plain)] }).messages[0]?.content).toEqual([
      { text: "." },
      { document: { format: "pdf", name: "Q3 report final pdf", source: { bytes: "JVBE" } } },
      { document: { format: "pdf", name: "Q3 report final pdf (2)", source: { bytes: "JVBE" } } },
      { document: { format: "txt", name: "document", source: { bytes: Buffer.from("héllo").toString("base64") } } },
    ])
  })

  test("W-62 what stands at an address is brought before it is sent, since Bedrock fetches nothing", () => {
    expect(["https://x.example/a.png", "http://x.example/a.pdf", "s3://bucket/a.png"].map((address) => brUpstreamCodec.isBrought?.(address, "image", traitsOf("nova-pro")))).toEqual([true, true, false])
  })

  test.each<[string, Part]>([
    ["an image in somebody's storage", { kind: "image", media: { kind: "url", url: "s3://bucket/a.png", mediaType: null } }],
    ["an image of another type", image("image/tiff")],
    ["a document in somebody's storage", { kind: "document", name: null, media: { kind: "url", url: "gs://bucket/a.pdf", mediaType: null } }],
    ["a document of another type", { kind: "document", name: null, media: { kind: "base64", mediaType: "application/zip", data: "" } }],
    ["audio of another type", { kind: "audio", media: { kind: "base64", mediaType: "audio/x-ms-wma", data: "" } }],
  ])("W-62 W-66 %s is refused by name", (_, part) => {
    expect(refusalOf({ turns: [user(part)] })).toBe("messages")
  })
})

describe("audio", () => {
  const heard: Part = { kind: "audio", media: { kind: "base64", mediaType: "audio/mpeg", data: "AAAA" } }
  test("W-66 is sent with its format to models that may hear, and refused by name for those that do not", () => {
    expect(bodyOf({ turns: [user(heard, "?")] }, "mistral.voxtral-mini-3b-2507").messages[0]?.content[0]).toEqual({ audio: { format: "mp3", source: { bytes: "AAAA" } } })
    expect([claude, "openai.gpt-oss-120b-1:0"].map((model) => refusalOf({ turns: [user(heard)] }, model))).toEqual(["messages", "messages"])
  })
})

describe("tools", () => {
  test("W-13 W-14 W-22 W-26 have a schema, a name that Bedrock takes, and no empty description", () => {
    const { encoded } = encode({ tools: [tool("a.b", { description: "" }), tool("f", { description: "Does f.", parameters: { type: "object", properties: {}, required: ["x", "x"], additionalProperties: false }, strict: true })] })
    if (!encoded.ok) throw new Error()
    const [first, second] = (encoded.value.body["toolConfig"] as { tools: { toolSpec: Record<string, unknown> }[] }).tools
    expect(first?.toolSpec).toEqual({ name: expect.stringMatching(/^a_b_[0-9a-f]{8}$/) as unknown, inputSchema: { json: { type: "object", properties: {} } } })
    expect(encoded.value.toolNames.get(String(first?.toolSpec["name"]))).toBe("a.b")
    expect(second?.toolSpec).toEqual({ name: "f", description: "Does f.", strict: true, inputSchema: { json: { type: "object", properties: {}, required: ["x"], additionalProperties: false } } })
  })

  test.each([
    [{ kind: "auto" }, { auto: {} }],
    [{ kind: "any" }, { any: {} }],
    [{ kind: "tool", name: "f" }, { tool: { name: "f" } }],
    [null, undefined],
  ] as const)("W-15 W-17 the choice %j is %j", (toolChoice, written) => {
    expect(bodyOf({ tools: [tool("f")], toolChoice }).toolConfig.toolChoice).toEqual(written)
  })

  test("W-16 W-18 a choice of none offers none; with calls in the conversation the model is told, and the client too", () => {
    expect(bodyOf({ tools: [tool("f")], toolChoice: { kind: "none" } })).not.toHaveProperty("toolConfig")
    expect(bodyOf({ toolChoice: { kind: "any" } })).not.toHaveProperty("toolConfig")
    const { encoded, notes } = encode({ tools: [tool("f"), tool("g")], toolChoice: { kind: "none" }, turns: [hi, said("assistant", call("a")), user(result("a", "x"))] })
    expect(encoded.ok && encoded.value.body).toMatchObject({ toolConfig: { tools: [{ toolSpec: { name: "f" } }] }, system: [{ text: "Do not call any tool in your next answer." }] })
    expect(notes).toEqual(["toolChoice=instruction"])
  })

  test("only the allowed ones are offered", () => {
    expect(bodyOf({ tools: [tool("f"), tool("g")], toolChoice: { kind: "any", allowed: ["g"] } }).toolConfig.tools).toHaveLength(1)
  })

  test("W-19 W-23 what Converse has no word for is named: a single call, a search", () => {
    expect(encode({ tools: [tool("f")], parallelTools: false }).notes).toEqual(["parallelTools"])
    const search = { kind: "search", name: "web_search", usesMax: null, allowedDomains: [], blockedDomains: [], location: null } as const
    expect(refusalOf({ tools: [search] })).toBe("tools")
    expect(encode({ tools: [tool("f"), { ...search, optional: true }] }).notes).toEqual(["tools.web_search"])
  })
})

describe("thinking", () => {
  const signed = (origin: "br" | "am" | "gm", hidden = false): Part => ({ kind: "reasoning", text: hidden ? "" : "hm", ...(hidden && { hidden }), signature: { origin, data: "sig" } })
  const history = (...parts: readonly Part[]) => bodyOf({ turns: [hi, said("assistant", ...parts, "so"), user("go on")] }, claude).messages[1]?.content ?? []

  test("W-54 W-55 goes back byte for byte to whom it came from", () => {
    expect(history(signed("br"), signed("br", true), { kind: "reasoning", text: "", signature: { origin: "br", data: "only" } })).toEqual([
      { reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } },
      { reasoningContent: { redactedContent: "sig" } },
      { reasoningContent: { reasoningText: { text: "", signature: "only" } } },
      { text: "so" },
    ])
    expect(history(signed("am"))[0]).toEqual({ reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } })
  })

  test("W-56 of others is left out, and a client that sent its text is told", () => {
    expect(history(signed("gm"), signed("am", true), { kind: "reasoning", text: "unsigned" })).toEqual([{ text: "so" }])
    expect(encode({ turns: [hi, said("assistant", signed("gm"), "so"), user("x")] }, claude).notes).toEqual(["messages[].reasoning"])
  })

  test.each([
    [claude, { kind: "effort", effort: "low", shown: null }, 8_000, { thinking: { type: "enabled", budget_tokens: 1_024 } }],
    [claude, { kind: "off", shown: null }, 8_000, { thinking: { type: "disabled" } }],
    ["us.anthropic.claude-opus-5-v1:0", { kind: "effort", effort: "high", shown: null }, 8_000, { thinking: { type: "adaptive", display: "summarized" } }],
    ["us.amazon.nova-2-lite-v1:0", { kind: "effort", effort: "xhigh", shown: null }, null, { reasoningConfig: { type: "enabled", maxReasoningEffort: "high" } }],
    ["us.amazon.nova-2-lite-v1:0", { kind: "off", shown: null }, null, { reasoningConfig: { type: "disabled" } }],
    ["openai.gpt-oss-120b-1:0", { kind: "budget", tokens: 9_000, shown: null }, null, { reasoning_effort: "high" }],
  ] as const)("W-48 W-49 W-51 of %s as %j (max %j) is asked for in its maker's words", (model, reasoning, outputTokensMax, fields) => {
    expect(bodyOf({ reasoning, generation: { outputTokensMax } }, model).additionalModelRequestFields).toEqual(fields)
  })

  test("W-48 an effort is Converse's own word for Claude", () => {
    expect(bodyOf({ reasoning: { kind: "effort", effort: "high", shown: null } }, "us.anthropic.claude-opus-5-v1:0").outputConfig).toEqual({ effort: "high" })
    expect(bodyOf({ reasoning: { kind: "effort", effort: "high", shown: null } }, "openai.gpt-oss-120b-1:0")).not.toHaveProperty("outputConfig")
  })

  test("W-48 that a model does not have is named", () => {
    expect(encode({ reasoning: { kind: "effort", effort: "high", shown: null } }, nova).notes).toEqual(["reasoning"])
  })

  test("W-20 W-50 is off where a tool is forced, and takes the sampling with it where it is on", () => {
    const reasoning = { kind: "budget", tokens: 2_000, shown: null } as const
    expect(encode({ reasoning, tools: [tool("f")], toolChoice: { kind: "any" }, generation: { outputTokensMax: 8_000 } }, claude).notes).toEqual(["reasoning=disabled"])
    const { encoded, notes } = encode({ reasoning, generation: { outputTokensMax: 8_000, temperature: 0.5, topP: 0.9, topK: 5 } }, claude)
    expect(encoded.ok && encoded.value.body).toMatchObject({ inferenceConfig: { maxTokens: 8_000 }, additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2_000 } } })
    expect(notes).toEqual(["topK", "temperature", "topP"])
  })
})

describe("parameters", () => {
  test("W-68 W-70 W-71 W-72 are Converse's own", () => {
    expect(bodyOf({ generation: { outputTokensMax: 100, temperature: 1.7, topP: 0.5, topK: 7, stop: ["END", " "] } })).toMatchObject({
      inferenceConfig: { maxTokens: 100, temperature: 1, topP: 0.5, stopSequences: ["END"] },
      additionalModelRequestFields: { inferenceConfig: { topK: 7 } },
    })
    expect(encode({ generation: { temperature: 1.7, stop: ["END", " "], topK: 7 } }, "meta.llama").notes).toEqual(["topK", "stop", "temperature=1"])
    expect(bodyOf({ generation: { topK: 7, stop: ["END"] } }, claude)).toMatchObject({ additionalModelRequestFields: { top_k: 7 }, additionalModelResponseFieldPaths: ["/stop_sequence"] })
  })

  test("W-69 output is bounded by the model and by the hold, and the client is told", () => {
    expect(bodyOf({})).not.toHaveProperty("inferenceConfig")
    expect(encode({ generation: { outputTokensMax: 9_000 } }, nova, { outputTokensMax: 5_000 }).notes).toEqual(["outputTokensMax=5000"])
    expect(bodyOf({}, nova, { outputTokensMax: 5_000, outputTokensCap: 300 }).inferenceConfig).toEqual({ maxTokens: 300 })
  })

  test("W-73 several answers or other modalities are refused by name", () => {
    expect(refusalOf({ generation: { choices: 2 } })).toBe("choices")
    expect(refusalOf({ generation: { modalities: ["text", "audio"] } })).toBe("modalities")
  })

  test("W-74 W-75 what has no word is named", () => {
    const { notes } = encode({ generation: { seed: 1, presencePenalty: 1, frequencyPenalty: 0, logitBias: {}, logprobs: 2, verbosity: "low" }, serviceTier: "scale" })
    expect(notes).toEqual(["seed", "presencePenalty", "logitBias", "logprobs", "verbosity", "serviceTier"])
  })

  test("W-76 W-77 a form of the answer is asked for in words, and the client is told", () => {
    const { encoded, notes } = encode({ generation: { format: { kind: "schema", name: "n", description: null, schema: { type: "object" }, strict: true } } })
    expect(encoded.ok && JSON.stringify(encoded.value.body["system"])).toContain('{\\"type\\":\\"object\\"}')
    expect(notes).toEqual(["format=instruction"])
  })

  test("W-77 a schema binds Claude's answer, as text with its name", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } }
    const { encoded, notes } = encode({ generation: { format: { kind: "schema", name: "n", description: "d", schema, strict: true } } }, "eu.anthropic.claude-haiku-4-5-20251001-v1:0")
    expect(notes).toEqual([])
    if (!encoded.ok) throw new Error()
    const { textFormat } = encoded.value.body["outputConfig"] as { textFormat: { structure: { jsonSchema: { schema: string } } } }
    expect(textFormat).toMatchObject({ type: "json_schema", structure: { jsonSchema: { name: "n", description: "d" } } })
    expect(JSON.parse(textFormat.structure.jsonSchema.schema)).toEqual({ ...schema, additionalProperties: false })
    expect(encoded.value.body).not.toHaveProperty("system")
  })

  test("W-79 an end user's name leaves hashed, a tier that has a price as Bedrock's", () => {
    const body = bodyOf({ user: "ann@acme.example", serviceTier: "priority" })
    expect(body.requestMetadata.user).toMatch(/^[0-9a-f]{64}$/)
    expect(body.serviceTier).toEqual({ type: "priority" })
    expect(bodyOf({ serviceTier: "default" })).not.toHaveProperty("serviceTier")
  })
})

describe("cache marks", () => {
  const marked = (text: string, ttl: "5m" | "1h" | null = null): Part => ({ kind: "text", text, cache: { ttl } })
  test("W-123 are cache points behind what they mark, as far as the model takes them", () => {
    const request = { tools: [tool("f", { cache: { ttl: "1h" } })], turns: [said("system", marked("s", "1h")), user(marked("a"), "b")] } as const
    expect(bodyOf(request, claude)).toMatchObject({
      toolConfig: { tools: [{ toolSpec: {} }, { cachePoint: { type: "default", ttl: "1h" } }] },
      system: [{ text: "s" }, { cachePoint: { type: "default", ttl: "1h" } }],
      messages: [{ content: [{ text: "a" }, { cachePoint: { type: "default" } }, { text: "b" }] }],
    })
    const onNova = bodyOf(request)
    expect(onNova.toolConfig.tools).toHaveLength(1)
    expect(onNova.system[1]).toEqual({ cachePoint: { type: "default" } })
    expect(JSON.stringify(bodyOf(request, "meta.llama"))).not.toContain("cachePoint")
  })

  test("W-123 beyond four, the last ones stay", () => {
    const { messages, system } = bodyOf({ turns: [said("system", marked("s")), user(...["a", "b", "c", "d", "e"].map((text) => marked(text)))] }, claude)
    expect(system).toEqual([{ text: "s" }])
    expect(messages[0]?.content.map((block) => Object.keys(block)[0])).toEqual(["text", "text", "cachePoint", "text", "cachePoint", "text", "cachePoint", "text", "cachePoint"])
  })
})

test("W-78 W-115 a request is never changed by being encoded", () => {
  const request = requestOf({ tools: [tool("f", { parameters: { type: "object", required: ["x", "x"] } })], turns: [said("system", "s"), said("assistant", call("a b")), user(result("a b"))], generation: { temperature: 3 } })
  const before = JSON.stringify(request)
  const notes = createNotebook(names, [])
  const target = { providerId: "bedrock", model: nova, outputTokensMax: 10, traits: traitsOf(nova), outputTokensCap: null }
  brUpstreamCodec.encodeRequest(request, target, { streamed: true, notes })
  brUpstreamCodec.encodeRequest(request, { ...target, model: claude }, { streamed: true, notes })
  expect(JSON.stringify(request)).toBe(before)
})
