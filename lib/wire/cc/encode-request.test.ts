import { expect, test } from "vitest"
import { DEEPSEEK, encode, GLM, GPT4, GPT5, KIMI, MINIMAX, MISTRAL, OPENROUTER, QWEN, refusalOf, requestOf, targetOf, through } from "./test/requests.ts"

test.each([
  [{ reasoning_effort: "low" }, GPT5, { reasoning_effort: "low" }],
  [{ reasoning_effort: "xhigh" }, targetOf("gpt-5", "openai"), { reasoning_effort: "high" }],
  [{ thinking: { type: "enabled", budget_tokens: 8192 } }, GPT5, { reasoning_effort: "medium" }],
  [{ reasoning_effort: "high" }, GLM, { reasoning_effort: "high" }],
  [{ reasoning_effort: "medium" }, targetOf("glm-5.2", "zai"), { thinking: { type: "enabled" }, reasoning_effort: "medium" }],
  [{ reasoning_effort: "low" }, DEEPSEEK, { thinking: { type: "enabled" }, reasoning_effort: "low" }],
  [{ reasoning_effort: "high" }, KIMI, { thinking: { type: "enabled" } }],
  [{ reasoning_effort: "high" }, MINIMAX, { thinking: { type: "adaptive" } }],
  [{ reasoning_effort: "medium" }, QWEN, { enable_thinking: true, thinking_budget: 8192 }],
  [{ reasoning: { max_tokens: 3000 } }, OPENROUTER, { reasoning: { max_tokens: 3000 } }],
  [{ reasoning: { effort: "high", exclude: true } }, OPENROUTER, { reasoning: { effort: "high", exclude: true } }],
  [{ enable_thinking: true }, targetOf("glm-4.7", "zai"), { thinking: { type: "enabled" } }],
])("W-48 %j is asked of a model in its vendor's way", (fields, target, sent) => {
  expect(through(fields, target).body).toMatchObject(sent)
})

test.each([
  [{ reasoning_effort: "none" }, GPT5, { reasoning_effort: "none" }],
  [{ thinking: { type: "disabled" } }, targetOf("glm-4.7", "zai"), { thinking: { type: "disabled" } }],
  [{ thinking: { type: "disabled" } }, GLM, { reasoning_effort: "low" }],
  [{ reasoning: { enabled: false } }, DEEPSEEK, { thinking: { type: "disabled" } }],
  [{ enable_thinking: false }, QWEN, { enable_thinking: false }],
  [{ thinking: { type: "disabled" } }, OPENROUTER, { reasoning: { enabled: false } }],
  [{ thinking: { type: "disabled" } }, targetOf("gpt-5", "openai"), { reasoning_effort: "minimal" }],
  [{ reasoning_effort: "none" }, targetOf("qwen/qwen3-32b", "groq"), { reasoning_effort: "none" }],
])("W-51 %j does not ask to think", (fields, target, sent) => {
  expect(through(fields, target).body).toMatchObject(sent)
})

test("W-48 a model that only knows not to think is asked for no effort", () => {
  expect(through({ reasoning_effort: "high" }, targetOf("qwen/qwen3-32b", "groq")).body).not.toHaveProperty("reasoning_effort")
})

test("W-73 several answers are refused for a vendor that gives one", () => {
  for (const target of [targetOf("llama-3.3-70b-versatile", "groq"), targetOf("gemma4:31b", "ollama")]) expect(through({ n: 2 }, target).refused).toMatchObject({ field: "choices" })
  expect(through({ n: 2 }, GPT4).body).toMatchObject({ n: 2 })
})

test("W-48 a model that is not known to think is not asked to, which a header says", () => {
  expect(through({ reasoning_effort: "high" })).toMatchObject({ dropped: ["reasoning_effort"] })
  expect(through({ reasoning_effort: "none" }).dropped).toEqual([])
})

test("W-68 W-69 the bound on output has the name that its vendor knows, within the model's and the hold's", () => {
  expect(through({ max_tokens: 100 }, targetOf("gpt-4o", "openai")).body).toMatchObject({ max_completion_tokens: 100 })
  expect(through({ max_completion_tokens: 100 }, GLM).body).toMatchObject({ max_tokens: 100 })
  expect(through({ max_tokens: 100 }, targetOf("gpt-5.6-terra")).body).toMatchObject({ max_completion_tokens: 100 })
  expect(through({}, GLM).body).not.toHaveProperty("max_tokens")
  expect(through({ max_tokens: 9000 }, targetOf("glm-5.3", "zhipu", { outputTokensMax: 4096 }))).toMatchObject({ body: { max_tokens: 4096 }, changed: ["max_tokens=4096"] })
  expect(through({ max_tokens: 9000 }, targetOf("glm-5.3", "zhipu", { outputTokensCap: 50 }))).toMatchObject({ body: { max_tokens: 50 }, changed: ["max_tokens=50"] })
})

