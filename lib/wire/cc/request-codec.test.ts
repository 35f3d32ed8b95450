import fc from "fast-check"
import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { TargetModel } from "../chat/codec.ts"
import { createNotebook } from "../chat/notes.ts"
import type { ChatRequest } from "../chat/request.ts"
import { ccClientCodec } from "./client-codec.ts"
import { readCcCall } from "./request.ts"
import { encodeCcRequest } from "./encode-request.ts"

type Body = Record<string, unknown>
type Message = Record<string, unknown>

const hello = [{ role: "user", content: "hi" }]

function decode(fields: Body) {
  const call = readCcCall(Buffer.from(JSON.stringify({ model: "public", messages: hello, ...fields })))
  if (!call.ok) throw new Error(call.error.message)
  return ccClientCodec.decodeRequest(call.value)
}
function requestOf(fields: Body): ChatRequest {
  const request = decode(fields)
  if (!request.ok) throw new Error(request.error.message)
  return request.value
}
const refusalOf = (fields: Body) => {
  const request = decode(fields)
  return request.ok ? null : request.error
}

const targetOf = (model: string, providerId = "openai-compatible", changes: Partial<TargetModel> = {}): TargetModel => ({ providerId, model, outputTokensMax: null, traits: traitsOf(model, providerId), outputTokensCap: null, ...changes })
const GPT4 = targetOf("gpt-4o", "openai")
const GPT5 = targetOf("gpt-5.6-terra", "openai")
const GLM = targetOf("glm-5.3", "zhipu")
const DEEPSEEK = targetOf("deepseek-v4-pro", "deepseek")
const KIMI = targetOf("kimi-k2.6")
const MINIMAX = targetOf("MiniMax-M3", "minimax-coding")
const MISTRAL = targetOf("mistral-large-latest", "mistral")
const QWEN = targetOf("qwen3.7-plus", "qwen-coding")
const OPENROUTER = targetOf("anthropic/claude-sonnet-5", "openrouter")
const LLAMA = targetOf("llama-3.3-70b")

function encode(request: ChatRequest, target: TargetModel = LLAMA, streamed = false) {
  const notes = createNotebook(ccClientCodec.fieldNames, request.unknown)
  const encoded = encodeCcRequest(request, target, { streamed, notes })
  if (!encoded.ok) return { body: {} as Body, messages: [] as Message[], refused: encoded.error, dropped: [], changed: [] }
  const body = encoded.value.body as Body
  return { body, messages: body["messages"] as Message[], names: encoded.value.toolNames, refused: null, dropped: notes.droppedPaths, changed: notes.changes }
}
/** What a target gets of what a client of the same dialect sends, where the two are translated (W-117). */
const through = (fields: Body, target?: TargetModel, streamed?: boolean) => encode(requestOf(fields), target, streamed)

const tool = (name: string, parameters?: object) => ({ type: "function", function: { name, ...(parameters !== undefined && { parameters }) } })
const call = (id: string, name: string, args: string) => ({ id, type: "function", function: { name, arguments: args } })
const weather = tool("weather", { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false })

test("W-1 several leading system and developer messages keep their order", () => {
  const messages = [{ role: "system", content: "a" }, { role: "developer", content: [{ type: "text", text: "b" }, { type: "text", text: "c" }] }, ...hello]
  expect(requestOf({ messages }).turns.map(({ role, parts }) => [role, parts.length])).toEqual([["system", 1], ["system", 2], ["user", 1]])
  expect(through({ messages }).messages[0]).toEqual({ role: "system", content: "a\n\nb\n\nc" })
  expect(through({ messages }, GPT4).messages.slice(0, 2)).toEqual([{ role: "system", content: "a" }, { role: "system", content: "b\n\nc" }])
})

test("W-2 a later system message keeps its place: marked as the user's, and as it is for OpenAI", () => {
  const messages = [...hello, { role: "assistant", content: "yes" }, { role: "system", content: "be brief" }, { role: "user", content: "go" }]
  expect(through({ messages }).messages.map(({ role, content }) => [role, content])).toEqual([["user", "hi"], ["assistant", "yes"], ["user", "<system>\nbe brief\n</system>\n\ngo"]])
  expect(through({ messages }, GPT4).messages[2]).toEqual({ role: "system", content: "be brief" })
})

