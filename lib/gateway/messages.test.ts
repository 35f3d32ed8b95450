import { afterEach, expect, test, vi } from "vitest"
import { guardedFields } from "#lib/catalog/guarded-fields.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import { begin, bench, channel, config, failing, model, principal, quota, rates, send, soon, streamed, target, whole } from "./test/fakes.ts"

afterEach(() => vi.useRealTimers())

const anthropic = channel("a", { providerId: "anthropic", endpoints: { am: "https://a.example/v1" }, auth: { default: "x-api-key" } })
const plan = channel("glm", { providerId: "zhipu-coding", endpoints: { cc: "https://glm.example/v4", am: "https://glm.example/anthropic/v1" }, auth: { default: "bearer", am: "x-api-key" } })
const priced = (given: Rates) => {
  const price = { id: "price_1" as const, rates: given }
  return config(model("public", [target(anthropic, { price: { cost: price, sell: price, markupPpm: null } })]))
}

/** A gateway whose one model is served by an Anthropic channel. */
function messagesBench(options: Parameters<typeof bench>[0] = {}) {
  const set = bench({ config: config(model("public", [target(anthropic)])), ...options })
  const message = (fields: object = {}, headers: Record<string, string> = {}) =>
    set.start({
      path: "/api/v1/messages?beta=true",
      body: JSON.stringify({ model: "public", max_tokens: 100, messages: [{ role: "user", content: "hi" }], ...fields }),
      headers: { "x-api-key": "sk-tp-1", ...headers },
    })
  return { ...set, message }
}

const answer = (fields: object = {}) => ({ id: "msg_1", type: "message", role: "assistant", model: "upstream-model", content: [{ type: "text", text: "hello" }], stop_reason: "end_turn", usage: { input_tokens: 10, output_tokens: 5 }, ...fields })
const event = (data: { type: string } & Record<string, unknown>) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const messageStart = event({ type: "message_start", message: { id: "msg_1", model: "upstream-model", usage: { input_tokens: 10, output_tokens: 1 } } })
const text = (value: string) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: value } })
const opened = messageStart + event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } })
const closed = event({ type: "content_block_stop", index: 0 }) + event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } })
const stop = event({ type: "message_stop" })
const errorEvent = (type: string) => event({ type: "error", error: { type, message: "Overloaded" } })
const ping = 'event: ping\ndata: {"type":"ping"}\n\n'

/** A stream that the test conducts. */
async function open(options: Parameters<typeof bench>[0] = {}) {
  const set = messagesBench({ principal: principal({ quotas: [quota()] }), ...options })
  const call = set.message({ stream: true })
  await soon()
  const seen = set.upstream.calls[0]
  if (seen === undefined) throw new Error("nothing was sent upstream")
  return { ...set, ...call, seen }
}

test("W-116 a message is answered under the public name with our request id where Anthropic's clients look for it, and booked", async () => {
  const { message, upstream, settled, opened: lines } = messagesBench()
  upstream.script.push(whole(200, answer()))
  const answered = await message().over
  expect(answered).toMatchObject({ status: 200, headers: { "request-id": "req_1", "x-turnpike-request-id": "req_1", "x-turnpike-model": "public", "x-turnpike-cost-usd": "0.00002" } })
  expect(answered.json()).toEqual(answer({ model: "public" }))
  expect(upstream.calls[0]?.request.url).toBe("https://a.example/v1/messages")
  expect(lines[0]).toMatchObject({ dialect: "am", endpoint: "messages" })
  expect(settled).toMatchObject([{ status: "complete", finish: "end_turn", responseId: "msg_1", usage: { input: 10, output: 5, call: 1 }, chargedNanoUsd: 20_000n }])
})

test("W-99 W-116 a stream reaches the client as it comes and is booked with its last usage", async () => {
  const { seen, answered, over, settled, quotas } = await open()
  begin(seen)
  send(seen, opened)
  await soon()
  expect(answered).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream; charset=utf-8", "request-id": "req_1" }, body: opened.replace("upstream-model", "public") })
  send(seen, text("工"), closed, stop)
  seen.sink.onEnd()
  await over
  expect(answered.body).toBe((opened + text("工") + closed + stop).replace("upstream-model", "public"))
  expect(settled).toMatchObject([{ status: "complete", usage: { input: 10, output: 5, call: 1 }, chargedNanoUsd: 20_000n }])
  expect(quotas.openHolds()).toBe(0)
})

