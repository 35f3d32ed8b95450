import fc from "fast-check"
import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { TargetModel } from "../chat/codec.ts"
import { createNotebook } from "../chat/notes.ts"
import type { Part } from "../chat/part.ts"
import { type ChatField, chatFields, type ChatRequest, type Generation, type Reasoning, type Turn } from "../chat/request.ts"
import { writeSignature } from "../chat/signature.ts"
import { decodeAmRequest } from "./decode-request.ts"
import { encodeAmRequest } from "./encode-request.ts"
import { amLane } from "./lane.ts"
import { claudeCodeRequest } from "./test/claude-code-request.ts"

const generation: Generation = { outputTokensMax: 4_000, choices: 1, stop: [], temperature: null, topP: null, topK: null, seed: null, presencePenalty: null, frequencyPenalty: null, logitBias: null, logprobs: null, format: null, verbosity: null, modalities: [] }
const text = (words: string): Part => ({ kind: "text", text: words })
const user = (...parts: readonly Part[]): Turn => ({ role: "user", parts })
const assistant = (...parts: readonly Part[]): Turn => ({ role: "assistant", parts })
const call = (id: string, name = "f", args = "{}"): Part => ({ kind: "toolCall", id, name, arguments: args })
const result = (callId: string, words = "done"): Part => ({ kind: "toolResult", callId, name: null, content: [{ kind: "text", text: words }], failed: false })
const tool = (name: string) => ({ kind: "function", name, description: null, parameters: { type: "object", properties: {} }, strict: null }) as const
const plain: ChatRequest = { turns: [user(text("hi"))], tools: [], toolChoice: null, parallelTools: null, generation, reasoning: null, user: null, serviceTier: null, unknown: [] }

const targetOf = (model: string, more: Partial<TargetModel> = {}): TargetModel => ({ providerId: "anthropic", model, outputTokensMax: 64_000, traits: traitsOf(model), outputTokensCap: null, ...more })
const fieldNames = Object.fromEntries(chatFields.map((field) => [field, field])) as Record<ChatField, string>

function attempt(request: Partial<ChatRequest>, target: TargetModel = targetOf("claude-opus-4-6"), streamed = false) {
  const notes = createNotebook(fieldNames, [])
  const encoded = encodeAmRequest({ ...plain, ...request }, target, { streamed, notes })
  return { encoded, dropped: notes.droppedPaths, changed: notes.changes }
}
/** The body of a request that can be written. */
function bodyOf(request: Partial<ChatRequest>, target?: TargetModel): Record<string, unknown> {
  const { encoded } = attempt(request, target)
  if (!encoded.ok) throw new Error(encoded.error.message)
  return JSON.parse(JSON.stringify(encoded.value.body)) as Record<string, unknown>
}
const generated = (fields: Partial<Generation>): Partial<ChatRequest> => ({ generation: { ...generation, ...fields } })
const messagesOf = (turns: readonly Turn[], more: Partial<ChatRequest> = {}) => bodyOf({ turns, ...more })["messages"]
const OLD = targetOf("claude-3-5-sonnet-20241022")
const BUDGET = targetOf("claude-opus-4-5")
const ADAPTIVE = targetOf("claude-opus-4-8")

test("W-1 several leading system turns become one ordered system array, and a later one keeps its place as a marked user part (W-2)", () => {
  const body = bodyOf({ turns: [{ role: "system", parts: [text("a")] }, { role: "system", parts: [text("b")] }, user(text("c")), { role: "system", parts: [text("d")] }, assistant(text("e")), user(text("f"))] })
  expect(body["system"]).toEqual([{ type: "text", text: "a" }, { type: "text", text: "b" }])
  expect(body["messages"]).toEqual([
    { role: "user", content: [{ type: "text", text: "c" }, { type: "text", text: "<system>\nd\n</system>" }] },
    { role: "assistant", content: [{ type: "text", text: "e" }] },
    { role: "user", content: [{ type: "text", text: "f" }] },
  ])
})

test("W-5 W-6 turns of one role become one, and the user has the first word", () => {
  expect(messagesOf([assistant(text("a")), assistant(text("b")), user(text("c")), user(text("d"))])).toEqual([
    { role: "user", content: [{ type: "text", text: "." }] },
    { role: "assistant", content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] },
    { role: "user", content: [{ type: "text", text: "c" }, { type: "text", text: "d" }] },
  ])
  expect(messagesOf([{ role: "system", parts: [text("only this")] }])).toEqual([{ role: "user", content: [{ type: "text", text: "." }] }])
})

