import { afterEach, expect, test, vi } from "vitest"
import { begin, bench, channel, config, delta, done, event, failing, finish, model, principal, quota, send, soon, streamed, target, usage } from "./test/fakes.ts"

afterEach(() => vi.useRealTimers())

/** A stream that the test conducts. */
async function open(options: Parameters<typeof bench>[0] = {}) {
  const set = bench({ principal: principal({ quotas: [quota()] }), ...options })
  const call = set.chat({ stream: true })
  await soon()
  const seen = set.upstream.calls[0]
  if (seen === undefined) throw new Error("nothing was sent upstream")
  return { ...set, ...call, seen }
}

test("W-142 W-97 a stream reaches the client as it comes, is asked for its usage, and is booked with it", async () => {
  const { seen, answered, over, settled, time, quotas } = await open()
  expect(seen.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  expect(seen.request.headers["accept"]).toBe("text/event-stream")
  begin(seen)
  time.monotonic += 250
  send(seen, delta("he"))
  await soon()
  expect(answered).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "x-turnpike-model": "public" }, body: delta("he").replace("upstream-model", "public") })
  send(seen, delta("llo"), finish, usage, done)
  seen.sink.onEnd()
  await over
  expect(answered.body).toBe([delta("he"), delta("llo"), finish].join("").replaceAll("upstream-model", "public") + done)
  expect(settled).toMatchObject([{ status: "complete", finish: "stop", responseId: "chatcmpl-1", usage: { input: 10, output: 5, call: 1 }, chargedNanoUsd: 20_000n, firstByteMs: 250 }])
  expect([quotas.openHolds(), quotas.settlements()]).toEqual([0, 1])
})

test("the client's answer ends with [DONE], however long the provider keeps its connection", async () => {
  const { seen, answered, over, settled } = await open()
  begin(seen)
  send(seen, delta("a"), finish, usage, done)
  await over
  expect(answered.ended).toBe(true)
  expect(seen.aborted).toBe(false)
  seen.sink.onFailure({ kind: "closed", detail: "late" })
  expect(settled).toMatchObject([{ status: "complete" }])
})

test.each([
  ["the provider closes without a finish", ({ sink }: { sink: { onEnd(): void } }) => sink.onEnd(), "upstream_incomplete"],
  ["the connection breaks", failing("closed"), "upstream_failed"],
  ["the stream stalls", failing("timeout"), "upstream_timeout"],
])("W-104 W-141 where %s the client gets an error event and no [DONE], and what came is charged as interrupted", async (_, trouble, code) => {
  const { seen, answered, over, settled, quotas } = await open()
  begin(seen)
  send(seen, delta("a"), delta("b"), delta("c"))
  trouble(seen)
  await over
  expect(answered.body).toContain(`"code":"${code}"`)
  expect(answered.body).not.toContain("[DONE]")
  expect(answered.body).not.toContain("10.0.0.7")
  expect(settled).toMatchObject([{ status: "interrupted", errorCode: code, finish: null, usage: { output: 3, estimated: true } }])
  expect(settled[0]?.chargedNanoUsd).toBeGreaterThan(6_000n)
  expect(quotas.openHolds()).toBe(0)
})

test("W-105 W-107 an error in the middle is passed on redacted, ends the stream, and never continues on another channel", async () => {
  const { seen, answered, over, upstream } = await open({ config: config(model("public", [target(channel("a", { priority: 1 })), target(channel("b", { priority: 2 }))])) })
  begin(seen)
  send(seen, delta("a"), 'data: {"error":{"message":"secret-of-a overloaded at https://a.example/x"}}\n\n')
  await over
  expect(answered.body.match(/"error"/g)).toHaveLength(1)
  expect(answered.body).toContain("overloaded")
  expect(answered.body).not.toMatch(/secret-of-a|a\.example|\[DONE\]/)
  expect([seen.aborted, upstream.calls.length]).toEqual([true, 1])
})

test("W-98 a finished stream without usage is estimated and flagged", async () => {
  const { chat, upstream, settled } = bench()
  upstream.script.push(streamed(delta("a"), delta("b"), finish, done))
  const answer = await chat({ stream: true }).over
  expect(answer.body.endsWith(done)).toBe(true)
  expect(settled).toMatchObject([{ status: "estimated", usage: { output: 2, estimated: true }, finish: "stop" }])
})