test("cached tokens are charged at their own rates, five minutes and an hour apart", async () => {
  const set = messagesBench({ config: priced(rates({ cacheRead: nanoUsd(100_000_000n), cacheWrite5m: nanoUsd(1_250_000_000n), cacheWrite1h: nanoUsd(2_000_000_000n) })) })
  set.upstream.script.push(whole(200, answer({ usage: { input_tokens: 10, cache_read_input_tokens: 1_000, cache_creation_input_tokens: 300, cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 }, output_tokens: 5 } })))
  await set.message().over
  expect(set.settled[0]).toMatchObject({ usage: { input: 10, cacheRead: 1_000, cacheWrite5m: 100, cacheWrite1h: 200, output: 5 }, chargedNanoUsd: 10_000n + 100_000n + 125_000n + 400_000n + 10_000n })
})

test("W-119 W-120 W-134 W-137 of the client's headers only Anthropic's version and flags and the user agent go upstream, and never a key", async () => {
  const { message, upstream } = messagesBench()
  upstream.script.push(whole(200, answer()), whole(200, answer()))
  const given = { "anthropic-version": "2026-10-21", "anthropic-beta": "new-2027-01-01", "user-agent": "claude-cli/2.1", authorization: "Bearer sk-tp-1", "x-codex-turn-metadata": "/home/me", cookie: "a=b", "x-app": "cli" }
  await message({}, given).over
  expect(upstream.calls[0]?.request.headers).toEqual({
    "content-type": "application/json",
    accept: "application/json",
    "user-agent": "claude-cli/2.1",
    "anthropic-version": "2026-10-21",
    "anthropic-beta": "new-2027-01-01",
    "x-api-key": "secret-of-a",
  })
  await message().over
  expect(upstream.calls[1]?.request.headers["anthropic-version"]).toBe("2023-06-01")
})

test("W-120 at another provider flags and their fields are left out with a word, and a strict key refuses them by name", async () => {
  const fields = { context_management: { edits: [] }, tools: [{ name: "a", input_schema: {}, defer_loading: true }] }
  const headers = { "anthropic-beta": "context-management-2025-06-27" }
  const set = messagesBench({ config: config(model("public", [target(plan)])) })
  set.upstream.script.push(whole(200, answer()))
  const answered = await set.message(fields, headers).over
  expect(answered).toMatchObject({ status: 200, headers: { "x-turnpike-dropped": "anthropic-beta,context_management,tools[].defer_loading" } })
  expect(set.upstream.calls[0]?.request.url).toBe("https://glm.example/anthropic/v1/messages")
  expect(set.upstream.calls[0]?.request.headers).not.toHaveProperty("anthropic-beta")
  expect(set.upstream.calls[0]?.body).toEqual({ model: "upstream-model", max_tokens: 100, messages: [{ role: "user", content: "hi" }], tools: [{ name: "a", input_schema: {} }] })
  const strict = await messagesBench({ config: config(model("public", [target(plan)])), principal: principal({ parameters: "strict" }) }).message(fields).over
  expect(strict.status).toBe(400)
  expect(strict.error()).toMatchObject({ type: "invalid_request_error", message: expect.stringContaining("context_management") as string })
})

test("a channel that speaks nothing in which messages could be asked is no candidate, which the router's words and a refusal say", async () => {
  const { message, upstream, settled } = messagesBench({ config: config(model("public", [target(channel("mute", { endpoints: {} })), target(anthropic)])) })
  upstream.script.push(whole(200, answer()))
  await message().over
  expect(settled[0]?.route).toEqual(["mute: does not speak Anthropic messages", "a: answered"])
  const refused = await messagesBench({ config: config(model("public", [target(channel("mute", { endpoints: {} }))])) }).message().over
  expect(refused.status).toBe(400)
  expect(refused.error()["message"]).toContain("Anthropic messages")
})