test("W-3 developer is system where the target has no such role, and developer for OpenAI's reasoning models", () => {
  const messages = [{ role: "developer", content: "a" }, ...hello]
  expect(through({ messages }).messages[0]).toEqual({ role: "system", content: "a" })
  expect(through({ messages }, GPT4).messages[0]).toEqual({ role: "system", content: "a" })
  expect(through({ messages: [{ role: "system", content: "a" }, ...hello] }, GPT5).messages[0]).toEqual({ role: "developer", content: "a" })
})

test("W-7 W-34 an assistant's text stands before its calls; a call alone has no content", () => {
  const answered = (content: unknown) => [...hello, { role: "assistant", content, tool_calls: [call("c1", "weather", '{"city":"Rom"}')] }, { role: "tool", tool_call_id: "c1", content: "sunny" }]
  expect(requestOf({ messages: answered("let me see") }).turns[1]?.parts.map(({ kind }) => kind)).toEqual(["text", "toolCall"])
  expect(requestOf({ messages: answered(null) }).turns[1]?.parts.map(({ kind }) => kind)).toEqual(["toolCall"])
  expect(through({ messages: answered(null) }).messages[1]).toEqual({ role: "assistant", content: null, tool_calls: [call("c1", "weather", '{"city":"Rom"}')] })
})

test("W-11 a refusal in the history stays one for OpenAI and is text for others", () => {
  const messages = [...hello, { role: "assistant", content: null, refusal: "I will not." }, ...hello]
  expect(requestOf({ messages }).turns[1]?.parts).toEqual([{ kind: "refusal", text: "I will not." }])
  expect(through({ messages }, GPT4).messages[1]).toEqual({ role: "assistant", content: null, refusal: "I will not." })
  expect(through({ messages }).messages[1]).toEqual({ role: "assistant", content: "I will not." })
})

test("W-13 W-14 W-26 a tool keeps its whole schema and its strictness; one without parameters gets an empty object; doubled names are gone", () => {
  const parameters = { type: "object", properties: { a: { $ref: "#/$defs/x" } }, $defs: { x: { type: "string" } }, required: ["a", "a"], additionalProperties: false }
  const { body } = through({ tools: [{ type: "function", function: { name: "f", description: "d", parameters, strict: true } }, tool("g")] })
  expect(body["tools"]).toEqual([
    { type: "function", function: { name: "f", description: "d", parameters: { ...parameters, required: ["a"] }, strict: true } },
    { type: "function", function: { name: "g", parameters: { type: "object", properties: {} } } },
  ])
})

test.each([
  ["auto", { kind: "auto" }],
  ["none", { kind: "none" }],
  ["required", { kind: "any" }],
  [{ type: "function", function: { name: "weather" } }, { kind: "tool", name: "weather" }],
  [{ type: "allowed_tools", allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "weather" } }] } }, { kind: "any", allowed: ["weather"] }],
])("W-15 W-16 W-17 tool_choice %j is read, and OpenAI gets it as it was", (given, read) => {
  expect(requestOf({ tools: [weather], tool_choice: given }).toolChoice).toEqual(read)
  expect(through({ tools: [weather], tool_choice: given }, GPT4).body["tool_choice"]).toEqual(given)
})

test("W-16 none is honoured by leaving the tools out where a vendor knows auto alone", () => {
  expect(through({ tools: [weather], tool_choice: "none" }, GLM).body).not.toHaveProperty("tools")
  expect(through({ tools: [weather], tool_choice: "required" }, GLM)).toMatchObject({ body: { tool_choice: "auto" }, changed: ["tool_choice=auto"] })
})

test("W-17 of tools that alone are allowed, a vendor without such a list gets just those", () => {
  const choice = { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "weather" } }] } }
  const { body } = through({ tools: [weather, tool("time")], tool_choice: choice })
  expect(body).toMatchObject({ tool_choice: "auto", tools: [weather] })
})

test("W-18 a choice among no tools is left out with the tools", () => {
  const { body } = through({ tools: [], tool_choice: "auto", parallel_tool_calls: true })
  expect(body).not.toHaveProperty("tools")
  expect(body).not.toHaveProperty("tool_choice")
  expect(body).not.toHaveProperty("parallel_tool_calls")
})

