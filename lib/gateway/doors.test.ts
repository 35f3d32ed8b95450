import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { exactJson } from "./exact-json.ts"
import type { AccountPort, Generation } from "./ports.ts"
import { bench, channel, completion, config, model, principal, rates, target, whole } from "./test/fakes.ts"

test.each(["/api/v1/nothing", "/v1/chat", "/api/v1/models/%ff"])("the unknown path %s is a JSON 404", async (path) => {
  const answer = await bench().get(path)
  expect(answer).toMatchObject({ status: 404, headers: { "content-type": "application/json" } })
  expect(answer.error()).toMatchObject({ code: "not_found" })
})

test.each([
  ["GET", "/api/v1/chat/completions", "POST, OPTIONS"],
  ["POST", "/api/v1/models", "GET, OPTIONS"],
  ["DELETE", "/api/v1/models/public", "GET, OPTIONS"],
])("%s %s is a 405 that names what is allowed", async (method, path, allow) => {
  expect(await bench().start({ method, path }).over).toMatchObject({ status: 405, headers: { allow } })
})

test("a browser's preflight is answered for any origin, without credentials", async () => {
  const answer = await bench().start({ method: "OPTIONS", path: "/api/v1/chat/completions", headers: { origin: "https://app.example", "access-control-request-headers": "authorization,content-type" } }).over
  expect(answer).toMatchObject({ status: 204, body: "", headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization,content-type" } })
  expect(answer.headers).not.toHaveProperty("access-control-allow-credentials")
})

test("cookies are no key", async () => {
  expect((await bench().get("/api/v1/models", { cookie: "next-auth.session-token=x" })).status).toBe(401)
})

test("every door answers the same", async () => {
  for (const path of ["/v1/chat/completions", "/api/p/cheap/v1/chat/completions", "/api/v1/chat/completions?beta=true"]) {
    const { start, upstream } = bench()
    upstream.script.push(whole(200, completion()))
    expect((await start({ path, body: '{"model":"public","messages":[1]}' }).over).status).toBe(200)
  }
})

test("models are those that the key may use, in OpenAI's shape, with context and exact prices", async () => {
  const price = { id: "price_1" as const, rates: rates({ cacheRead: nanoUsd(37_500_000n), call: nanoUsd(5_000_000n) }) }
  const { get } = bench({
    config: config(
      model("b/marked-up", [target(channel("a"), { price: { cost: price, sell: price, markupPpm: 1_200_000 } })]),
      model("a", [target(channel("a"), { price: { cost: price, sell: price, markupPpm: null } })], { contextTokens: null }),
      model("not-mine", [target(channel("a"))]),
      model("plan", [target(channel("plan", { resale: false }))]),
    ),
    principal: principal({ organizationKind: "customer", allowedModels: new Set(["a", "b/marked-up", "plan"]) }),
  })
  const list = (await get("/api/v1/models")).json() as { object: string; data: object[] }
  expect(list).toEqual({
    object: "list",
    data: [
      { id: "a", object: "model", created: 1_700_000_000, owned_by: "turnpike", max_completion_tokens: 1_000, pricing: { prompt: "0.000001", completion: "0.000002", input_cache_read: "0.0000000375", request: "0.005" } },
      { id: "b/marked-up", object: "model", created: 1_700_000_000, owned_by: "turnpike", context_length: 128_000, max_completion_tokens: 1_000, pricing: { prompt: "0.0000012", completion: "0.0000024", input_cache_read: "0.000000045", request: "0.006" } },
    ],
  })
  expect((await get("/v1/models/b/marked-up")).json()).toEqual(list.data[1])
  expect((await get("/v1/models/not-mine")).status).toBe(404)
})

test("a test key is shown the sandbox's models alone", async () => {
  const sandbox = channel("sandbox", { providerId: "sandbox", credentials: [] })
  const { get } = bench({ config: config(model("real", [target(channel("a"))]), model("sandbox", [target(sandbox)])), principal: principal({ test: true }) })
  expect(((await get("/v1/models")).json() as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual(["sandbox"])
  expect((await get("/v1/models/real")).status).toBe(404)
})

const generation: Generation = {
  requestId: "req_1",
  responseId: "chatcmpl-1",
  model: "public",
  providerId: null,
  createdAtMs: Date.UTC(2026, 10, 25),
  streamed: true,
  interrupted: false,
  finish: "stop",
  firstByteMs: 120,
  durationMs: 900,
  chargedNanoUsd: 1_234_567n,
  usage: { input: 8, cacheRead: 2, output: 5, reasoning: 1 },
}
const account: AccountPort = {
  key: () =>
    Promise.resolve({
      label: "sk-tp-AbC…",
      limitNanoUsd: 10_000_000_000n,
      limitRemainingNanoUsd: 9_999_999_999n,
      limitReset: "monthly",
      usageNanoUsd: { total: 123_456_789_123_456_789n, day: 1n, week: 10n, month: 1_000_000_000n },
      creatorUserId: null,
      expiresAtMs: null,
    }),
  credits: () => Promise.resolve({ creditedNanoUsd: 25_000_000_000n, usedNanoUsd: 1n }),
  generation: (_, id) => Promise.resolve(["req_1", "chatcmpl-1"].includes(id) ? generation : null),
}

test("the account endpoints have OpenRouter's shapes and exact numbers", async () => {
  const { get } = bench({ account })
  const key = await get("/api/v1/key")
  expect(key.body).toContain('"usage":123456789.123456789')
  expect(key.json()).toMatchObject({ data: { label: "sk-tp-AbC…", limit: 10, limit_remaining: 9.999999999, limit_reset: "monthly", usage_daily: 1e-9, usage_monthly: 1, is_free_tier: false, rate_limit: { requests: -1 } } })
  expect((await get("/api/v1/credits")).body).toBe('{"data":{"total_credits":25,"total_usage":0.000000001}}')
  for (const id of ["req_1", "chatcmpl-1"]) {
    expect((await get(`/api/v1/generation?id=${id}`)).json()).toMatchObject({
      data: { id: "req_1", upstream_id: "chatcmpl-1", total_cost: 0.001234567, usage: 0.001234567, native_tokens_prompt: 10, native_tokens_completion: 6, native_tokens_cached: 2, native_tokens_reasoning: 1, num_search_results: null, latency: 120, cancelled: false },
    })
  }
  expect((await get("/api/v1/generation?id=other")).status).toBe(404)
  expect((await get("/api/v1/generation")).status).toBe(400)
})

test("W-112 books that cannot be read are a 503", async () => {
  expect((await bench().get("/api/v1/key")).status).toBe(503)
})

test("amounts in JSON are never floating point", () => {
  expect(exactJson({ a: 9_007_199_254_740_993n, b: -1n, c: 0n, d: [1.5, "1"] })).toBe('{"a":9007199.254740993,"b":-0.000000001,"c":0,"d":[1.5,"1"]}')
})
