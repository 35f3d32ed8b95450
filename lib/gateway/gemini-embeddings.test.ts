import { expect, test } from "vitest"
import type { Hosting } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import { operationAt } from "./paths.ts"
import { bench, channel, config, model, target, whole } from "./test/fakes.ts"

const google = channel("a", { providerId: "gemini", endpoints: { gm: "https://a.example/v1beta" }, auth: { default: "x-goog-api-key" } })
const over = (of: ReturnType<typeof channel>) => bench({ config: config(model("public", [target(of, { upstreamModel: "gemini-embedding-001" })])) })
const content = (text: string) => ({ content: { parts: [{ text }] } })
const asGemini = (on: ReturnType<typeof bench>, operation: string, body: object) => on.start({ path: `/v1beta/models/public:${operation}`, headers: { "x-goog-api-key": "sk-tp-1" }, body: JSON.stringify(body) }).over
const asOpenai = (on: ReturnType<typeof bench>, body: object) => on.start({ path: "/v1/embeddings", body: JSON.stringify({ model: "public", ...body }) }).over

test("Gemini's two operations are found behind their model", () => {
  for (const endpoint of ["embedContent", "batchEmbedContents"] as const) expect(operationAt(`/v1beta/models/a/b:${endpoint}`)).toEqual({ kind: "call", dialect: "gm", endpoint, model: "a/b", streamed: false })
})

test("W-138 one text and several are embedded by a Gemini channel, with what is asked of each", async () => {
  const on = over(google)
  on.upstream.script.push(whole(200, { embeddings: [{ values: [0.1, 0.2] }] }), whole(200, { embeddings: [{ values: [1] }, { values: [2] }], usageMetadata: { promptTokenCount: 9 } }))
  expect((await asGemini(on, "embedContent", { ...content("hi"), taskType: "RETRIEVAL_QUERY", outputDimensionality: 2 })).json()).toEqual({ embedding: { values: [0.1, 0.2] } })
  expect(on.upstream.calls[0]).toMatchObject({
    request: { url: "https://a.example/v1beta/models/gemini-embedding-001:batchEmbedContents" },
    body: { requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: "hi" }] }, taskType: "RETRIEVAL_QUERY", outputDimensionality: 2 }] },
  })
  expect((await asGemini(on, "batchEmbedContents", { requests: [content("a"), content("b")] })).json()).toMatchObject({ embeddings: [{ values: [1] }, { values: [2] }] })
  expect(on.settled).toMatchObject([{ status: "estimated" }, { status: "complete", usage: { input: 9 } }])
})

test("a Gemini client is answered by a channel with OpenAI's embeddings, and what that cannot say is named", async () => {
  const on = over(channel("b"))
  on.upstream.script.push(whole(200, { data: [{ embedding: [0.5] }, { embedding: [0.25] }], usage: { prompt_tokens: 4 } }))
  const reply = await asGemini(on, "batchEmbedContents", { requests: [{ ...content("a"), title: "t" }, content("b")] })
  expect(reply.json()).toMatchObject({ embeddings: [{ values: [0.5] }, { values: [0.25] }] })
  expect(reply.headers["x-turnpike-dropped"]).toBe("taskType")
  expect(on.upstream.calls[0]).toMatchObject({ request: { url: "https://b.example/v1/embeddings" }, body: { model: "gemini-embedding-001", input: ["a", "b"], encoding_format: "float" } })
  expect(on.settled[0]).toMatchObject({ status: "complete", usage: { input: 4 } })
})

test("W-139 an OpenAI client is answered by a Gemini channel, as numbers or as base64", async () => {
  for (const encoding_format of ["float", "base64"]) {
    const on = over(google)
    on.upstream.script.push(whole(200, { embeddings: [{ values: [0.5, -1] }] }))
    const reply = await asOpenai(on, { input: "hello", dimensions: 2, encoding_format })
    const { data, model: named, usage } = reply.json() as { data: { embedding: unknown }[]; model: string; usage: { prompt_tokens: number } }
    const vector = encoding_format === "float" ? data[0]?.embedding : [...new Float32Array(new Uint8Array(Buffer.from(data[0]?.embedding as string, "base64")).buffer)]
    expect([vector, named]).toEqual([[0.5, -1], "public"])
    expect(usage.prompt_tokens).toBeGreaterThan(0)
    expect(on.upstream.calls[0]?.body).toEqual({ requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: "hello" }] }, outputDimensionality: 2 }] })
  }
})

