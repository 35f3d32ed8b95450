import { expect, test } from "vitest"
import { resolveEndpoints } from "#lib/catalog/endpoints.ts"
import type { ProviderDefinition, Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import type { UpstreamRequest, UpstreamSink } from "#lib/gateway/ports.ts"
import { testConnection } from "./connection-test.ts"

const clock = { now: () => 0, monotonic: () => 0 }

type Answer = { readonly status: number; readonly type?: string; readonly body: unknown }
type Channel = { readonly settings?: Settings; readonly secret?: string; readonly baseUrl?: string }

const noToken = "the token endpoint answered 401: s3cret-part"

/** What a test of this channel sends, and what it comes to where each call is answered so, or no token is to be had. */
async function tested(id: string, upstreamModels: readonly string[], { settings = {}, secret = "s3cret-part", baseUrl }: Channel, answer: Answer | null = null) {
  const provider = findProvider(id) as ProviderDefinition
  const endpoints = resolveEndpoints(provider, baseUrl ?? null, {}, settings)
  if (!endpoints.ok) throw new Error(endpoints.error.error)
  const requests: UpstreamRequest[] = []
  const upstream = {
    call(request: UpstreamRequest, sink: UpstreamSink) {
      requests.push(request)
      queueMicrotask(() => {
        if (answer === null) return sink.onFailure({ kind: "unauthorized", detail: noToken })
        sink.onHead(answer.status, { "content-type": answer.type ?? "application/json" })
        sink.onData(Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(JSON.stringify(answer.body)))
        sink.onEnd()
      })
      return { resume() {}, abort() {} }
    },
  }
  const results = await testConnection({ upstream, clock }, { provider, endpoints: endpoints.value, settings, secret, upstreamModels, allowPrivateNetwork: false })
  return { requests, results, bodies: requests.map(({ body }) => (body as Buffer).toString()) }
}

const accessKey = JSON.stringify({ accessKeyId: "AKIA", secretAccessKey: "s3cret-part" })
const host = "https://bedrock-runtime.us-east-1.amazonaws.com"
const aws = { settings: { region: "us-east-1" }, secret: accessKey }

test("a cloud's channel is tried in each dialect that its model is asked in, as the gateway would", async () => {
  const { requests, bodies } = await tested("bedrock", ["us.anthropic.claude-x"], aws)
  expect(requests.map(({ url }) => url)).toEqual([`${host}/model/us.anthropic.claude-x/invoke`, `${host}/model/us.anthropic.claude-x/converse`])
  expect(requests.map(({ credential }) => credential)).toEqual(Array(2).fill({ scheme: "aws", secret: accessKey, settings: { region: "us-east-1" } }))
  expect(JSON.parse(bodies[0] ?? "")).toEqual({ max_tokens: 16, messages: [{ role: "user", content: "Say ok." }], anthropic_version: "bedrock-2023-05-31" })
  expect((await tested("bedrock", ["amazon.nova-pro-v1:0"], aws)).requests.map(({ url }) => url)).toEqual([`${host}/model/amazon.nova-pro-v1:0/converse`])
})

test("a token that is not to be had is what the test shows, without the secret", async () => {
  const { results } = await tested("azure-openai", ["deployment"], { settings: { resource: "r" }, secret: JSON.stringify({ tenantId: "t", clientId: "c", clientSecret: "s3cret-part" }) })
  expect(results.map(({ ok, problem }) => [ok, problem])).toEqual([[false, "unauthorized"], [false, "unauthorized"]])
  expect(results[0]?.words).toBe("the token endpoint answered 401: •••")
})

const vertexPlace = { settings: { project: "p", region: "global" } }
const google = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models"

test.each([
  ["openai", ["text-embedding-3-small"], {}, "embedding", "https://api.openai.com/v1/embeddings", { model: "text-embedding-3-small", input: ["ok"], encoding_format: "float" }, { data: [{ embedding: [1] }] }],
  ["vertex", ["text-embedding-005"], vertexPlace, "embedding", `${google}/text-embedding-005:predict`, { instances: [{ content: "ok" }] }, { predictions: [{ embeddings: { values: [1] } }] }],
  ["vertex", ["gemini-embedding-2"], vertexPlace, "embedding", `${google}/gemini-embedding-2:embedContent`, { content: { parts: [{ text: "ok" }] } }, { embedding: { values: [1] } }],
  ["cohere", ["rerank-v3.5"], {}, "rerank", "https://api.cohere.com/v2/rerank", { model: "rerank-v3.5", query: "ok", documents: ["ok"] }, { results: [] }],
  ["openai", ["omni-moderation-latest"], {}, "moderation", "https://api.openai.com/v1/moderations", { model: "omni-moderation-latest", input: "ok" }, { results: [] }],
  ["openai", ["gpt-image-1-mini"], {}, "image", "https://api.openai.com/v1/images/generations", { model: "gpt-image-1-mini", prompt: "A dot.", n: 1, quality: "low", size: "1024x1024" }, { data: [{ b64_json: "x".repeat(400_000) }] }],
  ["openai", ["dall-e-2"], {}, "image", "https://api.openai.com/v1/images/generations", { model: "dall-e-2", prompt: "A dot.", n: 1, size: "256x256" }, { data: [{ url: "https://x.example" }] }],
] as const)("%s with %j alone is asked what such a model is for, as cheaply as it can be", async (id, models, channel, kind, url, body, answer) => {
  const { requests, results, bodies } = await tested(id, models, channel, { status: 200, body: answer })
  expect(results.map((result) => [result.kind, result.ok, result.url])).toEqual([[kind, true, url]])
  expect(requests[0]?.headers["content-type"]).toBe("application/json")
  expect(JSON.parse(bodies[0] ?? "")).toEqual(body)
})

test("sound is asked for and given: half a second of silence to transcribe, two letters to speak", async () => {
  const heard = await tested("groq", ["whisper-large-v3"], {}, { status: 200, body: { text: "" } })
  expect(heard.results).toMatchObject([{ kind: "transcription", ok: true, url: "https://api.groq.com/openai/v1/audio/transcriptions" }])
  expect(heard.requests[0]?.headers["content-type"]).toBe("multipart/form-data; boundary=turnpike-connection-test")
  const form = heard.requests[0]?.body as Buffer
  const sound = form.subarray(form.indexOf("RIFF"), form.indexOf("\r\n--turnpike-connection-test--"))
  expect([sound.readUInt32LE(4) + 8, sound.readUInt32LE(40) / sound.readUInt32LE(28), sound.length]).toEqual([sound.length, 0.5, 8_044])
  expect(form.toString("latin1")).toContain('name="model"\r\n\r\nwhisper-large-v3\r\n')
  const spoken = await tested("openai", ["tts-1"], {}, { status: 200, type: "audio/mpeg", body: Buffer.from([255, 251]) })
  expect(spoken.results).toMatchObject([{ kind: "speech", ok: true, url: "https://api.openai.com/v1/audio/speech" }])
  const page = await tested("openai", ["tts-1"], {}, { status: 200, type: "text/html", body: Buffer.from("<p>Hello</p>") })
  expect(page.results).toMatchObject([{ ok: false, problem: "shape", words: "Hello" }])
})

test("a channel with a model of chat is asked to chat alone, one without is asked once for each kind", async () => {
  expect((await tested("mistral", ["mistral-embed", "mistral-large-latest"], {})).results.map(({ kind, url }) => [kind, url])).toEqual([["chat", "https://api.mistral.ai/v1/chat/completions"]])
  const { requests } = await tested("jina", ["jina-embeddings-v3", "jina-reranker-v3", "jina-embeddings-v4"], {})
  expect(requests.map(({ url, body }) => [url, (JSON.parse((body as Buffer).toString()) as { model: string }).model])).toEqual([
    ["https://api.jina.ai/v1/embeddings", "jina-embeddings-v3"],
    ["https://api.jina.ai/v1/rerank", "jina-reranker-v3"],
  ])
  expect((await tested("openai", [], {})).results.map(({ kind }) => kind)).toEqual(["chat", "chat"])
})

test("a kind that none of the channel's dialects has is asked to chat, and the vendor's refusal is shown without the secret", async () => {
  const { results } = await tested("anthropic", ["some-reranker"], {}, { status: 404, body: { error: { message: "no model for s3cret-part" } } })
  expect(results).toMatchObject([{ kind: "chat", dialect: "am", ok: false, status: 404, problem: "status", words: "no model for •••" }])
})

test("an answer that is of another kind is no answer", async () => {
  expect((await tested("openai", ["text-embedding-3-small"], {}, { status: 200, body: { choices: [] } })).results).toMatchObject([{ ok: false, problem: "shape" }])
  expect((await tested("cohere", ["rerank-v3.5"], {}, { status: 200, body: { message: "later" } })).results).toMatchObject([{ ok: false, words: "later" }])
})
