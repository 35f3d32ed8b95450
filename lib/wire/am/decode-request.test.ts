import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { ChatRequest } from "../chat/request.ts"
import { writeSignature } from "../chat/signature.ts"
import { decodeAmRequest } from "./decode-request.ts"
import { amLane } from "./lane.ts"
import { claudeCodeRequest } from "./test/claude-code-request.ts"

const read = (fields: object) => {
  const call = amLane.readCall(Buffer.from(JSON.stringify({ model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }], ...fields })), {})
  return call.ok ? decodeAmRequest(call.value) : call
}
const request = (fields: object): ChatRequest => {
  const decoded = read(fields)
  if (!decoded.ok) throw new Error(decoded.error.message)
  return decoded.value
}
const partsOf = (content: unknown, role = "user") => request({ messages: [{ role, content }] }).turns[0]?.parts
const refusal = (fields: object) => {
  const decoded = read(fields)
  return decoded.ok ? null : { code: decoded.error.code, param: decoded.error.param }
}

test("W-4 W-130 Claude Code's request is read, and its billing block stays behind by name", () => {
  const { turns, tools, reasoning, user, unknown, generation } = request(claudeCodeRequest())
  expect(turns.map(({ role }) => role)).toEqual(["system", "user", "system", "assistant", "user"])
  expect(turns[0]?.parts).toEqual([
    { kind: "text", text: "You are Claude Code.", cache: { ttl: null } },
    { kind: "text", text: "Be brief.", cache: { ttl: "1h" } },
  ])
  expect(turns[3]?.parts).toEqual([
    { kind: "reasoning", text: "", signature: { origin: "am", data: "EqQBCgIYAhIM+/=" } },
    { kind: "text", text: "I read it first." },
    { kind: "toolCall", id: "toolu_01", name: "Read", arguments: '{"file_path":"/tmp/notes.txt"}' },
  ])
  expect(turns[4]?.parts).toEqual([{ kind: "toolResult", callId: "toolu_01", name: null, content: [{ kind: "text", text: "1\tteh end" }], failed: false, cache: { ttl: "1h" } }])
  expect(tools.map(({ name }) => name)).toEqual(["Read", "Later"])
  expect(reasoning).toEqual({ kind: "adaptive", effort: "medium", shown: true })
  expect(generation.outputTokensMax).toBe(32_000)
  expect(user).toContain("5b1c")
  expect(unknown).toEqual(["system[0]", "tools[].defer_loading", "context_management"])
})

test("W-4 a system prompt as a text and as a block comes to the same", () => {
  expect(request({ system: "Be brief." }).turns).toEqual(request({ system: [{ type: "text", text: "Be brief." }] }).turns)
})

test("W-122 a system turn in the middle keeps its place", () => {
  const { turns } = request({ system: "a", messages: [{ role: "user", content: "b" }, { role: "system", content: "c" }, { role: "user", content: [{ type: "text", text: "d" }] }] })
  expect(turns.map(({ role, parts }) => [role, parts[0]?.kind === "text" ? parts[0].text : null])).toEqual([["system", "a"], ["user", "b"], ["system", "c"], ["user", "d"]])
})

test("W-54 W-55 thinking, hidden thinking and their proofs are read byte for byte, also without any text", () => {
  const blocks = [{ type: "thinking", thinking: "Hm", signature: "a+/=" }, { type: "thinking", thinking: "", signature: "b+/=" }, { type: "redacted_thinking", data: "c+/=" }]
  expect(partsOf(blocks, "assistant")).toEqual([
    { kind: "reasoning", text: "Hm", signature: { origin: "am", data: "a+/=" } },
    { kind: "reasoning", text: "", signature: { origin: "am", data: "b+/=" } },
    { kind: "reasoning", text: "", hidden: true, signature: { origin: "am", data: "c+/=" } },
  ])
})

test("W-56 thinking without a proof is thinking, and a marked proof belongs to whom it came from", () => {
  const foreign = { origin: "rs", data: "gAAA+/=" } as const
  expect(partsOf([{ type: "thinking", thinking: "Hm", signature: "" }, { type: "redacted_thinking", data: writeSignature(foreign, "am") }], "assistant")).toEqual([
    { kind: "reasoning", text: "Hm" },
    { kind: "reasoning", text: "", hidden: true, signature: foreign },
  ])
})

test("W-57 a proof of Gemini's in an empty thinking block belongs to the part behind it, and as the last to the one before", () => {
  const proof = (data: string) => ({ type: "thinking", thinking: "", signature: writeSignature({ origin: "gm", data }, "am") })
  const call = { type: "tool_use", id: "t1", name: "f", input: {} }
  expect(partsOf([proof("one"), call, { type: "text", text: "b" }, proof("two")], "assistant")).toEqual([
    { kind: "toolCall", id: "t1", name: "f", arguments: "{}", signature: { origin: "gm", data: "one" } },
    { kind: "text", text: "b", signature: { origin: "gm", data: "two" } },
  ])
})

