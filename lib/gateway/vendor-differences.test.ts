import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { bench, channel, completion, config, delta, done, event, finish, model, rates, streamed, target, usage, whole } from "./test/fakes.ts"

/* What vendors of one dialect do otherwise, through the whole gateway. */

const at = (providerId: string, upstreamModel: string, endpoints: object = { cc: "https://a.example/v1" }) => config(model("public", [target(channel("a", { providerId, endpoints }), { upstreamModel })]))
const headers = { authorization: "Bearer sk-tp-1", "anthropic-version": "2023-06-01" }
const message = (fields: object) => JSON.stringify({ model: "public", max_tokens: 90, messages: [{ role: "user", content: "hi" }], ...fields })

test.each([
  ["openai-compatible", "Qwen/Qwen3-32B", { chat_template_kwargs: { enable_thinking: true } }],
  ["openai-compatible", "qwen3-max", { enable_thinking: true, thinking_budget: 2_000 }],
  ["qwen-coding", "qwen3-coder-plus", { enable_thinking: true, thinking_budget: 2_000 }],
])("W-48 %s is asked for the thinking of %s where its server reads that", async (providerId, upstreamModel, expected) => {
  const on = bench({ config: at(providerId, upstreamModel) })
  on.upstream.script.push(whole(200, completion()))
  await on.start({ path: "/v1/messages", headers, body: message({ max_tokens: 4_000, thinking: { type: "enabled", budget_tokens: 2_000 } }) }).over
  const { enable_thinking, thinking_budget, chat_template_kwargs } = on.upstream.calls[0]!.body
  expect(JSON.parse(JSON.stringify({ enable_thinking, thinking_budget, chat_template_kwargs }))).toEqual(expected)
})

const picture = [{ role: "user", content: [{ type: "text", text: "what?" }, { type: "image", source: { type: "url", url: "https://pictures.example/a.png" } }] }]

test("W-62 a picture at an address is brought for a server that fetches nothing, and left to others", async () => {
  const ollama = bench({ config: at("ollama", "gemma4:31b") })
  ollama.upstream.script.push(({ sink }) => {
    sink.onHead(200, { "content-type": "image/png" })
    sink.onData(Buffer.from("png"))
    sink.onEnd()
  }, whole(200, completion()))
  await ollama.start({ path: "/v1/messages", headers, body: message({ messages: picture }) }).over
  expect(ollama.upstream.calls.map(({ request }) => [request.url, request.allowPrivateNetwork])).toEqual([["https://pictures.example/a.png", false], ["https://a.example/v1/chat/completions", false]])
  expect(JSON.stringify(ollama.upstream.calls[1]?.body)).toContain(`data:image/png;base64,${Buffer.from("png").toString("base64")}`)
  const openai = bench({ config: at("openai", "gpt-5") })
  openai.upstream.script.push(whole(200, completion()))
  await openai.start({ path: "/v1/messages", headers, body: message({ messages: picture }) }).over
  expect(openai.upstream.calls).toHaveLength(1)
  expect(JSON.stringify(openai.upstream.calls[0]?.body)).toContain("https://pictures.example/a.png")
})

test("W-9 a conversation that ends with the assistant is refused for Gemini by name", async () => {
  const on = bench({ config: at("gemini", "gemini-3-flash", { gm: "https://a.example/v1beta" }) })
  const reply = await on.start({ path: "/v1/messages", headers, body: message({ messages: [{ role: "user", content: "hi" }, { role: "assistant", content: "The answer is" }] }) }).over
  expect(reply.json()).toMatchObject({ error: { type: "invalid_request_error", message: expect.stringContaining("cannot go on with an assistant message") as string } })
  expect(on.upstream.calls).toEqual([])
})

const choice = (index: number) => event({ choices: [{ index, delta: { content: "x" }, finish_reason: null }] })
const ended = (index: number) => event({ choices: [{ index, delta: {}, finish_reason: "stop" }] })

