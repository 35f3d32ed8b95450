import { Anthropic, OpenAI, zodTextFormat } from "#e2e/clients/latest/vendors.ts"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { type Behaviour, faults } from "#e2e/fixtures/behaviour.ts"
import { chargeOf, createStage, keys, mounts, type Stage } from "./stage.ts"
import { readRecord } from "./usage-records.ts"

/** What every mount must do for the official `openai` package's responses, over channels of three dialects. */
const plain = ["gpt-5.1", "over-chat", "over-messages"] as const
const elsewhere = {
  "over-chat": { provider: "openai-compatible", vendor: "compatible", dialect: "cc" },
  "over-messages": { provider: "anthropic", vendor: "anthropic", dialect: "am" },
} as const

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain, backed: [], elsewhere }, { provider: "openai", vendor: "responses", dialect: "rs" })
})
afterEach(() => stage.simulator.reset())
afterAll(() => stage?.stop())

const input = "Say hello to everybody in the room."
const weather = { type: "function" as const, name: "weather", strict: false, parameters: { type: "object", properties: { city: { type: "string" } } } }

describe.each(mounts)("the %s mount", (mount) => {
  const client = (apiKey: string = keys.open) => new OpenAI({ baseURL: `${stage.servers[mount].origin}/api/v1`, apiKey, maxRetries: 0, timeout: 20_000 })
  const responses = () => client().responses
  const script = (model: string, ...behaviours: Behaviour[]) => stage.simulator.script(`${model}-upstream`, ...behaviours)
  const failure = async (work: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> => {
    const error: unknown = await work.then(() => new Error("it succeeded"), (error: unknown) => error)
    expect(error).toBeInstanceOf(OpenAI.APIError)
    return error as InstanceType<typeof OpenAI.APIError>
  }

  describe.each(plain)("over %s", (model) => {
    test("a plain response has its text, its usage under the public name, and its exact cost", async () => {
      script(model, { answer: { text: "Hello.", usage: { input: 20, cacheRead: 100, output: 7 } } })
      const { data, response } = await responses().create({ model, input }).withResponse()
      expect(data).toMatchObject({ object: "response", status: "completed", model, output_text: "Hello.", store: true, usage: { input_tokens: 120, output_tokens: 7, total_tokens: 127, input_tokens_details: { cached_tokens: 100 } } })
      expect(Number(response.headers.get("x-turnpike-cost-usd")) * 1e9).toBeCloseTo(Number(chargeOf({ input: 20, cacheRead: 100, output: 7 })), 3)
      expect(await readRecord(stage, response)).toMatchObject({ status: "complete", model })
    })

    test("W-139 a stream says the same, and the package's own checks of ids and order hold", async () => {
      script(model, { answer: { reasoning: "Hm, well.", text: "naïve 价格 👩‍🚀 done" } })
      const stream = responses().stream({ model, input })
      const types: string[] = []
      for await (const { type } of stream) types.push(type)
      const final = await stream.finalResponse()
      expect(final.output_text).toBe("naïve 价格 👩‍🚀 done")
      expect(types.slice(0, 2)).toEqual(["response.created", "response.in_progress"])
      expect(types.at(-1)).toBe("response.completed")
      expect(types.filter((type) => type === "response.output_item.added")).toHaveLength(types.filter((type) => type === "response.output_item.done").length)
    })

    test("a tool loop runs over what was kept, streamed and not, two calls at a time", async () => {
      const calls = [{ id: "call_1", name: "weather", arguments: '{"city":"Köln"}' }, { id: "call_2", name: "weather", arguments: '{"city":"Bonn"}' }]
      for (const streamed of [false, true]) {
        script(model, { answer: { reasoning: "Hm.", toolCalls: calls } }, { answer: { text: "Both are mild." } })
        const asked = { model, input, tools: [weather] }
        const first = streamed ? await responses().stream(asked).finalResponse() : await responses().create(asked)
        const made = first.output.flatMap((item) => (item.type === "function_call" ? [item] : []))
        expect(made.map((item) => JSON.parse(item.arguments) as unknown)).toEqual([{ city: "Köln" }, { city: "Bonn" }])
        const second = await responses().create({ model, previous_response_id: first.id, tools: [weather], input: made.map(({ call_id }) => ({ type: "function_call_output", call_id, output: "12 °C" })) })
        expect(second).toMatchObject({ status: "completed", previous_response_id: first.id, output_text: "Both are mild." })
      }
    })

    test("a conversation is compacted for its exact cost, and goes on from what came of it", async () => {
      script(model, { answer: { text: "Everybody was greeted.", usage: { input: 20, output: 7 } } }, {})
      const { data, response } = await responses().compact({ model, input: [{ role: "user", content: input }, { role: "assistant", content: "Hello." }] }).withResponse()
      expect(data).toMatchObject({ object: "response.compaction", output: [{ type: "message", role: "user" }, { type: "compaction" }], usage: { input_tokens: 20, output_tokens: 7, total_tokens: 27 } })
      expect(Number(response.headers.get("x-turnpike-cost-usd")) * 1e9).toBeCloseTo(Number(chargeOf({ input: 20, output: 7 })), 3)
      expect(await readRecord(stage, response)).toMatchObject({ status: "complete", model })
      await responses().create({ model, input: [...(data.output as OpenAI.Responses.ResponseInputItem[]), { role: "user", content: "And now?" }] })
      expect(stage.simulator.exchanges[1]!.bodyText).toContain("Everybody was greeted.")
    })

    test("W-24 a custom tool gets its plain input", async () => {
      const patch = "*** Begin Patch\n+ \"x\""
      const custom = { type: "custom" as const, name: "apply_patch", format: { type: "grammar" as const, syntax: "lark" as const, definition: 'start: "x"' } }
      // What the model of another dialect writes is a function's one string.
      script(model, { answer: { toolCalls: [{ id: "call_1", name: "apply_patch", arguments: model === "gpt-5.1" ? patch : JSON.stringify({ input: patch }) }] } }, {})
      const first = await responses().stream({ model, input, tools: [custom] }).finalResponse()
      expect(first.output.at(-1)).toMatchObject({ type: "custom_tool_call", name: "apply_patch", input: patch })
      const second = await responses().create({ model, previous_response_id: first.id, tools: [custom], input: [{ type: "custom_tool_call_output", call_id: "call_1", output: "Done" }] })
      expect(second.status).toBe("completed")
    })

    test("W-77 W-139 structured output of a zod schema, bounds and all, is parsed", async () => {
      const format = zodTextFormat(z.object({ city: z.string(), degrees: z.int().nullable() }), "weather")
      script(model, { answer: { text: '{"city":"Köln","degrees":12}' } })
      expect((await responses().parse({ model, input, text: { format } })).output_parsed).toEqual({ city: "Köln", degrees: 12 })
    })

    test("W-92 an answer at its bound is incomplete", async () => {
      script(model, { answer: { text: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty" } })
      for (const response of [await responses().create({ model, input, max_output_tokens: 16 }), await responses().stream({ model, input, max_output_tokens: 16 }).finalResponse()]) {
        expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })
      }
    })

    test.each([
      ["ends without a finish", faults.endWithoutFinish],
      ["sends an error event", faults.errorEvent],
      ["breaks off", faults.brokenStream],
    ])("W-104 W-105 a stream that %s is raised as an error, never as a whole answer", async (_name, fault) => {
      script(model, { answer: { text: "one two three four five six" }, ...fault })
      const seen: string[] = []
      const error = await failure(
        responses().create({ model, input, stream: true }).then(async (stream) => {
          for await (const { type } of stream) seen.push(type)
        }),
      )
      expect(error.message).not.toBe("")
      expect(seen).not.toContain("response.completed")
    })
  })

  test("a response is retrieved, its input listed, deleted and then gone; nobody else finds it", async () => {
    const made = await responses().create({ model: "gpt-5.1", input: [{ role: "user", content: "one" }, { role: "user", content: "two" }] })
    expect(await responses().retrieve(made.id)).toMatchObject({ id: made.id, output_text: "You said: two", model: "gpt-5.1" })
    const items = await responses().inputItems.list(made.id, { limit: 1, order: "asc" })
    expect(items).toMatchObject({ has_more: true, data: [{ type: "message", content: "one" }] })
    const all: string[] = []
    for await (const item of responses().inputItems.list(made.id, { limit: 1 })) all.push(item.id ?? "")
    expect(new Set(all).size).toBe(2)
    await responses().delete(made.id)
    expect(await failure(responses().retrieve(made.id))).toBeInstanceOf(OpenAI.NotFoundError)
    expect(await failure(responses().create({ model: "gpt-5.1", input, previous_response_id: made.id }))).toBeInstanceOf(OpenAI.NotFoundError)
    expect(stage.simulator.exchanges).toHaveLength(1)
  })

  test("W-58 what a thinking model kept is sent back to it encrypted, and nothing is stored there", async () => {
    script("gpt-5.1", { answer: { reasoning: "Hm, well.", text: "Hello." } }, {})
    const first = await responses().create({ model: "gpt-5.1", input })
    await responses().create({ model: "gpt-5.1", input: "And now?", previous_response_id: first.id })
    expect(stage.simulator.exchanges.map(({ body }) => (body as { store: unknown }).store)).toEqual([false, false])
    expect(stage.simulator.exchanges[1]!.body).toMatchObject({ input: [{}, { type: "reasoning", encrypted_content: expect.any(String) as string }, { role: "assistant" }, {}] })
  })

  test("Anthropic's own client is answered by a channel of responses, with its thoughts and tools", async () => {
    const anthropic = new Anthropic({ baseURL: `${stage.servers[mount].origin}/api`, apiKey: null, authToken: keys.open, maxRetries: 0 })
    script("gpt-5.1", { answer: { reasoning: "Hm.", toolCalls: [{ id: "call_1", name: "weather", arguments: '{"city":"Köln"}' }] } }, {})
    const asked = { model: "gpt-5.1", max_tokens: 4_000, thinking: { type: "enabled" as const, budget_tokens: 2_000 }, tools: [{ name: "weather", input_schema: weather.parameters as { type: "object" } }] }
    const first = await anthropic.messages.stream({ ...asked, messages: [{ role: "user", content: input }] }).finalMessage()
    expect(first).toMatchObject({ stop_reason: "tool_use", content: [{ type: "thinking", thinking: "Hm." }, { type: "tool_use", name: "weather", input: { city: "Köln" } }] })
    const second = await anthropic.messages.create({ ...asked, messages: [{ role: "user", content: input }, { role: "assistant", content: first.content }, { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "12 °C" }] }] })
    expect(second.stop_reason).toBe("end_turn")
    expect(stage.simulator.exchanges[1]!.body).toMatchObject({ input: [{}, { type: "reasoning" }, { type: "function_call" }, { type: "function_call_output", output: "12 °C" }] })
  })
})