test("W-28 W-30 W-31 results of tools keep their place, their failure and their being empty", () => {
  const result = (fields: object) => ({ type: "tool_result", tool_use_id: "t", ...fields })
  expect(partsOf([result({ content: "", is_error: true }), result({}), result({ content: [] }), { type: "text", text: "so?" }])).toEqual([
    { kind: "toolResult", callId: "t", name: null, content: [{ kind: "text", text: "" }], failed: true },
    { kind: "toolResult", callId: "t", name: null, content: [], failed: false },
    { kind: "toolResult", callId: "t", name: null, content: [], failed: false },
    { kind: "text", text: "so?" },
  ])
})

test("W-29 W-62 W-63 W-64 pictures and documents are read in every form, in results too", () => {
  const png = { type: "base64", media_type: "image/png", data: "iVBO\nRw0K" }
  const blocks = [
    { type: "image", source: png },
    { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    { type: "document", title: "T", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } },
    { type: "document", source: { type: "text", media_type: "text/plain", data: "plain" }, context: "of May" },
    { type: "document", source: { type: "content", content: [{ type: "text", text: "a" }, { type: "image", source: png }, { type: "text", text: "b" }] } },
    { type: "tool_result", tool_use_id: "t", content: [{ type: "image", source: png }] },
  ]
  const image = { kind: "image", media: { kind: "base64", mediaType: "image/png", data: "iVBORw0K" } }
  expect(partsOf(blocks)).toEqual([
    image,
    { kind: "image", media: { kind: "url", url: "https://example.com/a.png", mediaType: null } },
    { kind: "document", media: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "T" },
    { kind: "text", text: "of May" },
    { kind: "document", media: { kind: "text", text: "plain" }, name: null },
    { kind: "document", media: { kind: "text", text: "a\nb" }, name: null },
    image,
    { kind: "toolResult", callId: "t", name: null, content: [image], failed: false },
  ])
})

