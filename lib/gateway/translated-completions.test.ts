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

test("a prompt that is to be repeated stands before its completion, streamed and not, and costs no output", async () => {
  const { complete, upstream, settled } = completions()
  upstream.script.push(whole(200, answer), streamed(...stream))
  expect((await complete({ echo: true })).json()).toMatchObject({ choices: [{ text: "Once upon a time" }], usage: { completion_tokens: 5 } })
  const { body } = await complete({ echo: true, stream: true })
  expect(body.split("\n").flatMap((line) => (line.startsWith("data: {") ? (JSON.parse(line.slice(6)) as { choices: readonly { text: string }[] }).choices.map(({ text }) => text) : []))).toEqual(["Once", " upon", " a time", ""])
  expect(settled).toMatchObject([{ usage: { output: 5 } }, { usage: { output: 5 } }])
  for (const { body: sent } of upstream.calls) expect(sent).not.toHaveProperty("echo")
})

test("W-74 log probabilities that Gemini tells are those of the completion, by the places of its tokens", async () => {
  const gemini = target(channel("gemini", { providerId: "gemini", endpoints: { gm: "https://gm.example/v1beta" } }), { upstreamModel: "gemini-2.5-flash" })
  const result = { chosenCandidates: [{ token: " up", logProbability: -0.1 }, { token: "on", logProbability: -0.2 }], topCandidates: [{ candidates: [{ token: " up", logProbability: -0.1 }, { token: " in", logProbability: -2 }] }, { candidates: [{ token: "on", logProbability: -0.2 }] }] }
  const reply = { candidates: [{ content: { role: "model", parts: [{ text: " upon" }] }, finishReason: "STOP", index: 0, logprobsResult: result }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 } }
  const logprobs = { tokens: [" up", "on"], token_logprobs: [-0.1, -0.2], top_logprobs: [{ " up": -0.1, " in": -2 }, { on: -0.2 }], text_offset: [0, 3] }
  const { complete, upstream } = completions([gemini])
  upstream.script.push(whole(200, reply), streamed(`data: ${JSON.stringify(reply)}\n\n`))
  expect((await complete({ logprobs: 2 })).json()).toMatchObject({ choices: [{ text: " upon", logprobs }] })
  expect(upstream.calls[0]?.body).toMatchObject({ generationConfig: { responseLogprobs: true, logprobs: 2 } })
  expect((await complete({ logprobs: 2, stream: true })).body).toContain(JSON.stringify(logprobs).slice(1, -1))
})

test("W-74 log probabilities that a provider does not tell are named as left out", async () => {
  const { complete, upstream } = completions()
  upstream.script.push(whole(200, answer))
  expect((await complete({ logprobs: 2 })).headers["x-turnpike-dropped"]).toBe("logprobs")
})

test.each([
  [{ prompt: ["a", "b"] }, "prompt"],
  [{ prompt: [1, 2] }, "prompt"],
  [{ suffix: "x" }, "suffix"],
  [{ logprobs: 2, echo: true }, "logprobs"],
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
