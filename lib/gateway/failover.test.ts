import { expect, test } from "vitest"
import { bench, channel, completion, config, delta, done, failing, finish, model, principal, quota, streamed, target, usage, whole } from "./test/fakes.ts"

const pair = config(model("public", [target(channel("a", { priority: 1 })), target(channel("b", { priority: 2 }))]))
const alone = config(model("public", [target(channel("a"))]))

test.each([
  ["nobody there", failing("connect")],
  ["a timeout", failing("timeout")],
  ["a closed connection", failing("closed")],
  ["a 500", whole(500, { error: { message: "no" } })],
  ["a 429", whole(429, { error: { message: "slow down" } })],
  ["a refused credential", whole(401, { error: { message: "bad key" } })],
  ["a model it does not know", whole(404, { error: { message: "no such model" } })],
  ["an HTML page", whole(200, "<html>login</html>")],
  ["broken JSON", whole(200, '{"choices":[')],
  ["an error under status 200", whole(200, { error: { message: "no" } })],
])("W-107 %s leads to the next channel, and the request has one usage record with the whole way", async (_, trouble) => {
  const { chat, upstream, opened, settled, quotas } = bench({ config: pair, principal: principal({ quotas: [quota()] }) })
  upstream.script.push(trouble, whole(200, completion()))
  const answer = await chat().over
  expect(answer.status).toBe(200)
  expect(answer.headers["x-turnpike-channel"]).toBe("b")
  expect(opened.map(({ requestId, channelId, attempts }) => [requestId, channelId, attempts])).toEqual([["req_1", "chan_a", 1], ["req_1", "chan_b", 2]])
  expect(settled).toHaveLength(1)
  expect(settled[0]?.route[0]).toBe("order: a (priority 1, weight 1), b (priority 2, weight 1)")
  expect(settled[0]?.route[1]).toMatch(/^a: (could not|did not|closed|answered|began)/)
  expect(settled[0]?.route[2]).toBe("b: answered")
  expect(quotas.spent()).toBe(20_000n)
})

test("a call that could not be written down is refused with 503, asks no other channel, costs nothing and is held against nobody", async () => {
  const { chat, upstream, settled, health, quotas } = bench({ config: pair, principal: principal({ quotas: [quota()] }) })
  upstream.script.push(failing("unrecorded"))
  const answer = await chat().over
  expect([answer.status, answer.headers["retry-after"], answer.error()["code"]]).toEqual([503, "5", "unavailable"])
  expect(upstream.calls).toHaveLength(1)
  expect(settled).toMatchObject([{ status: "failed", errorCode: "unavailable", chargedNanoUsd: 0n }])
  expect([quotas.spent(), quotas.openHolds(), health]).toEqual([0n, 0, []])
  upstream.script.push(whole(200, completion()))
  expect((await chat().over).headers["x-turnpike-channel"]).toBe("a")
})

test.each([
  ["an empty stream", streamed()],
  ["comments alone", streamed(": keep-alive\n\n")],
  ["[DONE] alone", streamed(done)],
  ["an error event first", streamed('data: {"error":{"message":"no"}}\n\n')],
  ["an HTML page", whole(200, "<html></html>")],
  ["a JSON error under status 200", whole(200, { error: { message: "no" } })],
])("W-106 a stream that begins with %s leads to the next channel", async (_, trouble) => {
  const { chat, upstream, settled } = bench({ config: pair })
  upstream.script.push(trouble, streamed(delta("hi"), finish, usage, done))
  const answer = await chat({ stream: true }).over
  expect(answer.body).toContain('"content":"hi"')
  expect(answer.headers["x-turnpike-channel"]).toBe("b")
  expect(settled).toMatchObject([{ status: "complete" }])
})