test("W-7 W-8 W-27 W-34 blank text is no block, text stands before calls, and results come first and together", () => {
  expect(messagesOf([user(text("go")), assistant(text(" "), call("a"), call("b", "g", '{"x":1}')), user(result("a")), user(text("\n"), result("b", ""), text("and?"))])).toEqual([
    { role: "user", content: [{ type: "text", text: "go" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: {} }, { type: "tool_use", id: "b", name: "g", input: { x: 1 } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: "done" }] }, { type: "tool_result", tool_use_id: "b", content: "" }, { type: "text", text: "and?" }] },
  ])
})

test("W-9 W-10 an assistant turn at the end is gone on with where the model can, without space at its end, and refused by name where it cannot", () => {
  const turns = [user(text("q")), assistant(text("The answer is \n"))]
  expect((bodyOf({ turns }, OLD)["messages"] as readonly unknown[]).at(-1)).toEqual({ role: "assistant", content: [{ type: "text", text: "The answer is" }] })
  for (const target of [ADAPTIVE, targetOf("glm-5.3")]) expect(attempt({ turns }, target).encoded).toMatchObject({ ok: false, error: { field: "messages" } })
})

test("W-12 W-19 names of turns are left out without an error, and what was not said stays unsaid", () => {
  expect(bodyOf({ turns: [{ ...user(text("hi")), name: "ann" }] })).toEqual({ model: "claude-opus-4-6", max_tokens: 4_000, messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] })
})

test("W-13 W-14 W-26 tools keep their schemas and their strictness, and each has one", () => {
  const schema = { type: "object", properties: { a: { $ref: "#/$defs/x" } }, required: ["a", "a"], additionalProperties: false, $defs: { x: { type: "string" } } }
  const body = bodyOf({ tools: [{ ...tool("f"), description: "d", parameters: schema, strict: true }, { ...tool("g"), parameters: null }] })
  expect(body["tools"]).toEqual([
    { name: "f", description: "d", input_schema: { ...schema, required: ["a"] }, strict: true },
    { name: "g", input_schema: { type: "object", properties: {} } },
  ])
})

test("W-15 W-16 W-17 W-18 W-19 the choice of tools is said as messages say it, and goes where the tools go", () => {
  const choice = (more: Partial<ChatRequest>) => bodyOf({ tools: [tool("f"), tool("g")], ...more })["tool_choice"]
  expect(choice({ toolChoice: { kind: "any" } })).toEqual({ type: "any" })
  expect(choice({ toolChoice: { kind: "none" }, parallelTools: false })).toEqual({ type: "none" })
  expect(choice({ toolChoice: { kind: "tool", name: "g" } })).toEqual({ type: "tool", name: "g" })
  expect(choice({ parallelTools: false })).toEqual({ type: "auto", disable_parallel_tool_use: true })
  expect(choice({ parallelTools: true })).toBeUndefined()
  expect(bodyOf({ tools: [], toolChoice: { kind: "any" } })).not.toHaveProperty("tool_choice")
  expect(bodyOf({ tools: [tool("f"), tool("g")], toolChoice: { kind: "any", allowed: ["g"] } })).toMatchObject({ tools: [{ name: "g" }], tool_choice: { type: "any" } })
})

test("a conversation with calls whose tools are gone still names them, and offers none", () => {
  expect(bodyOf({ turns: [user(text("go")), assistant(call("a")), user(result("a"))] })).toMatchObject({ tools: [{ name: "f" }], tool_choice: { type: "none" } })
})

test("W-20 a call that must use a tool does not think, and that is said", () => {
  const { encoded, changed } = attempt({ tools: [tool("f")], toolChoice: { kind: "any" }, reasoning: { kind: "effort", effort: "high", shown: null } })
  expect(encoded).toMatchObject({ value: { body: { thinking: { type: "disabled" }, tool_choice: { type: "any" } } } })
  expect(changed).toEqual(["reasoning=disabled"])
})

