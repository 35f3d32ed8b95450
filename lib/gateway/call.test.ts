import { expect, test } from "vitest"
import { err } from "#lib/kernel/result.ts"
import { bench, channel, completion, config, model, principal, quota, rates, target, whole } from "./test/fakes.ts"

test("a call is answered with the public model, its cost and its way, and booked once", async () => {
  const { chat, upstream, settled, opened, quotas } = bench({ principal: principal({ quotas: [quota()] }) })
  upstream.script.push(whole(200, completion()))
  const answer = await chat({ temperature: 0.5 }).over
  expect(answer).toMatchObject({
    status: 200,
    headers: { "x-turnpike-request-id": "req_1", "x-turnpike-model": "public", "x-turnpike-channel": "a", "x-turnpike-cost-usd": "0.00002", "access-control-allow-origin": "*" },
  })
  expect(answer.json()).toEqual({ ...completion(), model: "public" })
  expect(upstream.calls[0]).toMatchObject({
    request: { url: "https://a.example/v1/chat/completions", headers: { authorization: "Bearer secret-of-a", accept: "application/json" } },
    body: { model: "upstream-model", temperature: 0.5 },
  })
  expect(opened).toMatchObject([{ requestId: "req_1", organizationId: "org_1", keyId: "key_1", model: "public", upstreamModel: "upstream-model", channelId: "chan_a", credentialId: "cred_a", dialect: "cc", attempts: 1, test: false }])
  expect(settled).toMatchObject([{ requestId: "req_1", status: "complete", finish: "stop", responseId: "chatcmpl-1", usage: { input: 10, output: 5, call: 1 }, costNanoUsd: 20_000n, chargedNanoUsd: 20_000n, absorbedNanoUsd: 0n, route: ["a: answered"] }])
  expect(quotas).toMatchObject({ openHolds: expect.any(Function) as unknown })
  expect([quotas.openHolds(), quotas.settlements(), quotas.spent()]).toEqual([0, 1, 20_000n])
})

test("a channel is named only to whoever may see it", async () => {
  const { chat, upstream } = bench({ principal: principal({ seesChannel: false }) })
  upstream.script.push(whole(200, completion()))
  expect((await chat().over).headers).not.toHaveProperty("x-turnpike-channel")
})

test("W-119 W-134 neither a client's key nor any header beyond the list goes upstream", async () => {
  const { chat, upstream } = bench()
  upstream.script.push(whole(200, completion()))
  await chat({}, { "x-api-key": "sk-other", cookie: "a=b", "x-codex-turn-metadata": "{}", "user-agent": "codex/1", "openai-organization": "org", "x-forwarded-for": "1.2.3.4" }).over
  expect(upstream.calls[0]?.request.headers).toEqual({ "content-type": "application/json", accept: "application/json", "user-agent": "codex/1", authorization: "Bearer secret-of-a" })
})

test.each([
  [{ authorization: "Bearer one", "x-api-key": "two", "api-key": "three", "x-goog-api-key": "four" }, "one"],
  [{ authorization: "Basic abc", "x-api-key": "two", "api-key": "three" }, "two"],
  [{ "api-key": "three", "x-goog-api-key": "four" }, "three"],
  [{ "x-goog-api-key": "four" }, "four"],
  [{}, "five"],
])("W-119 of the keys in %j and in the query %s counts", async (headers, expected) => {
  const { start, secrets } = bench({ lookup: { kind: "absent" } })
  await start({ method: "GET", path: "/v1/models?key=five", headers }).over
  expect(secrets).toEqual([expected])
})

test.each([
  ["no key", {}, undefined, 401, "invalid_api_key"],
  ["an unknown key", { authorization: "Bearer x" }, { kind: "absent" as const }, 401, "invalid_api_key"],
  ["an expired key", { authorization: "Bearer x" }, { kind: "found" as const, principal: principal({ expiresAtMs: 1 }) }, 401, "invalid_api_key"],
  ["a key that the database cannot tell", { authorization: "Bearer x" }, Promise.resolve({ kind: "unavailable" as const }), 503, "unavailable"],
])("W-112 W-131 %s is refused without a call", async (_, headers, lookup, status, code) => {
  const { start, upstream } = bench({ ...(lookup !== undefined && { lookup }) })
  const answer = await start({ headers, body: '{"model":"public","messages":[1]}' }).over
  expect(answer).toMatchObject({ status })
  expect(answer.error()).toMatchObject({ code })
  expect(answer.headers["x-should-retry"]).toBe(status === 401 ? "false" : undefined)
  expect(upstream.calls).toEqual([])
})