test("W-115 every attempt is made from the pristine request, for its own channel", async () => {
  const { chat, upstream } = bench({ config: config(model("public", [target(channel("a", { priority: 1, drop: ["seed"] }), { upstreamModel: "model-a" }), target(channel("b", { priority: 2 }), { upstreamModel: "model-b" })])) })
  upstream.script.push(failing("connect"), whole(200, completion()))
  await chat({ seed: 7 }).over
  expect(upstream.calls.map(({ body }) => [body["model"], body["seed"]])).toEqual([["model-a", undefined], ["model-b", 7]])
})

test.each([400, 413, 422])("a %d of the provider is the caller's and is not tried elsewhere", async (status) => {
  const { chat, upstream, settled } = bench({ config: pair })
  upstream.script.push(whole(status, { error: { message: "messages[0].content is empty", param: "messages[0].content", code: "bad" } }))
  const answer = await chat().over
  expect(answer.status).toBe(status)
  expect(answer.error()).toMatchObject({ code: "upstream_rejected", message: "messages[0].content is empty", param: "messages[0].content" })
  expect(upstream.calls).toHaveLength(1)
  expect(settled).toMatchObject([{ status: "failed", errorCode: "upstream_rejected", chargedNanoUsd: 0n, usage: {} }])
})

test("W-112 a refusal of our credential is never the caller's 401, and rests that credential at once", async () => {
  for (const status of [401, 402, 403]) {
    const { chat, upstream, time } = bench({ config: alone })
    upstream.script.push(whole(status, { error: { message: "Incorrect API key provided: sk-proj-1234567890" } }))
    const answer = await chat().over
    expect(answer.status).toBe(502)
    expect(answer.error()).toMatchObject({ code: "upstream_failed" })
    expect(answer.body).not.toContain("sk-proj")
    const rested = await chat().over
    expect(rested.status).toBe(503)
    expect(Number(rested.headers["retry-after"])).toBeGreaterThanOrEqual(29)
    expect(upstream.calls).toHaveLength(1)
    time.monotonic += 31_000
    upstream.script.push(whole(200, completion()))
    expect((await chat().over).status).toBe(200)
  }
})

test("W-111 a provider's failure comes in the client's dialect, without hosts and secrets", async () => {
  const { chat, upstream, logged, settled } = bench({ config: alone })
  upstream.script.push(whole(500, { error: { message: "secret-of-a failed at https://a.example/v1 on a.example and 10.0.0.7:80" } }))
  const answer = await chat().over
  expect(answer.status).toBe(502)
  expect(answer.headers["content-type"]).toBe("application/json")
  for (const text of [answer.body, logged.join(), JSON.stringify(settled[0]?.route)]) {
    for (const part of ["secret-of-a", "a.example", "10.0.0.7"]) expect(text).not.toContain(part)
  }
})

test.each([
  ["an HTML page", whole(502, "<html>Bad gateway at upstream-host</html>"), 502],
  ["an empty body", whole(503, ""), 529],
  ["a timeout", failing("timeout"), 504],
  ["a model's timeout that the provider reports", whole(408, { message: "Model has timed out in processing the request." }), 504],
])("W-111 %s is a JSON error with status of its own", async (_, trouble, status) => {
  const { chat, upstream } = bench({ config: alone })
  upstream.script.push(trouble)
  const answer = await chat().over
  expect(answer.status).toBe(status)
  expect(answer.body).not.toMatch(/html|upstream-host|10\.0/)
})

test.each([
  [{ "retry-after": "7" }, "7"],
  [{ "retry-after-ms": "1500", "retry-after": "9" }, "2"],
  [{ "retry-after": new Date(Date.UTC(2026, 10, 25, 12, 0, 30)).toUTCString() }, "30"],
  [{}, "1"],
])("W-113 a provider's %j is passed on in seconds, and the credential rests for as long", async (headers, seconds) => {
  const { chat, upstream, time } = bench({ config: alone })
  upstream.script.push(whole(429, { error: { message: "slow down" } }, headers))
  const answer = await chat().over
  expect(answer).toMatchObject({ status: 429, headers: { "retry-after": seconds } })
  expect((await chat().over).status).toBe(503)
  time.monotonic += 1_000 * Math.max(5, Number(seconds))
  upstream.script.push(whole(200, completion()))
  expect((await chat().over).status).toBe(200)
})

