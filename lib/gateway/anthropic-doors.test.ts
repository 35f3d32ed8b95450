import { afterEach, expect, test, vi } from "vitest"
import { begin, bench, channel, config, failing, model, principal, quota, send, soon, target, type UpstreamCallSeen, whole } from "./test/fakes.ts"

afterEach(() => vi.useRealTimers())

const anthropic = (name: string, priority = 10) => channel(name, { providerId: "anthropic", endpoints: { am: `https://${name}.example/v1` }, auth: { default: "x-api-key" }, priority })
const version = { "anthropic-version": "2023-06-01" }

/** A gateway whose model has two Anthropic channels; `count` asks for a prompt's tokens. */
function counting(options: Parameters<typeof bench>[0] = {}) {
  const set = bench({ config: config(model("public", [target(anthropic("a")), target(anthropic("b", 20))])), ...options })
  const count = (fields: object = {}) =>
    set.start({ path: "/api/v1/messages/count_tokens?beta=true", headers: { "x-api-key": "sk-tp-1", ...version }, body: JSON.stringify({ model: "public", messages: [{ role: "user", content: "x".repeat(4_000) }], ...fields }) })
  return { ...set, count }
}

test.each(["GET", "HEAD"])("W-118 %s of a root is answered without a key", async (method) => {
  for (const path of ["/api", "/api/", "/api/v1", "/v1/"]) expect((await bench().start({ method, path, headers: {} }).over).status).toBe(200)
})

test("W-118 an unknown path is a 404 in Anthropic's shape for a client that names its version", async () => {
  const answered = await bench().get("/api/v1/nothing", version)
  expect(answered).toMatchObject({ status: 404, headers: { "request-id": "req_1" } })
  expect(answered.json()).toMatchObject({ type: "error", error: { type: "not_found_error" }, request_id: "req_1" })
})

test("W-118 models are listed in Anthropic's shape where a version is named: those that this key may call through messages", async () => {
  const set = bench({
    config: config(
      model("a", [target(anthropic("a"))], { contextTokens: null }),
      model("b", [target(channel("both", { endpoints: { cc: "https://x/v1", am: "https://x/v1" } }))]),
      model("c", [target(anthropic("a"))]),
      model("not-mine", [target(anthropic("a"))]),
      model("nobody's", [target(channel("gone", { endpoints: {} }))]),
    ),
    principal: principal({ allowedModels: new Set(["a", "b", "c", "nobody's"]) }),
  })
  const get = async (path: string) => (await set.get(path, { authorization: "Bearer sk-tp-1", ...version })).json()
  const list = (await get("/v1/models?limit=1000")) as { data: { id: string }[] }
  expect(list).toMatchObject({ has_more: false, first_id: "a", last_id: "c" })
  expect(list.data[0]).toEqual({ id: "a", type: "model", display_name: "a", created_at: "2023-11-14T22:13:20.000Z", max_input_tokens: null, max_tokens: 1_000 })
  const ids = ({ data, ...page }: { data?: unknown }) => ({ ...page, ids: (data as { id: string }[]).map(({ id }) => id) })
  expect(ids(await get("/v1/models?limit=2"))).toEqual({ ids: ["a", "b"], has_more: true, first_id: "a", last_id: "b" })
  expect(ids(await get("/v1/models?limit=2&after_id=b"))).toEqual({ ids: ["c"], has_more: false, first_id: "c", last_id: "c" })
  expect(ids(await get("/v1/models?limit=1&before_id=c"))).toEqual({ ids: ["b"], has_more: true, first_id: "b", last_id: "b" })
  expect(await get("/v1/models/b")).toMatchObject({ id: "b", type: "model" })
  for (const name of ["not-mine", "nobody's", "none"]) expect(await get(`/v1/models/${name}`)).toMatchObject({ error: { type: "not_found_error" } })
  expect(await get("/v1/models?limit=0")).toMatchObject({ error: { type: "invalid_request_error", message: expect.stringContaining("limit") as string } })
})

