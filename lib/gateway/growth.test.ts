import { expect, test } from "vitest"
import { OUTPUT_TOKENS_AHEAD } from "./growth.ts"
import { begin, bench, channel, config, delta, done, event, finish, model, principal, quota, send, soon, target, usage } from "./test/fakes.ts"

const ASKED = 100_000
/** $2 per million output tokens. */
const NANO_USD_PER_TOKEN = 2_000n
const big = config(model("public", [target(channel("a"))], { outputTokensMax: ASKED }))

/** A stream of which the first token has arrived. */
async function open(limitNanoUsd: bigint, fields: object = {}) {
  const set = bench({ config: big, principal: principal({ quotas: [quota({ limit: limitNanoUsd })] }) })
  const call = set.chat({ stream: true, ...fields })
  await soon()
  const seen = set.upstream.calls[0]
  if (seen === undefined) throw new Error("nothing was sent upstream")
  begin(seen)
  send(seen, delta("x"))
  await soon()
  return { ...set, ...call, seen }
}

const tokens = (count: number) => Array.from({ length: count }, () => delta("x"))

test("a stream is asked for all that its client wants, while a small part of it is held", async () => {
  const { seen, opened, answered } = await open(1_000_000_000n, { max_tokens: ASKED })
  expect(seen.body["max_tokens"]).toBe(ASKED)
  expect(answered.headers["x-turnpike-changed"]).toBeUndefined()
  expect(opened[0]?.holdNanoUsd).toBeLessThan(BigInt(OUTPUT_TOKENS_AHEAD + 1_000) * NANO_USD_PER_TOKEN)
})

test("a stream that stays within its first hold never asks again, and has one line", async () => {
  const { seen, quotas, opened, over } = await open(1_000_000_000n)
  send(seen, ...tokens(1_000), finish, usage, done)
  await over
  expect(quotas.asked).toHaveLength(1)
  expect(opened).toHaveLength(1)
})

test("a hold grows ahead of its stream, and what a replay would charge is written down each time", async () => {
  const { seen, quotas, opened, settled, over } = await open(1_000_000_000n)
  for (let sent = 0; sent < 20_000; sent += 500) {
    send(seen, ...tokens(500))
    expect(opened.at(-1)?.holdNanoUsd).toBeGreaterThan(BigInt(sent + 500) * NANO_USD_PER_TOKEN)
  }
  expect(opened.length).toBeGreaterThan(3)
  expect(opened.length).toBeLessThan(20)
  expect(quotas.asked).toHaveLength(opened.length)
  expect(new Set(opened.map(({ requestId }) => requestId)).size).toBe(1)
  send(seen, finish, usage, done)
  await over
  expect(settled).toMatchObject([{ status: "complete", chargedNanoUsd: 20_000n }])
})

test("where no more is granted, the upstream is ended and the answer finishes with length and the limit's name", async () => {
  const { seen, answered, settled, over, quotas } = await open(20_000_000n, { stream_options: { include_usage: true } })
  for (let i = 0; i < 12_000 && !answered.ended; i++) send(seen, delta("x"))
  await over
  expect(seen.aborted).toBe(true)
  const events = answered.body.trim().split("\n\n").slice(-3).map((event) => event.replace("data: ", ""))
  expect(JSON.parse(events[0] ?? "")).toMatchObject({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    model: "public",
    choices: [{ index: 0, delta: {}, finish_reason: "length" }],
    turnpike: { limit: "This key's budget of $0.02 a month is used up. It resets at 2026-12-01T00:00:00.000Z." },
  })
  expect(JSON.parse(events[1] ?? "")).toMatchObject({ choices: [], usage: { completion_tokens: settled[0]?.usage.output } })
  expect(events[2]).toBe("[DONE]")
  expect(settled).toMatchObject([{ status: "interrupted", errorCode: "insufficient_quota", finish: "length", usage: { estimated: true } }])
  expect(settled[0]?.route.at(-1)).toContain("ended by a limit")
  expect(settled[0]?.chargedNanoUsd).toBeLessThanOrEqual(20_000_000n)
  expect(settled[0]?.chargedNanoUsd).toBeGreaterThan(19_000_000n)
  expect(quotas.openHolds()).toBe(0)
})