test("W-70 stop is a text or a list, and a list that is too long is trimmed with a word", () => {
  expect(requestOf({ stop: "END" }).generation.stop).toEqual(["END"])
  expect(through({ stop: ["a", "b", "c", "d", "e"] })).toMatchObject({ body: { stop: ["a", "b", "c", "d"] }, dropped: ["stop[4]"] })
  expect(refusalOf({ stop: [1] })).toMatchObject({ param: "stop" })
})

test("W-71 sampling that a reasoning model refuses is left out, and named", () => {
  const fields = { temperature: 0.2, top_p: 0.9, presence_penalty: 1, frequency_penalty: 1, logprobs: true, stop: "x" }
  const { body, dropped } = through(fields, GPT5)
  for (const name of Object.keys(fields)) {
    expect(body).not.toHaveProperty(name)
    expect(dropped).toContain(name)
  }
  expect(through(fields, GPT4).body).toMatchObject({ ...fields, stop: ["x"] })
})

test("W-72 top_k goes where it is known, and is dropped with a word elsewhere", () => {
  expect(through({ top_k: 5 }, OPENROUTER).body).toMatchObject({ top_k: 5 })
  expect(through({ top_k: 5 }, GPT4)).toMatchObject({ dropped: ["top_k"] })
})

test("W-73 W-74 W-75 choices, log probabilities, seed, penalties and biases keep their names, or lose them with a word", () => {
  const fields = { n: 3, logprobs: true, top_logprobs: 2, seed: 7, presence_penalty: 0.5, frequency_penalty: 0.25, logit_bias: { 50256: -100 } }
  expect(through(fields, GPT4).body).toMatchObject(fields)
  const { body, dropped } = through(fields, MISTRAL)
  expect(body).toMatchObject({ n: 3, random_seed: 7 })
  expect(dropped).toEqual(expect.arrayContaining(["logit_bias", "logprobs"]))
})

test("W-76 W-77 structured output keeps name, description and strictness; who takes no schema is told it in words", () => {
  const wanted = { type: "json_schema", json_schema: { name: "city", description: "a city", schema: { type: "object", properties: { a: { type: "string" } } }, strict: true } }
  expect(through({ response_format: wanted }, GPT4).body["response_format"]).toEqual(wanted)
  const { body, messages, changed } = through({ response_format: wanted }, DEEPSEEK)
  expect(body["response_format"]).toEqual({ type: "json_object" })
  expect(String(messages[0]?.["content"])).toContain('"properties"')
  expect(changed).toEqual(["response_format=json_object"])
  expect(through({ response_format: { type: "json_object" } }).body["response_format"]).toEqual({ type: "json_object" })
})

test("W-78 what nobody else knows is named, in a request that stays as it was", () => {
  const request = requestOf({ prediction: { type: "content", content: "x" }, new_field: 1, store: false, service_tier: "auto" })
  expect(request.unknown).toEqual(["prediction", "new_field"])
  const before = structuredClone(request)
  encode(request, GPT5)
  expect(request).toEqual(before)
})

test("W-79 the end user leaves as a hash, and not at all where the vendor refuses it", () => {
  const { user } = through({ user: "alice@example.com" }, GPT4).body
  expect(user).toMatch(/^[0-9a-f]{64}$/)
  expect(through({ user: "alice@example.com" }, MISTRAL)).toMatchObject({ dropped: ["user"] })
})

test("a stream with tools is asked for its arguments piece by piece where the vendor holds them back otherwise", () => {
  const tools = [{ type: "function", function: { name: "f" } }]
  expect(through({ tools }, GLM, true).body).toMatchObject({ tool_stream: true })
  for (const { body } of [through({ tools }, GLM, false), through({}, GLM, true), through({ tools }, GPT4, true)]) expect(body).not.toHaveProperty("tool_stream")
})

test("W-142 a stream is asked for its usage", () => {
  expect(through({}, GLM, true).body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  expect(through({}, GLM, false).body).not.toHaveProperty("stream")
})