test("W-21 W-36 ids that Anthropic refuses get others, the same in every request, and calls that share an id keep their own results", () => {
  const turns = [user(text("go")), assistant(call("functions.f:0"), call("same"), call("same")), user(result("functions.f:0", "0"), result("same", "1"), result("same", "2"))]
  const [, calls, results] = messagesOf(turns) as readonly [unknown, { content: readonly { id: string }[] }, { content: readonly { tool_use_id: string; content: readonly { text: string }[] }[] }]
  const ids = calls.content.map(({ id }) => id)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(new Set(ids).size).toBe(3)
  expect(results.content.map(({ tool_use_id }) => tool_use_id)).toEqual(ids)
  expect(results.content.map(({ content }) => content[0]?.text)).toEqual(["0", "1", "2"])
  expect(messagesOf([...turns, assistant(text("so")), user(text("on"))])).toMatchObject({ 1: { content: ids.map((id) => ({ id })) } })
})

test("W-22 a tool's name that Anthropic refuses is the same alias in the tools, the choice and the history", () => {
  const name = "mcp.files/read all"
  const { encoded } = attempt({ tools: [tool(name)], toolChoice: { kind: "tool", name }, turns: [user(text("go")), assistant(call("a", name)), user(result("a"))] })
  if (!encoded.ok) throw new Error(encoded.error.message)
  const [alias] = [...encoded.value.toolNames.keys()]
  expect(encoded.value.toolNames.get(alias ?? "")).toBe(name)
  expect(encoded.value.body).toMatchObject({ tools: [{ name: alias }], tool_choice: { name: alias }, messages: [{}, { content: [{ name: alias }] }, {}] })
})

test("W-23 W-126 a search is Anthropic's own tool, and searches of Anthropic's go back as they were", () => {
  const search = { kind: "search", name: "web_search", usesMax: 3, allowedDomains: ["example.com"], blockedDomains: [], location: { type: "approximate", country: "NO" } } as const
  const done: Part = { kind: "search", id: "srvtoolu_1", query: "q", failed: null, results: [{ url: "https://example.com", title: "E", pageAge: null, opaque: { origin: "am", data: "enc+/=" } }] }
  const foreign: Part = { kind: "search", id: "ws_1", query: "q", failed: null, results: [{ url: "https://example.com", title: "E", pageAge: null }] }
  const body = bodyOf({ tools: [search], turns: [user(text("go")), assistant(done, foreign), user(text("more"))] })
  expect(body["tools"]).toEqual([{ type: "web_search_20250305", name: "web_search", max_uses: 3, allowed_domains: ["example.com"], user_location: { type: "approximate", country: "NO" } }])
  expect((body["messages"] as readonly { content: unknown }[])[1]?.content).toEqual([
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [{ type: "web_search_result", url: "https://example.com", title: "E", encrypted_content: "enc+/=", page_age: null }] },
    { type: "text", text: "The web was searched for “q”:\n- E https://example.com" },
  ])
})