test("W-19 whether calls may be parallel stays as it was said, and unset stays unset", () => {
  expect(requestOf({ tools: [weather] }).parallelTools).toBeNull()
  expect(through({ tools: [weather], parallel_tool_calls: false }).body["parallel_tool_calls"]).toBe(false)
  expect(through({ tools: [weather] }).body).not.toHaveProperty("parallel_tool_calls")
})

test("W-20 a forced call turns thinking off where the model cannot have both, and says so", () => {
  const { body, changed } = through({ tools: [weather], tool_choice: "required", reasoning_effort: "high" }, DEEPSEEK)
  expect(body).toMatchObject({ tool_choice: "required", thinking: { type: "disabled" } })
  expect(changed).toContain("reasoning_effort=off")
})

test("W-21 ids of calls that a target refuses are mapped, the same for a call and its result", () => {
  const long = `call_${"x".repeat(60)}`
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [call("toolu_01", "weather", "{}"), call(long, "weather", "{}")] }, { role: "tool", tool_call_id: long, content: "b" }, { role: "tool", tool_call_id: "toolu_01", content: "a" }]
  const ids = (target: TargetModel) => {
    const [, assistant, ...results] = through({ messages }, target).messages
    return { calls: (assistant?.["tool_calls"] as Message[]).map(({ id }) => id), results: results.map((result) => [result["tool_call_id"], result["content"]]) }
  }
  const mistral = ids(MISTRAL)
  expect(mistral.calls.every((id) => /^[a-zA-Z0-9]{9}$/.test(String(id)))).toBe(true)
  expect(new Set(mistral.calls).size).toBe(2)
  expect(mistral.results).toEqual([[mistral.calls[0], "a"], [mistral.calls[1], "b"]])
  const openai = ids(GPT4)
  expect(openai.calls[0]).toBe("toolu_01")
  expect(String(openai.calls[1]).length).toBeLessThanOrEqual(40)
})

test("W-22 a tool's name that OpenAI refuses gets an alias everywhere, by which the answer is restored", () => {
  const name = "mcp/files.read 文件"
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [call("c1", name, "{}")] }, { role: "tool", tool_call_id: "c1", content: "x" }]
  const { body, messages: sent, names } = through({ messages, tools: [tool(name)], tool_choice: { type: "function", function: { name } } })
  const alias = ((body["tools"] as Message[])[0]?.["function"] as Message)["name"] as string
  expect(alias).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(names?.get(alias)).toBe(name)
  expect(body["tool_choice"]).toEqual({ type: "function", function: { name: alias } })
  expect(JSON.stringify(sent[1])).toContain(alias)
})

test("W-23 a search that the provider cannot run is refused by name, one that the client can do without is left out with a word", () => {
  const request = requestOf({ web_search_options: { user_location: { type: "approximate", approximate: { city: "Rom" } } } })
  expect(request.tools).toMatchObject([{ kind: "search", name: "web_search", location: { city: "Rom" } }])
  expect(encode(request).refused).toMatchObject({ field: "tools" })
  expect(encode(request, targetOf("gpt-5-search-api", "openai")).body["web_search_options"]).toEqual({ user_location: { type: "approximate", approximate: { city: "Rom" } } })
  const optional = { ...request, tools: request.tools.map((one) => ({ ...one, optional: true })) }
  expect(encode(optional as ChatRequest)).toMatchObject({ refused: null, dropped: ["tools.web_search"] })
})

test("W-24 a custom tool keeps its grammar and its plain input", () => {
  const custom = { type: "custom", custom: { name: "patch", description: "edits", format: { type: "grammar", grammar: { syntax: "lark", definition: "start: A" } } } }
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "custom", custom: { name: "patch", input: "*** Begin" } }] }, { role: "tool", tool_call_id: "c1", content: "ok" }]
  const { body, messages: sent } = through({ tools: [custom], messages }, GPT5)
  expect(body["tools"]).toEqual([custom])
  expect(sent[1]?.["tool_calls"]).toEqual([{ id: "c1", type: "custom", custom: { name: "patch", input: "*** Begin" } }])
})

