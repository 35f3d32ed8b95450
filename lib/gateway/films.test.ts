import { expect, test } from "vitest"
import { bench, channel, config, model, principal, quota, target, type UpstreamCallSeen, whole } from "./test/fakes.ts"

/* Films: clients show them as OpenRouter has it (`video_url`) or as Google has it, and few models watch any. */

const gemini = target(channel("gemini", { providerId: "gemini", endpoints: { gm: "https://gm.example/v1beta" } }), { upstreamModel: "gemini-3-pro-preview" })
const openrouter = target(channel("openrouter", { providerId: "openrouter", endpoints: { cc: "https://or.example/api/v1" } }), { upstreamModel: "google/gemini-3-pro" })
const blind = {
  am: target(channel("am", { providerId: "anthropic", endpoints: { am: "https://am.example/v1" } }), { upstreamModel: "claude-sonnet-5" }),
  rs: target(channel("rs", { providerId: "openai", endpoints: { rs: "https://rs.example/v1" } }), { upstreamModel: "gpt-5.2" }),
  br: target(channel("br", { providerId: "bedrock", endpoints: { br: "https://br.example" } }), { upstreamModel: "amazon.nova-pro-v1:0" }),
}

const FILM = "AAAAIGZ0eXBpc29t"
const DATA = `data:video/mp4;base64,${FILM}`
const YOUTUBE = "https://www.youtube.com/watch?v=x"
const gmAnswer = { candidates: [{ content: { role: "model", parts: [{ text: "A cat." }] }, finishReason: "STOP" }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 } }
const ccAnswer = { id: "c1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: "A cat." }, finish_reason: "stop" }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }

function clients(at: typeof gemini) {
  const set = bench({ config: config(model("public", [at])), principal: principal({ quotas: [quota({ limit: 100_000_000_000n })] }) })
  const shown = (url: string) => set.chat({ messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, { type: "video_url", video_url: { url } }] }] }).over
  const generate = (...parts: readonly object[]) => set.start({ path: "/v1beta/models/public:generateContent", body: JSON.stringify({ contents: [{ role: "user", parts }] }) }).over
  return { ...set, shown, generate }
}

test("a film inside a chat is shown to Gemini inline, one at YouTube by its address, and any other is brought", async () => {
  const { shown, upstream } = clients(gemini)
  const film = ({ sink }: UpstreamCallSeen) => {
    sink.onHead(200, { "content-type": "video/mp4" })
    sink.onData(Buffer.from(FILM, "base64"))
    sink.onEnd()
  }
  upstream.script.push(whole(200, gmAnswer), whole(200, gmAnswer), film, whole(200, gmAnswer))
  for (const url of [DATA, YOUTUBE, "https://films.example/cat.mp4"]) expect((await shown(url)).json()).toMatchObject({ choices: [{ message: { content: "A cat." } }] })
  const asked = upstream.calls.filter(({ request }) => request.url.startsWith("https://gm.example")).map(({ body }) => (body as { contents: readonly { parts: readonly object[] }[] }).contents[0]?.parts[1])
  const inline = { inlineData: { mimeType: "video/mp4", data: FILM } }
  expect(asked).toEqual([inline, { fileData: { fileUri: YOUTUBE } }, inline])
})

test("a Gemini client's film reaches OpenRouter in its words", async () => {
  const { generate, upstream } = clients(openrouter)
  upstream.script.push(whole(200, ccAnswer))
  expect((await generate({ text: "What is it?" }, { inlineData: { mimeType: "video/mp4", data: FILM } }, { fileData: { fileUri: YOUTUBE } })).status).toBe(200)
  expect(upstream.calls[0]?.body["messages"]).toEqual([{ role: "user", content: [{ type: "text", text: "What is it?" }, { type: "video_url", video_url: { url: DATA } }, { type: "video_url", video_url: { url: YOUTUBE } }] }])
})

test.each(Object.entries(blind))("a film toward a channel of %s is refused in words that say why", async (_dialect, at) => {
  const { shown, upstream } = clients(at)
  expect((await shown(DATA)).error()).toMatchObject({ code: "unsupported_parameter", param: expect.stringMatching(/^messages/) as string, message: expect.stringMatching(/films/) as string })
  expect(upstream.calls).toEqual([])
})

test("a vendor of chat completions that watches nothing is not shown a film by a client of another dialect", async () => {
  const { generate, upstream } = clients({ ...openrouter, channel: { ...openrouter.channel, providerId: "zhipu" } })
  expect((await generate({ inlineData: { mimeType: "video/mp4", data: FILM } })).body).toMatch(/[Ff]ilms cannot be shown/)
  expect(upstream.calls).toEqual([])
})

test("a film is held as what it may fill at most, whatever its bytes are or its address hides", async () => {
  const held = async (url: string) => {
    const { shown, upstream, quotas } = clients(gemini)
    upstream.script.push(whole(200, gmAnswer))
    await shown(url)
    return quotas.asked[0]?.nanoUsd?.worst ?? 0n
  }
  const [none, short, linked] = await Promise.all(["", "A".repeat(4_000)].map((data) => held(`data:video/mp4;base64,${data}`)).concat(held(YOUTUBE)))
  // 4,000 bytes at two a token and $1 per million; a million tokens, of which no bytes tell.
  expect((short ?? 0n) - (none ?? 0n)).toBe(2_000n * 1_000n)
  expect((linked ?? 0n) - (none ?? 0n)).toBeGreaterThanOrEqual(999_000n * 1_000n)
})
