import fc from "fast-check"
import { expect, test } from "vitest"
import type { Part } from "../chat/part.ts"
import type { ChatRequest, Generation, Turn } from "../chat/request.ts"
import { decodeRsRequest } from "./decode-request.ts"
import { encodeRsRequest } from "./encode-request.ts"
import { callOf, notebook, requestOf, targetOf } from "./test-kit.ts"

const generation: Generation = requestOf().generation
const user = (...parts: Part[]): Turn => ({ role: "user", parts })
const text = (words: string): Part => ({ kind: "text", text: words })
const asked: ChatRequest = { ...requestOf(), turns: [user(text("hi"))] }

function encode(changes: Partial<ChatRequest>, model = "gpt-4.1", target = {}) {
  const notes = notebook()
  const encoded = encodeRsRequest({ ...asked, ...changes }, targetOf(model, target), { streamed: false, notes })
  if (!encoded.ok) throw new Error(encoded.error.message)
  return { body: encoded.value.body, notes: notes.said, toolNames: encoded.value.toolNames }
}
const refusal = (changes: Partial<ChatRequest>) => {
  const encoded = encodeRsRequest({ ...asked, ...changes }, targetOf("gpt-4.1"), { streamed: false, notes: notebook() })
  return encoded.ok ? null : encoded.error.field
}

test("W-80 nothing is kept at the provider", () => {
  expect(encode({}).body).toEqual({ model: "gpt-4.1", input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] }], store: false })
})

test("W-1 W-2 W-3 the prompt of the system is the instructions; a later remark keeps its place under the name that the model knows", () => {
  const turns: Turn[] = [{ role: "system", parts: [text("a"), text("b")] }, { role: "system", parts: [text("c")] }, user(text("d")), { role: "system", parts: [text("e")] }]
  const roles = (model: string) => (encode({ turns }, model).body["input"] as readonly { role: string }[]).map(({ role }) => role)
  expect(encode({ turns }).body["instructions"]).toBe("a\n\nb\n\nc")
  expect(roles("gpt-4.1")).toEqual(["user", "system"])
  expect(roles("gpt-5.1")).toEqual(["user", "developer"])
})

const call = (id: string, name: string, args: string): Part => ({ kind: "toolCall", id, name, arguments: args })
const result = (callId: string, words: string, failed = false): Part => ({ kind: "toolResult", callId, name: null, content: words === "" ? [] : [{ kind: "text", text: words }], failed })

test("W-30 W-31 W-34 W-36 W-58 thoughts, texts, calls and results are items in their order; only OpenAI's own proof goes back to it", () => {
  const turns: Turn[] = [
    user(text("q")),
    {
      role: "assistant",
      parts: [
        { kind: "reasoning", text: "Hm.", id: "rs_1", signature: { origin: "rs", data: "gAAA" } },
        { kind: "reasoning", text: "Foreign.", signature: { origin: "am", data: "EqQ" } },
        text("Let me look."),
        call("call_1", "f", '{"a":1}'),
        call("call_2", "f", ""),
      ],
    },
    user(result("call_1", "1"), result("call_2", "no", true)),
  ]
  const { body, notes } = encode({ turns })
  expect(body["input"]).toEqual([
    { type: "message", role: "user", content: [{ type: "input_text", text: "q" }] },
    { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }], encrypted_content: "gAAA" },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "Let me look." }] },
    { type: "function_call", call_id: "call_1", name: "f", arguments: '{"a":1}' },
    { type: "function_call", call_id: "call_2", name: "f", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output: "1" },
    { type: "function_call_output", call_id: "call_2", output: "Error: no" },
  ])
  expect(notes).toEqual(["dropped messages[].reasoning"])
  expect(encode({ turns: [user(text("q")), { role: "assistant", parts: [call("c", "f", "{}")] }, user(result("c", ""))] }).body["input"]).toContainEqual({ type: "function_call_output", call_id: "c", output: "" })
})

test("W-29 W-62 W-63 W-64 pictures and documents go as this dialect has them, in results too", () => {
  const image: Part = { kind: "image", media: { kind: "base64", mediaType: "image/webp", data: "QUJD" } }
  const turns: Turn[] = [
    user({ kind: "image", media: { kind: "url", url: "https://example.com/a.png", mediaType: null }, detail: "low" }, { kind: "document", media: { kind: "base64", mediaType: "application/pdf", data: "QUJD" }, name: null }),
    { role: "assistant", parts: [call("c", "f", "{}")] },
    user({ kind: "toolResult", callId: "c", name: null, content: [{ kind: "text", text: "see" }, image], failed: false }),
  ]
  expect(encode({ turns }).body["input"]).toMatchObject([
    { content: [{ type: "input_image", image_url: "https://example.com/a.png", detail: "low" }, { type: "input_file", filename: "document.pdf", file_data: "data:application/pdf;base64,QUJD" }] },
    { type: "function_call" },
    { output: [{ type: "input_text", text: "see" }, { type: "input_image", image_url: "data:image/webp;base64,QUJD" }] },
  ])
})