test("W-25 legacy functions become tools, their calls get ids, and each result belongs to the call before it", () => {
  const messages = [...hello, { role: "assistant", content: null, function_call: { name: "weather", arguments: '{"city":"Rom"}' } }, { role: "function", name: "weather", content: "sunny" }]
  const request = requestOf({ messages, functions: [{ name: "weather", parameters: { type: "object" } }], function_call: { name: "weather" } })
  expect(request).toMatchObject({ legacyFunctions: true, parallelTools: false, toolChoice: { kind: "tool", name: "weather" } })
  const { body, messages: sent } = encode(request, GPT4)
  expect(body["tools"]).toMatchObject([{ type: "function", function: { name: "weather" } }])
  expect(sent[2]).toEqual({ role: "tool", tool_call_id: (sent[1]?.["tool_calls"] as Message[])[0]?.["id"], content: "sunny" })
})

test("W-27 W-28 consecutive tool messages are one turn, and results stand before what the user says", () => {
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [call("c1", "weather", "{}"), call("c2", "time", "{}")] }, { role: "tool", tool_call_id: "c1", content: "1" }, { role: "tool", tool_call_id: "c2", content: "2" }, { role: "user", content: "so?" }]
  const request = requestOf({ messages })
  expect(request.turns.map(({ role, parts }) => [role, parts.map(({ kind }) => kind)])).toEqual([["user", ["text"]], ["assistant", ["toolCall", "toolCall"]], ["user", ["toolResult", "toolResult"]], ["user", ["text"]]])
  expect(encode(request).messages).toEqual(messages)
})

test("W-29 W-30 W-31 pictures of a result follow as the user's, failures say so, and nothing is never absent", () => {
  const image = { kind: "image" as const, media: { kind: "base64" as const, mediaType: "image/png", data: "AAAA" } }
  const result = (callId: string, content: readonly unknown[], failed = false) => ({ kind: "toolResult", callId, name: null, content, failed })
  const request: ChatRequest = {
    ...requestOf({}),
    turns: [
      { role: "user", parts: [{ kind: "text", text: "hi" }] },
      { role: "assistant", parts: ["c1", "c2", "c3"].map((id) => ({ kind: "toolCall", id, name: "f", arguments: "{}" })) },
      { role: "user", parts: [result("c1", [{ kind: "text", text: "seen" }, image]), result("c2", [{ kind: "text", text: "no such file" }], true), result("c3", [])] },
    ] as ChatRequest["turns"],
  }
  expect(encode(request).messages.slice(2)).toEqual([
    { role: "tool", tool_call_id: "c1", content: "seen" },
    { role: "tool", tool_call_id: "c2", content: "Error: no such file" },
    { role: "tool", tool_call_id: "c3", content: "" },
    { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
  ])
  expect(requestOf({ messages: [...hello, { role: "assistant", tool_calls: [call("c1", "f", "{}")] }, { role: "tool", tool_call_id: "c1" }] }).turns[2]?.parts).toMatchObject([{ kind: "toolResult", content: [] }])
})

test("W-32 a call without a result gets one, and a result without a call is a text", () => {
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [call("c1", "weather", "{}")] }, { role: "tool", tool_call_id: "c9", content: "lost" }, { role: "user", content: "so?" }]
  const sent = through({ messages }).messages
  expect(sent[2]).toMatchObject({ role: "tool", tool_call_id: "c1" })
  expect(JSON.stringify(sent[3])).toContain("lost")
})

test.each([["", "{}"], ["{", '{"input":"{"}'], ["[1]", '{"input":"[1]"}'], ['{"big":12345678901234567890}', '{"big":12345678901234567890}']])("W-35 arguments %j of the history go as %j", (given, sent) => {
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [call("c1", "weather", given)] }, { role: "tool", tool_call_id: "c1", content: "x" }]
  expect(through({ messages }).messages[1]?.["tool_calls"]).toEqual([call("c1", "weather", sent)])
})

