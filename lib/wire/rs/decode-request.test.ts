import fc from "fast-check"
import { expect, test } from "vitest"
import { decodeRsRequest } from "./decode-request.ts"
import { callOf, requestOf } from "./test-kit.ts"

const message = (role: string, text: string) => ({ type: "message", role, id: `msg_${text}`, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] })
const said = (role: string, text: string) => ({ role, parts: [{ kind: "text", text }] })
const problemOf = (fields: Record<string, unknown>) => {
  const read = decodeRsRequest(callOf(fields))
  return read.ok ? null : read.error
}

/** What Codex 0.16x sends in its second turn (W-133), shortened. */
const codex = {
  store: false,
  stream: true,
  include: ["reasoning.encrypted_content"],
  prompt_cache_key: "0199",
  client_metadata: { "x-codex-installation-id": "1" },
  reasoning: { effort: "medium", summary: "auto" },
  parallel_tool_calls: false,
  tool_choice: "auto",
  tools: [
    { type: "function", name: "exec_command", description: "Runs.", strict: false, parameters: { type: "object", properties: { cmd: { type: "string" } } } },
    { type: "custom", name: "apply_patch", description: "Edits.", format: { type: "grammar", syntax: "lark", definition: "start: x" } },
    { type: "namespace", name: "mcp__files", description: "Files.", tools: [{ type: "function", name: "read", parameters: { type: "object", properties: {} } }, { type: "custom", name: "note" }] },
    { type: "tool_search", execution: "client", description: "Finds tools.", parameters: { type: "object", properties: { query: { type: "string" } } } },
    { type: "web_search", external_web_access: true },
  ],
  input: [
    message("developer", "You are Codex."),
    message("user", "Fix it."),
    { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }], content: null, encrypted_content: "gAAA+/=" },
    { type: "custom_tool_call", id: "ctc_1", call_id: "call_1", name: "apply_patch", input: "*** Begin" },
    { type: "function_call", id: "fc_1", call_id: "call_2", name: "read", namespace: "mcp__files", arguments: "{}" },
    { type: "custom_tool_call_output", call_id: "call_1", output: "Done" },
    { type: "function_call_output", call_id: "call_2", output: [{ type: "input_text", text: "a" }, { type: "input_image", image_url: "data:image/png;base64,QUJD" }] },
    { type: "tool_search_call", call_id: "call_3", execution: "client", arguments: { query: "mail" } },
    { type: "tool_search_output", call_id: "call_3", execution: "client", status: "completed", tools: [{ type: "function", name: "send_mail", parameters: {} }] },
  ],
}

test("W-133 what Codex sends is read whole: its prompt as a turn of the system, thoughts, calls and results in their turns", () => {
  const { turns, unknown, reasoning, parallelTools } = requestOf(codex)
  expect(turns).toEqual([
    said("system", "You are Codex."),
    said("user", "Fix it."),
    {
      role: "assistant",
      parts: [
        { kind: "reasoning", text: "Hm.", id: "rs_1", signature: { origin: "rs", data: "gAAA+/=" } },
        { kind: "toolCall", id: "call_1", name: "apply_patch", arguments: "*** Begin" },
        { kind: "toolCall", id: "call_2", name: "mcp__files__read", arguments: "{}" },
      ],
    },
    {
      role: "user",
      parts: [
        { kind: "toolResult", callId: "call_1", name: null, content: [{ kind: "text", text: "Done" }], failed: false },
        { kind: "toolResult", callId: "call_2", name: null, content: [{ kind: "text", text: "a" }, { kind: "image", media: { kind: "base64", mediaType: "image/png", data: "QUJD" } }], failed: false },
      ],
    },
    { role: "assistant", parts: [{ kind: "toolCall", id: "call_3", name: "tool_search", arguments: '{"query":"mail"}' }] },
    { role: "user", parts: [{ kind: "toolResult", callId: "call_3", name: null, content: [{ kind: "text", text: '[{"type":"function","name":"send_mail","parameters":{}}]' }], failed: false }] },
  ])
  expect(unknown).toEqual([])
  expect(reasoning).toEqual({ kind: "effort", effort: "medium", shown: true })
  expect(parallelTools).toBe(false)
})

