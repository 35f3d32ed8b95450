import fc from "fast-check"
import { expect, test } from "vitest"
import { ccClientCodec } from "./client-codec.ts"
import { readCcCall } from "./request.ts"
import { call, encode, GLM, GPT5, hello, type Message, MINIMAX, MISTRAL, OPENROUTER, refusalOf, through } from "./test/requests.ts"

test.each([
  [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
  [{ messages: [{ role: "user", content: [{ type: "film" }] }] }, "messages[0].content[0].type"],
  [{ messages: [{ role: "wizard", content: "x" }] }, "messages[0].role"],
  [{ messages: [{ role: "user" }] }, "messages[0].content"],
  [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
  [{ messages: ["x"] }, "messages[0]"],
  [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png,x" } }] }] }, "messages[0].content[0].image_url.url"],
  [{ messages: [{ role: "assistant", tool_calls: [{}] }] }, "messages[0].tool_calls[0].id"],
  [{ tools: [{ type: "web_search" }] }, "tools[0]"],
  [{ tools: [{ type: "function", function: { name: "a", parameters: "x" } }] }, "tools[0].function.parameters"],
  [{ tool_choice: "sometimes" }, "tool_choice"],
  [{ temperature: "hot" }, "temperature"],
  [{ response_format: { type: "xml" } }, "response_format"],
  [{ reasoning_effort: "much" }, "reasoning_effort"],
])("W-132 %j is refused with the place that is wrong", (fields, param) => {
  expect(refusalOf(fields)).toMatchObject({ code: "invalid_request", param })
})

const text = fc.string({ minLength: 1, maxLength: 20 }).filter((one) => one.trim() !== "" && !one.startsWith("Error:"))
const id = fc.stringMatching(/^[a-z0-9_]{1,20}$/)
const userTurn = text.map((content): Message => ({ role: "user", content }))
const callTurns = fc.tuple(fc.uniqueArray(id, { minLength: 1, maxLength: 3 }), text, fc.option(text, { nil: null }), fc.option(text, { nil: undefined })).map(([ids, result, content, reasoning]): Message[] => [
  { role: "assistant", content, ...(reasoning !== undefined && { reasoning_content: reasoning }), tool_calls: ids.map((one) => call(one, "weather", '{"city":"x"}')) },
  ...ids.map((one) => ({ role: "tool", tool_call_id: one, content: result })),
])

test("a conversation that both sides can say comes out as it went in", () => {
  const conversation = fc.tuple(text, fc.array(fc.tuple(userTurn, callTurns), { minLength: 1, maxLength: 4 })).map(([system, rounds]): Message[] => [{ role: "system", content: system }, ...rounds.flatMap(([user, called]) => [user, ...called, { role: "assistant", content: "done" }]), ...hello])
  fc.assert(
    fc.property(conversation, (messages) => {
      expect(through({ messages }, GLM).messages).toEqual(messages)
    }),
  )
})

test("no request makes the decoder throw", () => {
  const anything = fc.jsonValue()
  const field = fc.constantFrom("messages", "tools", "functions", "tool_choice", "function_call", "stop", "response_format", "reasoning", "thinking", "web_search_options", "modalities", "logit_bias", "user", "__proto__")
  const message = fc.dictionary(fc.constantFrom("role", "content", "tool_calls", "function_call", "reasoning_details", "images", "name", "extra_content", "tool_call_id", "__proto__"), fc.oneof(anything, fc.constantFrom("user", "assistant", "tool", "function", "system")))
  fc.assert(
    fc.property(fc.dictionary(field, anything), fc.array(message, { minLength: 1, maxLength: 4 }), (fields, messages) => {
      const read = readCcCall(Buffer.from(JSON.stringify({ ...fields, model: "m", messages })))
      if (!read.ok) return
      const request = ccClientCodec.decodeRequest(read.value)
      if (request.ok) for (const target of [GPT5, MISTRAL, OPENROUTER, MINIMAX]) encode(request.value, target)
    }),
    { numRuns: 500 },
  )
})
