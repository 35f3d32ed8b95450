import { expect, test } from "vitest"
import { bench, channel, config, failing, model, principal, quota, streamed, target, whole } from "./test/fakes.ts"

type Fields = Record<string, unknown>

const claude = target(channel("claude", { providerId: "anthropic", endpoints: { am: "https://claude.example/v1" }, auth: { default: "x-api-key" } }), { upstreamModel: "claude-sonnet-5" })

function completions(targets: Parameters<typeof model>[1] = [claude]) {
  const set = bench({ config: config(model("public", targets)), principal: principal({ quotas: [quota()] }) })
  const complete = (fields: Fields = {}) => set.start({ path: "/api/v1/completions", body: JSON.stringify({ model: "public", prompt: "Once", max_tokens: 50, ...fields }) }).over
  return { ...set, complete }
}

const answer = { id: "msg_1", type: "message", role: "assistant", content: [{ type: "text", text: " upon a time" }], stop_reason: "max_tokens", usage: { input_tokens: 10, output_tokens: 5 } }
const event = (data: Fields & { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const stream = [
  event({ type: "message_start", message: { id: "msg_1", usage: { input_tokens: 10, output_tokens: 1 } } }),
  event({ type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } }),
  event({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "a tale" } }),
  event({ type: "content_block_stop", index: 0 }),
  event({ type: "content_block_start", index: 1, content_block: { type: "text", text: "" } }),
  ...[" upon", " a time"].map((text) => event({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text } })),
  event({ type: "content_block_stop", index: 1 }),
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }),
  event({ type: "message_stop" }),
]

test("W-116 a legacy completion over a channel of messages: its prompt is what the user says, the answer's text its text", async () => {
  const { complete, upstream, settled } = completions()
  upstream.script.push(whole(200, answer))
  const answered = await complete({ stop: "END" })
  expect(answered.json()).toMatchObject({
    id: expect.stringMatching(/^cmpl-/) as string,
    object: "text_completion",
    model: "public",
    choices: [{ text: " upon a time", index: 0, logprobs: null, finish_reason: "length" }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  })
  expect(upstream.calls[0]?.request.url).toBe("https://claude.example/v1/messages")
  expect(upstream.calls[0]?.body).toMatchObject({ messages: [{ role: "user" }], max_tokens: 50, stop_sequences: ["END"] })
  expect(JSON.stringify(upstream.calls[0]?.body["messages"])).toContain("Once")
  expect(settled).toMatchObject([{ status: "complete", usage: { input: 10, output: 5 } }])
})

test("W-97 a streamed one comes piece by piece, without the thinking, and ends with [DONE]", async () => {
  const { complete, upstream } = completions()
  upstream.script.push(streamed(...stream))
  const { body } = await complete({ stream: true, stream_options: { include_usage: true } })
  const chunks = body.split("\n\n").flatMap((one) => (one.startsWith("data: {") ? [JSON.parse(one.slice(6)) as { object: string; choices: readonly { text: string; finish_reason: string | null }[]; usage?: Fields }] : []))
  expect(new Set(chunks.map(({ object }) => object))).toEqual(new Set(["text_completion"]))
  expect(chunks.flatMap(({ choices }) => choices.map(({ text }) => text)).join("")).toBe(" upon a time")
  expect(chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)).filter((word) => word !== null)).toEqual(["stop"])
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } })
  expect(body.endsWith("data: [DONE]\n\n")).toBe(true)
})

test("W-104 one that breaks off has no [DONE]", async () => {
  const { complete, upstream } = completions()
  upstream.script.push(streamed(...stream.slice(0, 6)))
  const { body } = await complete({ stream: true })
  expect(body).toContain('"error"')
  expect(body).not.toContain("[DONE]")
})

test.each([
  [{ prompt: ["a", "b"] }, "prompt"],
  [{ prompt: [1, 2] }, "prompt"],
  [{ suffix: "x" }, "suffix"],
  [{ logprobs: 2 }, "logprobs"],
  [{ echo: true }, "echo"],
])("what a chat cannot do for a completion is refused by name: %j", async (fields, param) => {
  const { complete, upstream } = completions()
  expect((await complete(fields)).error()).toMatchObject({ code: "unsupported_parameter", param })
  expect(upstream.calls).toEqual([])
})

test("W-115 a channel that has completions is asked for one, and its failure leads to one that chats", async () => {
  const { complete, upstream } = completions([target(channel("old", { priority: 1 })), { ...claude, channel: { ...claude.channel, priority: 2 } }])
  upstream.script.push(failing("connect"), whole(200, answer))
  const answered = await complete()
  expect(upstream.calls.map(({ request }) => request.url)).toEqual(["https://old.example/v1/completions", "https://claude.example/v1/messages"])
  expect(answered.json()).toMatchObject({ object: "text_completion", choices: [{ text: " upon a time" }] })
})

test("an operation that no chat can answer still has no way to a channel that only chats", async () => {
  const set = completions()
  const answered = await set.start({ path: "/api/v1/embeddings", body: JSON.stringify({ model: "public", input: "a" }) }).over
  expect(answered.status).toBe(400)
  expect(set.upstream.calls).toEqual([])
})