test("a model that does not exist and one that the key may not use give the same 404", async () => {
  const options = { config: config(model("public", [target(channel("a"))]), model("secret", [target(channel("a"))]), model("plan", [target(channel("b", { resale: false }))]), model("own", [target(channel("c", { organizationId: "org_2" }))])) }
  const { chat } = bench({ ...options, principal: principal({ organizationKind: "customer", allowedModels: new Set(["public", "plan", "own"]) }) })
  const texts = await Promise.all(["secret", "plan", "own", "nowhere"].map(async (name) => {
    const answer = await chat({ model: name }).over
    return `${answer.status} ${JSON.stringify(answer.headers).replace(/req_\d/, "")} ${answer.body}`.replaceAll(name, "it").replace(/"content-length":"\d+"/, "")
  }))
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).toContain("404")
  expect(texts[0]).toContain("model_not_found")
})

test("coding plans that are not for resale serve internal organizations only", async () => {
  const plan = config(model("public", [target(channel("plan", { resale: false, priority: 1 })), target(channel("paid", { priority: 2 }))]))
  for (const [organizationKind, host] of [["internal", "plan"], ["customer", "paid"]] as const) {
    const { chat, upstream } = bench({ config: plan, principal: principal({ organizationKind }) })
    upstream.script.push(whole(200, completion()))
    await chat().over
    expect(upstream.calls[0]?.request.url).toContain(host)
  }
})

test("a model without a price is not served", async () => {
  const { chat, upstream } = bench({ config: config(model("public", [target(channel("a"), { price: null })])) })
  const answer = await chat().over
  expect(answer).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } })
  expect(answer.error()).toMatchObject({ code: "model_without_price" })
  expect(upstream.calls).toEqual([])
})

test("a channel that speaks no chat completions is no candidate, and the log says so", async () => {
  const { chat, upstream, settled } = bench({ config: config(model("public", [target(channel("mute", { endpoints: {} })), target(channel("cc"))])) })
  upstream.script.push(whole(200, completion()))
  await chat().over
  expect(settled[0]?.route).toEqual(["mute: does not speak OpenAI chat completions", "cc: answered"])
})

test("test keys reach the sandbox only, under any name, and no budget of a live key pays for the sandbox", async () => {
  const sandbox = channel("sandbox", { providerId: "sandbox", credentials: [], auth: { default: "none" }, endpoints: { cc: "sandbox://turnpike/v1" } })
  const both = config(model("public", [target(channel("a"))]), model("sandbox", [target(sandbox)]))
  const test = bench({ config: both, principal: principal({ test: true }) })
  test.upstream.script.push(whole(200, completion()))
  expect((await test.chat().over).status).toBe(200)
  expect(test.upstream.calls[0]).toMatchObject({ request: { url: "sandbox://turnpike/v1/chat/completions" }, body: { model: "public" } })
  expect(test.opened[0]).toMatchObject({ test: true, providerId: "sandbox", credentialId: null })

  const live = bench({ config: both, principal: principal({ quotas: [quota({ scope: "wallet" }), quota({ id: "quota_2", unit: "requests", window: "minute", limit: 9n })] }) })
  live.upstream.script.push(whole(200, completion()))
  await live.chat({ model: "sandbox" }).over
  expect(live.opened[0]).toMatchObject({ test: true })
  expect([live.quotas.spent("quota_1"), live.quotas.spent("quota_2")]).toEqual([0n, 1n])
})