test("W-121 the agent's session is written down with the call", async () => {
  const { message, upstream, opened: lines } = messagesBench()
  upstream.script.push(whole(200, answer()))
  await message({ metadata: { user_id: "user_a_account_b_session_5b1c" } }).over
  expect(lines[0]?.clientSession).toBe("5b1c")
})

test.each([
  ["the provider closes without a stop reason", ({ sink }: { sink: { onEnd(): void } }) => sink.onEnd(), "api_error", "upstream_incomplete"],
  ["the connection breaks", failing("closed"), "api_error", "upstream_failed"],
  ["the stream stalls", failing("timeout"), "api_error", "upstream_timeout"],
])("W-104 W-105 where %s the client gets an error event and no message_stop, and what came is charged as interrupted", async (_, trouble, type, errorCode) => {
  const { seen, answered, over, settled } = await open()
  begin(seen)
  send(seen, opened, text("a"), text("b"))
  trouble(seen)
  await over
  expect(answered.body).toContain(`event: error\ndata: {"type":"error","error":{"type":"${type}"`)
  expect(answered.body).not.toContain("message_stop")
  expect(settled).toMatchObject([{ status: "interrupted", errorCode, usage: { input: 10, output: 3, estimated: true } }])
})

test("W-105 an overload in the middle of a stream stays an overload, in Anthropic's words", async () => {
  const { seen, answered, over, settled } = await open()
  begin(seen)
  send(seen, opened, text("a"), errorEvent("overloaded_error"))
  await over
  expect(answered.body).toContain('"type":"overloaded_error"')
  expect(answered.body).toContain('"request_id":"req_1"')
  expect([seen.aborted, settled[0]?.status]).toEqual([true, "interrupted"])
})

test("W-106 W-107 an overload behind message_start is answered by the next channel, of which alone the client sees something", async () => {
  const second = channel("b", { providerId: "anthropic", endpoints: { am: "https://b.example/v1" }, priority: 20 })
  const { message, upstream, settled } = messagesBench({ config: config(model("public", [target(anthropic), target(second)])) })
  upstream.script.push(streamed(messageStart, errorEvent("overloaded_error")), streamed(opened, text("b"), closed, stop))
  const answered = await message({ stream: true }).over
  expect(answered.body).toBe((opened + text("b") + closed + stop).replace("upstream-model", "public"))
  expect(settled).toMatchObject([{ status: "complete", route: [expect.any(String), "a: began with an error: Overloaded", "b: answered"] }])
})

test("W-106 a stream with nothing in it is an error and costs nothing", async () => {
  const { message, upstream, settled } = messagesBench()
  upstream.script.push(streamed(ping))
  const answered = await message({ stream: true }).over
  expect(answered.status).toBe(502)
  expect(answered.json()).toMatchObject({ type: "error", error: { type: "api_error" }, request_id: "req_1" })
  expect(settled).toMatchObject([{ status: "failed", chargedNanoUsd: 0n }])
})

test("W-109 a silent stream is kept alive by ping events, before its first block and after", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] })
  const { seen, answered, over } = await open({ settings: { silenceMs: 1_000 } })
  begin(seen)
  vi.advanceTimersByTime(1_000)
  await soon()
  vi.advanceTimersByTime(1_000)
  expect(answered.body).toBe(ping)
  send(seen, opened, ping)
  vi.advanceTimersByTime(2_000)
  expect(answered.body.split(ping)).toHaveLength(3)
  send(seen, closed, stop)
  await over
  expect(vi.getTimerCount()).toBe(0)
})

test("W-110 when the client goes away the upstream is aborted at once, and what was produced is billed", async () => {
  const { seen, over, control, settled, quotas } = await open()
  begin(seen)
  send(seen, opened, text("a"), text("b"))
  await soon()
  control.leave()
  expect(seen.aborted).toBe(true)
  await over
  expect(settled).toMatchObject([{ status: "interrupted", errorCode: null, usage: { input: 10, output: 3, estimated: true }, chargedNanoUsd: 16_000n }])
  expect(quotas.openHolds()).toBe(0)
})