test("W-29 W-30 W-31 results hold pictures and failures, and an empty one is an empty text", () => {
  const picture: Part = { kind: "toolResult", callId: "a", name: null, content: [{ kind: "image", media: { kind: "base64", mediaType: "image/png", data: "iVBORw0K" } }], failed: true }
  const empty: Part = { kind: "toolResult", callId: "b", name: null, content: [], failed: false }
  expect((messagesOf([user(text("go")), assistant(call("a"), call("b")), user(picture, empty)]) as readonly { content: unknown }[])[2]?.content).toEqual([
    { type: "tool_result", tool_use_id: "a", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0K" } }], is_error: true },
    { type: "tool_result", tool_use_id: "b", content: "" },
  ])
})

test("W-32 a call without a result gets one that says so, and a result without a call is not lost", () => {
  const messages = messagesOf([user(result("gone", "lost words")), assistant(call("a")), user(text("next"))]) as readonly { content: readonly Record<string, unknown>[] }[]
  expect(JSON.stringify(messages[0])).toContain("lost words")
  expect(messages[2]?.content[0]).toMatchObject({ type: "tool_result", tool_use_id: "a", is_error: true })
})

test("W-35 arguments that are no object are wrapped, and none are an empty object", () => {
  const inputs = (args: string) => (messagesOf([user(text("go")), assistant(call("a", "f", args)), user(result("a"))]) as readonly { content: readonly { input: unknown }[] }[])[1]?.content[0]?.input
  expect(inputs("")).toEqual({})
  expect(inputs('{"cut":')).toEqual({ input: '{"cut":' })
})

test.each<[string, Reasoning, TargetModel, object, object | undefined]>([
  ["an effort", { kind: "effort", effort: "high", shown: null }, ADAPTIVE, { type: "adaptive", display: "summarized" }, { effort: "high" }],
  ["the least effort", { kind: "effort", effort: "minimal", shown: null }, ADAPTIVE, { type: "adaptive", display: "summarized" }, { effort: "low" }],
  ["xhigh, which 4.6 does not know", { kind: "effort", effort: "xhigh", shown: null }, targetOf("claude-opus-4-6"), { type: "adaptive", display: "summarized" }, { effort: "high" }],
  ["a budget", { kind: "budget", tokens: 8_192, shown: false }, ADAPTIVE, { type: "adaptive", display: "omitted" }, { effort: "medium" }],
  ["a budget that it takes", { kind: "budget", tokens: 2_000, shown: null }, targetOf("claude-sonnet-4-6"), { type: "enabled", budget_tokens: 2_000 }, undefined],
  ["an effort as a budget", { kind: "effort", effort: "low", shown: null }, BUDGET, { type: "enabled", budget_tokens: 1_024 }, undefined],
  ["as it sees fit", { kind: "adaptive", effort: null, shown: null }, ADAPTIVE, { type: "adaptive", display: "summarized" }, undefined],
  ["as it sees fit, where it wants a number", { kind: "adaptive", effort: null, shown: false }, BUDGET, { type: "enabled", budget_tokens: 2_000, display: "omitted" }, undefined],
  ["not to think", { kind: "off", shown: null }, ADAPTIVE, { type: "disabled" }, undefined],
  ["no effort", { kind: "effort", effort: "none", shown: null }, BUDGET, { type: "disabled" }, undefined],
  ["another vendor's model", { kind: "effort", effort: "low", shown: null }, targetOf("glm-5.3", { providerId: "zhipu" }), { type: "enabled", budget_tokens: 1_024 }, undefined],
])("W-48 W-51 thinking by the model's own way: %s", (_, reasoning, target, thinking, output) => {
  const body = bodyOf({ reasoning }, target)
  expect(body["thinking"]).toEqual(thinking)
  expect(body["output_config"]).toEqual(output)
})

test("W-48 a model that cannot think is not asked to, and that is said", () => {
  const { encoded, dropped } = attempt({ reasoning: { kind: "effort", effort: "high", shown: null } }, OLD)
  expect(encoded.ok && encoded.value.body).not.toHaveProperty("thinking")
  expect(dropped).toEqual(["reasoning"])
})

test("W-49 a budget that is too small or too large becomes one that is taken, and that is said", () => {
  const think = (tokens: number, outputTokensMax: number) => {
    const { encoded, changed } = attempt({ reasoning: { kind: "budget", tokens, shown: null }, ...generated({ outputTokensMax }) }, BUDGET)
    return [encoded.ok && encoded.value.body["thinking"], changed]
  }
  expect(think(500, 4_000)).toEqual([{ type: "enabled", budget_tokens: 1_024 }, ["reasoning=1024 tokens"]])
  expect(think(9_000, 4_000)).toEqual([{ type: "enabled", budget_tokens: 2_000 }, ["reasoning=2000 tokens"]])
  expect(think(9_000, 1_000)).toEqual([{ type: "disabled" }, ["reasoning=disabled"]])
  expect(think(3_000, 4_000)).toEqual([{ type: "enabled", budget_tokens: 3_000 }, []])
})

test("W-50 W-71 thinking goes without the sampling that it excludes, and each is named", () => {
  const sampled = generated({ temperature: 0.5, topP: 0.5, topK: 5 })
  const thinking = attempt({ ...sampled, reasoning: { kind: "effort", effort: "low", shown: null } }, BUDGET)
  expect(thinking.dropped).toEqual(["temperature", "topP", "topK"])
  for (const field of ["temperature", "top_p", "top_k"]) expect(thinking.encoded.ok && thinking.encoded.value.body).not.toHaveProperty(field)
  expect(attempt(sampled, ADAPTIVE).dropped).toEqual(["temperature", "topP", "topK"])
  expect(attempt(sampled, OLD)).toMatchObject({ dropped: [], encoded: { value: { body: { temperature: 0.5, top_p: 0.5, top_k: 5 } } } })
  expect(attempt(sampled, BUDGET)).toMatchObject({ dropped: ["topP"], encoded: { value: { body: { temperature: 0.5, top_k: 5 } } } })
})

test("W-54 W-55 W-56 Anthropic's own thinking goes back byte for byte, and anybody else's is left out", () => {
  const own = [
    { kind: "reasoning", text: "Hm", signature: { origin: "am", data: "a+/=" } },
    { kind: "reasoning", text: "", signature: { origin: "am", data: "b+/=" } },
    { kind: "reasoning", text: "", hidden: true, signature: { origin: "am", data: "c+/=" } },
  ] as const satisfies readonly Part[]
  const foreign = [{ kind: "reasoning", text: "synthetic" }, { kind: "reasoning", text: "Hm", signature: { origin: "rs", data: "d" } }, { ...call("a"), signature: { origin: "gm", data: "e" } }] as const satisfies readonly Part[]
  const { encoded, dropped } = attempt({ turns: [user(text("q")), assistant(...own, ...foreign), user(result("a"))] })
  expect(encoded).toMatchObject({
    value: {
      body: {
        messages: [
          {},
          { content: [{ type: "thinking", thinking: "Hm", signature: "a+/=" }, { type: "thinking", thinking: "", signature: "b+/=" }, { type: "redacted_thinking", data: "c+/=" }, { type: "tool_use", id: "a" }] },
          {},
        ],
      },
    },
  })
  expect(JSON.stringify(encoded)).not.toContain("synthetic")
  expect(dropped).toEqual(["messages[].reasoning"])
})

test("a model with a budget does not think where the last turn called a tool without thinking, which Anthropic refuses", () => {
  const turns = [user(text("q")), assistant(call("a")), user(result("a"))]
  const reasoning: Reasoning = { kind: "effort", effort: "low", shown: null }
  expect(attempt({ turns, reasoning }, BUDGET)).toMatchObject({ changed: ["reasoning=disabled"], encoded: { value: { body: { thinking: { type: "disabled" } } } } })
  expect(bodyOf({ turns, reasoning }, ADAPTIVE)["thinking"]).toMatchObject({ type: "adaptive" })
})

test("W-62 W-63 W-64 W-66 pictures and documents go in their own form, and sound is refused by name", () => {
  const parts: readonly Part[] = [
    { kind: "image", media: { kind: "base64", mediaType: "image/jpg", data: "/9j/" } },
    { kind: "image", media: { kind: "url", url: "https://example.com/a.png", mediaType: null } },
    { kind: "document", media: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "a.pdf" },
    { kind: "document", media: { kind: "url", url: "https://example.com/a.pdf", mediaType: null }, name: null },
    { kind: "document", media: { kind: "text", text: "plain" }, name: null },
    { kind: "document", media: { kind: "base64", mediaType: "text/csv", data: "YSxi" }, name: null },
  ]
  expect((messagesOf([user(...parts)]) as readonly { content: unknown }[])[0]?.content).toEqual([
    { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "/9j/" } },
    { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "a.pdf" },
    { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
    { type: "document", source: { type: "text", media_type: "text/plain", data: "plain" } },
    { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } },
  ])
  for (const part of [{ kind: "audio", media: { kind: "base64", mediaType: "audio/wav", data: "UklG" } }, { kind: "document", media: { kind: "base64", mediaType: "application/zip", data: "UEs=" }, name: null }] as const) {
    expect(attempt({ turns: [user(part)] }).encoded).toMatchObject({ ok: false, error: { field: "messages" } })
  }
})