test("W-36 two calls of one function keep their ids and their results", () => {
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [call("c1", "weather", '{"city":"Rom"}'), call("c2", "weather", '{"city":"Oslo"}')] }, { role: "tool", tool_call_id: "c2", content: "cold" }, { role: "tool", tool_call_id: "c1", content: "warm" }]
  expect(through({ messages }).messages.slice(2)).toEqual([{ role: "tool", tool_call_id: "c1", content: "warm" }, { role: "tool", tool_call_id: "c2", content: "cold" }])
})

test.each([
  [{ reasoning_effort: "low" }, GPT5, { reasoning_effort: "low" }],
  [{ reasoning_effort: "xhigh" }, targetOf("gpt-5", "openai"), { reasoning_effort: "high" }],
  [{ thinking: { type: "enabled", budget_tokens: 8192 } }, GPT5, { reasoning_effort: "medium" }],
  [{ reasoning_effort: "high" }, GLM, { thinking: { type: "enabled" }, reasoning_effort: "high" }],
  [{ reasoning_effort: "low" }, DEEPSEEK, { thinking: { type: "enabled" }, reasoning_effort: "high" }],
  [{ reasoning_effort: "high" }, KIMI, { thinking: { type: "enabled" } }],
  [{ reasoning_effort: "high" }, MINIMAX, { thinking: { type: "adaptive" } }],
  [{ reasoning_effort: "medium" }, QWEN, { enable_thinking: true, thinking_budget: 8192 }],
  [{ reasoning: { max_tokens: 3000 } }, OPENROUTER, { reasoning: { max_tokens: 3000 } }],
  [{ reasoning: { effort: "high", exclude: true } }, OPENROUTER, { reasoning: { effort: "high", exclude: true } }],
  [{ enable_thinking: true }, GLM, { thinking: { type: "enabled" } }],
])("W-48 %j is asked of a model in its vendor's way", (fields, target, sent) => {
  expect(through(fields, target).body).toMatchObject(sent)
})

test.each([
  [{ reasoning_effort: "none" }, GPT5, { reasoning_effort: "none" }],
  [{ thinking: { type: "disabled" } }, GLM, { thinking: { type: "disabled" } }],
  [{ reasoning: { enabled: false } }, DEEPSEEK, { thinking: { type: "disabled" } }],
  [{ enable_thinking: false }, QWEN, { enable_thinking: false }],
  [{ thinking: { type: "disabled" } }, OPENROUTER, { reasoning: { enabled: false } }],
  [{ thinking: { type: "disabled" } }, targetOf("gpt-5", "openai"), { reasoning_effort: "minimal" }],
])("W-51 %j does not ask to think", (fields, target, sent) => {
  expect(through(fields, target).body).toMatchObject(sent)
})

test("W-48 a model that is not known to think is not asked to, which a header says", () => {
  expect(through({ reasoning_effort: "high" })).toMatchObject({ dropped: ["reasoning_effort"] })
  expect(through({ reasoning_effort: "none" }).dropped).toEqual([])
})

test.each([
  [GLM, { reasoning_content: "hm", content: "so" }],
  [OPENROUTER, { reasoning_details: [{ type: "reasoning.text", text: "hm", index: 0 }], content: "so" }],
  [MINIMAX, { content: "<think>\nhm\n</think>\n\nso" }],
  [MISTRAL, { content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }, { type: "text", text: "so" }] }],
])("W-52 the thinking of earlier turns goes back in its vendor's place", (target, message) => {
  const messages = [...hello, { role: "assistant", reasoning_content: "hm", content: "so" }, ...hello]
  expect(through({ messages }, target).messages[1]).toEqual({ role: "assistant", ...message })
})

test("thinking that a model has no place for is left out with a word, and a call of a model that insists on it gets some", () => {
  const messages = [...hello, { role: "assistant", reasoning_content: "hm", content: "so" }, ...hello]
  expect(through({ messages }, GPT4)).toMatchObject({ dropped: ["messages[].reasoning"] })
  const called = [...hello, { role: "assistant", content: null, tool_calls: [call("c1", "weather", "{}")] }, { role: "tool", tool_call_id: "c1", content: "x" }]
  expect(through({ messages: called }, DEEPSEEK).messages[1]).toHaveProperty("reasoning_content")
  expect(through({ messages: called }).messages[1]).not.toHaveProperty("reasoning_content")
})