test("W-98 a stream that ends well without its last usage is booked as estimated", async () => {
  const { message, upstream, settled } = messagesBench()
  upstream.script.push(streamed(opened, text("a"), event({ type: "message_delta", delta: { stop_reason: "end_turn" } }), stop))
  expect((await message({ stream: true }).over).body.endsWith(stop)).toBe(true)
  expect(settled).toMatchObject([{ status: "estimated", usage: { input: 10, estimated: true } }])
})

test.each([
  [400, { type: "error", error: { type: "invalid_request_error", message: "prompt is too long: 210000 tokens > 200000 maximum" } }, 400, "invalid_request_error", /prompt is too long: 210000 tokens > 200000 maximum/],
  [413, { type: "error", error: { type: "request_too_large", message: "Request exceeds the maximum size" } }, 413, "request_too_large", /maximum size/],
  [401, { type: "error", error: { type: "authentication_error", message: "invalid x-api-key secret-of-a" } }, 502, "api_error", /operator/],
  [400, { type: "error", error: { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." } }, 502, "api_error", /operator/],
  [529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, 529, "overloaded_error", /Overloaded/],
  [500, "<html>10.1.2.3</html>", 502, "api_error", /did not answer properly/],
  [502, "", 502, "api_error", /did not answer properly/],
])("W-111 W-112 a provider's %i becomes Anthropic's own error object", async (given, body, status, type, words) => {
  for (const stream of [false, true]) {
    const { message, upstream } = messagesBench()
    upstream.script.push(whole(given, body))
    const answered = await message({ stream }).over
    expect(answered.status).toBe(status)
    expect(answered.json()).toMatchObject({ type: "error", error: { type, message: expect.stringMatching(words) as string }, request_id: "req_1" })
    expect(answered.body).not.toMatch(/secret-of-a|10\.1\.2\.3/)
  }
})

test("W-113 W-127 a provider's limit is 429 with the time to wait", async () => {
  const { message, upstream } = messagesBench()
  upstream.script.push(whole(429, { type: "error", error: { type: "rate_limit_error", message: "slow down" } }, { "retry-after": "7" }))
  const answered = await message().over
  expect(answered).toMatchObject({ status: 429, headers: { "retry-after": "7" } })
  expect(answered.error()).toMatchObject({ type: "rate_limit_error" })
  expect(answered.headers).not.toHaveProperty("x-should-retry")
})

test("W-127 W-131 an unknown key and an exhausted budget are not to be tried again", async () => {
  const unknown = await messagesBench({ lookup: { kind: "absent" } }).message().over
  expect(unknown).toMatchObject({ status: 401, headers: { "x-should-retry": "false" } })
  expect(unknown.error()["type"]).toBe("authentication_error")
  const poor = await messagesBench({ principal: principal({ quotas: [quota({ limit: 1n })] }) }).message().over
  expect(poor).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } })
  expect(poor.error()).toMatchObject({ type: "billing_error", message: expect.stringContaining("budget") as string })
})

test("W-112 keys that cannot be checked are 503 and no authentication error", async () => {
  const answered = await messagesBench({ lookup: { kind: "unavailable" } }).message().over
  expect(answered.status).toBe(503)
  expect(answered.error()["type"]).toBe("api_error")
})

test("W-131 a stream that is restarted five times at once is charged for what each brought, and no hold is left", async () => {
  const set = messagesBench({ principal: principal({ quotas: [quota()] }) })
  set.upstream.script.push(...Array.from({ length: 5 }, () => streamed(opened, text("a"), errorEvent("api_error"))))
  await Promise.all(Array.from({ length: 5 }, () => set.message({ stream: true }).over))
  expect(set.settled.map(({ status, chargedNanoUsd }) => [status, chargedNanoUsd])).toEqual(Array.from({ length: 5 }, () => ["interrupted", 14_000n]))
  expect(set.quotas.openHolds()).toBe(0)
})

test("a hold that buys less than was asked for lowers max_tokens and the thinking budget, and a header says so", async () => {
  const { message, upstream } = messagesBench({ principal: principal({ quotas: [quota({ limit: 8_300_000n })] }) })
  upstream.script.push(whole(200, answer()))
  const answered = await message({ max_tokens: 32_000, thinking: { type: "enabled", budget_tokens: 31_000 } }).over
  const sent = upstream.calls[0]?.body as { max_tokens: number; thinking: { budget_tokens: number } }
  expect(sent.max_tokens).toBeGreaterThan(4_000)
  expect(sent.max_tokens).toBeLessThan(4_150)
  expect(sent.thinking.budget_tokens).toBe(Math.floor(sent.max_tokens / 2))
  expect(answered.headers["x-turnpike-changed"]).toBe(`max_tokens=${sent.max_tokens},thinking.budget_tokens=${sent.thinking.budget_tokens}`)
})