test("W-129 Claude Code is offered each model by a name that it offers, and every name of a model that it sends means the model", async () => {
  const set = bench({ config: config(model("glm-5.3", [target(anthropic("a"))]), model("claude-opus-4-8", [target(anthropic("a"))]), model("openai-kind", [target(channel("rs", { endpoints: { rs: "https://x/v1" } }))])) })
  const key = { authorization: "Bearer sk-tp-1" }
  const ids = async (headers: Record<string, string>) => ((await set.get("/v1/models?limit=1000", { ...key, ...headers })).json() as { data: { id: string }[] }).data.map(({ id }) => id)
  expect(await ids({ ...version, "user-agent": "claude-cli/2.1.7 (external, cli)" })).toEqual(["claude-glm-5.3", "claude-openai-kind", "claude-opus-4-8"])
  expect(await ids(version)).toEqual(["claude-opus-4-8", "glm-5.3", "openai-kind"])
  expect((await set.get("/v1/models/claude-glm-5.3", { ...key, ...version })).json()).toMatchObject({ id: "claude-glm-5.3", display_name: "glm-5.3" })
  for (const name of ["glm-5.3", "claude-glm-5.3", "glm-5.3[1m]", "claude-glm-5.3[1M]"]) {
    set.upstream.script.push(whole(200, { id: "msg_1", type: "message", content: [{ type: "text", text: "hi" }], stop_reason: "end_turn", usage: { input_tokens: 1, output_tokens: 1 } }))
    const answered = await set.start({ path: "/api/v1/messages", headers: { ...key, ...version }, body: JSON.stringify({ model: name, max_tokens: 10, messages: [{ role: "user", content: "hi" }] }) }).over
    expect([answered.status, answered.headers["x-turnpike-model"]]).toEqual([200, "glm-5.3"])
    expect(set.upstream.calls.at(-1)?.body).toMatchObject({ model: "upstream-model" })
  }
  expect(set.opened.map(({ model }) => model)).toEqual(["glm-5.3", "glm-5.3", "glm-5.3", "glm-5.3"])
  const unknown = await set.start({ path: "/api/v1/messages", headers: { ...key, ...version }, body: JSON.stringify({ model: "claude-none", max_tokens: 10, messages: [{ role: "user", content: "hi" }] }) }).over
  expect(unknown.status).toBe(404)
})