test("W-13 W-14 W-22 tools keep their schemas, are not strict unless asked to be, and get names that OpenAI takes", () => {
  const name = `mcp.${"long".repeat(20)}`
  const { body, toolNames } = encode({
    tools: [
      { kind: "function", name: "f", description: null, parameters: null, strict: null },
      { kind: "function", name, description: "D.", parameters: { type: "object", properties: {}, additionalProperties: false, $defs: {} }, strict: true },
      { kind: "custom", name: "p", description: null, parameters: null, strict: null, grammar: { type: "grammar", grammar: { syntax: "lark", definition: "x" } } },
    ],
    toolChoice: { kind: "tool", name },
    parallelTools: false,
  })
  const [alias] = toolNames.keys()
  expect(alias).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(toolNames.get(String(alias))).toBe(name)
  expect(body).toMatchObject({
    tools: [
      { type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false },
      { type: "function", name: alias, description: "D.", parameters: { additionalProperties: false, $defs: {} }, strict: true },
      { type: "custom", name: "p", format: { type: "grammar", syntax: "lark", definition: "x" } },
    ],
    tool_choice: { type: "function", name: alias },
    parallel_tool_calls: false,
  })
})

test("W-15 W-16 W-18 W-19 tool choices are written, and without tools there are none", () => {
  const tools = [{ kind: "function" as const, name: "f", description: null, parameters: null, strict: null }]
  const choice = (toolChoice: ChatRequest["toolChoice"]) => encode({ tools, toolChoice }).body["tool_choice"]
  expect(choice({ kind: "any" })).toBe("required")
  expect(choice({ kind: "none" })).toBe("none")
  expect(choice({ kind: "auto", allowed: ["f"] })).toEqual({ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] })
  expect(encode({ toolChoice: { kind: "any" }, parallelTools: true }).body).not.toHaveProperty("tool_choice")
  expect(encode({ tools }).body).not.toHaveProperty("parallel_tool_calls")
})

test("W-24 a custom call and its result go as such to whom knows custom tools", () => {
  const turns: Turn[] = [user(text("q")), { role: "assistant", parts: [call("c", "p", "*** Begin")] }, user(result("c", "Done"))]
  const { body } = encode({ turns, tools: [{ kind: "custom", name: "p", description: null, parameters: null, strict: null }] })
  expect(body["input"]).toMatchObject([{}, { type: "custom_tool_call", call_id: "c", name: "p", input: "*** Begin" }, { type: "custom_tool_call_output", call_id: "c", output: "Done" }])
})

test("W-48 W-51 W-58 thinking is asked for in the words that the model knows, and comes back in a form that can be sent again", () => {
  const reasoning = (value: ChatRequest["reasoning"], model: string) => encode({ reasoning: value }, model)
  expect(reasoning({ kind: "budget", tokens: 8_000, shown: true }, "gpt-5.1").body).toMatchObject({ reasoning: { effort: "medium", summary: "auto" }, include: ["reasoning.encrypted_content"] })
  expect(reasoning({ kind: "effort", effort: "max", shown: null }, "gpt-5.1")).toMatchObject({ body: { reasoning: { effort: "high" } }, notes: ["changed reasoning=high"] })
  expect(reasoning({ kind: "off", shown: null }, "gpt-5")).toMatchObject({ body: { reasoning: { effort: "minimal" } }, notes: ["changed reasoning=minimal"] })
  expect(reasoning({ kind: "adaptive", effort: null, shown: null }, "gpt-5.1").body).not.toHaveProperty("reasoning")
  expect(reasoning({ kind: "effort", effort: "high", shown: null }, "gpt-4.1")).toMatchObject({ notes: ["dropped reasoning"] })
  expect(reasoning({ kind: "effort", effort: "high", shown: null }, "gpt-4.1").body).not.toHaveProperty("include")
})