test.each([
  ["in its own dialect", at("openai", "gpt-4.1"), "/v1/chat/completions", {}],
  ["in a translation", at("openai", "gpt-4.1"), "/v1beta/models/public:streamGenerateContent?alt=sse", { contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig: { candidateCount: 2 } }],
])("W-73 W-104 a choice that never sends anything makes a stream of several incomplete, %s", async (_, own, path, fields) => {
  const ask = async (...pieces: string[]) => {
    const on = bench({ config: own })
    on.upstream.script.push(streamed(...pieces))
    const { body } = await on.start({ path, headers: { authorization: "Bearer sk-tp-1" }, body: JSON.stringify({ model: "public", n: 2, stream: true, messages: [{ role: "user", content: "hi" }], ...fields }) }).over
    return { status: on.settled[0]?.status, body }
  }
  expect(await ask(choice(0), choice(1), ended(0), ended(1), usage, done)).toMatchObject({ status: "complete" })
  const missing = await ask(choice(0), ended(0), usage, done)
  expect(missing.status).toBe("interrupted")
  expect(missing.body).toContain("error")
  expect(missing.body).not.toContain("[DONE]")
})

test("one answer needs no more than its own end", async () => {
  const on = bench()
  on.upstream.script.push(streamed(delta("x"), finish, done))
  await on.chat({ stream: true }).over
  expect(on.settled[0]?.status).toBe("estimated")
})

const flex = { id: "price_f" as const, rates: { ...rates(), serviceTiers: { flex: rates({ input: nanoUsd(500_000_000n), output: nanoUsd(1_000_000_000n) }).units } } }
const tiered = (providerId: string, endpoints: object) => config(model("public", [target(channel("a", { providerId, endpoints }), { upstreamModel: "gemini-3-flash", price: { cost: flex, sell: flex, markupPpm: null } })]))
const google = (serviceTier?: string) => whole(200, { candidates: [{ content: { role: "model", parts: [{ text: "x" }] }, finishReason: "STOP", index: 0 }], usageMetadata: { promptTokenCount: 1_000, candidatesTokenCount: 100, totalTokenCount: 1_100, ...(serviceTier !== undefined && { serviceTier }) } })

test("W-79 a service tier is Google's own word for it, is charged as Google says that it was served, and needs a price", async () => {
  const contents = [{ role: "user", parts: [{ text: "hi" }] }]
  const ask = (on: ReturnType<typeof bench>, serviceTier: string) => on.start({ path: "/v1beta/models/public:generateContent", headers: { "x-goog-api-key": "sk-tp-1" }, body: JSON.stringify({ contents, serviceTier }) }).over
  for (const [served, charged] of [["flex", 600_000n], ["standard", 1_200_000n]] as const) {
    const own = bench({ config: tiered("gemini", { gm: "https://a.example/v1beta" }) })
    own.upstream.script.push(google(served))
    await ask(own, "flex")
    expect(own.upstream.calls[0]?.body["serviceTier"]).toBe("flex")
    expect(own.settled[0]?.chargedNanoUsd).toBe(charged)
  }
  const unpriced = bench({ config: tiered("gemini", { gm: "https://a.example/v1beta" }) })
  expect((await ask(unpriced, "priority")).error()).toMatchObject({ message: expect.stringContaining("serviceTier") as string })
  const translated = bench({ config: tiered("openai", { cc: "https://a.example/v1" }) })
  translated.upstream.script.push(whole(200, completion()))
  await ask(translated, "flex")
  expect(translated.upstream.calls[0]?.body["service_tier"]).toBe("flex")
  const toGoogle = bench({ config: tiered("gemini", { gm: "https://a.example/v1beta" }) })
  toGoogle.upstream.script.push(google("flex"))
  await toGoogle.chat({ service_tier: "flex" }).over
  expect(toGoogle.upstream.calls[0]?.body["serviceTier"]).toBe("flex")
  expect(toGoogle.settled[0]?.chargedNanoUsd).toBe(600_000n)
})