test("W-24 W-133 namespaces are flattened, custom tools keep their grammar, a search can be done without, and found tools are at hand", () => {
  expect(requestOf(codex).tools).toMatchObject([
    { kind: "function", name: "exec_command", strict: false },
    { kind: "custom", name: "apply_patch", grammar: { type: "grammar", syntax: "lark", definition: "start: x" } },
    { kind: "function", name: "mcp__files__read", namespace: "mcp__files", localName: "read" },
    { kind: "custom", name: "mcp__files__note", namespace: "mcp__files", localName: "note" },
    { kind: "function", name: "tool_search", parameters: { properties: { query: {} } } },
    { kind: "search", name: "web_search", optional: true },
    { kind: "function", name: "send_mail" },
  ])
})

test("W-24 a search for tools that the provider would run is left out, by name, and all tools are shown at once", () => {
  const { tools, unknown } = requestOf({ tools: [{ type: "tool_search" }, { type: "function", name: "f", defer_loading: true }] })
  expect(tools).toMatchObject([{ name: "f" }])
  expect(unknown).toEqual(["tools[0]"])
})

test("W-2 W-3 a system or developer message keeps its place, and instructions stand before all", () => {
  const { turns } = requestOf({ instructions: "First.", input: [message("user", "a"), message("system", "b"), message("developer", "c")] })
  expect(turns).toEqual([said("system", "First."), said("user", "a"), said("system", "b"), said("system", "c")])
  expect(requestOf({ input: "plain" }).turns).toEqual([said("user", "plain")])
  expect(requestOf({ input: [{ role: "user", content: "easy" }] }).turns).toEqual([said("user", "easy")])
})

test("W-15 W-17 W-19 tool choices are read, by the flat names of tools, and what is unset stays unset", () => {
  const choice = (tool_choice: unknown) => requestOf({ tool_choice }).toolChoice
  expect(choice("required")).toEqual({ kind: "any" })
  expect(choice("none")).toEqual({ kind: "none" })
  expect(choice({ type: "function", name: "f" })).toEqual({ kind: "tool", name: "f" })
  expect(choice({ type: "custom", name: "note", namespace: "mcp__files" })).toEqual({ kind: "tool", name: "mcp__files__note" })
  expect(choice({ type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] })).toEqual({ kind: "any", allowed: ["f"] })
  expect(requestOf()).toMatchObject({ toolChoice: null, parallelTools: null, reasoning: null, user: null })
})

test("W-48 W-51 effort is read as a word, none as no thinking, and a summary alone as thinking as the model sees fit", () => {
  const reasoning = (value: unknown) => requestOf({ reasoning: value }).reasoning
  expect(reasoning({ effort: "xhigh" })).toEqual({ kind: "effort", effort: "xhigh", shown: null })
  expect(reasoning({ effort: "none" })).toEqual({ kind: "off", shown: null })
  expect(reasoning({ effort: null, summary: "detailed" })).toEqual({ kind: "adaptive", effort: null, shown: true })
  expect(reasoning({})).toBeNull()
})

test("W-11 a refusal of an earlier answer stays a refusal", () => {
  expect(requestOf({ input: [{ type: "message", role: "assistant", content: [{ type: "refusal", refusal: "No." }] }] }).turns).toEqual([{ role: "assistant", parts: [{ kind: "refusal", text: "No." }] }])
})

