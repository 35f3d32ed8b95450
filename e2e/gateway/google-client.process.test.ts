import { type ApiError, FunctionCallingConfigMode, type GenerateContentResponse, GoogleGenAI } from "#e2e/clients/latest/vendors.ts"
import { GoogleGenAI as GoogleGenAI2 } from "#e2e/clients/previous/vendors.ts"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type Behaviour, faults } from "#e2e/fixtures/behaviour.ts"
import { signatureOf } from "#e2e/fixtures/dialects/gemini-generate-request.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { chargeOf, createStage, keys, mounts, type Stage } from "./stage.ts"
import { readRecord } from "./usage-records.ts"

/** What every mount must do for the official `@google/genai` package, its latest two majors, over channels of three dialects. */
const majorNames = ["2", "3"] as const
/** Faults open a channel's circuit breaker, so that each major has channels of its own for them. */
const faulty = ["broken", "ends", "errs", "halves"].flatMap((name) => majorNames.map((major) => `${name}${major}`))
const plain = ["chat", "thinker", "openai", "anthropic", "framing", "refused", ...faulty]
const backed = ["empty", "begun"] as const
const elsewhere = {
  openai: { provider: "openai-compatible", vendor: "compatible", dialect: "cc" },
  anthropic: { provider: "anthropic", vendor: "anthropic", dialect: "am" },
} as const
const answering = ["chat", "openai", "anthropic"] as const

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain, backed, elsewhere, upstreamNames: { thinker: "gemini-3-flash-sim" } }, { provider: "gemini-compatible", vendor: "gemini", dialect: "gm" })
})
afterEach(() => stage.simulator.reset())
afterAll(() => stage?.stop())

const contents = "Say hello to everybody in the room."
const words = `You said: ${contents}`
const weather = { name: "weather", description: "Tells the weather.", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }

const majors = { "2": GoogleGenAI2, "3": GoogleGenAI } as const

