import { Anthropic } from "#e2e/clients/latest/vendors.ts"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type Behaviour, faults } from "#e2e/fixtures/behaviour.ts"
import { signatureOf } from "#e2e/fixtures/dialects/anthropic-messages-request.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { chargeOf, createStage, keys, mounts, type Stage, upstreamSecret } from "./stage.ts"
import { readRecord } from "./usage-records.ts"

/** What every mount must do for the official `@anthropic-ai/sdk` package and for Claude Code. One suite, two base URLs. */
const plain = ["chat", "plan", "openai", "tools", "framing", "refused", "broken", "aborted", "unfinished", "budget"] as const
const backed = ["overloaded", "empty", "early", "begun"] as const
const elsewhere = {
  plan: { provider: "zhipu-coding", vendor: "zhipu-coding", dialect: "am" },
  openai: { provider: "openai-compatible", vendor: "compatible", dialect: "cc" },
} as const

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain, backed, elsewhere }, { provider: "anthropic", vendor: "anthropic", dialect: "am" })
})
afterEach(() => stage.simulator.reset())
afterAll(() => stage?.stop())

const messages = [{ role: "user" as const, content: "Say hello to everybody in the room." }]
const words = "You said: Say hello to everybody in the room."
const weather = { name: "weather", input_schema: { type: "object" as const, properties: { city: { type: "string" } } } }

