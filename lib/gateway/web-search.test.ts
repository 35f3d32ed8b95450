import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { bench, type BenchOptions, channel, config, delta, done, event, failing, finish, model, principal, quota, rates, soon, streamed, target, type UpstreamCallSeen, usage, whole } from "./test/fakes.ts"
import type { SearchConfig } from "./web-search.ts"

const tavily: SearchConfig = { providerId: "tavily", baseUrl: "https://api.tavily.com", secret: "tvly-1", allowPrivateNetwork: false }
const searchPrice = { id: "price_s" as const, rates: rates({ search: nanoUsd(5_000_000n) }) }
const priced = { searchedPrice: { cost: searchPrice, sell: searchPrice, markupPpm: null } }
const searching = (search = tavily, of = channel("a")) => ({ ...config(model("public", [target(of, priced)])), search })

const tool = (fields: object = {}) => ({ type: "web_search_20250305", name: "web_search", max_uses: 3, ...fields })
const ask = (on: ReturnType<typeof bench>, fields: object = {}) =>
  on.start({ path: "/api/v1/messages", headers: { authorization: "Bearer sk-tp-1", "anthropic-version": "2023-06-01" }, body: JSON.stringify({ model: "public", max_tokens: 900, messages: [{ role: "user", content: "What is new in Zig?" }], tools: [tool()], ...fields }) })

const call = (query: string, id = "call_1") => ({ id, type: "function", function: { name: "web_search", arguments: JSON.stringify({ query }) } })
const calling = (...calls: object[]) =>
  whole(200, { id: "c1", object: "chat.completion", model: "m", choices: [{ index: 0, message: { role: "assistant", content: "Let me look.", tool_calls: calls }, finish_reason: "tool_calls" }], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } })
const saying = (content: string) => whole(200, { id: "c2", object: "chat.completion", model: "m", choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }], usage: { prompt_tokens: 400, completion_tokens: 30, total_tokens: 430 } })
const hits = (...results: object[]) => whole(200, { query: "q", results: results.length === 0 ? [{ title: "Zig 1.0", url: "https://ziglang.org/news", content: "Zig 1.0 is out.", score: 0.9 }] : results })
const made = (options: BenchOptions = {}) => bench({ config: searching(), ...options })
const callsTo = (on: ReturnType<typeof bench>, host: string): UpstreamCallSeen[] => on.upstream.calls.filter(({ request }) => request.url.includes(host))

const result = { type: "web_search_result", url: "https://ziglang.org/news", title: "Zig 1.0", page_age: null }

test("W-23 W-126 a channel that cannot search is given a function, which the configured provider answers", async () => {
  const on = made()
  on.upstream.script.push(calling(call("zig news")), hits(), saying("Zig 1.0 is out: https://ziglang.org/news"))
  const reply = await ask(on).over
  expect(reply.json()).toMatchObject({
    type: "message",
    content: [
      { type: "text", text: "Let me look." },
      { type: "server_tool_use", name: "web_search", input: { query: "zig news" } },
      { type: "web_search_tool_result", content: [{ ...result, encrypted_content: expect.stringMatching(/./) as string }] },
      { type: "text", text: "Zig 1.0 is out: https://ziglang.org/news", citations: [{ url: "https://ziglang.org/news", title: "Zig 1.0" }] },
    ],
    stop_reason: "end_turn",
    usage: { input_tokens: 500, output_tokens: 50, server_tool_use: { web_search_requests: 1 } },
  })
  const [first, second] = callsTo(on, "a.example")
  expect(first?.body).toMatchObject({ tools: [{ type: "function", function: { name: "web_search", parameters: { required: ["query"] } } }] })
  expect(second?.body["messages"]).toMatchObject([{ role: "user" }, { role: "assistant", content: "Let me look.", tool_calls: [{ id: "call_1" }] }, { role: "tool", tool_call_id: "call_1", content: expect.stringContaining("Zig 1.0 is out.") as string }])
  expect(second?.body["max_tokens"]).toBe(880)
  const [asked] = callsTo(on, "tavily")
  expect(asked?.request).toMatchObject({ url: "https://api.tavily.com/search", headers: { authorization: "Bearer tvly-1" }, allowPrivateNetwork: false })
  expect(asked?.body).toMatchObject({ query: "zig news", max_results: 10 })
  expect(JSON.stringify(on.upstream.calls.map(({ request }) => request.headers))).not.toContain("sk-tp-1")
})

