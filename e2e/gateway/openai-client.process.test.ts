import { OpenAI } from "#e2e/clients/latest/vendors.ts"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type Behaviour, faults } from "#e2e/fixtures/behaviour.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { chargeOf, createStage, keys, mounts, type Stage, upstreamSecondsMax, upstreamSecret } from "./stage.ts"
import { readRecord } from "./usage-records.ts"

/** What every mount must do for the official `openai` package. One suite, two base URLs. */
const plain = ["chat", "tools", "framing", "refused", "broken", "aborted", "stalled", "hung", "forbidden", "unfinished", "unmetered", "budget", "rate"] as const
const backed = ["overloaded", "reset", "empty", "begun", "late"] as const

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain, backed })
})
afterEach(() => stage.simulator.reset())
afterAll(() => stage?.stop())

const messages = [{ role: "user" as const, content: "Say hello to everybody in the room." }]
const words = "You said: Say hello to everybody in the room."

describe.each(mounts)("the %s mount", (mount) => {
  const client = (apiKey: string = keys.open) => new OpenAI({ baseURL: `${stage.servers[mount].origin}/api/v1`, apiKey, maxRetries: 0, timeout: 20_000 })
  const post = (body: object | string, headers: Record<string, string> = {}) =>
    fetch(`${stage.servers[mount].origin}/api/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys.open}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    })
  const script = (upstreamModel: string, ...behaviours: Behaviour[]) => stage.simulator.script(upstreamModel, ...behaviours)
  const exchanges = (): readonly Exchange[] => stage.simulator.exchanges
  const failure = async (work: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> => {
    const error: unknown = await work.then(() => new Error("it succeeded"), (error: unknown) => error)
    expect(error).toBeInstanceOf(OpenAI.APIError)
    return error as InstanceType<typeof OpenAI.APIError>
  }

  describe("answers", () => {
    test("a plain call is answered under the public name, with our request id, its channel and its exact cost", async () => {
      script("chat-upstream", { answer: { text: "Hello.", usage: { input: 20, cacheRead: 100, output: 7 } } })
      const { data, response } = await client().chat.completions.create({ model: "chat", messages }).withResponse()
      expect(data).toMatchObject({ model: "chat", choices: [{ message: { content: "Hello." }, finish_reason: "stop" }], usage: { prompt_tokens: 120, completion_tokens: 7 } })
      expect(response.headers.get("x-turnpike-request-id")).toMatch(/^req_/)
      expect(response.headers.get("x-turnpike-model")).toBe("chat")
      expect(response.headers.get("x-turnpike-channel")).toBe("chat")
      const cost = response.headers.get("x-turnpike-cost-usd")!
      expect(Number(cost) * 1e9).toBeCloseTo(Number(chargeOf({ input: 20, cacheRead: 100, output: 7 })), 3)
    })

    test("a stream says the same, and usage is asked for upstream but hidden from a client that did not ask", async () => {
      const { data: stream, response } = await client().chat.completions.create({ model: "chat", messages, stream: true }).withResponse()
      const chunks = await collect(stream)
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(words)
      expect(chunks.every((chunk) => chunk.model === "chat" && chunk.choices.length === 1 && !chunk.usage)).toBe(true)
      expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/)
      expect(exchanges()[0]!.body).toMatchObject({ model: "chat-upstream", stream_options: { include_usage: true } })
    })

    test("a client that asks for usage gets the chunk with it, last", async () => {
      const stream = await client().chat.completions.create({ model: "chat", messages, stream: true, stream_options: { include_usage: true } })
      const last = (await collect(stream)).at(-1)!
      expect(last.choices).toEqual([])
      expect(last.usage).toMatchObject({ prompt_tokens: exchanges()[0]!.reportedUsage!.input, completion_tokens: exchanges()[0]!.reportedUsage!.output })
    })

    test("a tool loop runs, streamed and not", async () => {
      const weather = { type: "function" as const, function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }
      const call = { id: "call_1", name: "weather", arguments: '{"city":"Köln"}' }
      for (const stream of [false, true]) {
        script("tools-upstream", { answer: { toolCalls: [call] } }, {})
        const first = stream
          ? await client().chat.completions.stream({ model: "tools", messages, tools: [weather] }).finalChatCompletion()
          : await client().chat.completions.create({ model: "tools", messages, tools: [weather] })
        const { message, finish_reason } = first.choices[0]!
        expect(finish_reason).toBe("tool_calls")
        expect(message.tool_calls).toMatchObject([{ id: "call_1", function: { name: "weather", arguments: call.arguments } }])
        const second = await client().chat.completions.create({
          model: "tools",
          messages: [...messages, { role: "assistant", tool_calls: message.tool_calls }, { role: "tool", tool_call_id: "call_1", content: "12 °C" }],
          tools: [weather],
        })
        expect(second.choices[0]!.message.content).toBe(words)
      }
    })

    test("fields that nobody knows pass untouched both ways", async () => {
      const answer = '{"id":"chatcmpl-x","object":"chat.completion","created":1,"model":"chat-upstream","novel":{"deep":[1.50,"é"]},"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop","mood":"good"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
      script("chat-upstream", { verbatim: { body: answer, contentType: "application/json" } })
      const sent = '{"model":"chat","frobnicate":{"a":[1.50,null]},"messages":[{"role":"user","content":"x","tint":"blue"}],"max_tokens":5}'
      const received = await (await post(sent)).text()
      expect(received).toBe(answer.replace("chat-upstream", "chat"))
      expect(exchanges()[0]!.bodyText).toBe(sent.replace('"model":"chat"', '"model":"chat-upstream"'))
    })

    test("only what the upstream needs goes there, never the caller's key or cookies", async () => {
      const headers = { cookie: "session=1", "x-codex-turn-metadata": "/home/me", "x-api-key": "another", "openai-organization": "org-x", "x-turnpike-request-id": "req_forged" }
      const response = await post({ model: "chat", messages }, headers)
      const upstream = exchanges()[0]!.headers
      expect(upstream.authorization).toBe(`Bearer ${upstreamSecret}-chat`)
      for (const name of Object.keys(headers)) expect(upstream).not.toHaveProperty(name)
      expect(JSON.stringify(upstream)).not.toContain(keys.open)
      expect(response.headers.get("x-turnpike-request-id")).not.toBe("req_forged")
      expect(response.headers.get("set-cookie")).toBeNull()
      expect(response.headers.get("access-control-allow-origin")).toBe("*")
    })

    test.each(["x-api-key", "api-key", "x-goog-api-key"])("W-119 a key in %s is accepted and not forwarded", async (name) => {
      expect((await post({ model: "chat", messages }, { authorization: "", [name]: keys.open })).status).toBe(200)
      expect(JSON.stringify(exchanges()[0]!.headers)).not.toContain(keys.open)
    })

    test.each(["carriageReturns", "keepAliveComments", "splitCharacters", "hugeEvent", "withoutUsage", "slow"] as const)("a stream of an upstream with %s arrives whole", async (name) => {
      const fault: Behaviour = faults[name]
      script("framing-upstream", fault)
      const stream = await client().chat.completions.create({ model: "framing", messages, stream: true })
      const chunks = await collect(stream)
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(fault.answer?.text ?? words)
      expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe("stop")
    })

    test("models are listed as OpenAI lists them, and only those that the key may use", async () => {
      const all = await collect(client().models.list())
      expect(all.map((model) => model.id)).toEqual(expect.arrayContaining([...plain, ...backed]))
      expect(await collect(client(keys.narrow).models.list())).toMatchObject([{ id: "chat", object: "model" }])
      expect(await client().models.retrieve("chat")).toMatchObject({ id: "chat", object: "model" })
    })
  })

  describe("refusals", () => {
    test.each([
      ["no key", ""],
      ["an unknown key", "Bearer sk-e2e-this-key-is-not-known-to-anybody"],
      ["a mistyped key of ours", "Bearer sk-tp-0000000000000000000000000000000000"],
    ])("%s is 401, not to be tried again, and nothing goes upstream", async (_name, authorization) => {
      const response = await post({ model: "chat", messages }, { authorization })
      expect(response.status).toBe(401)
      expect(response.headers.get("x-should-retry")).toBe("false")
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) as string, type: "authentication_error" } })
      expect(exchanges()).toEqual([])
    })

    test("the client's own types: 401, 404, 400", async () => {
      expect(await failure(client("sk-e2e-this-key-is-not-known-to-anybody").models.list())).toBeInstanceOf(OpenAI.AuthenticationError)
      expect(await failure(client().chat.completions.create({ model: "no-such-model", messages }))).toBeInstanceOf(OpenAI.NotFoundError)
      expect(await failure(client().chat.completions.create({ model: "chat", messages: "none" as never }))).toBeInstanceOf(OpenAI.BadRequestError)
    })

    test("a model that does not exist and one that the key may not use give the same answer", async () => {
      const [unknown, forbidden] = await Promise.all(["no-such-model", "tools"].map((model) => post({ model, messages }, { authorization: `Bearer ${keys.narrow}` })))
      expect([unknown!.status, forbidden!.status]).toEqual([404, 404])
      expect((await forbidden!.text()).replaceAll("tools", "no-such-model")).toBe(await unknown!.text())
    })

    test("a body over the limit is 413, and one that is no JSON is 400", async () => {
      const large = await post({ model: "chat", messages: [{ role: "user", content: "x".repeat(3 * 1024 * 1024) }] })
      expect(large.status).toBe(413)
      expect(await large.json()).toHaveProperty("error.message")
      const torn = await post('{"model":"chat",')
      expect(torn.status).toBe(400)
      expect(exchanges()).toEqual([])
    })

    test("an unknown path is a 404 in JSON", async () => {
      const response = await fetch(`${stage.servers[mount].origin}/api/v1/no/such/path`, { headers: { authorization: `Bearer ${keys.open}` } })
      expect(response.status).toBe(404)
      expect(await response.json()).toHaveProperty("error.message")
    })

    test("a field that reaches into the shared upstream account is refused by name", async () => {
      const error = await failure(client().chat.completions.create({ model: "chat", messages, store: true }))
      expect(error.status).toBe(400)
      expect(error.message).toContain("store")
      expect(exchanges()).toEqual([])
    })

    test("an exhausted budget is 402, names the limit and its amount, and is not to be tried again", async () => {
      const once = () => client(keys.small).chat.completions.create({ model: "budget", messages, max_tokens: 4_000 })
      script("budget-upstream", { answer: { usage: { input: 100, output: 3_000 } } })
      await once().catch(() => {})
      await once().catch(() => {})
      const error = await failure(once())
      expect(error.status).toBe(402)
      expect(error.headers?.get("x-should-retry")).toBe("false")
      expect(error.message).toMatch(/budget/i)
      expect(error.message).toContain("0.01")
    })

    test("more requests than the key's limit per minute is 429 with the time to wait", async () => {
      const once = () => client(keys.slow).chat.completions.create({ model: "rate", messages })
      // Of three calls in a row at most one passes, or two where a minute ends between them.
      await once().catch(() => {})
      await once().catch(() => {})
      const error = await failure(once())
      expect(error).toBeInstanceOf(OpenAI.RateLimitError)
      expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(0)
    })
  })

  describe("faults of the upstream", () => {
    test("W-111 an HTML error page becomes JSON without the upstream's own words for its hosts", async () => {
      script("refused-upstream", faults.htmlError)
      const response = await post({ model: "refused", messages })
      expect(response.status).toBeGreaterThanOrEqual(500)
      const text = await response.text()
      expect(JSON.parse(text)).toHaveProperty("error.message")
      expect(text).not.toMatch(/10\.1\.2\.3|<html|127\.0\.0\.1/)
    })

    test.each([
      ["broken", 401],
      ["forbidden", 403],
    ])("a provider's refusal of our credential is never the caller's own: %s, %i", async (model, status) => {
      script(`${model}-upstream`, { refusal: { ...faults.credentialRefused.refusal, status } })
      const error = await failure(client().chat.completions.create({ model, messages }))
      expect(error.status).toBe(502)
      expect(error.message).not.toContain("sim-")
    })

    test("a provider that never begins is given up in time: 504 where it is the only one, else the next channel answers", async () => {
      script("hung-upstream", faults.stalledHeaders)
      script("late-upstream", faults.stalledHeaders)
      const begun = performance.now()
      const [alone, backed] = await Promise.all([failure(client().chat.completions.create({ model: "hung", messages })), client().chat.completions.create({ model: "late", messages }).withResponse()])
      expect(performance.now() - begun).toBeGreaterThanOrEqual(upstreamSecondsMax * 1_000 - 100)
      expect(alone.status).toBe(504)
      expect(backed.response.headers.get("x-turnpike-channel")).toBe("late-second")
      expect((await stage.simulator.waitFor(({ model, outcome }) => model === "hung-upstream" && outcome === "clientGone", 2_000)).status).toBeNull()
    })

    test("a stream that stalls in the middle ends in time with an error, and what was produced is charged", async () => {
      script("stalled-upstream", faults.stalledStream)
      const response = await post({ model: "stalled", messages, stream: true })
      const text = await response.text()
      expect(text).toContain('"error"')
      expect(text).not.toContain("[DONE]")
      const record = await readRecord(stage, response)
      expect(record.status).toBe("interrupted")
      expect(record.chargedNanoUsd).toBeGreaterThan(0n)
      expect(record.chargedNanoUsd).toBeLessThanOrEqual(record.holdNanoUsd)
    })

    test("a 503 is answered by the next channel, which the headers name", async () => {
      script("overloaded-upstream", faults.overloaded)
      const { data, response } = await client().chat.completions.create({ model: "overloaded", messages }).withResponse()
      expect(data.choices[0]!.message.content).toBe(words)
      expect(response.headers.get("x-turnpike-channel")).toBe("overloaded-second")
      expect(exchanges().map((exchange) => exchange.status)).toEqual([503, 200])
    })

    test.each([
      ["reset", faults.brokenBeforeHead],
      ["empty", faults.emptyStream],
    ])("W-106 a stream that is %s before its first event is answered by the next channel", async (model, fault) => {
      script(`${model}-upstream`, fault)
      const stream = await client().chat.completions.create({ model, messages, stream: true })
      expect((await collect(stream)).map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(words)
    })

    test("W-107 after the first event there is no second channel: the client gets an error, never a splice", async () => {
      script("begun-upstream", faults.brokenStream)
      const seen: string[] = []
      const error = await failure(
        client()
          .chat.completions.create({ model: "begun", messages, stream: true })
          .then(async (stream) => {
            for await (const chunk of stream) seen.push(chunk.choices[0]?.delta.content ?? "")
          }),
      )
      expect(error.message).not.toBe("")
      expect(words.startsWith(seen.join(""))).toBe(true)
      expect(exchanges()).toHaveLength(1)
    })

    test.each([
      ["ends without a finish", faults.endWithoutFinish],
      ["sends an error event", faults.errorEvent],
      ["sends half an event", faults.malformedEvent],
    ])("W-104 a stream that %s is an error, without [DONE], and is recorded as interrupted", async (_name, fault) => {
      script("unfinished-upstream", fault)
      const response = await post({ model: "unfinished", messages, stream: true })
      const text = await response.text()
      expect(text).toContain('"error"')
      expect(text).not.toContain("[DONE]")
      expect(await readRecord(stage, response)).toMatchObject({ status: "interrupted" })
    })

    test("W-110 a client that leaves stops the upstream within a second and pays for what was produced", async () => {
      script("aborted-upstream", faults.stalledStream)
      const abort = new AbortController()
      const { data: stream, response } = await client().chat.completions.create({ model: "aborted", messages, stream: true }, { signal: abort.signal }).withResponse()
      const events = stream[Symbol.asyncIterator]()
      await events.next()
      const leftAt = performance.now()
      abort.abort()
      const exchange = await stage.simulator.waitFor(({ outcome }) => outcome === "clientGone", 2_000)
      expect(performance.now() - leftAt).toBeLessThan(1_000)
      expect(exchange.model).toBe("aborted-upstream")
      const record = await readRecord(stage, response)
      expect(record.status).toBe("interrupted")
      expect(record.chargedNanoUsd).toBeGreaterThan(0n)
      expect(record.chargedNanoUsd).toBeLessThanOrEqual(record.holdNanoUsd)
    })

    test("W-98 a stream without usage is recorded with our own counts, and says so", async () => {
      script("unmetered-upstream", faults.withoutUsage)
      const response = await post({ model: "unmetered", messages, stream: true })
      await response.text()
      const record = await readRecord(stage, response)
      expect(record.status).toBe("estimated")
      expect(record.chargedNanoUsd).toBeGreaterThan(0n)
    })
  })

  test("every complete answer stands in the books once, with the provider's own counts and the exact charge", async () => {
    for (const stream of [false, true]) {
      script("chat-upstream", { answer: { reasoning: "Hm, well.", usage: { input: 1_234, cacheRead: 5_678, output: 91, reasoning: 17 } } })
      const response = await post({ model: "chat", messages, stream })
      await response.text()
      const record = await readRecord(stage, response)
      const usage = exchanges().at(-1)!.reportedUsage!
      expect(record).toMatchObject({ status: "complete", model: "chat", upstreamModel: "chat-upstream", chargedNanoUsd: chargeOf(usage), absorbedNanoUsd: 0n })
      expect(record.usage).toMatchObject({ input: 1_234, cacheRead: 5_678 })
      expect((record.usage.output ?? 0) + (record.usage.reasoning ?? 0)).toBe(108)
    }
  })
})

async function collect<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}
