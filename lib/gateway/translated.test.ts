import { describe, expect, test } from "vitest"
import { begin, bench, channel, config, failing, model, principal, quota, send, soon, streamed, target, whole } from "./test/fakes.ts"

/*
 * Clients of chat completions over a channel of Anthropic messages, and the other way, through the whole pipeline.
 */

type Fields = Record<string, unknown>

const claude = target(channel("claude", { providerId: "anthropic", priority: 1, endpoints: { am: "https://claude.example/v1" }, auth: { default: "x-api-key" } }), { upstreamModel: "claude-sonnet-5" })
const glm = target(channel("glm", { providerId: "zhipu", priority: 2, endpoints: { cc: "https://glm.example/v4" } }), { upstreamModel: "glm-5.3" })

/** The same target, tried after all others. */
const later = (one: typeof claude) => ({ ...one, channel: { ...one.channel, priority: 3 } })

function clients(targets: Parameters<typeof model>[1], options: Parameters<typeof bench>[0] = {}) {
  const set = bench({ config: config(model("public", targets)), principal: principal({ quotas: [quota()] }), ...options })
  const message = (fields: Fields = {}) =>
    set.start({ path: "/api/v1/messages", body: JSON.stringify({ model: "public", max_tokens: 100, messages: [{ role: "user", content: "hi" }], ...fields }), headers: { "x-api-key": "sk-tp-1", "anthropic-version": "2023-06-01" } })
  return { ...set, message }
}

