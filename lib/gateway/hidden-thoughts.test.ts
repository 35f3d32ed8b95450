import { expect, test } from "vitest"
import { bench as bareBench, channel, config, done, event, finish, model, streamed, target, usage, whole } from "./test/fakes.ts"

/* Thinking that an Anthropic client does not want to see, of vendors that have no word for that. */

const bench = () => bareBench({ config: config(model("public", [target(channel("a", { providerId: "deepseek" }), { upstreamModel: "deepseek-v4" })])) })
const ask = (on: ReturnType<typeof bench>, fields: object = {}) =>
  on.start({ path: "/v1/messages", headers: { authorization: "Bearer sk-tp-1", "anthropic-version": "2023-06-01" }, body: JSON.stringify({ model: "public", max_tokens: 900, messages: [{ role: "user", content: "hi" }], thinking: { type: "adaptive", display: "omitted" }, tools: [{ name: "f", input_schema: { type: "object" } }], ...fields }) })
const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }
const thinking = (message: object = {}) => whole(200, { id: "c", object: "chat.completion", model: "m", choices: [{ index: 0, message: { role: "assistant", reasoning_content: "I wonder.", content: null, tool_calls: [call], ...message }, finish_reason: "tool_calls" }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })
type Block = { type: string; thinking?: string; signature?: string }

test("W-55 W-130 with display omitted a block of thinking is empty, and the vendor has its thinking back with the call", async () => {
  const on = bench()
  on.upstream.script.push(thinking(), thinking())
  const { content } = (await ask(on).over).json() as { content: Block[] }
  expect(content).toMatchObject([{ type: "thinking", thinking: "", signature: expect.stringMatching(/./) as string }, { type: "tool_use" }])
  expect(content[0]?.signature).not.toContain("wonder")
  await ask(on, { messages: [{ role: "user", content: "hi" }, { role: "assistant", content }, { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "1" }] }] }).over
  expect(on.upstream.calls[1]?.body["messages"]).toMatchObject([{}, { role: "assistant", reasoning_content: "I wonder.", tool_calls: [{}] }, { role: "tool" }])
})

test("W-130 the same holds for a stream, whose block has a signature and no text", async () => {
  const on = bench()
  const thought = (text: string) => event({ choices: [{ index: 0, delta: { reasoning_content: text }, finish_reason: null }] })
  on.upstream.script.push(streamed(thought("I "), thought("wonder."), event({ choices: [{ index: 0, delta: { content: "hello" }, finish_reason: null }] }), finish, usage, done))
  const { body } = await ask(on, { stream: true }).over
  expect(body).not.toContain("wonder")
  expect(body).not.toContain("thinking_delta")
  const events = body.trim().split("\n\n").map((text) => JSON.parse(text.slice(text.indexOf("data: ") + 6)) as { type: string; index?: number; delta?: { type: string } })
  expect(events.map(({ type, index, delta }) => [type, index, delta?.type]).slice(1, 5)).toEqual([
    ["content_block_start", 0, undefined],
    ["content_block_delta", 0, "signature_delta"],
    ["content_block_stop", 0, undefined],
    ["content_block_start", 1, undefined],
  ])
})

test("W-53 without that word thinking is shown as it comes", async () => {
  const on = bench()
  on.upstream.script.push(thinking())
  expect((await ask(on, { thinking: { type: "adaptive" } }).over).json()["content"]).toMatchObject([{ type: "thinking", thinking: "I wonder." }, {}])
})