test("W-61 W-63 W-64 pictures and files are read from data URLs, with parameters too, and from addresses", () => {
  const content = [
    { type: "input_image", image_url: "data:image/png;charset=utf-8;base64,QUJD", detail: "low" },
    { type: "input_image", image_url: "https://example.com/a.png" },
    { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,QUJD" },
    { type: "input_file", file_data: "QUJD" },
    { type: "input_file", file_url: "https://example.com/a.pdf" },
  ]
  expect(requestOf({ input: [{ role: "user", content }] }).turns[0]?.parts).toEqual([
    { kind: "image", media: { kind: "base64", mediaType: "image/png", data: "QUJD" }, detail: "low" },
    { kind: "image", media: { kind: "url", url: "https://example.com/a.png", mediaType: null } },
    { kind: "document", media: { kind: "base64", mediaType: "application/pdf", data: "QUJD" }, name: "a.pdf" },
    { kind: "document", media: { kind: "base64", mediaType: "application/pdf", data: "QUJD" }, name: null },
    { kind: "document", media: { kind: "url", url: "https://example.com/a.pdf", mediaType: null }, name: null },
  ])
})

test("W-77 W-79 the format, the end user and log probabilities are read from where this dialect has them", () => {
  const schema = { type: "object", properties: { n: { type: "integer", minimum: -9007199254740991 } } }
  const { generation, user } = requestOf({ text: { format: { type: "json_schema", name: "n", schema, strict: true }, verbosity: "low" }, safety_identifier: "u", user: "older", include: ["message.output_text.logprobs"], max_output_tokens: 50 })
  expect(generation).toMatchObject({ format: { kind: "schema", name: "n", schema, strict: true, description: null }, verbosity: "low", logprobs: 0, outputTokensMax: 50 })
  expect(user).toBe("u")
})

test("W-78 members that no other target knows are named, those that ask for nothing are not, and the request is left as it was", () => {
  const fields = { truncation: "auto", moderation: { input: true }, background: false, max_tool_calls: null, metadata: { a: "b" }, prompt_cache_retention: "24h" }
  const before = JSON.stringify(fields)
  expect(requestOf(fields).unknown).toEqual(["truncation", "moderation"])
  expect(JSON.stringify(fields)).toBe(before)
})

test.each([
  [{ input: [7] }, "input[0]"],
  [{ input: [{ type: "message", role: "robot", content: "x" }] }, "input[0].role"],
  [{ input: [message("user", "a"), { role: "user", content: [{ type: "input_text", text: 1 }] }] }, "input[1].content[0].text"],
  [{ input: [{ role: "user", content: [{ type: "input_image", file_id: "file_1" }] }] }, "input[0].content[0].image_url"],
  [{ input: [{ type: "function_call", name: "f", arguments: "{}" }] }, "input[0].call_id"],
  [{ input: [{ type: "function_call_output", call_id: "c", output: 5 }] }, "input[0].output"],
  [{ tools: {} }, "tools"],
  [{ tools: [{ type: "function" }] }, "tools[0].name"],
  [{ tools: [{ type: "function", name: "f", parameters: [] }] }, "tools[0].parameters"],
  [{ tools: [{ type: "namespace", name: "n", tools: [{ type: "web_search" }] }] }, "tools[0].tools[0].type"],
  [{ tool_choice: 5 }, "tool_choice"],
  [{ temperature: "hot" }, "temperature"],
  [{ reasoning: { effort: "enormous" } }, "reasoning.effort"],
  [{ text: { format: { type: "json_schema", name: "n" } } }, "text.format.schema"],
  [{ instructions: [] }, "instructions"],
])("W-132 in %j the field %s is named with its cure", (fields, param) => {
  expect(problemOf(fields)).toMatchObject({ code: "invalid_request", param, message: expect.stringMatching(new RegExp(`^${param.replace(/[[\].]/g, "\\$&")}: .{8}`)) as string })
})

test.each([
  [{ tools: [{ type: "local_shell" }] }, "tools[0].type"],
  [{ tools: [{ type: "computer_use_preview" }] }, "tools[0].type"],
  [{ input: [{ type: "compaction", encrypted_content: "x" }] }, "input[0].type"],
  [{ input: [{ type: "constructor" }] }, "input[0].type"],
  [{ tool_choice: { type: "apply_patch" } }, "tool_choice"],
])("W-24 what only OpenAI can run is refused by name: %j", (fields, param) => {
  expect(problemOf(fields)).toMatchObject({ code: "unsupported_parameter", param })
})

test("no request whatsoever makes the decoder throw", () => {
  const items = fc.array(fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.record({ type: fc.constantFrom("message", "reasoning", "function_call", "function_call_output", "web_search_call", "tool_search_output", "__proto__"), role: fc.jsonValue(), content: fc.jsonValue(), summary: fc.jsonValue(), output: fc.jsonValue(), action: fc.jsonValue(), tools: fc.jsonValue() }, { requiredKeys: [] })), { minLength: 1 })
  fc.assert(
    fc.property(items, fc.jsonValue(), fc.jsonValue(), (input, tools, other) => {
      decodeRsRequest(callOf({ input, tools, tool_choice: other, text: other, reasoning: other, instructions: tools }))
    }),
  )
})