test("W-68 W-69 an absent bound is the model's, one above it or above what the hold buys is lowered, and that is said", () => {
  const bound = (outputTokensMax: number | null, target: TargetModel) => {
    const { encoded, changed } = attempt(generated({ outputTokensMax }), target)
    return [encoded.ok && encoded.value.body["max_tokens"], changed]
  }
  expect(bound(null, targetOf("claude-opus-4-6"))).toEqual([64_000, []])
  expect(bound(null, targetOf("unheard-of", { outputTokensMax: null }))).toEqual([8_192, []])
  expect(bound(100_000, targetOf("claude-opus-4-6"))).toEqual([64_000, ["outputTokensMax=64000"]])
  expect(bound(4_000, targetOf("claude-opus-4-6", { outputTokensCap: 512 }))).toEqual([512, ["outputTokensMax=512"]])
  expect(bound(4_000, targetOf("claude-opus-4-6", { outputTokensCap: 9_000 }))).toEqual([4_000, []])
})

test("W-70 W-71 W-79 stop words, a temperature within Anthropic's, and the user's hash", () => {
  const { encoded, changed, dropped } = attempt({ ...generated({ stop: ["END", "\n\n"], temperature: 1.7 }), user: "ann@example.com" })
  expect(encoded).toMatchObject({ value: { body: { stop_sequences: ["END"], temperature: 1, metadata: { user_id: expect.stringMatching(/^[0-9a-f]{64}$/) as string } } } })
  expect(changed).toEqual(["temperature=1"])
  expect(dropped).toEqual(["stop"])
})