const amAnswer = (fields: Fields = {}) => ({ id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-5", content: [{ type: "text", text: "hello" }], stop_reason: "end_turn", usage: { input_tokens: 10, output_tokens: 5 }, ...fields })
const amEvent = (data: Fields & { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const amStart = amEvent({ type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-5", content: [], usage: { input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 1 } } })
const amBlock = (index: number, content_block: Fields, ...deltas: readonly Fields[]) =>
  amEvent({ type: "content_block_start", index, content_block }) + deltas.map((delta) => amEvent({ type: "content_block_delta", index, delta })).join("") + amEvent({ type: "content_block_stop", index })
const amText = (index: number, ...texts: readonly string[]) => amBlock(index, { type: "text", text: "" }, ...texts.map((text) => ({ type: "text_delta", text })))
const amEnd = (stop_reason = "end_turn") => amEvent({ type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } }) + amEvent({ type: "message_stop" })

const ccChunk = (delta: Fields, finish_reason: string | null = null) => `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", model: "glm-5.3", choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const ccUsage = `data: ${JSON.stringify({ id: "c1", choices: [], usage: { prompt_tokens: 110, completion_tokens: 5, total_tokens: 115, prompt_tokens_details: { cached_tokens: 100 } } })}\n\n`
const done = "data: [DONE]\n\n"
const ccAnswer = (message: Fields, finish_reason = "stop") => ({ id: "c1", object: "chat.completion", model: "glm-5.3", choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }], usage: { prompt_tokens: 110, completion_tokens: 5, total_tokens: 115, prompt_tokens_details: { cached_tokens: 100 } } })

const dataOf = (body: string) => body.split("\n\n").flatMap((event) => event.split("\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice(6)) as Fields))
const ccDeltas = (body: string) => dataOf(body).flatMap(({ choices }) => ((choices ?? []) as readonly { delta: Fields }[]).map(({ delta }) => delta))
const joined = (body: string, field: string) => ccDeltas(body).map((delta) => delta[field] ?? "").join("")

const weather = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }

describe("a client of chat completions over a channel of Anthropic messages", () => {
  test("W-1 W-68 W-116 is answered under the public name, with the target in a header, and pays what Anthropic counted", async () => {
    const { chat, upstream, settled } = clients([claude])
    upstream.script.push(whole(200, amAnswer({ usage: { input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 5 } })))
    const answered = await chat({ messages: [{ role: "system", content: "a" }, { role: "developer", content: "b" }, { role: "user", content: "hi" }], stop: "END" }).over
    expect(answered).toMatchObject({ status: 200, headers: { "x-turnpike-channel": "claude", "x-turnpike-model": "public" } })
    expect(answered.json()).toMatchObject({
      object: "chat.completion",
      model: "public",
      choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 110, completion_tokens: 5, total_tokens: 115, prompt_tokens_details: { cached_tokens: 100 } },
    })
    expect(upstream.calls[0]?.request.url).toBe("https://claude.example/v1/messages")
    expect(upstream.calls[0]?.body).toMatchObject({ model: "claude-sonnet-5", system: [{ type: "text", text: "a" }, { type: "text", text: "b" }], stop_sequences: ["END"], max_tokens: 1_000 })
    expect(settled).toMatchObject([{ status: "complete", finish: "end_turn", usage: { input: 10, cacheRead: 100, output: 5 } }])
  })

  test("W-53 W-93 W-97 a stream arrives as it comes, thinking in its own field, usage for whom asked for it", async () => {
    const { chat, upstream, settled } = clients([claude])
    const stream = amStart + amBlock(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "hm" }, { type: "signature_delta", signature: "EqQB" }) + amText(1, "a", "工") + amEnd()
    upstream.script.push(streamed(stream), streamed(stream))
    const { body, headers } = await chat({ stream: true, stream_options: { include_usage: true } }).over
    expect(headers["content-type"]).toBe("text/event-stream; charset=utf-8")
    expect(joined(body, "reasoning_content")).toBe("hm")
    expect(joined(body, "content")).toBe("a工")
    expect(dataOf(body).at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 110, completion_tokens: 5, total_tokens: 115 } })
    expect(body.endsWith(done)).toBe(true)
    for (const chunk of dataOf(body)) expect(chunk["model"]).toBe("public")
    expect((await chat({ stream: true }).over).body).not.toContain('"usage"')
    expect(settled).toMatchObject([{ usage: { input: 10, cacheRead: 100, output: 5 } }, {}])
  })

  test("W-17 W-27 W-37 W-54 a tool loop: the call comes in pieces, and its result goes back with the thinking and its proof", async () => {
    const { chat, upstream } = clients([claude])
    const tools = [{ type: "function", function: { name: "weather", parameters: weather } }]
    const call = amBlock(1, { type: "tool_use", id: "toolu_1", name: "weather", input: {} }, { type: "input_json_delta", partial_json: '{"city"' }, { type: "input_json_delta", partial_json: ':"Rom"}' })
    upstream.script.push(streamed(amStart + amBlock(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "hm" }, { type: "signature_delta", signature: "EqQB+/=" }) + call + amEnd("tool_use")), whole(200, amAnswer()))
    const { body } = await chat({ stream: true, tools, reasoning_effort: "high" }).over
    const pieces = ccDeltas(body).flatMap(({ tool_calls }) => (tool_calls ?? []) as readonly { id?: string; function: { name?: string; arguments: string } }[])
    expect(pieces[0]).toMatchObject({ id: "toolu_1", function: { name: "weather" } })
    const args = pieces.map((piece) => piece.function.arguments).join("")
    expect(args).toBe('{"city":"Rom"}')
    expect(body).toContain('"finish_reason":"tool_calls"')
    const details = ccDeltas(body).flatMap(({ reasoning_details }) => (reasoning_details ?? []) as readonly Fields[])
    const history = [{ role: "user", content: "hi" }, { role: "assistant", content: null, reasoning_content: "hm", reasoning_details: details, tool_calls: [{ id: "toolu_1", type: "function", function: { name: "weather", arguments: args } }] }, { role: "tool", tool_call_id: "toolu_1", content: "sunny" }]
    await chat({ messages: history, tools, reasoning_effort: "high" }).over
    expect(upstream.calls[1]?.body["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: "EqQB+/=" }, { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rom" } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] },
    ])
  })

  test("W-73 W-74 what Anthropic cannot do is refused by name, and what it has no word for is dropped with a word", async () => {
    const { chat, upstream } = clients([claude])
    expect((await chat({ n: 2 }).over).error()).toMatchObject({ code: "unsupported_parameter", param: "n" })
    upstream.script.push(whole(200, amAnswer()))
    const answered = await chat({ seed: 7, presence_penalty: 1, logit_bias: { 1: 1 } }).over
    expect(answered.headers["x-turnpike-dropped"]?.split(",").toSorted()).toEqual(["logit_bias", "presence_penalty", "seed"])
    const strict = clients([claude], { principal: principal({ parameters: "strict" }) })
    expect((await strict.chat({ seed: 7 }).over).error()).toMatchObject({ param: "seed" })
    expect(strict.upstream.calls).toEqual([])
  })

  test("W-105 W-107 an error in the middle is an error chunk without [DONE], is billed for what came, and continues nowhere else", async () => {
    const { chat, upstream, settled } = clients([claude, glm])
    upstream.script.push(streamed(amStart + amEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) + amEvent({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "so far" } }) + amEvent({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })))
    const { body } = await chat({ stream: true }).over
    expect(joined(body, "content")).toBe("so far")
    expect(dataOf(body).at(-1)).toMatchObject({ error: { message: expect.stringContaining("Overloaded") as string } })
    expect(body).not.toContain("[DONE]")
    expect(body).not.toContain('"finish_reason":"stop"')
    expect(upstream.calls).toHaveLength(1)
    expect(settled).toMatchObject([{ status: "interrupted" }])
  })

  test("W-104 W-141 a stream that closes before its end is an error, never a finish", async () => {
    const { chat, upstream } = clients([claude])
    upstream.script.push(streamed(amStart + amText(0, "so far")))
    const { body } = await chat({ stream: true }).over
    expect(dataOf(body).at(-1)).toHaveProperty("error")
    expect(body).not.toContain("[DONE]")
  })

  test("W-112 Anthropic's refusals are told in OpenAI's words", async () => {
    const { chat, upstream } = clients([claude])
    upstream.script.push(whole(400, { type: "error", error: { type: "invalid_request_error", message: "messages: too odd" } }))
    const answered = await chat().over
    expect(answered.status).toBe(400)
    expect(answered.error()).toMatchObject({ type: "invalid_request_error", message: "messages: too odd" })
  })
})

describe("a client of Anthropic messages over a channel of chat completions", () => {
  test("W-94 W-116 W-119 is answered in its own shape under the public name, and pays what the provider counted", async () => {
    const { message, upstream, settled } = clients([glm])
    upstream.script.push(whole(200, ccAnswer({ content: "hello", reasoning_content: "hm" })))
    const answered = await message({ system: [{ type: "text", text: "be brief" }], stop_sequences: ["END"], top_k: 5 }).over
    expect(answered).toMatchObject({ status: 200, headers: { "request-id": "req_1", "x-turnpike-channel": "glm", "x-turnpike-dropped": "top_k" } })
    expect(answered.json()).toMatchObject({
      type: "message",
      model: "public",
      content: [{ type: "thinking", thinking: "hm" }, { type: "text", text: "hello" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 5 },
    })
    expect(upstream.calls[0]?.request).toMatchObject({ url: "https://glm.example/v4/chat/completions", headers: { authorization: "Bearer secret-of-glm" } })
    expect(upstream.calls[0]?.request.headers).not.toHaveProperty("anthropic-version")
    expect(upstream.calls[0]?.body).toMatchObject({ model: "glm-5.3", max_tokens: 100, stop: ["END"], messages: [{ role: "system", content: "be brief" }, { role: "user", content: "hi" }] })
    expect(settled).toMatchObject([{ status: "complete", usage: { input: 10, cacheRead: 100, output: 5 } }])
  })

  test("W-52 W-108 W-142 a stream is asked for its usage and arrives as blocks, thinking before the text", async () => {
    const { message, upstream } = clients([glm])
    upstream.script.push(streamed(ccChunk({ role: "assistant", reasoning_content: "hm" }), ccChunk({ content: "a" }), ccChunk({ content: "工" }), ccChunk({}, "stop"), ccUsage, done))
    const { body } = await message({ stream: true }).over
    expect(upstream.calls[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(dataOf(body).map(({ type, index }) => (index === undefined ? type : `${String(type)} ${String(index)}`))).toEqual([
      "message_start",
      ...["content_block_start 0", "content_block_delta 0", "content_block_stop 0"],
      ...["content_block_start 1", "content_block_delta 1", "content_block_delta 1", "content_block_stop 1"],
      ...["message_delta", "message_stop"],
    ])
    expect(dataOf(body).at(-2)).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: { input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 5 } })
    expect(body).not.toContain("[DONE]")
  })

  test("W-15 W-28 W-30 W-40 a tool loop with parallel calls: blocks one after the other, results before the text", async () => {
    const { message, upstream } = clients([glm])
    const tools = [{ name: "weather", input_schema: weather }]
    const call = (index: number, id: string | undefined, args: string) => ({ index, ...(id !== undefined && { id, type: "function" }), function: { ...(id !== undefined && { name: "weather" }), arguments: args } })
    upstream.script.push(
      streamed(ccChunk({ tool_calls: [call(0, "a", '{"city"'), call(1, "b", '{"city"')] }), ccChunk({ tool_calls: [call(1, undefined, ':"Oslo"}'), call(0, undefined, ':"Rom"}')] }), ccChunk({}, "tool_calls"), done),
      whole(200, ccAnswer({ content: "done" })),
    )
    const { body } = await message({ stream: true, tools, tool_choice: { type: "auto", disable_parallel_tool_use: false } }).over
    const blocks = dataOf(body).filter(({ type }) => type === "content_block_start" || type === "content_block_stop").map(({ type, index }) => `${String(type)} ${String(index)}`)
    expect(blocks).toEqual(["content_block_start 0", "content_block_stop 0", "content_block_start 1", "content_block_stop 1"])
    const input = (index: number) => dataOf(body).filter((event) => event["type"] === "content_block_delta" && event["index"] === index).map(({ delta }) => (delta as Fields)["partial_json"]).join("")
    expect([input(0), input(1)]).toEqual(['{"city":"Rom"}', '{"city":"Oslo"}'])
    expect(upstream.calls[0]?.body).toMatchObject({ parallel_tool_calls: true, tools: [{ type: "function", function: { name: "weather", parameters: weather } }] })
    const results = [{ type: "tool_result", tool_use_id: "a", content: "sunny" }, { type: "tool_result", tool_use_id: "b", content: "no such city", is_error: true }, { type: "text", text: "so?" }]
    const uses = [{ type: "tool_use", id: "a", name: "weather", input: { city: "Rom" } }, { type: "tool_use", id: "b", name: "weather", input: { city: "Oslo" } }]
    await message({ tools, messages: [{ role: "user", content: "hi" }, { role: "assistant", content: uses }, { role: "user", content: results }] }).over
    expect(upstream.calls[1]?.body["messages"]).toMatchObject([
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: [{ id: "a" }, { id: "b" }] },
      { role: "tool", tool_call_id: "a", content: "sunny" },
      { role: "tool", tool_call_id: "b", content: "Error: no such city" },
      { role: "user", content: "so?" },
    ])
  })

  test("W-62 W-64 a document at an address is fetched and goes inside, while a picture's address goes as it is", async () => {
    const gpt = target(channel("gpt", { providerId: "openai", endpoints: { cc: "https://gpt.example/v1" } }), { upstreamModel: "gpt-4o" })
    const { message, upstream } = clients([gpt])
    const pdf = Buffer.from("%PDF-1.7 tiny")
    upstream.script.push(({ sink }) => {
      sink.onHead(200, { "content-type": "application/pdf" })
      sink.onData(pdf)
      sink.onEnd()
    }, whole(200, ccAnswer({ content: "read" })))
    const content = [{ type: "document", source: { type: "url", url: "https://papers.example/a.pdf" }, title: "a.pdf" }, { type: "image", source: { type: "url", url: "https://papers.example/b.png" } }]
    expect((await message({ messages: [{ role: "user", content }] }).over).status).toBe(200)
    expect(upstream.calls.map(({ request }) => request.url)).toEqual(["https://papers.example/a.pdf", "https://gpt.example/v1/chat/completions"])
    expect(upstream.calls[1]?.body["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${pdf.toString("base64")}` } },
          { type: "image_url", image_url: { url: "https://papers.example/b.png" } },
        ],
      },
    ])
  })

  test("W-105 W-107 an error in the middle is Anthropic's error event, and nothing continues it", async () => {
    const { message, upstream, settled } = clients([glm, later(claude)])
    upstream.script.push(streamed(ccChunk({ content: "so far" }), 'data: {"error":{"message":"overloaded at 10.0.0.7"}}\n\n'))
    const { body } = await message({ stream: true }).over
    expect(body).toContain("so far")
    expect(dataOf(body).at(-1)).toMatchObject({ type: "error", error: { type: "api_error" } })
    expect(body).not.toContain("message_stop")
    expect(body).not.toContain("10.0.0.7")
    expect(upstream.calls).toHaveLength(1)
    expect(settled).toMatchObject([{ status: "interrupted" }])
  })

  test("W-106 a stream without chunks is never a message that ends without having begun", async () => {
    const { message, upstream } = clients([glm])
    upstream.script.push(streamed(": keep-alive\n\n", done))
    const answered = await message({ stream: true }).over
    expect(answered.status).toBeGreaterThanOrEqual(500)
    expect(answered.body).not.toContain("message_delta")
    expect(answered.json()).toMatchObject({ type: "error" })
  })

  test("W-110 who goes away has the upstream aborted at once, and pays what was produced", async () => {
    const { message, upstream, settled, quotas } = clients([glm])
    const call = message({ stream: true })
    await soon()
    const [seen] = upstream.calls
    if (seen === undefined) throw new Error("nothing was sent upstream")
    begin(seen)
    send(seen, ccChunk({ content: "some words that were produced" }))
    await soon()
    expect(call.answered.body).toContain("some words")
    call.control.leave()
    await call.over
    expect(seen.aborted).toBe(true)
    expect(settled).toMatchObject([{ usage: { estimated: true } }])
    expect(quotas.openHolds()).toBe(0)
    expect(quotas.spent()).toBeGreaterThan(0n)
  })

  test("W-98 who counts nothing has the client told an estimate, which the books flag", async () => {
    const { message, upstream, settled } = clients([glm])
    upstream.script.push(streamed(ccChunk({ content: "words ".repeat(20) }), ccChunk({}, "stop"), done))
    const { body } = await message({ stream: true }).over
    const usage = dataOf(body).find(({ type }) => type === "message_delta")?.["usage"] as Fields
    expect(usage["output_tokens"]).toBeGreaterThan(10)
    expect(settled).toMatchObject([{ status: "estimated", usage: { estimated: true } }])
  })
})