test("W-110 when the client goes away the upstream is aborted at once, and what was produced is billed", async () => {
  const { seen, over, control, settled, answered, quotas } = await open()
  begin(seen)
  send(seen, delta("a"), delta("b"))
  await soon()
  control.leave()
  expect(seen.aborted).toBe(true)
  await over
  expect(answered.ended).toBe(false)
  expect(settled).toMatchObject([{ status: "interrupted", errorCode: null, usage: { output: 2, estimated: true } }])
  expect(settled[0]?.chargedNanoUsd).toBeGreaterThan(4_000n)
  expect(quotas.openHolds()).toBe(0)
  send(seen, delta("late"))
  expect(settled).toHaveLength(1)
})

test("W-110 who leaves before anything came is charged the prompt, whatever the call", async () => {
  for (const stream of [true, false]) {
    const { chat, upstream, settled, quotas } = bench({ principal: principal({ quotas: [quota()] }) })
    const { control, over } = chat({ stream })
    await soon()
    control.leave()
    await over
    expect(upstream.calls[0]?.aborted).toBe(true)
    expect(settled).toMatchObject([{ status: "interrupted", usage: { output: 0, estimated: true } }])
    expect(settled[0]?.chargedNanoUsd).toBeGreaterThan(0n)
    expect(quotas.openHolds()).toBe(0)
  }
})

test("a slow client pauses its provider, and goes on where it left off", async () => {
  const { seen, control, answered } = await open()
  begin(seen)
  send(seen, delta("a"))
  await soon()
  control.slow = true
  expect(send(seen, delta("b"))).toBe(false)
  const before = seen.resumed
  control.drain()
  expect(seen.resumed).toBe(before + 1)
  control.slow = false
  expect(send(seen, delta("c"))).toBe(true)
  expect(answered.body).toContain('"content":"c"')
  control.leave()
})

test("W-109 a silent stream is kept alive by comments, before its first chunk and after", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] })
  const { seen, answered, over } = await open({ settings: { silenceMs: 1_000 } })
  begin(seen)
  vi.advanceTimersByTime(1_000)
  await soon()
  expect(answered.status).toBe(200)
  vi.advanceTimersByTime(1_000)
  expect(answered.body).toBe(": ping\n\n")
  send(seen, delta("a"))
  vi.advanceTimersByTime(1_000)
  expect(answered.body.match(/: ping/g)).toHaveLength(1)
  vi.advanceTimersByTime(1_000)
  expect(answered.body.match(/: ping/g)).toHaveLength(2)
  send(seen, finish, done)
  await over
  expect(answered.body.endsWith(done)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test("W-106 a stream that turns out empty after a ping is an error, costs nothing and is no success", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] })
  const { seen, answered, over, settled } = await open({ settings: { silenceMs: 1_000 } })
  begin(seen)
  vi.advanceTimersByTime(2_000)
  await soon()
  seen.sink.onEnd()
  await over
  expect(answered.body).toContain('"error"')
  expect(settled).toMatchObject([{ status: "failed", chargedNanoUsd: 0n }])
})

test("an end of this process cuts its streams with an error event and settles them", async () => {
  const { seen, gateway, answered, over, settled } = await open()
  begin(seen)
  send(seen, delta("a"))
  await soon()
  expect(gateway.inFlight()).toBe(1)
  gateway.abortAll()
  await over
  expect(gateway.inFlight()).toBe(0)
  expect(answered.body).toContain('"code":"unavailable"')
  expect(answered.ended).toBe(true)
  expect([seen.aborted, settled.length, settled[0]?.status]).toEqual([true, 1, "interrupted"])
})

test("W-101 a character that two chunks share arrives whole", async () => {
  const { seen, answered, control } = await open()
  const bytes = Buffer.from(delta("工"))
  begin(seen)
  const middle = bytes.indexOf(0xe5) + 1
  seen.sink.onData(bytes.subarray(0, middle))
  seen.sink.onData(bytes.subarray(middle))
  await soon()
  expect(answered.body).toContain('"content":"工"')
  control.leave()
})

test("service tiers, cached tokens and reasoning that the provider reports are charged at their own rates", async () => {
  const { chat, upstream, settled } = bench()
  const reported = { prompt_tokens: 100, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 40 }, completion_tokens_details: { reasoning_tokens: 20 } }
  upstream.script.push(streamed(delta("a"), finish, event({ choices: [], service_tier: "default", usage: reported }), done))
  await chat({ stream: true }).over
  expect(settled[0]).toMatchObject({ usage: { input: 60, cacheRead: 40, output: 30, reasoning: 20, serviceTier: "default" }, chargedNanoUsd: 200_000n })
})
