import { describe, expect, test } from "vitest"
import { bench, channel, config, model, principal, quota, streamed, target, whole } from "#lib/gateway/test/fakes.ts"

/* Thinking that only a call's proof brings back: Gemini CLI and Vercel's AI SDK keep nothing else of it. */

type Fields = Record<string, unknown>
const proof = "EqQB+/="
const thinking = { type: "thinking", thinking: "Look “there”.", signature: proof }
const call = { type: "tool_use", id: "toolu_1", name: "look", input: { at: "pump" } }
const answer = { id: "msg_1", type: "message", role: "assistant", content: [thinking, { type: "redacted_thinking", data: "RED" }, { type: "text", text: "One moment." }, call], stop_reason: "tool_use", usage: { input_tokens: 10, output_tokens: 5 } }
const event = (data: Fields & { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const block = (index: number, content_block: Fields, ...deltas: readonly Fields[]) => event({ type: "content_block_start", index, content_block }) + deltas.map((delta) => event({ type: "content_block_delta", index, delta })).join("") + event({ type: "content_block_stop", index })
const stream = [
  event({ type: "message_start", message: { id: "msg_1", usage: { input_tokens: 10, output_tokens: 1 } } }),
  block(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "Look " }, { type: "thinking_delta", thinking: "“there”." }, { type: "signature_delta", signature: proof }),
  block(1, { type: "redacted_thinking", data: "RED" }),
  block(2, { type: "text", text: "" }, { type: "text_delta", text: "One moment." }),
  block(3, { ...call, input: {} }, { type: "input_json_delta", partial_json: '{"at":"pump"}' }),
  event({ type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 5 } }),
  event({ type: "message_stop" }),
]
/** What Anthropic wants back, byte for byte and in this order. */
const wanted = [thinking, { type: "redacted_thinking", data: "RED" }, { type: "text", text: "One moment." }, call]

const claude = target(channel("claude", { providerId: "anthropic", endpoints: { am: "https://claude.example/v1" } }), { upstreamModel: "claude-opus-4-5" })
const gemini = target(channel("gemini", { providerId: "gemini", endpoints: { gm: "https://gm.example/v1beta" } }), { upstreamModel: "gemini-3-pro-preview" })
const deepseek = target(channel("deepseek", { providerId: "deepseek", endpoints: { cc: "https://ds.example" } }), { upstreamModel: "deepseek-v4" })

function clients(at: typeof claude) {
  const set = bench({ config: config(model("public", [at])), principal: principal({ quotas: [quota()] }) })
  const post = (path: string, body: Fields) => set.start({ path, headers: { authorization: "Bearer sk-tp-1" }, body: JSON.stringify(body) }).over
  const generate = (contents: readonly Fields[], streaming = false) => post(`/v1beta/models/public:${streaming ? "streamGenerateContent?alt=sse" : "generateContent"}`, { contents, tools: [{ functionDeclarations: [{ name: "look" }] }], generationConfig: { thinkingConfig: { thinkingBudget: 2_000, includeThoughts: true }, maxOutputTokens: 5_000 } })
  const chat = (messages: readonly Fields[], streaming = false) => post("/v1/chat/completions", { model: "public", messages, stream: streaming, max_tokens: 5_000, reasoning_effort: "low", tools: [{ type: "function", function: { name: "look" } }] })
  return { ...set, generate, chat }
}

type Part = Fields & { readonly thought?: boolean; readonly functionCall?: Fields; readonly thoughtSignature?: string; readonly text?: string }
const partsIn = (body: string): readonly Part[] => body.split("\n").flatMap((line) => (line.startsWith("data: {") ? (JSON.parse(line.slice(6)) as { candidates: readonly { content: { parts: readonly Part[] } }[] }).candidates.flatMap(({ content }) => content.parts) : []))
const asked = { role: "user", parts: [{ text: "Mend it." }] }
const found = { role: "user", parts: [{ functionResponse: { id: "toolu_1", name: "look", response: { output: "a crack" } } }] }