test("a pool's other credentials are tried before the next channel", async () => {
  const pool = channel("pool", { priority: 1, credentials: [{ id: "cred_1", secret: "one" }, { id: "cred_2", secret: "two" }] })
  const { chat, upstream, opened } = bench({ config: config(model("public", [target(pool), target(channel("next", { priority: 2 }))])), random: () => 0 })
  upstream.script.push(whole(429, {}), whole(200, completion()))
  await chat().over
  expect(opened.map(({ credentialId }) => credentialId)).toEqual(["cred_1", "cred_2"])
})

test("among equals the weights decide, lower priority comes first, and weight 0 last", async () => {
  const targets = [target(channel("heavy", { weight: 3 })), target(channel("light", { weight: 1 })), target(channel("zero", { weight: 0 })), target(channel("later", { priority: 20 }))]
  const counts: Record<string, number> = {}
  let state = 1
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const { chat, upstream, opened } = bench({ config: config(model("public", targets)), random })
  for (let call = 0; call < 400; call++) {
    upstream.script.push(whole(200, completion()))
    await chat().over
    const name = opened.at(-1)?.channelId ?? ""
    counts[name] = (counts[name] ?? 0) + 1
  }
  expect(Object.keys(counts).sort()).toEqual(["chan_heavy", "chan_light"])
  expect(counts["chan_heavy"]).toBeGreaterThan(250)
  expect(counts["chan_light"]).toBeGreaterThan(60)
})

test("at most five channels are tried for one call, each once", async () => {
  const { chat, upstream, settled } = bench({ config: config(model("public", ["a", "b", "c", "d", "e", "f"].map((name, priority) => target(channel(name, { priority }))))) })
  for (let call = 0; call < 6; call++) upstream.script.push(failing("connect"))
  expect((await chat().over).status).toBe(502)
  expect(new Set(upstream.calls.map(({ request }) => request.url)).size).toBe(5)
  expect(upstream.calls).toHaveLength(5)
  expect(settled).toHaveLength(1)
})

test("a failure that produced nothing costs nothing and leaves no hold", async () => {
  const { chat, upstream, quotas, settled } = bench({ config: alone, principal: principal({ quotas: [quota(), quota({ id: "quota_2", unit: "requests", window: "minute", limit: 5n })] }) })
  upstream.script.push(failing("closed"))
  await chat().over
  expect(settled).toMatchObject([{ status: "failed", errorCode: "upstream_failed", usage: {}, costNanoUsd: 0n, chargedNanoUsd: 0n, firstByteMs: null }])
  expect([quotas.openHolds(), quotas.spent(), quotas.spent("quota_2")]).toEqual([0, 0n, 1n])
})

test("a channel that keeps failing is left out for a while, and one probe brings it back", async () => {
  const { chat, upstream, opened, time } = bench({ config: pair })
  for (let call = 0; call < 5; call++) {
    upstream.script.push(failing("connect"), whole(200, completion()))
    await chat().over
  }
  upstream.script.push(whole(200, completion()))
  await chat().over
  expect(opened.at(-1)).toMatchObject({ channelId: "chan_b", attempts: 1 })
  time.monotonic += 5_001
  upstream.script.push(whole(200, completion()))
  await chat().over
  expect(opened.at(-1)).toMatchObject({ channelId: "chan_a", attempts: 1 })
})

test("a channel's failure and another's answer become known to the operator; a request at fault is not the channel's failure", async () => {
  const { chat, upstream, health } = bench({ config: pair })
  upstream.script.push(whole(500, { error: { message: "no" } }), whole(200, completion()))
  await chat().over
  expect(health).toEqual(["chan_a: answered 500: no", "chan_b: answered"])
  upstream.script.push(whole(400, { error: { message: "bad field" } }))
  await chat().over
  expect(health).toHaveLength(2)
})