/** A value that does something, for each rule that refuses. */
const refusedValues: Readonly<Record<string, object>> = {
  "tools[].type": { tools: [{ name: "a", input_schema: {} }, { type: "code_execution_20250825", name: "code_execution" }] },
  "messages[].content[].source.file_id": { messages: [{ role: "user", content: [{ type: "document", source: { type: "file", file_id: "file_1" } }] }] },
  "messages[].content[].file_id": { messages: [{ role: "user", content: [{ type: "container_upload", file_id: "file_1" }] }] },
  "messages[].content[].content[].source.file_id": { messages: [{ role: "user", content: [{ type: "tool_result", content: [{ type: "image", source: { type: "file", file_id: "file_1" } }] }] }] },
}
const refusing = [...(guardedFields.am?.values() ?? [])].flatMap(({ rules }) => rules).filter(({ rule }) => rule.kind === "refuse" || rule.kind === "only")

test.each(refusing.map(({ rule }) => rule.path))("%s is refused by name with the reason, and nothing is sent", async (path) => {
  const { message, upstream } = messagesBench()
  const answered = await message(refusedValues[path] ?? { [path]: "something" }).over
  expect(answered.status).toBe(400)
  expect(String(answered.error()["message"]).replace(/\[\d+\]/g, "[]")).toContain(`${path} cannot be used here: `)
  expect(upstream.calls).toEqual([])
})

test("tools that the client runs itself pass, whatever their version", async () => {
  const tools = ["custom", "bash_20250124", "text_editor_20270101", "computer_20251124", "memory_20250818", "tool_search_tool_regex"].map((type) => ({ type, name: type }))
  const { message, upstream } = messagesBench()
  upstream.script.push(whole(200, answer()))
  expect((await message({ tools, service_tier: "auto", inference_geo: null, mcp_servers: [] }).over).status).toBe(200)
  expect(upstream.calls[0]?.body).toMatchObject({ tools })
})

test("W-100 searches are served where they have a price, held by their bound, and charged by the provider's count", async () => {
  const tools = [{ type: "web_search_20250305", name: "web_search", max_uses: 3 }]
  const refused = await messagesBench().message({ tools }).over
  expect(refused.error()["message"]).toContain("tools[0].type")
  const charged: (readonly [bigint | undefined, bigint | undefined])[] = []
  for (const web_search_requests of [2, null]) {
    const set = messagesBench({ config: priced(rates({ search: nanoUsd(10_000_000n) })) })
    set.upstream.script.push(whole(200, answer({ usage: { input_tokens: 10, output_tokens: 5, server_tool_use: web_search_requests === null ? null : { web_search_requests } } })))
    expect((await set.message({ tools }).over).status).toBe(200)
    expect(set.opened[0]?.holdNanoUsd).toBeGreaterThan(30_000_000n + 3n * 10_000n * 1_000n)
    charged.push([set.settled[0]?.chargedNanoUsd, set.settled[0]?.usage.search === undefined ? undefined : BigInt(set.settled[0].usage.search)])
  }
  expect(charged).toEqual([[20_020_000n, 2n], [20_000n, undefined]])
})

test("fast mode is served at its own price alone", async () => {
  expect((await messagesBench().message({ speed: "fast" }).over).error()["message"]).toContain("speed")
  const { message, upstream, settled } = messagesBench({ config: priced({ ...rates(), serviceTiers: { fast: { input: nanoUsd(6_000_000_000n), output: nanoUsd(12_000_000_000n) } } }) })
  upstream.script.push(whole(200, answer({ usage: { input_tokens: 10, output_tokens: 5, speed: "fast" } })))
  expect((await message({ speed: "fast" }).over).status).toBe(200)
  expect(settled[0]?.chargedNanoUsd).toBe(120_000n)
})
