import { expect, test } from "vitest"
import { guardedFields } from "#lib/catalog/guarded-fields.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { readDemands } from "./demands.ts"
import { isGatewayPath, operationAt } from "./paths.ts"
import { bench, channel, completion, config, delta, done, failing, finish, model, principal, rates, streamed, target, type UpstreamCallSeen, whole } from "./test/fakes.ts"

const google = (name: string, changes: object = {}) => channel(name, { providerId: "gemini", endpoints: { gm: `https://${name}.example/v1beta` }, auth: { default: "x-goog-api-key" }, ...changes })
const gemini = (...targets: ReturnType<typeof target>[]) => config(model("public", targets.length === 0 ? [target(google("a"), { upstreamModel: "gemini-2.5-flash" })] : targets))
const contents = [{ role: "user", parts: [{ text: "hi" }] }]
const answer = (fields: object = {}) => ({
  candidates: [{ content: { role: "model", parts: [{ text: "hello" }] }, finishReason: "STOP", index: 0 }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
  modelVersion: "gemini-2.5-flash",
  responseId: "r1",
  ...fields,
})
const piece = (fields: object) => `data: ${JSON.stringify(answer(fields))}\n\n`
const begun = piece({ candidates: [{ content: { role: "model", parts: [{ text: "he" }] }, index: 0 }] })

function ask(on: ReturnType<typeof bench>, { operation = "generateContent", query = "", body = {}, headers = { "x-goog-api-key": "sk-tp-1" } }: { operation?: string; query?: string; body?: object; headers?: Record<string, string> } = {}) {
  return on.start({ path: `/v1beta/models/public:${operation}${query}`, headers, body: JSON.stringify({ contents, ...body }) })
}

test.each(["/api/v1", "/v1", "/v1beta", "/api/v1beta", "/api/p/cheap/v1"])("W-135 W-138 Gemini's operations are found behind the door %s, whatever the model is called", (door) => {
  for (const [name, path] of [["gemini-3-flash", "gemini-3-flash"], ["llama3:8b", "llama3:8b"], ["openai/gpt-5", "openai%2Fgpt-5"]] as const) {
    expect(isGatewayPath(`${door}/models/${path}:generateContent`)).toBe(true)
    expect(operationAt(`${door}/models/${path}:generateContent`)).toEqual({ kind: "call", dialect: "gm", endpoint: "generateContent", model: name, streamed: false })
    expect(operationAt(`${door}/models/${path}:streamGenerateContent`)).toEqual({ kind: "call", dialect: "gm", endpoint: "streamGenerateContent", model: name, streamed: true })
    expect(operationAt(`${door}/models/${path}:countTokens`)).toEqual({ kind: "count", dialect: "gm", endpoint: "countTokens", model: name })
    expect(operationAt(`${door}/models/${path}`)).toEqual({ kind: "model", name })
  }
})

test("W-116 W-119 a call goes to the channel's own model with the channel's key, and comes back under the public name", async () => {
  const on = bench({ config: gemini() })
  on.upstream.script.push(whole(200, answer()))
  const reply = await ask(on, { body: { generationConfig: { maxOutputTokens: 9 } } }).over
  expect(reply).toMatchObject({ status: 200 })
  expect(reply.json()).toMatchObject({ modelVersion: "public", candidates: [{ content: { parts: [{ text: "hello" }] } }] })
  const { request, body } = on.upstream.calls[0]!
  expect(request.url).toBe("https://a.example/v1beta/models/gemini-2.5-flash:generateContent")
  expect(request.headers).toMatchObject({ "x-goog-api-key": "secret-of-a" })
  expect(JSON.stringify(request.headers)).not.toContain("sk-tp-1")
  expect(body).toEqual({ contents, generationConfig: { maxOutputTokens: 9 } })
  expect(on.settled[0]).toMatchObject({ status: "complete", finish: "STOP", usage: { input: 10, output: 5 } })
})

test("W-119 the key is found in every place that Google's clients use", async () => {
  for (const options of [{ headers: { "x-goog-api-key": "sk-tp-1" } }, { headers: {}, query: "?key=sk-tp-1" }, { headers: { authorization: "Bearer sk-tp-1" } }] as { headers: Record<string, string>; query?: string }[]) {
    const on = bench({ config: gemini() })
    on.upstream.script.push(whole(200, answer()))
    expect((await ask(on, options).over).status).toBe(200)
    expect(on.secrets).toEqual(["sk-tp-1"])
  }
})

test("a stream is one of events with alt=sse, and without it one JSON list of the same responses", async () => {
  const replies = []
  for (const query of ["?alt=sse", ""]) {
    const on = bench({ config: gemini() })
    on.upstream.script.push(streamed(begun, piece({})))
    replies.push(await ask(on, { operation: "streamGenerateContent", query }).over)
    expect(on.upstream.calls[0]?.request.url).toBe("https://a.example/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse")
  }
  expect(replies.map(({ headers }) => headers["content-type"])).toEqual(["text/event-stream; charset=utf-8", "application/json"])
  const events = replies[0]!.body.trim().split("\n\n").map((event) => JSON.parse(event.slice(6)) as unknown)
  expect(events).toHaveLength(2)
  expect(JSON.parse(replies[1]!.body)).toEqual(events)
})

test("W-104 W-105 a stream that breaks ends with Google's error, and a list with it as its last element", async () => {
  for (const query of ["?alt=sse", ""]) {
    const on = bench({ config: gemini() })
    on.upstream.script.push(streamed(begun))
    const { body } = await ask(on, { operation: "streamGenerateContent", query }).over
    const responses = query === "" ? (JSON.parse(body) as unknown[]) : body.trim().split("\n\n").map((event) => JSON.parse(event.slice(6)) as unknown)
    expect(responses).toMatchObject([{ candidates: [{}] }, { error: { code: 502, status: "UNAVAILABLE" } }])
    expect(on.settled[0]).toMatchObject({ status: "interrupted" })
  }
})

test("W-106 W-107 a channel that answers with nothing is followed by the next, after the first piece there is no splice", async () => {
  const two = gemini(target(google("a", { priority: 1 })), target(google("b", { priority: 2 })))
  const empty = bench({ config: two })
  empty.upstream.script.push(streamed(), streamed(piece({})))
  expect((await ask(empty, { operation: "streamGenerateContent", query: "?alt=sse" }).over).body).toContain("hello")
  const broken = bench({ config: two })
  broken.upstream.script.push(streamed(begun), streamed(piece({})))
  expect((await ask(broken, { operation: "streamGenerateContent", query: "?alt=sse" }).over).body).not.toContain("hello")
  expect(broken.upstream.calls).toHaveLength(1)
})

test("W-112 refusals are Google's objects: an unknown model, a wrong method, no key, and a key that Google does not know is not the caller's", async () => {
  const on = bench({ config: gemini() })
  expect((await on.start({ path: "/v1beta/models/other:generateContent", headers: { "x-goog-api-key": "k" }, body: JSON.stringify({ contents }) }).over).error()).toMatchObject({ code: 404, status: "NOT_FOUND" })
  expect((await on.start({ method: "GET", path: "/v1beta/models/public:generateContent", headers: { "x-goog-api-key": "k" } }).over).error()).toMatchObject({ code: 405, status: "UNIMPLEMENTED" })
  expect((await ask(on, { headers: {} }).over).error()).toMatchObject({ code: 401, status: "UNAUTHENTICATED" })
  on.upstream.script.push(whole(400, { error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" } }))
  expect((await ask(on).over).status).toBe(502)
  const limited = bench({ config: gemini() })
  limited.upstream.script.push(whole(429, { error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" } }, { "retry-after": "7" }))
  expect((await ask(limited).over).error()).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" })
})

test("W-113 Google says in its error's details when to try again, which the caller learns in the header and in the details", async () => {
  const on = bench({ config: gemini() })
  on.upstream.script.push(whole(429, { error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED", details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "33.2s" }] } }))
  const reply = await ask(on).over
  expect(reply.headers["retry-after"]).toBe("34")
  expect(reply.error()["details"]).toContainEqual({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" })
})

test("W-111 an HTML error is Google's object, without hosts", async () => {
  const on = bench({ config: gemini() })
  on.upstream.script.push(whole(502, "<html>nginx at 10.1.2.3</html>"))
  const reply = await ask(on).over
  expect(reply.error()).toMatchObject({ status: "UNAVAILABLE" })
  expect(reply.body).not.toMatch(/html|10\.1/)
})

test("W-138 W-118 one list, three shapes: told apart by the key's header and the version", async () => {
  const on = bench({ config: config(model("a", [target(google("a"))]), model("b", [target(channel("b"))]), model("c", [target(google("c"))])) })
  const list = async (query: string, headers: Record<string, string> = { "x-goog-api-key": "sk-tp-1" }) => (await on.get(`/v1/models${query}`, headers)).json()
  const first = await list("?pageSize=2")
  expect(first).toEqual({
    models: ["a", "b"].map((name) => ({ name: `models/${name}`, baseModelId: name, version: "1", displayName: name, inputTokenLimit: 128_000, outputTokenLimit: 1_000, supportedGenerationMethods: ["generateContent", "countTokens"] })),
    nextPageToken: expect.any(String) as string,
  })
  expect(await list(`?pageSize=2&pageToken=${first["nextPageToken"] as string}`)).toMatchObject({ models: [{ name: "models/c" }] })
  expect(await list("", { "x-goog-api-key": "k", "anthropic-version": "2023-06-01" })).toHaveProperty("has_more")
  expect(await list("", { authorization: "Bearer k" })).toMatchObject({ object: "list" })
  expect((await on.get("/v1beta/models/c", { "x-goog-api-key": "k" })).json()).toMatchObject({ name: "models/c" })
  expect((await on.get("/v1beta/models/none", { "x-goog-api-key": "k" })).error()).toMatchObject({ status: "NOT_FOUND" })
  for (const query of ["?pageSize=-1", "?pageSize=x", "?pageToken=!!"]) expect((await on.get(`/v1/models${query}`, { "x-goog-api-key": "k" })).status).toBe(400)
})

test("tokens are counted by the channel, wrapped with the channel's own model; where none counts they are estimated, which is said", async () => {
  const on = bench({ config: gemini() })
  on.upstream.script.push(whole(200, { totalTokens: 31 }))
  const counted = await ask(on, { operation: "countTokens", body: { generateContentRequest: { model: "models/public", contents, systemInstruction: { parts: [{ text: "x" }] } } } }).over
  expect(counted.json()).toEqual({ totalTokens: 31 })
  expect(on.upstream.calls[0]).toMatchObject({ request: { url: "https://a.example/v1beta/models/gemini-2.5-flash:countTokens" }, body: { generateContentRequest: { model: "models/gemini-2.5-flash", contents, systemInstruction: {} } } })
  const estimated = await ask(bench({ config: config(model("public", [target(channel("b"))])) }), { operation: "countTokens" }).over
  expect(estimated).toMatchObject({ status: 200, headers: { "x-turnpike-changed": "totalTokens=estimated" } })
  expect(estimated.json()["totalTokens"]).toBeGreaterThan(0)
})

test("W-115 a Gemini client is answered by a channel of another dialect, whole and as a stream", async () => {
  const other = () => bench({ config: config(model("public", [target(channel("b"))])) })
  const on = other()
  on.upstream.script.push(whole(200, completion("hello")))
  const reply = await ask(on, { body: { systemInstruction: { parts: [{ text: "be brief" }] }, safetySettings: [] } }).over
  expect(reply.json()).toMatchObject({ candidates: [{ content: { role: "model", parts: [{ text: "hello" }] }, finishReason: "STOP" }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, modelVersion: "public" })
  expect(reply.headers["x-turnpike-dropped"]).toBe("safetySettings")
  expect(on.upstream.calls[0]?.body).toMatchObject({ model: "upstream-model", messages: [{ content: "be brief" }, { role: "user", content: "hi" }] })
  for (const query of ["?alt=sse", ""]) {
    const streaming = other()
    streaming.upstream.script.push(streamed(delta("hel"), delta("lo"), finish, done))
    const { body } = await ask(streaming, { operation: "streamGenerateContent", query }).over
    const responses = (query === "" ? JSON.parse(body) : body.trim().split("\n\n").map((event) => JSON.parse(event.slice(6)) as unknown)) as { candidates: { content: { parts: { text: string }[] }; finishReason?: string }[] }[]
    expect(responses.flatMap(({ candidates }) => candidates[0]!.content.parts.map(({ text }) => text)).join("")).toBe("hello")
    expect(responses.at(-1)?.candidates[0]?.finishReason).toBe("STOP")
  }
})

test("W-90 a call that Gemini could not write down is asked of the next channel", async () => {
  const on = bench({ config: gemini(target(google("a", { priority: 1 })), target(google("b", { priority: 2 }))) })
  on.upstream.script.push(whole(200, answer({ candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL", index: 0 }] })), whole(200, answer()))
  const reply = await on.chat().over
  expect(reply.json()).toMatchObject({ choices: [{ message: { content: "hello" } }] })
  expect(on.upstream.calls).toHaveLength(2)
})

const linked = { role: "user", content: [{ type: "text", text: "what is it" }, { type: "image_url", image_url: { url: "https://pictures.example/a" } }] }
const picture = Buffer.from("\x89PNG....", "latin1")
const serve = (body: Buffer, headers: Record<string, string> = {}, status = 200) => ({ sink }: UpstreamCallSeen) => {
  sink.onHead(status, headers)
  sink.onData(body)
  sink.onEnd()
}

test("W-62 a picture at an address is fetched once, from public addresses alone and without a secret, and goes inline", async () => {
  const on = bench({ config: gemini(target(google("a", { priority: 1, allowPrivateNetwork: true })), target(google("b", { priority: 2 }))) })
  on.upstream.script.push(serve(Buffer.alloc(0), { location: "/b.png" }, 302), serve(picture), whole(500, "x"), whole(200, answer()))
  const reply = await on.chat({ messages: [linked] }).over
  expect(reply.status).toBe(200)
  expect(on.upstream.calls.map(({ request }) => [request.method ?? "POST", request.url.replace(/models.*/, "…"), request.allowPrivateNetwork])).toEqual([
    ["GET", "https://pictures.example/a", false],
    ["GET", "https://pictures.example/b.png", false],
    ["POST", "https://a.example/v1beta/…", true],
    ["POST", "https://b.example/v1beta/…", false],
  ])
  expect(Object.keys(on.upstream.calls[0]!.request.headers)).toEqual(["accept", "user-agent"])
  for (const call of on.upstream.calls.slice(2)) expect(call.body).toMatchObject({ contents: [{ parts: [{ text: "what is it" }, { inlineData: { mimeType: "image/png", data: picture.toString("base64") } }] }] })
})

test.each([
  ["cannot be reached", [failing("refusedAddress")]],
  ["answered 404", [serve(Buffer.from("no"), {}, 404)]],
  ["neither a picture", [serve(Buffer.from("<html>"), { "content-type": "text/html" })]],
  ["no http address", [serve(Buffer.alloc(0), { location: "sandbox://turnpike/x" }, 302)]],
  ["too often", Array.from({ length: 4 }, () => serve(Buffer.alloc(0), { location: "/again" }, 301))],
  ["more than", [serve(Buffer.alloc(21 * 1024 * 1024), { "content-type": "image/png" })]],
])("W-62 what %s is a 400 that says so, and nothing reaches the provider", async (words, script) => {
  const on = bench({ config: gemini() })
  on.upstream.script.push(...script)
  const reply = await on.chat({ messages: [linked] }).over
  expect(reply.status).toBe(400)
  expect(reply.body).toContain(words)
  expect(on.upstream.calls.every(({ request }) => request.method === "GET")).toBe(true)
  expect([on.opened, on.quotas.openHolds()]).toEqual([[], 0])
})

const demandsOf = (fields: object) => readDemands({ contents, ...fields }, guardedFields.gm)

test.each([
  ["cachedContent", { cachedContent: "cachedContents/x" }],
  ["cached_content", { cached_content: "cachedContents/x" }],
  ["tools[0].codeExecution", { tools: [{ codeExecution: {} }] }],
  ["tools[0].url_context", { tools: [{ url_context: {} }] }],
  ["tools[0].fileSearch", { tools: [{ fileSearch: {} }] }],
  ["tools[0].mcpServers", { tools: [{ functionDeclarations: [], mcpServers: [] }] }],
  ["contents[0].parts[0].fileData.fileUri", { contents: [{ parts: [{ fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/x" } }] }] }],
  ["contents[0].parts[0].file_data.fileUri", { contents: [{ parts: [{ file_data: { fileUri: "gs://bucket/x" } }] }] }],
  ["generationConfig.responseModalities[0]", { generationConfig: { responseModalities: ["VIDEO"] } }],
  ["Contents", { Contents: [] }],
])("what %s costs or reaches is refused by that name", (param, fields) => {
  expect(demandsOf(fields)).toMatchObject({ ok: false, error: { code: "unsupported_parameter", param } })
})

test("Google's search is held at its price, pictures at theirs, and public files and functions are free", () => {
  expect(demandsOf({ tools: [{ googleSearch: {} }] })).toMatchObject({ ok: true, value: { units: [{ unit: "search", reported: true, param: "tools[0].googleSearch" }] } })
  expect(demandsOf({ tools: [{ google_search: {} }] })).toMatchObject({ ok: true, value: { units: [{ unit: "search" }] } })
  expect(demandsOf({ generation_config: { response_modalities: ["TEXT", "IMAGE"] } })).toMatchObject({ ok: true, value: { units: [{ unit: "outputImage" }] } })
  expect(demandsOf({ serviceTier: "standard", tools: [{ functionDeclarations: [] }], contents: [{ parts: [{ fileData: { fileUri: "https://example.com/a.pdf" } }] }] })).toMatchObject({ ok: true, value: { units: [], serviceTier: null } })
})

test("W-100 a search is charged as often as the answer says", async () => {
  const price = { id: "price_1" as const, rates: rates({ search: nanoUsd(14_000_000n) }) }
  const on = bench({ config: gemini(target(google("a"), { price: { cost: price, sell: price, markupPpm: null } })) })
  on.upstream.script.push(whole(200, answer({ modelVersion: "gemini-3-flash", candidates: [{ content: { parts: [{ text: "x" }] }, finishReason: "STOP", groundingMetadata: { webSearchQueries: ["a", "b"] } }] })))
  await ask(on, { body: { tools: [{ googleSearch: {} }] } }).over
  expect(on.settled[0]).toMatchObject({ usage: { search: 2 } })
  expect((await ask(bench({ config: gemini() }), { body: { tools: [{ googleSearch: {} }] } }).over).error()).toMatchObject({ code: 400, message: expect.stringContaining("tools[0].googleSearch") as string })
})

test("a key that is strict has nothing left out of its calls", async () => {
  const on = bench({ config: config(model("public", [target(channel("b"))])), principal: principal({ parameters: "strict" }) })
  expect((await ask(on, { body: { safetySettings: [] } }).over).error()).toMatchObject({ code: 400, message: expect.stringContaining("safetySettings") as string })
})