test("W-65 an image goes to a channel whose model reads images, and is refused by name where none does", async () => {
  const kind = (name: string, upstreamModel: string) => target(channel(name, { providerId: "openai-compatible", endpoints: { cc: `https://${name}.example/v1` } }), { upstreamModel })
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0K" } }
  const ask = (set: ReturnType<typeof bench>, content: object[]) => set.start({ path: "/api/v1/messages", headers: { "x-api-key": "sk-tp-1", ...version }, body: JSON.stringify({ model: "public", max_tokens: 10, messages: [{ role: "user", content }] }) }).over
  const blind = bench({ config: config(model("public", [kind("text", "gpt-4")])) })
  const inResult = [{ type: "tool_result", tool_use_id: "t", content: [image] }]
  for (const content of [[image], inResult]) {
    const answered = await ask(blind, content)
    expect([answered.status, answered.error()]).toEqual([400, { type: "invalid_request_error", message: "messages: the model “public” reads no images. Leave them out, or choose a model that does." }])
  }
  expect(blind.upstream.calls).toEqual([])
  for (const seeing of [[kind("text", "gpt-4"), kind("vision", "gpt-4.1")], [kind("vision", "a-model-that-nobody-knows")]]) {
    const set = bench({ config: config(model("public", seeing)) })
    set.upstream.script.push(whole(200, { id: "chatcmpl-1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: "A cat." }, finish_reason: "stop" }], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } }))
    expect((await ask(set, [image])).json()).toMatchObject({ content: [{ type: "text", text: "A cat." }], stop_reason: "end_turn", usage: { input_tokens: 9, output_tokens: 2 } })
    expect(set.upstream.calls.map(({ request }) => new URL(request.url).hostname)).toEqual(["vision.example"])
  }
})

test("W-114 a prompt that does not fit is told in Anthropic's words, whatever the provider's", async () => {
  const { start, upstream } = counting()
  upstream.script.push(whole(500, { error: { message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 10012 tokens.", code: "internal" } }))
  const answered = await start({ path: "/api/v1/messages", headers: { "x-api-key": "sk-tp-1", ...version }, body: JSON.stringify({ model: "public", max_tokens: 10, messages: [{ role: "user", content: "hi" }] }) }).over
  expect(answered.status).toBe(400)
  expect(answered.error()).toEqual({ type: "invalid_request_error", message: "prompt is too long: 10012 tokens > 8192 maximum" })
  expect(upstream.calls).toHaveLength(1)
})

test("a prompt's tokens are counted by the provider, and cost nothing", async () => {
  const { count, upstream, settled, opened, quotas } = counting({ principal: principal({ quotas: [quota({ unit: "requests", window: "minute", limit: 5n }), quota({ id: "quota_2" })] }) })
  upstream.script.push(whole(200, { input_tokens: 1_234 }))
  const answered = await count({ tools: [{ name: "a", input_schema: {} }] }).over
  expect(answered).toMatchObject({ status: 200, body: '{"input_tokens":1234}', headers: { "request-id": "req_1" } })
  expect(answered.headers).not.toHaveProperty("x-turnpike-changed")
  expect(upstream.calls[0]?.request.url).toBe("https://a.example/v1/messages/count_tokens")
  expect(upstream.calls[0]?.body).toMatchObject({ model: "upstream-model", tools: [{ name: "a" }] })
  expect([opened, settled, quotas.spent(), quotas.openHolds()]).toEqual([[], [], 0n, 0])
})

test("where one channel fails the next one counts", async () => {
  for (const trouble of [failing("connect"), whole(500, "<html>"), whole(200, { tokens: 1 }), whole(200, "<html>")]) {
    const { count, upstream } = counting()
    upstream.script.push(trouble, whole(200, { input_tokens: 9 }))
    expect((await count().over).body).toBe('{"input_tokens":9}')
  }
})

test("where no channel counts the tokens are estimated, which a header says, and channels without such an endpoint are not asked again soon", async () => {
  const { count, upstream, time } = counting()
  upstream.script.push(whole(404, {}), whole(405, "no"))
  const answered = await count().over
  expect(answered.headers["x-turnpike-changed"]).toBe("input_tokens=estimated")
  const { input_tokens } = answered.json() as { input_tokens: number }
  expect(input_tokens).toBeGreaterThan(900)
  expect(input_tokens).toBeLessThan(1_100)
  expect((await count().over).status).toBe(200)
  expect(upstream.calls).toHaveLength(2)
  time.monotonic += 11 * 60_000
  upstream.script.push(whole(200, { input_tokens: 7 }))
  expect((await count().over).body).toBe('{"input_tokens":7}')
})

test("W-128 where no channel counts, OpenAI's tokenizers do: of system prompt, turns and tools, with the pictures beside them", async () => {
  const asked: unknown[] = []
  const tokens = { count: (texts: readonly string[], encoding: string) => (asked.push({ texts, encoding }), Promise.resolve(500)) }
  const { count, upstream } = counting({ config: config(model("public", [target(channel("cc"), { upstreamModel: "gpt-5" })])), ports: { tokens } })
  const content = [{ type: "text", text: "what is this" }, { type: "image", source: { type: "url", url: "https://example.com/a.png" } }]
  const answered = await count({ system: "Be brief.", messages: [{ role: "user", content }], tools: [{ name: "look", description: "Looks.", input_schema: { type: "object", properties: { at: { type: "string" } } } }] }).over
  expect(asked).toEqual([{ encoding: "o200k_base", texts: ["look:Looks", "at:string:", "system", "Be brief.", "user", "what is this"] }])
  // 3 for the answer, 3 for each turn, 12 + 7 + 3 + 3 for the tool; a picture of unknown size as one of 1024 × 1024: 70 + 4 × 140.
  expect(answered.json()).toEqual({ input_tokens: 500 + 3 + 2 * 3 + 25 + 630 })
  expect(answered.headers["x-turnpike-changed"]).toBe("input_tokens=estimated")
  expect(upstream.calls).toEqual([])
})

test("a channel that is silent is not waited for", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  const { count, upstream } = counting()
  const { over } = count()
  await soon()
  await vi.advanceTimersByTimeAsync(5_000)
  await vi.advanceTimersByTimeAsync(5_000)
  expect((await over).headers["x-turnpike-changed"]).toBe("input_tokens=estimated")
  expect(upstream.calls.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(vi.getTimerCount()).toBe(0)
})

test("what a provider says against the prompt itself reaches the client", async () => {
  const { count, upstream } = counting()
  upstream.script.push(whole(400, { type: "error", error: { type: "invalid_request_error", message: "messages.0.role: unexpected" } }))
  const answered = await count().over
  expect(answered.status).toBe(400)
  expect(answered.error()).toEqual({ type: "invalid_request_error", message: "messages.0.role: unexpected" })
})

test("a key over its limit of requests gets no counts either, and an answer that never ends is cut", async () => {
  const poor = counting({ principal: principal({ quotas: [quota({ unit: "requests", window: "minute", limit: 0n })] }) })
  expect((await poor.count().over).status).toBe(429)
  const { count, upstream } = counting()
  const endless = (call: UpstreamCallSeen) => (begin(call), send(call, "x".repeat(100_000)))
  upstream.script.push(endless, whole(200, { input_tokens: 3 }))
  expect((await count().over).body).toBe('{"input_tokens":3}')
  expect(upstream.calls[0]?.aborted).toBe(true)
})

test("when the client goes away the provider is not asked any longer", async () => {
  const { count, upstream, quotas } = counting()
  const { control, over, answered } = count()
  await soon()
  control.leave()
  await over
  expect(upstream.calls[0]?.aborted).toBe(true)
  expect([answered.status, quotas.openHolds()]).toEqual([0, 0])
})