test("W-54 W-55 proofs come back byte for byte with the text they belong to, whoever made them, and go to nobody else", () => {
  const details = [
    { type: "reasoning.text", text: "hm", signature: "EqQB+/=", format: "anthropic-claude-v1", index: 0 },
    { type: "reasoning.text", text: "", signature: "EqQC", format: "anthropic-claude-v1", index: 1 },
    { type: "reasoning.encrypted", data: "gAAAA", format: "openai-responses-v1", id: "rs_1", index: 2 },
  ]
  const messages = [...hello, { role: "assistant", reasoning_content: "hm", reasoning_details: details, content: "so" }, ...hello]
  expect(requestOf({ messages }).turns[1]?.parts.slice(0, 3)).toEqual([
    { kind: "reasoning", text: "hm", signature: { origin: "am", data: "EqQB+/=" } },
    { kind: "reasoning", text: "", signature: { origin: "am", data: "EqQC" } },
    { kind: "reasoning", text: "", hidden: true, id: "rs_1", signature: { origin: "rs", data: "gAAAA" } },
  ])
  expect(JSON.stringify(through({ messages }, GLM).body)).not.toMatch(/EqQ|gAAAA/)
})

test("W-57 Gemini's proof of a call goes back to Gemini alone", () => {
  const messages = [...hello, { role: "assistant", content: null, tool_calls: [{ ...call("c1", "weather", "{}"), extra_content: { google: { thought_signature: "CiQ" } } }] }, { role: "tool", tool_call_id: "c1", content: "x" }]
  expect(requestOf({ messages }).turns[1]?.parts[0]).toMatchObject({ signature: { origin: "gm", data: "CiQ" } })
  expect(JSON.stringify(through({ messages }, targetOf("gemini-3.1-pro-preview", "gemini")).messages[1])).toContain('"thought_signature":"CiQ"')
  expect(JSON.stringify(through({ messages }, GPT4).body)).not.toContain("CiQ")
})

test("W-61 W-62 W-63 pictures inside of the request and at an address keep their type and their detail", () => {
  const content = [{ type: "image_url", image_url: { url: "data:image/png;charset=utf-8;base64,iVBO\nRw0=", detail: "low" } }, { type: "image_url", image_url: { url: "https://a.example/b.jpg" } }]
  const request = requestOf({ messages: [{ role: "user", content }] })
  expect(request.turns[0]?.parts).toEqual([
    { kind: "image", detail: "low", media: { kind: "base64", mediaType: "image/png", data: "iVBORw0=" } },
    { kind: "image", media: { kind: "url", url: "https://a.example/b.jpg", mediaType: null } },
  ])
  expect(encode(request).messages[0]?.["content"]).toEqual([{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0=", detail: "low" } }, content[1]])
})

test("W-64 documents: a PDF stays a file, plain text is text, and one at an address is refused", () => {
  const file = { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } }
  const request = requestOf({ messages: [{ role: "user", content: [file] }] })
  expect(request.turns[0]?.parts).toEqual([{ kind: "document", name: "a.pdf", media: { kind: "base64", mediaType: "application/pdf", data: "JVBE" } }])
  expect(encode(request, GPT4).messages[0]?.["content"]).toEqual([file])
  const text = { type: "file", file: { filename: "a.txt", file_data: `data:text/plain;base64,${Buffer.from("工 text").toString("base64")}` } }
  expect(JSON.stringify(through({ messages: [{ role: "user", content: [text] }] }).messages)).toContain("工 text")
  const remote = { type: "file", file: { file_data: "https://a.example/b.pdf" } }
  expect(through({ messages: [{ role: "user", content: [remote] }] }).refused).toMatchObject({ field: "messages" })
})

test("W-66 audio is read with its format, and one that no model here takes is refused", () => {
  const audio = (format: string) => ({ messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "UklG", format } }] }] })
  expect(requestOf(audio("mp3")).turns[0]?.parts).toEqual([{ kind: "audio", media: { kind: "base64", mediaType: "audio/mpeg", data: "UklG" } }])
  expect(through(audio("wav"), GPT4).messages[0]?.["content"]).toEqual([{ type: "input_audio", input_audio: { data: "UklG", format: "wav" } }])
  expect(through(audio("flac"), GPT4).refused).toMatchObject({ field: "messages" })
})