test("W-73 W-74 W-75 several answers are refused by name; what Anthropic has no word for is left out by name", () => {
  expect(attempt(generated({ choices: 2 })).encoded).toMatchObject({ ok: false, error: { field: "choices" } })
  expect(attempt(generated({ modalities: ["text", "audio"] })).encoded).toMatchObject({ ok: false, error: { field: "modalities" } })
  const { dropped } = attempt({ ...generated({ seed: 7, presencePenalty: 0.5, frequencyPenalty: 0, logitBias: { "1": 5 }, logprobs: 2, verbosity: "low" }), serviceTier: "flex" })
  expect(dropped).toEqual(["seed", "presencePenalty", "logitBias", "logprobs", "verbosity", "serviceTier"])
})

const schema = { type: "object", properties: { age: { type: "integer", minimum: 0, maximum: 150 }, minimum: { type: "string", description: "d", minLength: 2 } }, required: ["age"] }
const format = { kind: "schema", name: "person", description: null, schema, strict: true } as const

test("W-77 a schema binds the answer where the model can be bound, within what Anthropic takes, and the client's own is not touched", () => {
  const before = JSON.stringify(schema)
  const { encoded, changed } = attempt(generated({ format }))
  expect(encoded).toMatchObject({
    value: {
      body: {
        output_config: {
          format: {
            type: "json_schema",
            schema: {
              type: "object",
              properties: { age: { type: "integer", description: "minimum: 0, maximum: 150" }, minimum: { type: "string", description: "d minLength: 2" } },
              required: ["age"],
              additionalProperties: false,
            },
          },
        },
      },
    },
  })
  expect(changed).toEqual(["format=without minimum+maximum+minLength"])
  expect(JSON.stringify(schema)).toBe(before)
})

test("W-76 W-77 where no schema can bind the answer it is asked for in words, and that is said", () => {
  for (const [wanted, target] of [[format, OLD], [{ kind: "json" } as const, ADAPTIVE]] as const) {
    const { encoded, changed } = attempt(generated({ format: wanted }), target)
    expect(encoded).toMatchObject({ value: { body: { system: [{ type: "text", text: expect.stringContaining("JSON") as string }] } } })
    expect(encoded.ok && encoded.value.body).not.toHaveProperty("output_config")
    expect(changed).toEqual(["format=instruction"])
  }
})

test("W-123 marks for the cache stay where they stand, and of more than four the last ones", () => {
  const marked = (words: string, ttl: "1h" | null = null): Part => ({ kind: "text", text: words, cache: { ttl } })
  const turns: readonly Turn[] = [{ role: "system", parts: [marked("s", "1h")] }, user(marked("a")), assistant(marked("b")), { ...user(text("c"), text("d")), cache: { ttl: null } }]
  const body = bodyOf({ turns, tools: [{ ...tool("f"), cache: { ttl: null } }] })
  expect(body).toMatchObject({
    system: [{ cache_control: { type: "ephemeral", ttl: "1h" } }],
    messages: [{ content: [{ cache_control: { type: "ephemeral" } }] }, { content: [{ cache_control: { type: "ephemeral" } }] }, { content: [{ text: "c" }, { text: "d", cache_control: { type: "ephemeral" } }] }],
  })
  expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4)
  expect(body["tools"]).toEqual([{ name: "f", input_schema: { type: "object", properties: {} } }])
})

test("W-78 W-115 the request that a body is written from is the same afterwards, and gives the same body again", () => {
  const call = amLane.readCall(Buffer.from(JSON.stringify(claudeCodeRequest())), {})
  const request = call.ok ? decodeAmRequest(call.value) : call
  if (!request.ok) throw new Error(request.error.message)
  const frozen = JSON.stringify(request.value)
  expect(bodyOf(request.value)).toEqual(bodyOf(request.value))
  expect(JSON.stringify(request.value)).toBe(frozen)
})