test("failures that test calls provoke never rest the sandbox, which all tenants share", async () => {
  const sandbox = channel("sandbox", { providerId: "sandbox", credentials: [], endpoints: { cc: "sandbox://turnpike/v1" } })
  const { chat, upstream } = bench({ config: config(model("sandbox", [target(sandbox)])), principal: principal({ test: true }) })
  for (const status of [401, 429, 500, 500, 500, 500, 500]) {
    upstream.script.push(whole(status, { error: { message: "asked for" } }))
    await chat().over
  }
  upstream.script.push(whole(200, completion()))
  expect((await chat().over).status).toBe(200)
})

test("exhausted money is a 402 that names the limit, its amount, what is used and when it resets", async () => {
  const { chat, upstream } = bench({ principal: principal({ quotas: [quota({ limit: 5_000n })] }) })
  const answer = await chat().over
  expect(answer).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } })
  expect(answer.error()).toMatchObject({ code: "insufficient_quota", type: "insufficient_quota" })
  expect(answer.error()["message"]).toMatch(/^This key's budget of \$0\.000005 a month does not cover this call: \$0\.00 used; this call needs at least \$0\.000\d+\. It resets at 2026-12-01T00:00:00\.000Z\.$/)
  expect(upstream.calls).toEqual([])
})

test("a wallet that is used up says when the plan's allowance is renewed, where one is", async () => {
  const wallet = quota({ scope: "wallet", window: "total", limit: 5_000n })
  const said = async (allowanceRenewsAtMs: number | null) => String((await bench({ principal: principal({ quotas: [wallet], allowanceRenewsAtMs }) }).chat().over).error()["message"])
  expect(await said(Date.UTC(2026, 11, 9, 8, 30))).toMatch(/^The organization's balance of \$0\.000005 in total does not cover this call: .* The plan's allowance is renewed at 2026-12-09T08:30:00\.000Z\.$/)
  expect(await said(null)).toMatch(/this call needs at least \$0\.000\d+\.$/)
})

test("W-127 a rate that is used up is a 429 with retry-after", async () => {
  const { chat, upstream } = bench({ principal: principal({ quotas: [quota({ unit: "requests", window: "minute", limit: 1n })] }) })
  upstream.script.push(whole(200, completion()))
  expect((await chat().over).status).toBe(200)
  const answer = await chat().over
  expect(answer.status).toBe(429)
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0)
  expect(answer.error()["message"]).toContain("This key's limit of 1 request a minute")
})

test("an absent or unaffordable bound on output becomes what the hold buys, and a header says so", async () => {
  for (const fields of [{}, { max_tokens: 800 }]) {
    const { chat, upstream, opened } = bench({ principal: principal({ quotas: [quota({ limit: 1_000_000n })] }) })
    upstream.script.push(whole(200, completion()))
    const { headers } = await chat(fields).over
    const sent = Number(upstream.calls[0]?.body["max_tokens"])
    // $0.001 buys 500 output tokens at $2 per million, less the prompt.
    expect(sent).toBeGreaterThan(450)
    expect(sent).toBeLessThan(500)
    expect(headers["x-turnpike-changed"]).toBe(`max_tokens=${sent}`)
    expect(opened[0]?.holdNanoUsd).toBe(1_000_000n)
  }
})

test("a bound that the hold covers, or none where the model's maximum is covered, is left alone", async () => {
  for (const fields of [{}, { max_tokens: 800 }]) {
    const { chat, upstream } = bench({ principal: principal({ quotas: [quota()] }) })
    upstream.script.push(whole(200, completion()))
    const { headers } = await chat(fields).over
    expect(upstream.calls[0]?.body["max_tokens"]).toBe((fields as { max_tokens?: number }).max_tokens)
    expect(headers).not.toHaveProperty("x-turnpike-changed")
  }
})

test("the hold is at the sell price of the dearest candidate, and covers every choice", async () => {
  const dear = { id: "price_2" as const, rates: rates({ output: 20_000_000_000n as never }) }
  const { chat, upstream, quotas } = bench({
    principal: principal({ quotas: [quota({ limit: 10n ** 12n })] }),
    config: config(model("public", [target(channel("cheap", { priority: 1 })), target(channel("dear", { priority: 2 }), { price: { cost: dear, sell: dear, markupPpm: null } })])),
  })
  upstream.script.push(whole(200, completion()))
  await chat({ max_tokens: 100, n: 3 }).over
  expect(quotas.asked[0]?.nanoUsd?.worst).toBeGreaterThan(300n * 20_000n)
  expect(quotas.asked[0]?.nanoUsd?.worst).toBeLessThan(310n * 20_000n)
})