test("W-68 W-69 the bound on output has the name that its vendor knows, within the model's and the hold's", () => {
  expect(through({ max_tokens: 100 }, targetOf("gpt-4o", "openai")).body).toMatchObject({ max_completion_tokens: 100 })
  expect(through({ max_completion_tokens: 100 }, GLM).body).toMatchObject({ max_tokens: 100 })
  expect(through({ max_tokens: 100 }, targetOf("gpt-5.6-terra")).body).toMatchObject({ max_completion_tokens: 100 })
  expect(through({}, GLM).body).not.toHaveProperty("max_tokens")
  expect(through({ max_tokens: 9000 }, targetOf("glm-5.3", "zhipu", { outputTokensMax: 4096 }))).toMatchObject({ body: { max_tokens: 4096 }, changed: ["max_tokens=4096"] })
  expect(through({ max_tokens: 9000 }, targetOf("glm-5.3", "zhipu", { outputTokensCap: 50 }))).toMatchObject({ body: { max_tokens: 50 }, changed: ["max_tokens=50"] })
})

test("W-70 stop is a text or a list, and a list that is too long is trimmed with a word", () => {
  expect(requestOf({ stop: "END" }).generation.stop).toEqual(["END"])
  expect(through({ stop: ["a", "b", "c", "d", "e"] })).toMatchObject({ body: { stop: ["a", "b", "c", "d"] }, dropped: ["stop[4]"] })
  expect(refusalOf({ stop: [1] })).toMatchObject({ param: "stop" })
})

test("W-71 sampling that a reasoning model refuses is left out, and named", () => {
  const fields = { temperature: 0.2, top_p: 0.9, presence_penalty: 1, frequency_penalty: 1, logprobs: true, stop: "x" }
  const { body, dropped } = through(fields, GPT5)
  for (const name of Object.keys(fields)) {
    expect(body).not.toHaveProperty(name)
    expect(dropped).toContain(name)
  }
  expect(through(fields, GPT4).body).toMatchObject({ ...fields, stop: ["x"] })
})

test("W-72 top_k goes where it is known, and is dropped with a word elsewhere", () => {
  expect(through({ top_k: 5 }, OPENROUTER).body).toMatchObject({ top_k: 5 })
  expect(through({ top_k: 5 }, GPT4)).toMatchObject({ dropped: ["top_k"] })
})

test("W-73 W-74 W-75 choices, log probabilities, seed, penalties and biases keep their names, or lose them with a word", () => {
  const fields = { n: 3, logprobs: true, top_logprobs: 2, seed: 7, presence_penalty: 0.5, frequency_penalty: 0.25, logit_bias: { 50256: -100 } }
  expect(through(fields, GPT4).body).toMatchObject(fields)
  const { body, dropped } = through(fields, MISTRAL)
  expect(body).toMatchObject({ n: 3, random_seed: 7 })
  expect(dropped).toEqual(expect.arrayContaining(["logit_bias", "logprobs"]))
})

test("W-76 W-77 structured output keeps name, description and strictness; who takes no schema is told it in words", () => {
  const wanted = { type: "json_schema", json_schema: { name: "city", description: "a city", schema: { type: "object", properties: { a: { type: "string" } } }, strict: true } }
  expect(through({ response_format: wanted }, GPT4).body["response_format"]).toEqual(wanted)
  const { body, messages, changed } = through({ response_format: wanted }, DEEPSEEK)
  expect(body["response_format"]).toEqual({ type: "json_object" })
  expect(String(messages[0]?.["content"])).toContain('"properties"')
  expect(changed).toEqual(["response_format=json_object"])
  expect(through({ response_format: { type: "json_object" } }).body["response_format"]).toEqual({ type: "json_object" })
})

test("W-78 what nobody else knows is named, in a request that stays as it was", () => {
  const request = requestOf({ prediction: { type: "content", content: "x" }, new_field: 1, store: false, service_tier: "auto" })
  expect(request.unknown).toEqual(["prediction", "new_field"])
  const before = structuredClone(request)
  encode(request, GPT5)
  expect(request).toEqual(before)
})

