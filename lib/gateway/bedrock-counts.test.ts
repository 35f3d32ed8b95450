import { expect, test } from "vitest"
import type { Hosting } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import { bench, channel, config, model, target, whole } from "./test/fakes.ts"

const at = "https://bedrock-runtime.eu-west-1.amazonaws.com"
const hosting = findProvider("bedrock")?.hosting as Hosting
const bedrock = channel("a", { providerId: "bedrock", endpoints: { br: at, am: at }, cloud: { hosting, settings: { region: "eu-west-1" } } })
const over = (upstreamModel: string) => bench({ config: config(model("public", [target(bedrock, { upstreamModel })])) })
const messages = [{ role: "user", content: "hello" }]

const asClaude = (on: ReturnType<typeof bench>, fields: object = {}) =>
  on.start({ path: "/v1/messages/count_tokens", headers: { "x-api-key": "sk-tp-1", "anthropic-version": "2023-06-01" }, body: JSON.stringify({ model: "public", messages, ...fields }) }).over

test("Bedrock counts Claude's prompt as a call that could be made, of the model without its place", async () => {
  const on = over("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")
  on.upstream.script.push(whole(200, { inputTokens: 12 }), whole(200, { inputTokens: 13 }))
  expect((await asClaude(on)).json()).toEqual({ input_tokens: 12 })
  await asClaude(on, { thinking: { type: "enabled", budget_tokens: 2_000 } })
  expect(on.upstream.calls[0]?.request.url).toBe(`${at}/model/anthropic.claude-sonnet-4-5-20250929-v1:0/count-tokens`)
  const counted = on.upstream.calls.map(({ body }) => JSON.parse(Buffer.from((body as { input: { invokeModel: { body: string } } }).input.invokeModel.body, "base64").toString()) as object)
  expect(counted).toEqual([
    { messages, anthropic_version: "bedrock-2023-05-31", max_tokens: 1 },
    { messages, thinking: { type: "enabled", budget_tokens: 2_000 }, anthropic_version: "bedrock-2023-05-31", max_tokens: 2_001 },
  ])
})

test("of a Converse that part is counted which its count takes", async () => {
  const on = over("amazon.nova-pro-v1:0")
  on.upstream.script.push(whole(200, { inputTokens: 7 }))
  const fields = { contents: [{ role: "user", parts: [{ text: "hello" }] }], systemInstruction: { parts: [{ text: "be brief" }] }, generationConfig: { maxOutputTokens: 9 } }
  const reply = await on.start({ path: "/v1beta/models/public:countTokens", headers: { "x-goog-api-key": "sk-tp-1" }, body: JSON.stringify({ generateContentRequest: fields }) }).over
  expect(reply.json()).toEqual({ totalTokens: 7 })
  expect(on.upstream.calls[0]?.body).toEqual({ input: { converse: { messages: [{ role: "user", content: [{ text: "hello" }] }], system: [{ text: "be brief" }] } } })
})

test("a model that Bedrock does not count is estimated, and not asked about again at once", async () => {
  const on = over("us.anthropic.claude-x")
  on.upstream.script.push(whole(400, { message: "The provided model doesn't support counting tokens." }))
  for (const _ of [1, 2]) expect((await asClaude(on)).headers["x-turnpike-changed"]).toBe("input_tokens=estimated")
  expect(on.upstream.calls).toHaveLength(1)
})

test("what Bedrock refuses of a prompt that it would count is told to the client", async () => {
  const on = over("us.anthropic.claude-x")
  on.upstream.script.push(whole(400, { message: "messages: roles must alternate" }))
  expect((await asClaude(on)).error()).toMatchObject({ type: "invalid_request_error" })
})