test("W-100 every call's tokens and every search are charged in one record", async () => {
  const on = made({ principal: principal({ quotas: [quota()] }) })
  on.upstream.script.push(calling(call("one"), call("two", "call_2")), hits(), hits(), saying("done"))
  await ask(on).over
  expect(on.opened).toHaveLength(1)
  expect(on.settled).toHaveLength(1)
  // 500 tokens in at $1, 50 out at $2 per million, two searches at half a cent.
  expect(on.settled[0]).toMatchObject({ status: "complete", usage: { input: 500, output: 50, search: 2 }, chargedNanoUsd: 500_000n + 100_000n + 10_000_000n })
  const [hold] = on.quotas.asked
  expect(hold?.nanoUsd?.worst).toBeGreaterThan(15_000_000n)
})

test("each call of an answer is charged by the tier of its own prompt, and the record says which tokens were whose", async () => {
  // Above 300 tokens the model costs ten times as much: the first call has 100 of them, the second 400.
  const tiered = { id: "price_t" as const, rates: { ...searchPrice.rates, tiers: [{ from: 301, input: nanoUsd(10_000_000_000n), output: nanoUsd(20_000_000_000n) }] } }
  const on = made({ config: { ...config(model("public", [target(channel("a"), { searchedPrice: { cost: tiered, sell: tiered, markupPpm: null } })])), search: tavily }, principal: principal({ quotas: [quota()] }) })
  on.upstream.script.push(calling(call("one")), hits(), saying("done"))
  await ask(on).over
  expect(on.settled[0]).toMatchObject({ usage: { input: 500, output: 50, search: 1, earlier: [{ input: 100, output: 20 }] }, chargedNanoUsd: 100_000n + 40_000n + 4_000_000n + 600_000n + 5_000_000n })
})

const toolDelta = (query: string) => event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call(query) }] }, finish_reason: null }] })
const toolFinish = event({ choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] })
const streamOf = (body: string) => body.trim().split("\n\n").map((text) => JSON.parse(text.slice(text.indexOf("data: ") + 6)) as Record<string, unknown>)

test("W-125 W-126 a stream goes on over its searches as one message with contiguous blocks", async () => {
  const on = made()
  on.upstream.script.push(streamed(delta("Let me look."), toolDelta("zig"), toolFinish, usage, done), hits(), streamed(delta("Zig 1.0 "), delta("is out."), finish, usage, done))
  const { body } = await ask(on, { stream: true }).over
  const events = streamOf(body)
  expect(events.filter(({ type }) => type === "content_block_start").map((one) => [one["index"], (one["content_block"] as { type: string }).type])).toEqual([
    [0, "text"],
    [1, "server_tool_use"],
    [2, "web_search_tool_result"],
    [3, "text"],
  ])
  expect(events.map(({ type }) => type).filter((type) => type === "message_start" || type === "message_stop")).toEqual(["message_start", "message_stop"])
  expect(events.at(-2)).toMatchObject({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { input_tokens: 20, output_tokens: 10, server_tool_use: { web_search_requests: 1 } } })
  expect(on.settled[0]).toMatchObject({ status: "complete", usage: { input: 20, output: 10, search: 1 } })
  expect(callsTo(on, "a.example").map(({ body: sent }) => sent["stream"])).toEqual([true, true])
})

test("a client has what was said before a search while the search still runs", async () => {
  const on = made()
  on.upstream.script.push(streamed(delta("Let me look."), toolDelta("zig"), toolFinish, usage, done))
  const { answered, control, over } = ask(on, { stream: true })
  await soon()
  expect(answered.body).toContain("Let me look.")
  const search = callsTo(on, "tavily")[0]!
  expect(search.aborted).toBe(false)
  control.leave()
  await over
  expect(search.aborted).toBe(true)
  expect(on.settled[0]).toMatchObject({ status: "interrupted", usage: { input: 10, output: 5 } })
})