test("token ids, other than text, and answers that are none are told in the client's words", async () => {
  expect(await asOpenai(over(google), { input: [[1, 2]] })).toMatchObject({ status: 400 })
  expect((await asGemini(over(google), "embedContent", { content: { parts: [{ inlineData: {} }] } })).error()).toMatchObject({ code: 400, status: "INVALID_ARGUMENT" })
  for (const body of [{ embeddings: [{ values: ["x"] }] }, { error: { message: "no", code: 500 } }, "<html>"]) {
    const on = over(google)
    on.upstream.script.push(whole(200, body))
    expect((await asGemini(on, "embedContent", content("a"))).status).toBeGreaterThanOrEqual(500)
  }
})

const vertexHosting = findProvider("vertex")?.hosting as Hosting
const at = "https://v.example/v1/projects/p/locations/l/publishers/google"
const onVertex = (upstreamModel: string) => bench({ config: config(model("public", [target(channel("v", { providerId: "vertex", endpoints: { gm: at }, cloud: { hosting: vertexHosting, settings: {} } }), { upstreamModel })])) })

test("Vertex AI predicts the vectors of its text models, for clients of both dialects, and counts each text", async () => {
  const predictions = [{ embeddings: { values: [1], statistics: { token_count: 3, truncated: false } } }, { embeddings: { values: [2], statistics: { token_count: 4, truncated: false } } }]
  const on = onVertex("text-embedding-005")
  on.upstream.script.push(whole(200, { predictions, metadata: { billableCharacterCount: 2 } }), whole(200, { predictions }))
  const task = { taskType: "RETRIEVAL_DOCUMENT", title: "t", outputDimensionality: 1 }
  const reply = await asGemini(on, "batchEmbedContents", { requests: [{ ...content("a"), ...task }, { ...content("b"), outputDimensionality: 1 }] })
  expect(reply.json()).toEqual({ embeddings: [{ values: [1] }, { values: [2] }], usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } })
  expect(reply.headers["x-turnpike-dropped"]).toBeUndefined()
  expect(on.upstream.calls[0]).toMatchObject({
    request: { url: `${at}/models/text-embedding-005:predict` },
    body: { instances: [{ content: "a", task_type: "RETRIEVAL_DOCUMENT", title: "t" }, { content: "b" }], parameters: { outputDimensionality: 1 } },
  })
  expect((await asOpenai(on, { input: ["a", "b"], encoding_format: "float", user: "u" })).json()).toMatchObject({ data: [{ embedding: [1] }, { embedding: [2] }], usage: { prompt_tokens: 7 } })
  expect(on.upstream.calls[1]?.body).toEqual({ instances: [{ content: "a" }, { content: "b" }] })
  expect(on.settled).toMatchObject([{ status: "complete", usage: { input: 7 } }, { status: "complete", usage: { input: 7 } }])
})

test("Vertex AI embeds one content of Gemini's newer models in a call, and several are refused by name", async () => {
  const on = onVertex("gemini-embedding-2")
  on.upstream.script.push(whole(200, { embedding: { values: [0.5] }, usageMetadata: { promptTokenCount: 2 }, truncated: false }))
  expect((await asGemini(on, "embedContent", { ...content("a"), taskType: "RETRIEVAL_QUERY", outputDimensionality: 1 })).json()).toMatchObject({ embedding: { values: [0.5] } })
  expect(on.upstream.calls[0]).toMatchObject({
    request: { url: `${at}/models/gemini-embedding-2:embedContent` },
    body: { content: { parts: [{ text: "a" }] }, embedContentConfig: { taskType: "RETRIEVAL_QUERY", outputDimensionality: 1 } },
  })
  expect(await asOpenai(on, { input: ["a", "b"] })).toMatchObject({ status: 400 })
  expect(on.upstream.calls).toHaveLength(1)
  expect(on.settled).toMatchObject([{ status: "complete", usage: { input: 2 } }])
})

test("gemini-embedding-001 is predicted, and vectors of several lengths in one call are refused where all have the same", async () => {
  const on = onVertex("gemini-embedding-001")
  expect((await asGemini(on, "batchEmbedContents", { requests: [{ ...content("a"), outputDimensionality: 1 }, content("b")] })).error()).toMatchObject({ code: 400 })
  on.upstream.script.push(whole(200, { predictions: [{ embeddings: { values: [1] } }] }))
  expect((await asGemini(on, "embedContent", content("a"))).status).toBe(200)
  expect(on.upstream.calls.map(({ request }) => request.url)).toEqual([`${at}/models/gemini-embedding-001:predict`])
  expect(on.settled).toMatchObject([{ status: "estimated" }])
})