describe.each(mounts.flatMap((mount) => majorNames.map((major) => [mount, major] as const)))("the %s mount and @google/genai %s", (mount, major) => {
  const origin = () => stage.servers[mount].origin
  const client = (apiKey: string = keys.open): GoogleGenAI => new majors[major]({ apiKey, httpOptions: { baseUrl: `${origin()}/api`, timeout: 20_000 } }) as GoogleGenAI
  const script = (upstreamModel: string, ...behaviours: Behaviour[]) => stage.simulator.script(upstreamModel, ...behaviours)
  const exchanges = (): readonly Exchange[] => stage.simulator.exchanges
  const headersOf = ({ sdkHttpResponse }: GenerateContentResponse) => ({ headers: new Headers(sdkHttpResponse?.headers) })
  const failure = async (work: Promise<unknown>): Promise<ApiError> => {
    const error: unknown = await work.then(() => new Error("it succeeded"), (error: unknown) => error)
    expect((error as Error).name).toBe("ApiError")
    return error as ApiError
  }
  const collect = async (stream: AsyncIterable<GenerateContentResponse>) => {
    const chunks: GenerateContentResponse[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return chunks
  }

  test("a plain call is answered under the public name, with our request id and its exact cost", async () => {
    script("chat-upstream", { answer: { text: "Hello.", usage: { input: 20, cacheRead: 100, output: 7, reasoning: 9 } } })
    const response = await client().models.generateContent({ model: "chat", contents })
    expect(response.text).toBe("Hello.")
    expect(response).toMatchObject({ modelVersion: "chat", usageMetadata: { promptTokenCount: 120, cachedContentTokenCount: 100, candidatesTokenCount: 7, thoughtsTokenCount: 9 } })
    const { headers } = headersOf(response)
    const charge = chargeOf({ input: 20, cacheRead: 100, output: 7, reasoning: 9 })
    expect(Number(headers.get("x-turnpike-cost-usd")) * 1e9).toBeCloseTo(Number(charge), 3)
    expect(await readRecord(stage, { headers })).toMatchObject({ status: "complete", chargedNanoUsd: charge })
    expect(exchanges()[0]?.path).toBe("/gemini/v1beta/models/chat-upstream:generateContent")
  })

  test.each(answering)("over a channel of %s: whole, streamed, bounded and with instructions", async (model) => {
    const config = { systemInstruction: "Be brief.", temperature: 0.5, stopSequences: ["END"] }
    const whole = await client().models.generateContent({ model, contents, config })
    expect([whole.text, whole.candidates?.[0]?.finishReason]).toEqual([words, "STOP"])
    const chunks = await collect(await client().models.generateContentStream({ model, contents, config }))
    expect(chunks.map(({ text }) => text ?? "").join("")).toBe(words)
    expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: "STOP" }], modelVersion: model })
    expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata)
    const cut = await client().models.generateContent({ model, contents, config: { maxOutputTokens: 2 } })
    expect(cut.candidates?.[0]?.finishReason).toBe("MAX_TOKENS")
    expect(JSON.stringify(exchanges()[0]!.body)).toContain("Be brief.")
  })

  test.each(answering)("W-42 W-45 W-57 over a channel of %s a loop of two parallel calls runs, streamed and not", async (model) => {
    const calls = [{ id: "call_1", name: "weather", arguments: '{"city":"Köln"}' }, { id: "call_2", name: "weather", arguments: '{"city":"Oslo"}' }]
    const config = { tools: [{ functionDeclarations: [weather] }] }
    for (const stream of [false, true]) {
      script(`${model}-upstream`, { answer: { toolCalls: calls } }, {})
      const asked = [{ role: "user", parts: [{ text: contents }] }]
      const request = { model, contents: asked, config }
      const responses = stream ? await collect(await client().models.generateContentStream(request)) : [await client().models.generateContent(request)]
      const parts = responses.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []).filter(({ functionCall }) => functionCall !== undefined)
      expect(parts.map(({ functionCall }) => functionCall?.args)).toEqual([{ city: "Köln" }, { city: "Oslo" }])
      if (model === "chat") expect(parts[0]?.thoughtSignature).toBe(signatureOf("weather"))
      const results = parts.map(({ functionCall }) => ({ functionResponse: { id: functionCall?.id ?? "", name: "weather", response: { output: "12 °C" } } }))
      const second = await client().models.generateContent({ model, contents: [...asked, { role: "model", parts }, { role: "user", parts: results }], config })
      expect(second.candidates?.[0]?.finishReason).toBe("STOP")
      expect(second.text).toContain("You said:")
    }
  })

  test.each(answering)("W-15 W-17 over a channel of %s a forced function is called", async (model) => {
    const { functionCalls } = await client().models.generateContent({
      model,
      contents,
      config: { tools: [{ functionDeclarations: [weather] }], toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["weather"] } } },
    })
    expect(functionCalls).toMatchObject([{ name: "weather", args: {} }])
  })

  test.each(["chat", "openai", "anthropic"] as const)("W-63 over a channel of %s a picture arrives", async (model) => {
    const picture = { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }
    const { text } = await client().models.generateContent({ model, contents: [{ role: "user", parts: [{ text: "Look:" }, picture] }] })
    expect(text).toContain("Look:")
    expect(exchanges()[0]!.bodyText).toContain("iVBORw0KGgo=")
  })

  test("W-77 a schema for the answer reaches a channel that has it", async () => {
    await client().models.generateContent({ model: "openai", contents, config: { responseMimeType: "application/json", responseJsonSchema: { type: "object", properties: { a: { type: "string" } } } } })
    expect(exchanges()[0]!.body).toMatchObject({ response_format: { type: "json_schema" } })
  })

  test("W-54 thinking with Anthropic's signature comes back byte for byte, from a stream too", async () => {
    const config = { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_000 }, maxOutputTokens: 4_000, tools: [{ functionDeclarations: [weather] }] }
    for (const stream of [false, true]) {
      script("anthropic-upstream", { answer: { reasoning: "Where is Köln? 工", toolCalls: [{ id: "toolu_1", name: "weather", arguments: '{"city":"Köln"}' }] } }, {})
      const request = { model: "anthropic", contents: [{ role: "user", parts: [{ text: contents }] }], config }
      const responses = stream ? await collect(await client().models.generateContentStream(request)) : [await client().models.generateContent(request)]
      const history = responses.flatMap(({ candidates }) => (candidates?.[0]?.content?.parts?.length ? [candidates[0].content] : []))
      const call = history.flatMap(({ parts }) => parts ?? []).find(({ functionCall }) => functionCall !== undefined)?.functionCall
      // The simulator refuses thinking whose signature or text has changed by a byte.
      const second = await client().models.generateContent({ ...request, contents: [...request.contents, ...history, { role: "user", parts: [{ functionResponse: { id: call?.id ?? "", name: "weather", response: { output: "12 °C" } } }] }] })
      expect(second.text).toBe("You said: [tool_result]")
    }
  })

  test("W-48 an OpenAI client's effort, calls and history reach Gemini 3 in Gemini's words", async () => {
    const post = (messages: object[]) => fetch(`${origin()}/api/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${keys.open}`, "content-type": "application/json" }, body: JSON.stringify({ model: "thinker", messages, reasoning_effort: "high", tools: [{ type: "function", function: { name: "weather", parameters: { $schema: "x", type: "object", properties: { city: { type: ["string", "null"], default: "x" } }, additionalProperties: false } } }] }) })
    script("gemini-3-flash-sim", { answer: { reasoning: "Hm.", toolCalls: [{ id: "fc_1", name: "weather", arguments: '{"city":"Oslo"}' }] } }, {})
    const asked = { role: "user", content: contents }
    const first = (await (await post([asked])).json()) as { choices: { message: { reasoning_content: string; tool_calls: { id: string }[] }; finish_reason: string }[] }
    expect(first.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { reasoning_content: "Hm.", tool_calls: [{ function: { name: "weather", arguments: '{"city":"Oslo"}' } }] } })
    expect(exchanges()[0]!.body).toMatchObject({ generationConfig: { thinkingConfig: { thinkingLevel: "HIGH" } }, tools: [{ functionDeclarations: [{ parametersJsonSchema: { type: "object", properties: { city: { type: ["string", "null"], default: "x" } }, additionalProperties: false } }] }] })
    const { message } = first.choices[0]!
    const second = await post([asked, message, { role: "tool", tool_call_id: message.tool_calls[0]!.id, content: "12 °C" }])
    expect(second.status).toBe(200)
    expect(exchanges()[1]!.bodyText).toContain(signatureOf("weather"))
  })

  test("W-138 models are listed in Google's shape, page by page, and tokens are counted", async () => {
    const names: (string | undefined)[] = []
    for await (const model of await client().models.list({ config: { pageSize: 3 } })) names.push(model.name)
    expect(names).toEqual(expect.arrayContaining([...plain, ...backed].map((name) => `models/${name}`)))
    expect(new Set(names).size).toBe(names.length)
    expect(await client().models.get({ model: "chat" })).toMatchObject({ name: "models/chat" })
    expect((await client().models.countTokens({ model: "chat", contents })).totalTokens).toBeGreaterThan(5)
    expect(exchanges()[0]!.path).toBe("/gemini/v1beta/models/chat-upstream:countTokens")
    expect((await client().models.countTokens({ model: "openai", contents })).totalTokens).toBeGreaterThan(5)
  })

  test("texts are embedded, one and several, by a channel with OpenAI's embeddings", async () => {
    const { embeddings } = await client().models.embedContent({ model: "openai", contents: ["one", "two"] })
    expect(embeddings?.map(({ values }) => typeof values?.[0])).toEqual(["number", "number"])
    expect(exchanges()[0]!).toMatchObject({ path: "/compatible/v1/embeddings", body: { model: "openai-upstream", input: ["one", "two"] } })
  })

  test("W-112 refusals are Google's, and the provider's own words arrive", async () => {
    expect((await failure(client("sk-e2e-this-key-is-not-known-to-anybody").models.generateContent({ model: "chat", contents }))).status).toBe(401)
    expect((await failure(client().models.generateContent({ model: "no-such-model", contents }))).status).toBe(404)
    const error = await failure(client().models.generateContent({ model: "chat", contents: [{ role: "user", parts: [{ text: contents }] }, { role: "model", parts: [{ text: "a" }] }, { role: "model", parts: [{ text: "b" }] }] }))
    expect([error.status, error.message]).toEqual([400, expect.stringContaining("alternate between user and model")])
    script(`broken${major}-upstream`, { refusal: { status: 400, message: "API key not valid. Please pass a valid API key." } })
    expect((await failure(client().models.generateContent({ model: `broken${major}`, contents }))).status).toBe(502)
  })

  test("W-111 an HTML error page becomes Google's error without the upstream's hosts", async () => {
    script("refused-upstream", faults.htmlError)
    const error = await failure(client().models.generateContent({ model: "refused", contents }))
    expect(error.message).not.toMatch(/10\.1\.2\.3|<html|127\.0\.0\.1/)
  })

  test.each(["carriageReturns", "keepAliveComments", "splitCharacters", "hugeEvent"] as const)("a stream of an upstream with %s arrives whole", async (name) => {
    const fault: Behaviour = faults[name]
    script("framing-upstream", fault)
    const chunks = await collect(await client().models.generateContentStream({ model: "framing", contents }))
    expect(chunks.map(({ text }) => text ?? "").join("")).toBe(fault.answer?.text ?? words)
  })

  test("W-106 an empty stream is answered by the next channel, W-107 a broken one is not spliced", async () => {
    script("empty-upstream", faults.emptyStream)
    expect((await collect(await client().models.generateContentStream({ model: "empty", contents }))).map(({ text }) => text ?? "").join("")).toBe(words)
    script("begun-upstream", faults.brokenStream)
    const error: unknown = await client().models.generateContentStream({ model: "begun", contents }).then(collect).then(() => null, (error: unknown) => error)
    expect(error).toBeInstanceOf(Error)
    expect(exchanges()).toHaveLength(3)
  })

  test.each([
    ["ends", "without a finish", faults.endWithoutFinish],
    ["errs", "by an event", faults.errorEvent],
    ["halves", "an event", faults.malformedEvent],
  ])("W-104 W-105 a stream that %s %s is an error for the client and interrupted in the books, as events and as a list", async (name, _how, fault) => {
    for (const query of ["?alt=sse", ""]) {
      script(`${name}${major}-upstream`, fault)
      const response = await fetch(`${origin()}/v1beta/models/${name}${major}:streamGenerateContent${query}`, { method: "POST", headers: { "x-goog-api-key": keys.open, "content-type": "application/json" }, body: JSON.stringify({ contents: [{ parts: [{ text: contents }] }] }) })
      const text = await response.text()
      const last: unknown = query === "" ? (JSON.parse(text) as unknown[]).at(-1) : JSON.parse(text.trim().split("\n\n").at(-1)!.slice(6))
      expect(last).toMatchObject({ error: { code: expect.any(Number) as number, status: expect.any(String) as string } })
      expect(await readRecord(stage, response)).toMatchObject({ status: "interrupted" })
    }
  })
})