describe.each(mounts)("the %s mount", (mount) => {
  const origin = () => stage.servers[mount].origin
  const client = (authToken: string = keys.open) => new Anthropic({ baseURL: `${origin()}/api`, apiKey: null, authToken, maxRetries: 0, timeout: 20_000 })
  const post = (body: object | string, headers: Record<string, string> = {}, path = "/api/v1/messages?beta=true") =>
    fetch(`${origin()}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys.open}`, "content-type": "application/json", "anthropic-version": "2023-06-01", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    })
  const plainBody = (model: string, fields: object = {}) => ({ model, max_tokens: 200, messages, ...fields })
  const script = (upstreamModel: string, ...behaviours: Behaviour[]) => stage.simulator.script(upstreamModel, ...behaviours)
  const exchanges = (): readonly Exchange[] => stage.simulator.exchanges
  const failure = async (work: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> => {
    const error: unknown = await work.then(() => new Error("it succeeded"), (error: unknown) => error)
    expect(error).toBeInstanceOf(Anthropic.APIError)
    return error as InstanceType<typeof Anthropic.APIError>
  }

  describe("answers", () => {
    test("a plain call is answered under the public name, with our request id, its channel and its exact cost", async () => {
      script("chat-upstream", { answer: { text: "Hello.", usage: { input: 20, cacheRead: 100, cacheWrite5m: 30, cacheWrite1h: 40, output: 7 } } })
      const { data, response, request_id } = await client().messages.create(plainBody("chat")).withResponse()
      expect(data).toMatchObject({ model: "chat", content: [{ type: "text", text: "Hello." }], stop_reason: "end_turn", usage: { input_tokens: 20, cache_read_input_tokens: 100, output_tokens: 7 } })
      expect(request_id).toMatch(/^req_/)
      expect(response.headers.get("x-turnpike-channel")).toBe("chat")
      const charge = chargeOf({ input: 20, cacheRead: 100, cacheWrite5m: 30, cacheWrite1h: 40, output: 7 })
      expect(Number(response.headers.get("x-turnpike-cost-usd")) * 1e9).toBeCloseTo(Number(charge), 3)
      expect(await readRecord(stage, response)).toMatchObject({ status: "complete", chargedNanoUsd: charge, usage: { cacheWrite5m: 30, cacheWrite1h: 40 } })
    })

    test("a stream says the same, event by event in Anthropic's order", async () => {
      const stream = client().messages.stream(plainBody("chat"))
      const types: string[] = []
      stream.on("streamEvent", (event) => void (types.at(-1) !== event.type && types.push(event.type)))
      const message = await stream.finalMessage()
      expect(message).toMatchObject({ model: "chat", content: [{ text: words }], stop_reason: "end_turn", usage: { output_tokens: exchanges()[0]!.reportedUsage!.output } })
      expect(types).toEqual(["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"])
    })

    test("a tool loop runs, streamed and not, and thinking with its signature passes byte for byte", async () => {
      const call = { id: "toolu_1", name: "weather", arguments: '{"city":"Köln"}' }
      for (const stream of [false, true]) {
        script("tools-upstream", { answer: { reasoning: "Where is Köln? 工", toolCalls: [call] } }, {})
        const request = { model: "tools", max_tokens: 3_000, messages, tools: [weather], thinking: { type: "enabled" as const, budget_tokens: 2_000 } }
        const first = stream ? await client().messages.stream(request).finalMessage() : await client().messages.create(request)
        expect(first.stop_reason).toBe("tool_use")
        expect(first.content).toMatchObject([{ type: "thinking", thinking: "Where is Köln? 工", signature: signatureOf("Where is Köln? 工") }, { type: "tool_use", id: "toolu_1", input: { city: "Köln" } }])
        // The simulator refuses thinking whose signature or text has changed by a byte.
        const second = await client().messages.create({
          ...request,
          messages: [...messages, { role: "assistant", content: first.content }, { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "12 °C", is_error: false }] }],
        })
        expect(second.content).toMatchObject([{ text: "You said: [tool_result]" }])
      }
    })

    test("W-130 W-120 W-4 what Claude Code sends reaches Anthropic byte for byte, save the model's name", async () => {
      const body = JSON.stringify({
        model: "chat",
        max_tokens: 32_000,
        stream: true,
        system: [
          { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.77; cc_entrypoint=sdk-cli; cch=00000;" },
          { type: "text", text: "You are Claude Code.", cache_control: { type: "ephemeral", ttl: "1h" } },
        ],
        messages: [
          { role: "user", content: [{ type: "text", text: "<system-reminder>…</system-reminder>" }, { type: "text", text: "hi", cache_control: { type: "ephemeral" } }] },
          { role: "system", content: "Mind the gap." },
          { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: {} }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "x", is_error: false }] },
        ],
        tools: [{ name: "Read", description: "Reads.", input_schema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: { limit: { type: "integer", exclusiveMinimum: 0 } } }, defer_loading: true }],
        thinking: { type: "adaptive", display: "omitted" },
        metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"0f9e8d7c-1111-4222-8333-444455556666"}' },
        context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
        output_config: { effort: "high" },
      })
      const flags = "claude-code-20250219,context-management-2025-06-27,advanced-tool-use-2025-11-20,unheard-of-2027-01-01"
      const response = await post(body, { "anthropic-beta": flags, "user-agent": "claude-cli/2.1.77 (external, sdk-cli)" })
      expect(response.status).toBe(200)
      expect(await response.text()).toContain("event: message_stop")
      const { bodyText, headers } = exchanges()[0]!
      expect(bodyText).toBe(body.replace('"model":"chat"', '"model":"chat-upstream"'))
      expect(headers).toMatchObject({ "anthropic-beta": flags, "anthropic-version": "2023-06-01", "user-agent": "claude-cli/2.1.77 (external, sdk-cli)" })
      const [row] = await stage.installation.query<{ client_session: string }>("SELECT client_session FROM usage_record WHERE id = $1", [(await readRecord(stage, response)).id])
      expect(row).toEqual({ client_session: "0f9e8d7c-1111-4222-8333-444455556666" })
    })

    test("W-120 a coding plan's Anthropic endpoint gets no flags and none of their fields, which a header says", async () => {
      const response = await post(plainBody("plan", { context_management: { edits: [] } }), { "anthropic-beta": "context-management-2025-06-27" })
      expect(await response.json()).toMatchObject({ model: "plan", content: [{ text: words }] })
      expect(response.headers.get("x-turnpike-dropped")).toBe("anthropic-beta,context_management")
      expect(exchanges()[0]!.path).toBe("/api/anthropic/v1/messages")
      expect(exchanges()[0]!.headers).not.toHaveProperty("anthropic-beta")
    })

    test("W-119 W-134 only what the upstream needs goes there, never the caller's key or cookies", async () => {
      const given = { cookie: "session=1", "x-codex-turn-metadata": "/home/me", "x-app": "cli", "x-claude-code-session-id": "s" }
      await post(plainBody("chat"), { ...given, authorization: "", "x-api-key": keys.open })
      const upstream = exchanges()[0]!.headers
      expect(upstream["x-api-key"]).toBe(`${upstreamSecret}-chat`)
      for (const name of [...Object.keys(given), "authorization"]) expect(upstream).not.toHaveProperty(name)
      expect(JSON.stringify(upstream)).not.toContain(keys.open)
    })

    test.each(["carriageReturns", "keepAliveComments", "splitCharacters", "hugeEvent", "slow", "withoutEndMarker"] as const)("a stream of an upstream with %s arrives whole", async (name) => {
      const fault: Behaviour = faults[name]
      script("framing-upstream", fault)
      const message = await client().messages.stream({ model: "framing", max_tokens: 500_000, messages }).finalMessage()
      expect(message).toMatchObject({ content: [{ text: fault.answer?.text ?? words }], stop_reason: "end_turn" })
    })
  })

  describe("a channel of OpenAI's dialect", () => {
    test("W-124 W-125 a stream comes in Anthropic's order, with thinking before the text, and costs what an unstreamed answer costs", async () => {
      const behaviour: Behaviour = { answer: { reasoning: "Who is there? 工", text: "Hello to all.", usage: { input: 20, cacheRead: 100, output: 7 } } }
      script("openai-upstream", behaviour)
      const stream = client().messages.stream(plainBody("openai", { system: "Be brief." }))
      const types: string[] = []
      stream.on("streamEvent", (event) => void types.push(event.type))
      const streamed = await stream.finalMessage()
      const whole = await client().messages.create(plainBody("openai", { system: "Be brief." }))
      for (const message of [streamed, whole]) {
        expect(message).toMatchObject({ model: "openai", role: "assistant", stop_reason: "end_turn", content: [{ type: "thinking", thinking: "Who is there? 工" }, { type: "text", text: "Hello to all." }] })
        expect(message.usage).toMatchObject({ input_tokens: 20, cache_read_input_tokens: 100, output_tokens: 7 })
      }
      const apart = types.filter((type, index) => type !== types[index - 1])
      expect(apart).toEqual(["message_start", ...["content_block_start", "content_block_delta", "content_block_stop", "content_block_start", "content_block_delta", "content_block_stop"], "message_delta", "message_stop"])
      expect(exchanges()[0]).toMatchObject({ path: "/compatible/v1/chat/completions", body: { stream: true, stream_options: { include_usage: true } } })
    })

    test("W-27 W-36 W-40 parallel calls and their results come back to the model, streamed and not", async () => {
      const calls = [{ id: "call.1", name: "weather", arguments: '{"city":"Köln"}' }, { id: "call.2", name: "weather", arguments: "{}" }]
      for (const stream of [false, true]) {
        script("openai-upstream", { answer: { toolCalls: calls } }, {})
        const request = { model: "openai", max_tokens: 3_000, messages, tools: [weather] }
        const first = stream ? await client().messages.stream(request).finalMessage() : await client().messages.create(request)
        expect(first.stop_reason).toBe("tool_use")
        const uses = first.content.filter((block) => block.type === "tool_use")
        expect(uses).toMatchObject([{ name: "weather", input: { city: "Köln" } }, { name: "weather", input: {} }])
        const results = uses.map(({ id }, index) => ({ type: "tool_result" as const, tool_use_id: id, content: `result ${index}`, is_error: index === 1 }))
        await client().messages.create({ ...request, messages: [...messages, { role: "assistant", content: first.content }, { role: "user", content: [...results, { type: "text", text: "so?" }] }] })
        const { messages: sent } = exchanges().at(-1)!.body as { messages: readonly { role: string; content: string }[] }
        expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "user"])
        expect(sent[2]?.content).toBe("result 0")
      }
    })

    test("W-104 W-105 a stream that breaks off ends in an error event, and one that is refused says so in Anthropic's words", async () => {
      script("openai-upstream", faults.endWithoutFinish)
      const text = await (await post(plainBody("openai", { stream: true }))).text()
      expect(text).toContain("event: error")
      expect(text).not.toContain("message_stop")
      script("openai-upstream", { refusal: { status: 400, code: "context_length_exceeded", message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 10012 tokens." } })
      const error = await failure(client().messages.create(plainBody("openai")))
      expect([error.status, error.type]).toEqual([400, "invalid_request_error"])
      expect(error.message).toContain("prompt is too long: 10012 tokens > 8192 maximum")
    })

    test("W-128 tokens are counted by OpenAI's tokenizer, and the answer says that it is an estimate", async () => {
      const { data, response } = await client().messages.countTokens({ model: "openai", messages: [{ role: "user", content: "hello world ".repeat(1_000) }] }).withResponse()
      expect(data.input_tokens).toBeGreaterThan(1_990)
      expect(data.input_tokens).toBeLessThan(2_030)
      expect(response.headers.get("x-turnpike-changed")).toBe("input_tokens=estimated")
    })
  })

  describe("doors", () => {
    test("W-118 the root of ANTHROPIC_BASE_URL is there, without a redirect", async () => {
      for (const path of ["/api", "/api/v1"]) expect((await fetch(`${origin()}${path}`, { method: "HEAD", redirect: "manual" })).status).toBe(200)
    })

    test("W-118 models are listed in Anthropic's shape: those that the key may call through messages", async () => {
      const ids: string[] = []
      for await (const model of client().models.list({ limit: 3 })) ids.push(model.id)
      expect(ids).toEqual([...plain, ...backed, SANDBOX_MODEL].sort())
      expect(await client().models.retrieve("chat")).toMatchObject({ id: "chat", type: "model" })
      const openai = (await (await fetch(`${origin()}/api/v1/models`, { headers: { authorization: `Bearer ${keys.open}` } })).json()) as { object: string }
      expect(openai.object).toBe("list")
    })

    test("W-118 an unknown path is a 404 in Anthropic's shape", async () => {
      const response = await post({}, {}, "/api/v1/messages/batches")
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } })
    })

    test("tokens are counted by the provider where it can, and otherwise estimated with a word", async () => {
      const { data, response } = await client().messages.countTokens({ model: "chat", messages, system: "Be brief.", tools: [weather] }).withResponse()
      expect(exchanges()[0]).toMatchObject({ path: "/anthropic/v1/messages/count_tokens", body: { model: "chat-upstream" } })
      expect(data.input_tokens).toBeGreaterThan(10)
      expect(response.headers.get("x-turnpike-changed")).toBeNull()
      const estimated = await client().messages.countTokens({ model: "plan", messages }).withResponse()
      expect(estimated.data.input_tokens).toBeGreaterThan(10)
      expect(estimated.response.headers.get("x-turnpike-changed")).toBe("input_tokens=estimated")
    })
  })

  describe("refusals", () => {
    test("W-112 W-131 the client's own types, and nothing that may not be tried again is", async () => {
      const unknown = await failure(client("sk-e2e-this-key-is-not-known-to-anybody").messages.create(plainBody("chat")))
      expect(unknown).toBeInstanceOf(Anthropic.AuthenticationError)
      expect(unknown.headers?.get("x-should-retry")).toBe("false")
      expect(await failure(client().messages.create(plainBody("no-such-model")))).toBeInstanceOf(Anthropic.NotFoundError)
      expect(await failure(client().messages.create(plainBody("chat", { messages: "none" }) as never))).toBeInstanceOf(Anthropic.BadRequestError)
      expect(exchanges()).toEqual([])
    })

    test("what the provider says against a request reaches the client in its words", async () => {
      const error = await failure(client().messages.create({ ...plainBody("chat"), frobnicate: 1 } as never))
      expect(error).toBeInstanceOf(Anthropic.BadRequestError)
      expect(error.message).toContain("frobnicate: Extra inputs are not permitted")
    })

    test("W-127 an exhausted budget is 402, names the limit, and is not to be tried again", async () => {
      const once = () => client(keys.small).messages.create(plainBody("budget", { max_tokens: 4_000 }))
      script("budget-upstream", { answer: { usage: { input: 100, output: 3_000 } } })
      await once().catch(() => {})
      await once().catch(() => {})
      const error = await failure(once())
      expect(error.status).toBe(402)
      expect(error.type).toBe("billing_error")
      expect(error.headers?.get("x-should-retry")).toBe("false")
    })
  })

  describe("faults of the upstream", () => {
    test("W-111 an HTML error page becomes Anthropic's error object without the upstream's hosts", async () => {
      script("refused-upstream", faults.htmlError)
      const response = await post(plainBody("refused"))
      const text = await response.text()
      expect(JSON.parse(text)).toMatchObject({ type: "error", error: { type: "api_error" } })
      expect(text).not.toMatch(/10\.1\.2\.3|<html|127\.0\.0\.1/)
    })

    test("W-112 a provider's refusal of our credential is never the caller's 401", async () => {
      script("broken-upstream", faults.credentialRefused)
      const error = await failure(client().messages.create(plainBody("broken")))
      expect(error.status).toBeGreaterThanOrEqual(500)
      expect(error.message).not.toContain("sim-")
    })

    test.each([
      ["overloaded", { refusal: { status: 529, message: "Overloaded" } }],
      ["empty", faults.emptyStream],
      ["early", { delivery: { cut: { atFrame: 1, by: "errorEvent" } } }],
    ] as const)("W-106 W-107 a stream that is %s before its first block is answered by the next channel", async (model, fault) => {
      script(`${model}-upstream`, fault)
      const message = await client().messages.stream(plainBody(model)).finalMessage()
      expect(message.content).toMatchObject([{ text: words }])
      expect(exchanges()).toHaveLength(2)
    })

    test("W-107 after the first block there is no second channel: the client gets an error, never a splice", async () => {
      script("begun-upstream", faults.brokenStream)
      const error = await failure(client().messages.stream(plainBody("begun")).finalMessage())
      expect(error.message).not.toBe("")
      expect(exchanges()).toHaveLength(1)
    })

    test.each([
      ["ends without a stop reason", faults.endWithoutFinish],
      ["sends an error event", faults.errorEvent],
      ["sends half an event", faults.malformedEvent],
    ])("W-104 W-105 a stream that %s is an error event, without message_stop, and is recorded as interrupted", async (_name, fault) => {
      script("unfinished-upstream", fault)
      const response = await post(plainBody("unfinished", { stream: true }))
      const text = await response.text()
      expect(text).toContain("event: error\n")
      expect(text).not.toContain("message_stop")
      expect(await readRecord(stage, response)).toMatchObject({ status: "interrupted" })
    })

    test("W-98 a stream without usage is recorded with our own counts, and says so", async () => {
      script("framing-upstream", faults.withoutUsage)
      const response = await post(plainBody("framing", { stream: true }))
      expect(await response.text()).toContain("event: message_stop")
      const record = await readRecord(stage, response)
      expect(record.status).toBe("estimated")
      expect(record.chargedNanoUsd).toBeGreaterThan(0n)
    })

    test("W-110 a client that leaves stops the upstream within a second and pays for what was produced", async () => {
      script("aborted-upstream", { delivery: { cut: { atFrame: 6, by: "stall" } } })
      const { data: stream, response } = await client().messages.create({ ...plainBody("aborted"), stream: true }).withResponse()
      const events = stream[Symbol.asyncIterator]()
      await events.next()
      const leftAt = performance.now()
      stream.controller.abort()
      const exchange = await stage.simulator.waitFor(({ outcome }) => outcome === "clientGone", 2_000)
      expect(performance.now() - leftAt).toBeLessThan(1_000)
      expect(exchange.model).toBe("aborted-upstream")
      const record = await readRecord(stage, response)
      expect(record.status).toBe("interrupted")
      expect(record.chargedNanoUsd).toBeGreaterThan(0n)
      expect(record.chargedNanoUsd).toBeLessThanOrEqual(record.holdNanoUsd)
    })
  })
})
