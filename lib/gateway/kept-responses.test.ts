import { expect, test } from "vitest"
import { bench as bareBench, channel, config, model, soon, target, whole } from "./test/fakes.ts"

/* What OpenAI's clients ask of responses beside asking for one. */

const rs = config(model("public", [target(channel("a", { endpoints: { rs: "https://a.example/v1" } }))]))
const output = [
  { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "I think" }], encrypted_content: "g" },
  { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text: "hello", annotations: [{ type: "url_citation", url: "https://a.org", title: "A", start_index: 0, end_index: 5 }] }, { type: "refusal", refusal: "no" }] },
  { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: '{"a":1}', status: "completed" },
  { type: "custom_tool_call", id: "ctc_1", call_id: "call_2", name: "patch", input: "x", status: "completed" },
  { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
]
const response = { id: "resp_1", object: "response", status: "completed", model: "upstream-model", store: false, previous_response_id: null, incomplete_details: null, output, usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 } }

function bench(options: Parameters<typeof bareBench>[0] = {}) {
  const on = bareBench({ config: rs, ...options })
  const at = (path: string, method = "GET", body = "") => on.start({ method, path: `/v1/responses/${path}`, headers: { authorization: "Bearer sk-tp-1" }, body }).over
  const keep = async () => {
    on.upstream.script.push(whole(200, response))
    return (await on.start({ path: "/v1/responses", body: JSON.stringify({ model: "public", input: "hi" }) }).over).json()
  }
  return { ...on, at, keep }
}

type Event = { readonly type: string; readonly sequence_number: number; readonly response?: Record<string, unknown> } & Record<string, unknown>
const eventsIn = (body: string): Event[] =>
  body.trim().split("\n\n").map((text) => {
    const [name, data] = text.split("\n")
    const event = JSON.parse((data ?? "").slice(6)) as Event
    expect(name).toBe(`event: ${event.type}`)
    return event
  })

test("W-47 W-139 a kept response is read as a stream: numbered events, consistent ids, and the response itself at the end", async () => {
  const { at, keep } = bench()
  const kept = await keep()
  const reply = await at("resp_1?stream=true")
  expect(reply.headers["content-type"]).toContain("text/event-stream")
  const events = eventsIn(reply.body)
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index))
  expect(events[0]).toMatchObject({ type: "response.created", response: { id: "resp_1", status: "in_progress", output: [], usage: null } })
  expect(events.at(-1)).toMatchObject({ type: "response.completed", response: kept })
  expect(events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item)).toEqual(output)
  const added = events.filter(({ type }) => type === "response.output_item.added").map(({ item }) => (item as { id: string }).id)
  expect(added).toEqual(output.map(({ id }) => id))
  for (const { item_id, output_index } of events) if (item_id !== undefined) expect(item_id).toBe(output[output_index as number]?.id)
  expect(events.filter(({ delta }) => delta !== undefined).map(({ type, delta }) => [type, delta])).toEqual([
    ["response.reasoning_summary_text.delta", "I think"],
    ["response.output_text.delta", "hello"],
    ["response.refusal.delta", "no"],
    ["response.function_call_arguments.delta", '{"a":1}'],
    ["response.custom_tool_call_input.delta", "x"],
  ])
  expect(events.find(({ type }) => type === "response.output_text.annotation.added")).toMatchObject({ item_id: "msg_1", content_index: 0, annotation: { url: "https://a.org" } })
})

test("a client whose connection broke reads on behind the event that it has", async () => {
  const { at, keep } = bench()
  await keep()
  const all = eventsIn((await at("resp_1?stream=true")).body)
  expect(eventsIn((await at("resp_1?stream=true&starting_after=3")).body)).toEqual(all.slice(4))
  expect((await at(`resp_1?stream=true&starting_after=${all.length - 1}`)).body).toBe("")
  expect((await at("resp_1?stream=true&starting_after=-1")).error()).toMatchObject({ type: "invalid_request_error", param: "starting_after" })
})

test("an answer that came to its bound ends as incomplete, also when it is read as a stream", async () => {
  const on = bench()
  on.upstream.script.push(whole(200, { ...response, status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }))
  await on.start({ path: "/v1/responses", body: JSON.stringify({ model: "public", input: "hi" }) }).over
  expect(eventsIn((await on.at("resp_1?stream=true")).body).at(-1)).toMatchObject({ type: "response.incomplete", response: { incomplete_details: { reason: "max_output_tokens" } } })
})

test("what is kept cannot be cancelled, in OpenAI's words; what is not kept is not found", async () => {
  const { at, keep } = bench()
  await keep()
  const reply = await at("resp_1/cancel", "POST")
  expect([reply.status, reply.error()]).toMatchObject([400, { type: "invalid_request_error", message: "Cannot cancel a synchronous response." }])
  expect((await at("resp_2/cancel", "POST")).status).toBe(404)
  expect((await at("resp_1/cancel")).status).toBe(405)
  expect((await at("resp_1")).status).toBe(200)
})

test("background answers are refused by name", async () => {
  const on = bench()
  expect((await on.start({ path: "/v1/responses", body: JSON.stringify({ model: "public", input: "hi", background: true }) }).over).error()).toMatchObject({ code: "unsupported_parameter", param: "background" })
  expect(on.upstream.calls).toEqual([])
})

test("W-128 tokens of a response are counted by its channel, which is asked for nothing that it would keep", async () => {
  const on = bench()
  on.upstream.script.push(whole(200, { object: "response.input_tokens", input_tokens: 11 }))
  const asked = on.at("input_tokens", "POST", JSON.stringify({ model: "public", input: "hi", instructions: "Be kind.", metadata: { a: "b" }, max_output_tokens: 99, tools: [{ type: "function", name: "f", parameters: {} }] }))
  await soon()
  expect((await asked).json()).toEqual({ object: "response.input_tokens", input_tokens: 11 })
  expect(on.upstream.calls[0]).toMatchObject({ request: { url: "https://a.example/v1/responses/input_tokens" } })
  expect(on.upstream.calls[0]?.body).toEqual({ model: "upstream-model", input: "hi", instructions: "Be kind.", tools: [{ type: "function", name: "f", parameters: {} }] })
  expect(on.settled).toEqual([])
})

test("W-128 where the channel does not count, the answer is an estimate and says so", async () => {
  for (const status of [404, 500]) {
    const on = bench({ ports: { tokens: { count: () => Promise.resolve(7) } } })
    on.upstream.script.push(whole(status, { error: { message: "no" } }))
    const reply = await on.at("input_tokens", "POST", JSON.stringify({ model: "public", input: "hi" }))
    expect(reply.json()).toMatchObject({ object: "response.input_tokens", input_tokens: expect.any(Number) as number })
    expect(reply.headers["x-turnpike-changed"]).toBe("input_tokens=estimated")
  }
})

test("a call that is nested too deeply to be kept is answered and not kept, and goes on from no other", async () => {
  const on = bench()
  await on.keep()
  const levels = 100_000
  const deep = `[{"role":"user","content":"hi","x":${"[".repeat(levels)}${"]".repeat(levels)}}]`
  const ask = (fields: string) => on.start({ path: "/v1/responses", body: `{"model":"public",${fields}"input":${deep}}` }).over
  on.upstream.script.push(whole(200, { ...response, id: "resp_2" }))
  expect((await ask("")).status).toBe(200)
  await soon()
  expect((await on.at("resp_2")).status).toBe(404)
  const onward = await ask('"previous_response_id":"resp_1",')
  expect([onward.status, onward.error()["param"]]).toEqual([400, "input"])
  expect(on.upstream.calls).toHaveLength(2)
})