test("W-126 max_uses is kept: what is asked beyond it is answered as exceeded, and the model may not search again", async () => {
  const on = made()
  on.upstream.script.push(calling(call("one"), call("two", "call_2")), hits(), saying("done"))
  const reply = await ask(on, { tools: [tool({ max_uses: 1 })] }).over
  expect(callsTo(on, "tavily")).toHaveLength(1)
  expect(reply.json()["content"]).toMatchObject([{}, {}, { type: "web_search_tool_result", content: [result] }, {}, { type: "web_search_tool_result", content: { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" } }, {}])
  expect(callsTo(on, "a.example")[1]?.body["tool_choice"]).toBe("none")
  expect(on.settled[0]?.usage.search).toBe(1)
})

test("a model that never stops searching is stopped after ten searches", async () => {
  const on = made()
  for (let round = 0; round < 12; round++) on.upstream.script.push(calling(call("again", `call_${round}`)), hits())
  const reply = await ask(on, { tools: [tool({ max_uses: 500 })] }).over
  expect(callsTo(on, "tavily")).toHaveLength(10)
  expect(callsTo(on, "a.example")).toHaveLength(11)
  expect(reply.json()).toMatchObject({ stop_reason: "end_turn" })
  expect(on.settled[0]?.usage.search).toBe(10)
})

test.each([
  ["an error", whole(500, { detail: "tvly-1 is wrong" }), "unavailable"],
  ["its rate limit", whole(429, {}), "too_many_requests"],
  ["a page", whole(200, "<html>"), "unavailable"],
  ["nothing", failing("connect"), "unavailable"],
])("a search that brings %s is told to the model and costs nothing", async (_, outcome, code) => {
  const on = made()
  on.upstream.script.push(calling(call("zig")), outcome, saying("I could not search."))
  const reply = await ask(on).over
  expect(reply.json()["content"]).toMatchObject([{}, { type: "server_tool_use" }, { content: { type: "web_search_tool_result_error", error_code: code } }, { text: "I could not search." }])
  expect(callsTo(on, "a.example")[1]?.body["messages"]).toMatchObject([{}, {}, { role: "tool", content: expect.stringContaining(code) as string }])
  expect(on.settled[0]).toMatchObject({ status: "complete", usage: { search: 0 } })
  expect(on.logged.join()).toContain("search.failed")
  expect(reply.body).not.toContain("tvly-1")
})

test("W-107 a later call that fails breaks a stream off, and another channel is asked where nothing was sent", async () => {
  const two = { ...config(model("public", [target(channel("a"), priced), target(channel("b", { priority: 20 }), priced)])), search: tavily }
  const stream = bench({ config: two })
  stream.upstream.script.push(streamed(delta("Let me look."), toolDelta("zig"), toolFinish, usage, done), hits(), whole(500, { error: { message: "no" } }))
  const { body } = await ask(stream, { stream: true }).over
  expect(body).toContain("event: error")
  expect(callsTo(stream, "b.example")).toHaveLength(0)
  expect(stream.settled[0]).toMatchObject({ status: "interrupted", usage: { search: 1, estimated: true } })
  const unstreamed = bench({ config: two })
  unstreamed.upstream.script.push(calling(call("zig")), hits(), whole(500, { error: { message: "no" } }), saying("from b"))
  expect((await ask(unstreamed).over).json()["content"]).toMatchObject([{ text: "from b" }])
})

test("calls of the client's own tools end the answer: their results come first", async () => {
  const on = made()
  on.upstream.script.push(calling(call("zig"), { id: "call_2", type: "function", function: { name: "read", arguments: '{"path":"a"}' } }), hits())
  const reply = await ask(on, { tools: [tool(), { name: "read", input_schema: { type: "object" } }] }).over
  expect(reply.json()).toMatchObject({ content: [{ type: "text" }, { type: "tool_use", name: "read" }, { type: "server_tool_use" }, { type: "web_search_tool_result" }], stop_reason: "tool_use", usage: { server_tool_use: { web_search_requests: 1 } } })
})

test("W-126 what an earlier answer found is read again from the client's own blocks", async () => {
  const first = made()
  first.upstream.script.push(calling(call("zig")), hits(), saying("out"))
  const { content } = (await ask(first).over).json()
  const second = made()
  second.upstream.script.push(saying("yes"))
  await ask(second, { messages: [{ role: "user", content: "What is new?" }, { role: "assistant", content }, { role: "user", content: "Sure?" }] }).over
  expect(callsTo(second, "a.example")[0]?.body["messages"]).toMatchObject([{ role: "user" }, { role: "assistant", tool_calls: [{ function: { name: "web_search", arguments: '{"query":"zig"}' } }] }, { role: "tool", content: expect.stringContaining("Zig 1.0 is out.") as string }, { role: "assistant", content: "out" }, { role: "user" }])
})

test("a channel of the client's own dialect that cannot search is asked in the same way", async () => {
  const on = made({ config: searching(tavily, channel("a", { providerId: "zhipu-coding", endpoints: { am: "https://a.example/api/anthropic" } })) })
  const message = (content: object[], stop_reason: string) => whole(200, { id: "m", type: "message", role: "assistant", model: "m", content, stop_reason, stop_sequence: null, usage: { input_tokens: 10, output_tokens: 5 } })
  on.upstream.script.push(message([{ type: "tool_use", id: "toolu_1", name: "web_search", input: { query: "zig" } }], "tool_use"), hits(), message([{ type: "text", text: "out" }], "end_turn"))
  const reply = await ask(on, { tool_choice: { type: "tool", name: "web_search" } }).over
  expect(reply.json()).toMatchObject({ content: [{ type: "server_tool_use" }, { type: "web_search_tool_result" }, { type: "text", text: "out" }], usage: { input_tokens: 20 } })
  const [first, second] = callsTo(on, "a.example")
  expect(first?.body).toMatchObject({ tools: [{ name: "web_search", input_schema: {} }], tool_choice: { type: "tool", name: "web_search" } })
  expect(second?.body["tool_choice"]).toBeUndefined()
  expect(second?.body["messages"]).toMatchObject([{}, { role: "assistant", content: [{ type: "tool_use", id: "toolu_1" }] }, { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] }])
})

test("clients of responses and of chat completions see the search in their own words", async () => {
  const responses = made()
  responses.upstream.script.push(calling(call("zig")), hits(), saying("See https://ziglang.org/news."))
  const answer = await responses.start({ path: "/api/v1/responses", body: JSON.stringify({ model: "public", input: "news?", tools: [{ type: "web_search" }] }) }).over
  expect(answer.json()["output"]).toMatchObject([{ type: "message" }, { type: "web_search_call", status: "completed", action: { query: "zig" } }, { type: "message", content: [{ annotations: [{ type: "url_citation", url: "https://ziglang.org/news", start_index: 4, end_index: 28 }] }] }])
  const chat = made()
  chat.upstream.script.push(calling(call("zig")), hits(), saying("See https://ziglang.org/news."))
  expect((await chat.chat({ web_search_options: {} }).over).json()["choices"]).toMatchObject([{ message: { annotations: [{ type: "url_citation", url_citation: { url: "https://ziglang.org/news" } }] }, finish_reason: "stop" }])
})

test("without a configured provider the tool is refused by name, as nobody is asked", async () => {
  const on = bench()
  expect((await ask(on).over).json()).toMatchObject({ error: { type: "invalid_request_error", message: expect.stringContaining("tools[0].type") as string } })
  expect(on.upstream.calls).toEqual([])
})

test("a call that does not search passes as it would without a configured provider", async () => {
  const bodies = await Promise.all(
    [bench(), made()].map(async (on) => {
      on.upstream.script.push(saying("hello"))
      await on.chat({ tools: [{ type: "function", function: { name: "web_search" } }], odd_field: 1 }).over
      return on.upstream.calls[0]?.request.body.toString()
    }),
  )
  expect(bodies[0]).toBe(bodies[1])
})

test("what else is counted in searches has the price that it has without a configured provider", async () => {
  const sold = []
  for (const changes of [{}, priced]) {
    const on = bench({ config: { ...config(model("public", [target(channel("a"), changes)])), search: tavily } })
    on.upstream.script.push(whole(200, { results: [{ index: 0, relevance_score: 0.9 }], usage: { total_tokens: 20 } }))
    await on.start({ path: "/v1/rerank", body: JSON.stringify({ model: "public", query: "zig", documents: ["a", "b"] }) }).over
    sold.push([on.settled[0]?.usage, on.settled[0]?.chargedNanoUsd, on.opened[0]?.sellPriceId])
  }
  expect(sold[0]?.[1]).toBeGreaterThan(0n)
  expect(sold[1]).toEqual(sold[0])
})

test("several answers at a time are refused: each would search for itself", async () => {
  const on = made()
  expect((await on.chat({ web_search_options: {}, n: 2 }).over).error()).toMatchObject({ code: "unsupported_parameter", param: "n" })
})

test("a search whose findings the client's dialect does not keep is not told as one that found nothing", async () => {
  const on = made()
  on.upstream.script.push(saying("yes"))
  const input = [{ role: "user", content: "news?" }, { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "zig" } }, { type: "message", role: "assistant", content: [{ type: "output_text", text: "Zig 1.0" }] }, { role: "user", content: "Sure?" }]
  await on.start({ path: "/api/v1/responses", body: JSON.stringify({ model: "public", input, tools: [{ type: "web_search" }] }) }).over
  expect(on.upstream.calls[0]?.body["messages"]).toMatchObject([{ role: "user" }, { role: "assistant", content: "Zig 1.0" }, { role: "user" }])
})

test("a Gemini client sees the search as grounding", async () => {
  const on = made()
  on.upstream.script.push(calling(call("zig")), hits(), saying("See https://ziglang.org/news."))
  const reply = await on.start({ path: "/v1beta/models/public:generateContent", headers: { "x-goog-api-key": "sk-tp-1" }, body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "news?" }] }], tools: [{ googleSearch: {} }] }) }).over
  expect(reply.json()["candidates"]).toMatchObject([{ groundingMetadata: { webSearchQueries: ["zig"], groundingChunks: [{ web: { uri: "https://ziglang.org/news" } }] } }])
})