test("W-23 W-126 a search tool is one, and a search in the history is one part with all that was found", () => {
  const { tools } = request({ tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 5, allowed_domains: ["example.com"] }] })
  expect(tools).toEqual([{ kind: "search", name: "web_search", usesMax: 5, allowedDomains: ["example.com"], blockedDomains: [], location: null }])
  const found = { type: "web_search_result", url: "https://example.com", title: "E", encrypted_content: "enc+/=", page_age: "May 2026" }
  expect(
    partsOf([{ type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } }, { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [found] }], "assistant"),
  ).toEqual([{ kind: "search", id: "srvtoolu_1", query: "q", failed: null, results: [{ url: "https://example.com", title: "E", pageAge: "May 2026", opaque: { origin: "am", data: "enc+/=" } }] }])
  expect(
    partsOf([{ type: "server_tool_use", id: "s", name: "web_search", input: {} }, { type: "web_search_tool_result", tool_use_id: "s", content: { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" } }], "assistant"),
  ).toEqual([{ kind: "search", id: "s", query: "", failed: "max_uses_exceeded", results: [] }])
})

test("W-23 the shell and the editor that clients run become functions with their documented parameters, never without a schema", () => {
  const { tools } = request({ tools: [{ type: "bash_20250124", name: "bash" }, { type: "text_editor_20250728", name: "str_replace_based_edit_tool" }, { type: "memory_20250818", name: "memory" }] })
  for (const tool of tools) expect(tool).toMatchObject({ kind: "function", parameters: { type: "object", properties: { command: { type: "string" } } } })
  expect(refusal({ tools: [{ type: "computer_20250124", name: "computer", display_width_px: 1, display_height_px: 1 }] })).toEqual({ code: "invalid_request", param: "tools[0].type" })
})

test("W-15 W-17 W-19 a choice of tools says what it says and no more", () => {
  const choice = (tool_choice: object) => {
    const { toolChoice, parallelTools } = request({ tool_choice })
    return [toolChoice, parallelTools]
  }
  expect(choice({ type: "any" })).toEqual([{ kind: "any" }, null])
  expect(choice({ type: "tool", name: "f", disable_parallel_tool_use: true })).toEqual([{ kind: "tool", name: "f" }, false])
  expect(choice({ type: "none" })).toEqual([{ kind: "none" }, null])
  expect(choice({ type: "auto", disable_parallel_tool_use: false })).toEqual([{ kind: "auto" }, true])
  expect(request({}).toolChoice).toBeNull()
})

test.each([
  [{ thinking: { type: "disabled" } }, { kind: "off", shown: null }],
  [{ thinking: { type: "disabled" }, output_config: { effort: "high" } }, { kind: "off", shown: null }],
  [{ thinking: { type: "enabled", budget_tokens: 2_000 } }, { kind: "budget", tokens: 2_000, shown: null }],
  [{ thinking: { type: "adaptive", display: "omitted" } }, { kind: "adaptive", effort: null, shown: false }],
  [{ thinking: { type: "adaptive" }, output_config: { effort: "max" } }, { kind: "adaptive", effort: "max", shown: null }],
  [{ thinking: { type: "enabled" } }, { kind: "adaptive", effort: null, shown: null }],
  [{ thinking: { type: "enabled", budget_tokens: -1 } }, { kind: "adaptive", effort: null, shown: null }],
  [{ output_config: { effort: "low" } }, { kind: "effort", effort: "low", shown: null }],
  [{}, null],
])("W-48 W-51 %j asks for thinking as it says", (fields, reasoning) => {
  expect(request(fields).reasoning).toEqual(reasoning)
})

test("W-70 W-71 W-72 W-77 sampling, stop words and the form of the answer are read", () => {
  const { generation } = request({ temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ["END"], output_config: { format: { type: "json_schema", schema: { type: "object" } } } })
  expect(generation).toMatchObject({ temperature: 0.5, topP: 0.9, topK: 40, stop: ["END"], format: { kind: "schema", schema: { type: "object" }, name: null, strict: null } })
})

test("W-78 W-120 what only Anthropic has is named, and nothing is said of what means nothing", () => {
  expect(request({ context_management: {}, speed: "standard", service_tier: "auto", odd: 1, output_config: { effort: "low", task_budget: {} }, cache_control: { type: "ephemeral" } }).unknown).toEqual(["output_config.task_budget", "context_management", "odd"])
})

test.each([
  [{ messages: ["x"] }, "messages[0]"],
  [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
  [{ messages: [{ role: "user" }] }, "messages[0].content"],
  [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
  [{ messages: [{ role: "user", content: [{ type: "hologram" }] }] }, "messages[0].content[0].type"],
  [{ messages: [{ role: "user", content: [{ type: "image", source: { type: "file", file_id: "f" } }] }] }, "messages[0].content[0].source.type"],
  [{ messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: 1 }] }] }, "messages[0].content[0].tool_use_id"],
  [{ tools: {} }, "tools"],
  [{ tools: [{ name: "f", input_schema: "x" }] }, "tools[0].input_schema"],
  [{ tool_choice: { type: "some" } }, "tool_choice.type"],
  [{ thinking: { type: "enabled", budget_tokens: -2 } }, "thinking.budget_tokens"],
  [{ thinking: { type: "auto" } }, "thinking.type"],
  [{ temperature: "hot" }, "temperature"],
  [{ output_config: { effort: "huge" } }, "output_config.effort"],
  [{ output_config: { format: { type: "xml" } } }, "output_config.format"],
  [{ max_tokens: 0 }, "max_tokens"],
])("W-132 %j is refused by the name of what is wrong", (fields, param) => {
  expect(refusal(fields)).toEqual({ code: "invalid_request", param })
})

test("no request makes the decoder throw, whatever it holds", () => {
  const names = ["role", "content", "type", "text", "source", "system", "messages", "tools", "tool_choice", "thinking", "output_config", "format", "metadata", "__proto__", "constructor", "data", "media_type", "tool_use_id", "input", "name", "id", "title"]
  const words = fc.constantFrom("text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use", "web_search_tool_result", "search_result", "content", "url", "base64", "user", "assistant", "system", "enabled", "x")
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, words, fc.integer(), fc.constant(null), fc.boolean(), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 5 })),
  }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), value, value, (messages, system, tools) => {
      read({ messages, system, tools, thinking: tools, tool_choice: system })
    }),
    { numRuns: 1_000 },
  )
})

test("a conversation of 5,000 messages and 2,000 tools is read in linear time, and 100,000 levels without recursion", async () => {
  await expectLinear((size) => {
    const messages = Array.from({ length: size }, (_, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content: [{ type: "text", text: "x" }] }))
    const tools = Array.from({ length: 0.4 * size }, (_, index) => ({ name: `t${index}`, input_schema: { type: "object" } }))
    expect(request({ messages, tools }).turns).toHaveLength(size)
  }, 5_000)
  const deep = JSON.parse(`${'{"type":"tool_result","tool_use_id":"t","content":['.repeat(50_000)}${"]}".repeat(50_000)}`) as object
  const call = { model: "m", streamed: false, outputTokensMax: 10, choices: 1, size: { textBytes: 0, images: 0, audioBytes: 0, fileBytes: 0 }, fields: { messages: [{ role: "user", content: [deep] }] }, session: null }
  expect(decodeAmRequest(call).ok).toBe(false)
  expect(decodeAmRequest({ ...call, fields: { messages: [{ role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: deep }] }] } })).toMatchObject({ error: { param: "messages[0].content[0].input" } })
})