describe("channels of different dialects behind one model", () => {
  test("W-65 a picture goes to a model that sees, and is refused by name where none does", async () => {
    const content = [{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }, { type: "text", text: "what is this?" }]
    const picture = { messages: [{ role: "user", content }] }
    const blind = clients([glm])
    expect((await blind.message(picture).over).json()).toMatchObject({ type: "error", error: { type: "invalid_request_error", message: expect.stringContaining("reads no images") as string } })
    expect(blind.upstream.calls).toEqual([])
    const both = clients([glm, later(claude)])
    both.upstream.script.push(whole(200, amAnswer()))
    expect((await both.message(picture).over).headers["x-turnpike-channel"]).toBe("claude")
    expect(both.settled[0]?.route).toContain("glm: reads no images")
    const seeing = clients([{ ...glm, upstreamModel: "glm-4.6v" }])
    seeing.upstream.script.push(whole(200, ccAnswer({ content: "a dot" })))
    await seeing.message(picture).over
    expect(JSON.stringify(seeing.upstream.calls[0]?.body["messages"])).toContain("data:image/png;base64,iVBORw0KGgo=")
  })

  test.each([
    ["nobody there", failing("connect")],
    ["a 529", whole(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } })],
    ["an empty stream", streamed()],
    ["an error first", streamed(amEvent({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }))],
    ["a message that has not begun", streamed(amStart)],
  ])("W-106 W-107 W-115 %s at one leads to the other, from the pristine request", async (_, trouble) => {
    const { message, upstream, settled } = clients([claude, glm])
    upstream.script.push(trouble, streamed(ccChunk({ content: "from glm" }), ccChunk({}, "stop"), ccUsage, done))
    const { body, headers } = await message({ stream: true, system: "be brief", thinking: { type: "enabled", budget_tokens: 2_000 }, max_tokens: 4_000 }).over
    expect(headers["x-turnpike-channel"]).toBe("glm")
    expect(body).toContain("from glm")
    expect(upstream.calls[0]?.body).toMatchObject({ system: "be brief", thinking: { type: "enabled", budget_tokens: 2_000 } })
    expect(upstream.calls[1]?.body).toMatchObject({ messages: [{ role: "system", content: "be brief" }, { role: "user", content: "hi" }], reasoning_effort: "low" })
    expect(upstream.calls[1]?.body).not.toHaveProperty("system")
    expect(settled).toHaveLength(1)
  })

  test("W-115 a client of chat completions falls over to Anthropic, unstreamed too, and each attempt has its own dropped fields", async () => {
    const { chat, upstream } = clients([glm, later(claude)])
    upstream.script.push(whole(500, { error: { message: "no" } }), whole(200, amAnswer()))
    const answered = await chat({ seed: 7, stop: "END" }).over
    expect(upstream.calls.map(({ request }) => request.url)).toEqual(["https://glm.example/v4/chat/completions", "https://claude.example/v1/messages"])
    expect(upstream.calls[0]?.body).toMatchObject({ model: "glm-5.3", seed: 7, stop: "END" })
    expect(answered.headers["x-turnpike-dropped"]).toBe("seed")
    expect(upstream.calls[1]?.body).toMatchObject({ stop_sequences: ["END"] })
    expect(answered.json()).toMatchObject({ choices: [{ message: { content: "hello" } }] })
  })
})