async function geminiParts(at: typeof claude, streaming: boolean, script: unknown = streaming ? streamed(...stream) : whole(200, answer)): Promise<readonly Part[]> {
  const { generate, upstream } = clients(at)
  upstream.script.push(script as ReturnType<typeof whole>)
  const answered = await generate([asked], streaming)
  return streaming ? partsIn(answered.body) : (answered.json() as { candidates: readonly { content: { parts: readonly Part[] } }[] }).candidates.flatMap(({ content }) => content.parts)
}

async function messagesSent(at: typeof claude, parts: readonly Part[]): Promise<Fields> {
  const { generate, upstream } = clients(at)
  upstream.script.push(whole(200, answer))
  await generate([asked, { role: "model", parts }, found])
  return upstream.calls[0]?.body ?? {}
}
const assistantIn = (body: Fields) => ((body["messages"] ?? []) as readonly { role: string; content: unknown }[]).find(({ role }) => role === "assistant")?.content

describe.each([false, true])("from an answer that was streamed: %s", (streaming) => {
  test("W-54 a Gemini client that drops all thoughts brings Claude's back with its call", async () => {
    const parts = await geminiParts(claude, streaming)
    expect(parts.filter(({ thought }) => thought).map(({ text }) => text).join("")).toBe("Look “there”.")
    expect(assistantIn(await messagesSent(claude, parts.filter(({ thought }) => thought !== true)))).toEqual(wanted)
  })

  test("W-54 one that keeps its thoughts brings each of them back once", async () => {
    expect(assistantIn(await messagesSent(claude, await geminiParts(claude, streaming)))).toEqual(wanted)
  })

  test("W-54 a client of chat completions that keeps only the proof of its calls brings Claude's thinking back", async () => {
    const { chat, upstream } = clients(claude)
    upstream.script.push(streaming ? streamed(...stream) : whole(200, answer), whole(200, answer), whole(200, answer))
    const answered = await chat([{ role: "user", content: "Mend it." }], streaming)
    type Call = { readonly id?: string; readonly extra_content?: Fields }
    const called = streaming
      ? answered.body.split("\n").flatMap((line) => (line.startsWith("data: {") ? (JSON.parse(line.slice(6)) as { choices: readonly { delta: { tool_calls?: readonly Call[] } }[] }).choices.flatMap(({ delta }) => delta.tool_calls ?? []) : []))
      : (answered.json() as { choices: readonly { message: { tool_calls: readonly Call[] } }[] }).choices.flatMap(({ message }) => message.tool_calls)
    // Vercel's AI SDK reads the proof where the call begins.
    const { extra_content } = called[0] ?? {}
    const message = { role: "assistant", content: "One moment.", reasoning_content: "Look “there”.", tool_calls: [{ id: "toolu_1", type: "function", function: { name: "look", arguments: '{"at":"pump"}' }, extra_content }] }
    const result = { role: "tool", tool_call_id: "toolu_1", content: "a crack" }
    await chat([{ role: "user", content: "Mend it." }, message, result])
    expect(assistantIn(upstream.calls[1]?.body ?? {})).toEqual(wanted)
    const details = [{ type: "reasoning.text", text: "Look “there”.", signature: Buffer.from(`tp1.am.${proof}`).toString("base64"), index: 0 }, { type: "reasoning.encrypted", data: Buffer.from("tp1.am.RED").toString("base64"), index: 1 }]
    await chat([{ role: "user", content: "Mend it." }, { ...message, reasoning_details: details }, result])
    expect(assistantIn(upstream.calls[2]?.body ?? {})).toEqual(wanted)
  })
})

test("W-56 W-57 what Claude proved goes to no other provider: Gemini gets its own word for it, translated or not", async () => {
  const parts = (await geminiParts(claude, true)).filter(({ thought }) => thought !== true)
  const raw = await messagesSent(gemini, parts)
  expect(JSON.stringify(raw)).not.toContain("dHAx")
  expect(raw["contents"]).toMatchObject([asked, { role: "model", parts: [{ text: "One moment." }, { functionCall: { name: "look", args: { at: "pump" } }, thoughtSignature: "skip_thought_signature_validator" }] }, found])
  const older = await messagesSent({ ...gemini, upstreamModel: "gemini-2.5-flash" }, parts)
  expect(JSON.stringify(older)).not.toContain("ignature")
})