test("W-68 W-69 the bound on output is never above what the client, the model and the hold allow, and what was altered is said", () => {
  const bound = (outputTokensMax: number | null, target: object) => encode({ generation: { ...generation, outputTokensMax } }, "gpt-4.1", target)
  expect(bound(100, {})).toMatchObject({ body: { max_output_tokens: 100 }, notes: [] })
  expect(bound(100_000, { outputTokensMax: 32_768 })).toMatchObject({ body: { max_output_tokens: 32_768 }, notes: ["changed outputTokensMax=32768"] })
  expect(bound(null, { outputTokensCap: 500, outputTokensMax: 32_768 })).toMatchObject({ body: { max_output_tokens: 500 }, notes: ["changed outputTokensMax=500"] })
  expect(bound(1, {})).toMatchObject({ body: { max_output_tokens: 16 }, notes: ["changed outputTokensMax=16"] })
  expect(bound(null, { outputTokensMax: 32_768 }).body).not.toHaveProperty("max_output_tokens")
})

test("W-70 W-71 W-72 W-75 what this dialect has no word for, or the model refuses, is left out by name", () => {
  const all = { ...generation, temperature: 0.5, topP: 0.9, topK: 5, seed: 1, presencePenalty: 1, frequencyPenalty: 1, logitBias: { "1": 1 }, stop: ["x"], logprobs: 2 }
  expect(encode({ generation: all }, "gpt-4.1")).toMatchObject({ body: { temperature: 0.5, top_p: 0.9, top_logprobs: 2, include: ["message.output_text.logprobs"] }, notes: ["topK", "seed", "presencePenalty", "frequencyPenalty", "logitBias", "stop"].map((name) => `dropped ${name}`) })
  const fixed = encode({ generation: { ...generation, temperature: 0.5, topP: 0.9, logprobs: 2 } }, "gpt-5.1")
  expect(fixed.notes).toEqual(["dropped temperature", "dropped topP", "dropped logprobs"])
  expect(fixed.body).not.toHaveProperty("temperature")
})

test("W-66 W-73 several answers, recordings and pictures to be made are refused by name", () => {
  expect(refusal({ generation: { ...generation, choices: 2 } })).toBe("choices")
  expect(refusal({ generation: { ...generation, modalities: ["text", "audio"] } })).toBe("modalities")
  expect(refusal({ turns: [user({ kind: "audio", media: { kind: "base64", mediaType: "audio/wav", data: "QUJD" } })] })).toBe("messages")
})

test("W-76 W-77 W-79 formats keep name and strictness, the end user is hashed, and a tier of another vendor is left out by name", () => {
  const { body, notes } = encode({ generation: { ...generation, format: { kind: "schema", name: null, description: null, schema: { type: "object" }, strict: true }, verbosity: "low" }, user: "somebody@example.com", serviceTier: "standard_only" })
  expect(body).toMatchObject({ text: { format: { type: "json_schema", name: "answer", schema: { type: "object" }, strict: true }, verbosity: "low" }, safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  expect(notes).toEqual(["dropped serviceTier"])
  expect(encode({ generation: { ...generation, format: { kind: "json" } } }).body).toMatchObject({ text: { format: { type: "json_object" } } })
})

test("what both can say is the same after it was read and written", () => {
  const words = fc.string({ minLength: 1 }).filter((one) => one.trim() !== "")
  const tool = fc.record({ type: fc.constant("function"), name: fc.stringMatching(/^[a-z_]{1,20}$/), description: words, parameters: fc.constant({ type: "object", properties: { a: { type: "string" } } }), strict: fc.boolean() })
  const round = fc.record({ question: words, thought: words, answer: words, input: fc.json(), result: words, custom: words })
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 3 }), fc.uniqueArray(tool, { selector: ({ name }) => name, minLength: 1, maxLength: 3 }), fc.constantFrom("auto", "none", "required"), (rounds, tools, tool_choice) => {
      const input = rounds.flatMap(({ question, thought, answer, input: args, result: output }, index) => [
        { type: "message", role: "user", content: [{ type: "input_text", text: question }] },
        { type: "reasoning", summary: [{ type: "summary_text", text: thought }], encrypted_content: `gAAA${index}` },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: answer }] },
        { type: "function_call", call_id: `call_${index}`, name: "f", arguments: args },
        { type: "function_call_output", call_id: `call_${index}`, output },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: answer }] },
      ])
      const fields = { instructions: "Be brief.", input, tools, tool_choice, parallel_tool_calls: true, max_output_tokens: 100, temperature: 0.5, store: false }
      const read = decodeRsRequest(callOf(fields))
      const written = read.ok ? encodeRsRequest(read.value, targetOf("public"), { streamed: false, notes: notebook() }) : read
      expect(written.ok && written.value.body).toEqual({ model: "public", ...fields })
    }),
  )
})