/** What messages can say, in the order in which they say it. */
const sayable = (() => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/)
  const cache = fc.option(fc.constantFrom<"5m" | "1h" | null>("5m", "1h", null), { nil: undefined, freq: 8 })
  const textPart = fc.record({ kind: fc.constant("text" as const), text: word }).chain((part) => cache.map((ttl): Part => (ttl === undefined ? part : { ...part, cache: { ttl } })))
  const media = fc.oneof(word.map((data) => ({ kind: "base64" as const, mediaType: "image/png", data })), word.map((path) => ({ kind: "url" as const, url: `https://example.com/${path}`, mediaType: null })))
  const image = media.map((one): Part => ({ kind: "image", media: one }))
  const document = fc.tuple(word, fc.option(word)).map(([words, name]): Part => ({ kind: "document", media: { kind: "text", text: words }, name }))
  const thinking = fc.tuple(fc.string(), word).map(([words, data]): Part => ({ kind: "reasoning", text: words, signature: { origin: "am", data } }))
  const userParts = fc.array(fc.oneof(textPart, image, document), { minLength: 1, maxLength: 3 })
  const exchange = fc.record({ asked: userParts, thought: fc.array(thinking, { maxLength: 2 }), said: fc.array(textPart, { minLength: 1, maxLength: 2 }), calls: fc.nat({ max: 2 }), failed: fc.boolean() })
  return fc.record({ exchanges: fc.array(exchange, { maxLength: 3 }), last: userParts, system: fc.array(textPart, { maxLength: 2 }), topK: fc.option(fc.nat({ max: 99 })), stop: fc.array(word, { maxLength: 3 }), parallelTools: fc.constantFrom(false, null), effort: fc.option(fc.constantFrom("low" as const, "high" as const)) }).map(
    ({ exchanges, last, system, topK, stop, parallelTools, effort }): ChatRequest => {
      let results: Part[] = []
      const turns: Turn[] = system.length === 0 ? [] : [{ role: "system", parts: system }]
      for (const [index, { asked, thought, said, calls, failed }] of exchanges.entries()) {
        const made = Array.from({ length: calls }, (_, at) => call(`t${index}_${at}`, "f", '{"a":1}'))
        turns.push(user(...results, ...asked), assistant(...thought, ...said, ...made))
        results = made.map((_, at): Part => ({ kind: "toolResult", callId: `t${index}_${at}`, name: null, content: [{ kind: "text", text: "r" }, { kind: "image", media: { kind: "url", url: "https://example.com/r", mediaType: null } }], failed }))
      }
      turns.push(user(...results, ...last))
      const reasoning: Reasoning | null = effort === null ? null : { kind: "adaptive", effort, shown: true }
      return { ...plain, turns, tools: [{ ...tool("f"), description: "d" }], toolChoice: parallelTools === false ? { kind: "auto" } : null, parallelTools, generation: { ...generation, topK: effort === null ? topK : null, stop }, reasoning }
    },
  )
})()

test("what messages can say survives being written and read again", () => {
  fc.assert(
    fc.property(sayable, (request) => {
      const marks = JSON.stringify(request).match(/"cache":/g)?.length ?? 0
      fc.pre(marks <= 4)
      const body = bodyOf(request)
      const read = amLane.readCall(Buffer.from(JSON.stringify(body)), {})
      if (!read.ok) throw new Error(read.error.message)
      expect(decodeAmRequest(read.value)).toEqual({ ok: true, value: request })
    }),
    { numRuns: 300 },
  )
})

test("W-56 a marked proof that is not Anthropic's is nothing that Anthropic gets", () => {
  const foreign = writeSignature({ origin: "gm", data: "x" }, "am")
  const read = amLane.readCall(Buffer.from(JSON.stringify({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "q" }, { role: "assistant", content: [{ type: "thinking", thinking: "Hm", signature: foreign }, { type: "text", text: "a" }] }, { role: "user", content: "b" }] })), {})
  const request = read.ok ? decodeAmRequest(read.value) : read
  if (!request.ok) throw new Error(request.error.message)
  expect(JSON.stringify(bodyOf(request.value))).not.toContain("thinking")
})