test("W-79 the end user leaves as a hash, and not at all where the vendor refuses it", () => {
  const { user } = through({ user: "alice@example.com" }, GPT4).body
  expect(user).toMatch(/^[0-9a-f]{64}$/)
  expect(through({ user: "alice@example.com" }, MISTRAL)).toMatchObject({ dropped: ["user"] })
})

test("W-142 a stream is asked for its usage", () => {
  expect(through({}, GLM, true).body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  expect(through({}, GLM, false).body).not.toHaveProperty("stream")
})

test.each([
  [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
  [{ messages: [{ role: "user", content: [{ type: "video_url" }] }] }, "messages[0].content[0].type"],
  [{ messages: [{ role: "wizard", content: "x" }] }, "messages[0].role"],
  [{ messages: [{ role: "user" }] }, "messages[0].content"],
  [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
  [{ messages: ["x"] }, "messages[0]"],
  [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png,x" } }] }] }, "messages[0].content[0].image_url.url"],
  [{ messages: [{ role: "assistant", tool_calls: [{}] }] }, "messages[0].tool_calls[0].id"],
  [{ tools: [{ type: "web_search" }] }, "tools[0]"],
  [{ tools: [{ type: "function", function: { name: "a", parameters: "x" } }] }, "tools[0].function.parameters"],
  [{ tool_choice: "sometimes" }, "tool_choice"],
  [{ temperature: "hot" }, "temperature"],
  [{ response_format: { type: "xml" } }, "response_format"],
  [{ reasoning_effort: "much" }, "reasoning_effort"],
])("W-132 %j is refused with the place that is wrong", (fields, param) => {
  expect(refusalOf(fields)).toMatchObject({ code: "invalid_request", param })
})

const text = fc.string({ minLength: 1, maxLength: 20 }).filter((one) => one.trim() !== "" && !one.startsWith("Error:"))
const id = fc.stringMatching(/^[a-z0-9_]{1,20}$/)
const userTurn = text.map((content): Message => ({ role: "user", content }))
const callTurns = fc.tuple(fc.uniqueArray(id, { minLength: 1, maxLength: 3 }), text, fc.option(text, { nil: null }), fc.option(text, { nil: undefined })).map(([ids, result, content, reasoning]): Message[] => [
  { role: "assistant", content, ...(reasoning !== undefined && { reasoning_content: reasoning }), tool_calls: ids.map((one) => call(one, "weather", '{"city":"x"}')) },
  ...ids.map((one) => ({ role: "tool", tool_call_id: one, content: result })),
])

test("a conversation that both sides can say comes out as it went in", () => {
  const conversation = fc.tuple(text, fc.array(fc.tuple(userTurn, callTurns), { minLength: 1, maxLength: 4 })).map(([system, rounds]): Message[] => [{ role: "system", content: system }, ...rounds.flatMap(([user, called]) => [user, ...called, { role: "assistant", content: "done" }])])
  fc.assert(
    fc.property(conversation, (messages) => {
      expect(through({ messages }, GLM).messages).toEqual(messages)
    }),
  )
})

test("no request makes the decoder throw", () => {
  const anything = fc.jsonValue()
  const field = fc.constantFrom("messages", "tools", "functions", "tool_choice", "function_call", "stop", "response_format", "reasoning", "thinking", "web_search_options", "modalities", "logit_bias", "user", "__proto__")
  const message = fc.dictionary(fc.constantFrom("role", "content", "tool_calls", "function_call", "reasoning_details", "images", "name", "extra_content", "tool_call_id", "__proto__"), fc.oneof(anything, fc.constantFrom("user", "assistant", "tool", "function", "system")))
  fc.assert(
    fc.property(fc.dictionary(field, anything), fc.array(message, { minLength: 1, maxLength: 4 }), (fields, messages) => {
      const read = readCcCall(Buffer.from(JSON.stringify({ ...fields, model: "m", messages })))
      if (!read.ok) return
      const request = ccClientCodec.decodeRequest(read.value)
      if (request.ok) for (const target of [GPT5, MISTRAL, OPENROUTER, MINIMAX]) encode(request.value, target)
    }),
    { numRuns: 500 },
  )
})
