import { expect, test } from "vitest"
import type { TargetModel } from "../chat/codec.ts"
import type { ChatRequest } from "../chat/request.ts"
import { call, DEEPSEEK, encode, GLM, GPT4, GPT5, hello, KIMI, type Message, MINIMAX, MISTRAL, OPENROUTER, requestOf, targetOf, through, tool, weather } from "./test/requests.ts"

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

test("W-9 an assistant message at the end goes on where the model can, and is refused where it would be answered", () => {
  const messages = [...hello, { role: "assistant", content: "Once" }]
  expect(through({ messages }, KIMI).messages.at(-1)).toEqual({ role: "assistant", content: "Once", partial: true })
  expect(through({ messages }, MISTRAL).messages.at(-1)).toEqual({ role: "assistant", content: "Once", prefix: true })
  expect(through({ messages }, OPENROUTER).messages.at(-1)).toEqual({ role: "assistant", content: "Once" })
  for (const target of [GPT4, GLM]) expect(through({ messages }, target).refused).toMatchObject({ field: "messages" })
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