test("an answer of messages that a limit ends closes its block and stops with max_tokens", async () => {
  const set = bench({ config: config(model("public", [target(channel("a", { endpoints: { am: "https://a.example/v1" } }))], { outputTokensMax: ASKED })), principal: principal({ quotas: [quota({ limit: 20_000_000n })] }) })
  const { answered, over } = set.start({ path: "/api/v1/messages", body: JSON.stringify({ model: "public", max_tokens: ASKED, stream: true, messages: [{ role: "user", content: "hi" }] }) })
  await soon()
  const seen = set.upstream.calls[0]!
  begin(seen)
  const named = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  send(seen, named("message_start", { message: { id: "msg_1", model: "upstream-model", usage: { input_tokens: 10, output_tokens: 1 } } }), named("content_block_start", { index: 2, content_block: { type: "text", text: "" } }))
  await soon()
  for (let i = 0; i < 12_000 && !answered.ended; i++) send(seen, named("content_block_delta", { index: 2, delta: { type: "text_delta", text: "x" } }))
  await over
  const last = answered.body.trim().split("\n\n").slice(-3).map((event) => JSON.parse(event.split("data: ")[1] ?? "") as object)
  expect(last).toMatchObject([
    { type: "content_block_stop", index: 2 },
    { type: "message_delta", delta: { stop_reason: "max_tokens", stop_sequence: null }, turnpike: { limit: expect.stringContaining("This key's budget of $0.02") as string } },
    { type: "message_stop" },
  ])
  expect(set.settled).toMatchObject([{ status: "interrupted", finish: "max_tokens", usage: { input: 10, estimated: true } }])
})

test("while more is asked for ahead of need the stream goes on; where it has caught up, the upstream waits", async () => {
  const { seen, quotas, over } = await open(1_000_000_000n)
  const lease = Promise.withResolvers<void>()
  quotas.waits.push(lease.promise)
  expect(send(seen, ...tokens(OUTPUT_TOKENS_AHEAD / 2 + 100))).toBe(true)
  expect(quotas.asked).toHaveLength(2)
  expect(send(seen, ...tokens(OUTPUT_TOKENS_AHEAD))).toBe(false)
  await soon()
  const resumed = seen.resumed
  lease.resolve()
  await soon()
  expect(seen.resumed).toBe(resumed + 1)
  send(seen, finish, usage, done)
  await over
})

test("an answer whose finish has come is whole, whatever the limit says", async () => {
  const { seen, answered, settled, over, quotas } = await open(1_000_000_000n)
  const lease = Promise.withResolvers<void>()
  quotas.waits.push(lease.promise)
  send(seen, ...tokens(OUTPUT_TOKENS_AHEAD * 2))
  quotas.use(999_999_999n)
  send(seen, finish)
  lease.resolve()
  await soon()
  send(seen, usage, done)
  await over
  expect(answered.body.endsWith(done)).toBe(true)
  expect(answered.body).not.toContain("turnpike")
  expect(settled).toMatchObject([{ status: "complete", finish: "stop" }])
})

test.each([
  ["a model that thinks in secret", { stream: true }, "gpt-5.1"],
  ["an answer that is not streamed", {}, "upstream-model"],
])("%s is clamped to what its hold buys, with a header that says so", async (_, fields, upstreamModel) => {
  const set = bench({ config: config(model("public", [target(channel("a"), { upstreamModel })], { outputTokensMax: ASKED })), principal: principal({ quotas: [quota({ limit: 20_000_000n })] }) })
  void set.chat({ max_tokens: ASKED, ...fields })
  await soon()
  expect(set.upstream.calls[0]?.body["max_tokens"]).toBeLessThan(10_001)
})

test("a hold that is cut down for others is written down before they have the difference", async () => {
  const { seen, quotas, opened } = await open(1_000_000_000n)
  send(seen, ...tokens(999))
  const [growing] = quotas.growing()
  expect(growing?.needed().nanoUsd).toBeGreaterThanOrEqual(1_000n * NANO_USD_PER_TOKEN)
  expect(growing?.needed().nanoUsd).toBeLessThan(1_100n * NANO_USD_PER_TOKEN)
  expect(growing?.noted()).toBe(true)
  expect(opened).toHaveLength(2)
})

test("a client has the end of its answer only when the call is booked, also where the provider reports more than was held", async () => {
  const { seen, answered, settled, over, quotas } = await open(1_000_000_000n)
  const lease = Promise.withResolvers<void>()
  quotas.covers.push(lease.promise)
  send(seen, finish, event({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 90_000 } }), done)
  await soon()
  expect(answered.body).not.toContain("[DONE]")
  expect(settled).toEqual([])
  lease.resolve()
  await over
  expect(answered.body.endsWith(done)).toBe(true)
  expect(settled).toMatchObject([{ status: "complete", chargedNanoUsd: 180_010_000n, absorbedNanoUsd: 0n }])
})