test("W-57 on the raw lane Gemini's own proofs, and all contents beside, keep their bytes", async () => {
  const { start, upstream } = clients(gemini)
  upstream.script.push(whole(200, {}))
  const foreign = JSON.stringify((await geminiParts(claude, false)).filter(({ functionCall }) => functionCall))
  await start({ path: "/v1beta/models/public:generateContent", headers: { authorization: "Bearer sk-tp-1" }, body: `{"contents":[{"role":"model","parts":[{"text":"\\u00e9","thoughtSignature":"b3du","n":1.0}]},{"role":"model","parts":${foreign}},{"parts":[{"text":"go on"}]}]}` }).over
  expect(upstream.calls[0]?.request.body.toString()).toBe('{"contents":[{"role":"model","parts":[{"text":"\\u00e9","thoughtSignature":"b3du","n":1.0}]},{"role":"model","parts":[{"functionCall":{"id":"toolu_1","name":"look","args":{"at":"pump"}},"thoughtSignature":"skip_thought_signature_validator"}]},{"parts":[{"text":"go on"}]}]}')
})

test("a vendor that signs nothing and refuses calls without their thinking gets it back from a client that drops it", async () => {
  const said = { id: "c1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: null, reasoning_content: "Look.", tool_calls: [{ id: "toolu_1", type: "function", function: { name: "look", arguments: "{}" } }] }, finish_reason: "tool_calls" }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }
  const parts = (await geminiParts(deepseek, false, whole(200, said))).filter(({ thought }) => thought !== true)
  const { generate, upstream } = clients(deepseek)
  upstream.script.push(whole(200, said))
  await generate([asked, { role: "model", parts }, found])
  expect(upstream.calls[0]?.body["messages"]).toMatchObject([{ role: "user" }, { role: "assistant", reasoning_content: "Look.", tool_calls: [{ id: "toolu_1" }] }, { role: "tool" }])
})

test("what is no list of thoughts behind the mark is nothing", async () => {
  for (const data of ["thoughts.", "thoughts.{}", "thoughts.[1,[],[2,false,null,null]]"]) {
    const body = await messagesSent(claude, [{ functionCall: { id: "toolu_1", name: "look", args: {} }, thoughtSignature: Buffer.from(`tp1.am.${data}`).toString("base64") }])
    expect(assistantIn(body)).toEqual([{ type: "tool_use", id: "toolu_1", name: "look", input: {} }])
  }
})

test("W-56 on the raw lane of chat completions nothing arrives of another's proofs, and messages without any keep their bytes", async () => {
  const { chat, upstream } = clients(claude)
  upstream.script.push(whole(200, answer))
  const { choices } = (await chat([{ role: "user", content: "Mend it." }])).json() as unknown as { choices: readonly [{ message: Fields }] }
  expect(JSON.stringify(choices[0].message)).toContain("dHAx")
  const other = clients({ ...deepseek, upstreamModel: "glm-5.3" })
  other.upstream.script.push(whole(200, {}))
  const theirs = { type: "reasoning.text", text: "t", signature: "own", index: 0 }
  const message = { ...choices[0].message, reasoning_details: [...(choices[0].message["reasoning_details"] as readonly unknown[]), theirs] }
  await other.start({ path: "/v1/chat/completions", headers: { authorization: "Bearer sk-tp-1" }, body: `{"model":"public","messages":[{"role":"user","content":"\\u00e9","n":1.0},${JSON.stringify(message)},{"role":"tool","tool_call_id":"toolu_1","content":"dHAxL"}]}` }).over
  const sent = other.upstream.calls[0]?.request.body.toString() ?? ""
  expect(sent).toContain('[{"role":"user","content":"\\u00e9","n":1.0},')
  expect(sent).not.toContain("extra_content")
  expect(sent).not.toContain('"dHAxL2')
  expect((JSON.parse(sent) as { messages: readonly Fields[] }).messages[1]).toMatchObject({ content: "One moment.", reasoning_content: "Look “there”.", reasoning_details: [theirs], tool_calls: [{ id: "toolu_1" }] })
})