test("what a provider reports beyond the hold is charged as far as the quota covers it, and absorbed beyond", async () => {
  const { chat, upstream, settled } = bench({ principal: principal({ quotas: [quota({ limit: 1_000_000n })] }) })
  upstream.script.push(whole(200, completion("x", { prompt_tokens: 10, completion_tokens: 5_000 })))
  const answer = await chat().over
  expect(settled[0]).toMatchObject({ chargedNanoUsd: 1_000_000n, absorbedNanoUsd: 9_010_000n, status: "complete" })
  expect(answer.headers["x-turnpike-cost-usd"]).toBe("0.001")
})

test("W-98 an answer without usage is estimated from its bytes, flagged, and never above its hold", async () => {
  const { chat, upstream, opened, settled } = bench({ principal: principal({ quotas: [quota({ limit: 1_000_000_000n })] }) })
  upstream.script.push(whole(200, completion("x".repeat(20_000), null)))
  await chat().over
  expect(settled[0]).toMatchObject({ status: "estimated", usage: { estimated: true } })
  expect(settled[0]?.usage.output).toBeGreaterThan(4_000)
  expect(opened[0]?.holdNanoUsd).toBeGreaterThan(2_000_000n)
  expect(settled[0]?.chargedNanoUsd).toBe(opened[0]?.holdNanoUsd)
})

test("fields that a provider refuses are dropped and named; a strict key gets a 400 instead", async () => {
  const picky = config(model("public", [target(channel("a", { drop: ["logprobs", "seed"] }))]))
  const lenient = bench({ config: picky })
  lenient.upstream.script.push(whole(200, completion()))
  expect((await lenient.chat({ logprobs: true }).over).headers["x-turnpike-dropped"]).toBe("logprobs")
  expect(lenient.upstream.calls[0]?.body).not.toHaveProperty("logprobs")
  const strict = await bench({ config: picky, principal: principal({ parameters: "strict" }) }).chat({ logprobs: true }).over
  expect(strict.status).toBe(400)
  expect(strict.error()).toMatchObject({ param: "logprobs" })
})

test("a broken start, a full spool and an unread configuration are 503", async () => {
  expect((await bench({ config: null }).chat().over).status).toBe(503)
  expect((await bench({ writable: false }).chat().over).status).toBe(503)
  const { chat, upstream, ports, quotas } = bench({ principal: principal({ quotas: [quota()] }) })
  ;(ports.spool as { open: unknown }).open = () => false
  expect((await chat().over).status).toBe(503)
  expect(upstream.calls).toEqual([])
  expect([quotas.openHolds(), quotas.spent()]).toEqual([0, 0n])
})

test("a body over the limit is 413, a compressed one 400, and a client that leaves meanwhile gets nothing", async () => {
  const { start, chat, upstream } = bench()
  expect((await start({ body: () => Promise.resolve(err("tooLarge")) }).over).status).toBe(413)
  expect((await chat({}, { "content-encoding": "gzip" }).over).status).toBe(400)
  expect((await start({ body: () => Promise.resolve(err("closed")) }).over).status).toBe(0)
  expect(upstream.calls).toEqual([])
})

test("a bug is a 500 without its words, and releases the hold", async () => {
  const { chat, ports, quotas, logged } = bench({ principal: principal({ quotas: [quota()] }) })
  ;(ports.upstream as { call: unknown }).call = () => {
    throw new Error("secret words")
  }
  const answer = await chat().over
  expect(answer.status).toBe(500)
  expect(answer.body).not.toContain("secret words")
  expect(logged.join()).toContain("secret words")
  expect([quotas.openHolds(), quotas.settlements(), quotas.spent()]).toEqual([0, 1, 0n])
})
