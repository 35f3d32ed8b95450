import { expect, test } from "vitest"
import { guardedFields } from "#lib/catalog/guarded-fields.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { begin, bench as bareBench, type BenchOptions, channel, config, model, principal, rates, send, soon, target, whole } from "./test/fakes.ts"

/* OpenAI responses through the whole gateway: what is kept, continued and read, and what never goes upstream. */

const rs = (changes = {}) => config(model("public", [target(channel("a", { endpoints: { rs: "https://a.example/v1" }, ...changes }))]))
const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 }
const message = (text: string, id = "msg_1") => ({ type: "message", id, role: "assistant", status: "completed", content: [{ type: "output_text", text, annotations: [] }] })
const response = (id = "resp_1", output: readonly object[] = [message("hello")], more: object = {}) => ({ id, object: "response", status: "completed", model: "upstream-model", store: false, previous_response_id: null, output, usage, ...more })
const event = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`

function bench(options: BenchOptions = {}) {
  const world = bareBench({ config: rs(), ...options })
  const respond = (fields: object = {}, headers: Record<string, string> = {}) =>
    world.start({ path: "/api/v1/responses", body: JSON.stringify({ model: "public", input: "hi", ...fields }), headers: { authorization: "Bearer sk-tp-1", ...headers } })
  const at = (path: string, method = "GET") => world.start({ method, path: `/v1/responses/${path}`, headers: { authorization: "Bearer sk-tp-1" } }).over
  /** Asks, and is answered by the provider with this response. */
  const answered = (fields: object = {}, body: object = response()) => {
    world.upstream.script.push(whole(200, body))
    return respond(fields).over
  }
  return { ...world, respond, at, answered }
}

test("W-80 nothing is kept at the provider: an answer is kept here, for its owner, and read again as it was answered", async () => {
  const { answered, at, upstream, settled } = bench()
  const answer = await answered({ metadata: { a: "b" } })
  expect(answer.status).toBe(200)
  expect(answer.json()).toEqual({ ...response(), model: "public", store: true })
  expect(upstream.calls[0]).toMatchObject({ request: { url: "https://a.example/v1/responses" }, body: { model: "upstream-model", store: false, input: "hi" } })
  expect(settled).toMatchObject([{ responseId: "resp_1", finish: "completed", usage: { input: 10, output: 5 } }])
  expect((await at("resp_1")).json()).toEqual(answer.json())
  const items = (await at("resp_1/input_items")).json()
  expect(items).toMatchObject({ object: "list", has_more: false, data: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] }] })
  expect((items["data"] as readonly { id: string }[])[0]?.id).toMatch(/^msg_/)
})

test("W-80 a conversation is continued from what was kept: its history goes upstream as input, and no id of it", async () => {
  const { answered, upstream, respond, at } = bench()
  await answered({ instructions: "Only here.", input: "first" }, response("resp_1", [{ type: "reasoning", id: "rs_0", summary: [] }, { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" }, message("one")]))
  await answered({ previous_response_id: "resp_1", input: [{ role: "user", content: "second" }] }, response("resp_2", [message("two", "msg_2")]))
  upstream.script.push(whole(200, response("resp_3")))
  const third = await respond({ previous_response_id: "resp_2", input: "third" }).over
  expect(upstream.calls[2]?.body).toEqual({
    model: "upstream-model",
    store: false,
    input: [
      { type: "message", role: "user", content: [{ type: "input_text", text: "first" }] },
      { type: "reasoning", summary: [], encrypted_content: "gAAA" },
      { type: "message", role: "assistant", content: message("one").content },
      { type: "message", role: "user", content: "second" },
      { type: "message", role: "assistant", content: message("two").content },
      { type: "message", role: "user", content: [{ type: "input_text", text: "third" }] },
    ],
  })
  expect(third.json()).toMatchObject({ id: "resp_3", previous_response_id: "resp_2", store: true })
  expect((await at("resp_3/input_items")).json()["data"]).toHaveLength(1)
})

test("W-80 a channel of another dialect continues a conversation as any other", async () => {
  const { respond, upstream, responses, start } = bench({ config: config(model("public", [target(channel("a", { endpoints: { rs: "https://a.example/v1" } }))]), model("other", [target(channel("b", { endpoints: { rs: "https://b.example/v1" } }), { upstreamModel: "other" })])) })
  upstream.script.push(whole(200, response()), whole(200, response("resp_2")))
  await respond().over
  await start({ path: "/v1/responses", body: JSON.stringify({ model: "other", input: "more", previous_response_id: "resp_1", store: false }), headers: { authorization: "Bearer sk-tp-1" } }).over
  expect(upstream.calls[1]?.body["input"]).toHaveLength(3)
  expect(responses.kept.map(({ id }) => id)).toEqual(["resp_1"])
})

test("single items that were kept can be referred to, as Vercel's AI SDK does", async () => {
  const { answered, upstream, respond } = bench()
  await answered({}, response("resp_1", [{ type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: "{}", status: "completed" }]))
  upstream.script.push(whole(200, response("resp_2")))
  await respond({ input: [{ role: "user", content: "hi" }, { type: "item_reference", id: "fc_1" }, { type: "function_call_output", call_id: "call_1", output: "1" }] }).over
  expect(upstream.calls[1]?.body["input"]).toEqual([{ role: "user", content: "hi" }, { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" }, { type: "function_call_output", call_id: "call_1", output: "1" }])
  const unknown = await respond({ input: [{ type: "item_reference", id: "fc_2" }] }).over
  expect(unknown.status).toBe(404)
  expect(unknown.error()).toMatchObject({ code: "not_found", param: "input" })
})

test("what belongs to another member or organization, and what never was, give the same answer", async () => {
  const mine = bench()
  await mine.answered()
  const ports = { responses: mine.responses.port }
  const others = [principal({ membershipId: "mem_2" }), principal({ organizationId: "org_2" }), principal({ membershipId: null })].map((one) => bench({ principal: one, ports }))
  for (const other of others) {
    for (const path of ["resp_1", "resp_1/input_items"]) {
      const [theirs, nobodys] = await Promise.all([other.at(path), other.at(path.replace("resp_1", "resp_9"))])
      expect([theirs.status, theirs.body.replaceAll("resp_1", "it")]).toEqual([404, nobodys.body.replaceAll("resp_9", "it")])
    }
    expect((await other.at("resp_1", "DELETE")).status).toBe(404)
    const [continued, never] = await Promise.all(["resp_1", "resp_9"].map((id) => other.respond({ previous_response_id: id }).over))
    expect([continued?.status, continued?.body.replaceAll("resp_1", "it")]).toEqual([404, never?.body.replaceAll("resp_9", "it")])
    expect(continued?.error()).toMatchObject({ param: "previous_response_id" })
    expect(other.upstream.calls).toEqual([])
  }
  expect((await mine.at("resp_1")).status).toBe(200)
})

test("a response that was deleted is gone, and so is what continues it", async () => {
  const { answered, at, respond } = bench()
  await answered()
  expect((await at("resp_1", "DELETE")).json()).toEqual({ id: "resp_1", object: "response", deleted: true })
  expect((await at("resp_1")).status).toBe(404)
  expect((await respond({ previous_response_id: "resp_1" }).over).status).toBe(404)
})

test("store false keeps nothing and says nothing; an organization that keeps none says so in the header and in the answer", async () => {
  const quiet = bench()
  expect((await quiet.answered({ store: false })).headers).not.toHaveProperty("x-turnpike-changed")
  expect(quiet.responses.kept).toEqual([])
  const strict = principal({ storesResponses: false, parameters: "strict" })
  for (const [fields, who] of [[{}, principal({ storesResponses: false })], [{ store: true }, principal({ storesResponses: false })], [{}, strict]] as const) {
    const world = bench({ principal: who })
    const answer = await world.answered(fields)
    expect(answer.headers).toMatchObject({ "x-turnpike-changed": "store=false" })
    expect(answer.json()).toMatchObject({ store: false })
    expect(world.responses.kept).toEqual([])
  }
  expect((await bench({ principal: strict }).respond({ store: true }).over).error()).toMatchObject({ code: "unsupported_parameter", param: "store" })
  expect((await bench({ principal: principal({ storesResponses: false }) }).answered({ store: false })).headers).not.toHaveProperty("x-turnpike-changed")
})

test("a stream is kept when it is whole, and not when it broke", async () => {
  const pieces = [event("response.created", { response: response("resp_1", [], { status: "in_progress" }) }), event("response.output_item.added", { output_index: 0, item: message("", "msg_1") }), event("response.output_text.delta", { output_index: 0, content_index: 0, item_id: "msg_1", delta: "hello" })]
  for (const ends of [true, false]) {
    const { respond, upstream, responses } = bench()
    upstream.script.push((call) => {
      begin(call)
      send(call, ...pieces, ...(ends ? [event("response.completed", { response: response() })] : []))
      call.sink.onEnd()
    })
    const answer = await respond({ stream: true }).over
    expect(answer.body.includes('"type":"response.completed"')).toBe(ends)
    expect(answer.body.includes("event: error")).toBe(!ends)
    expect(responses.kept.map(({ record }) => (JSON.parse(record.json) as { answer: unknown }).answer)).toEqual(ends ? [{ ...response(), model: "public", store: true }] : [])
  }
})

test("W-58 what a thinking model keeps here is asked for in a form that can be sent again", async () => {
  const thinking = config(model("public", [target(channel("a", { endpoints: { rs: "https://a.example/v1" } }), { upstreamModel: "gpt-5.1" })]))
  const { respond, upstream } = bench({ config: thinking })
  void respond({ include: ["x"] })
  void respond({ store: false })
  await soon()
  expect(upstream.calls.map(({ body }) => body["include"])).toEqual([["x", "reasoning.encrypted_content"], undefined])
})

test("a conversation that became too long is refused with the cure, before anything is asked", async () => {
  const { respond, answered, upstream } = bench({ settings: { bodyBytesMax: 2_000 } })
  await answered({ input: "x".repeat(1_500) })
  const answer = await respond({ previous_response_id: "resp_1", input: "y".repeat(1_500) }).over
  expect(answer.status).toBe(400)
  expect(answer.error()).toMatchObject({ code: "invalid_request", param: "previous_response_id", message: expect.stringContaining("Begin a new one") as string })
  expect(upstream.calls).toHaveLength(1)
})

test("W-112 responses that cannot be read are a 503, never a 404", async () => {
  const { respond, at, responses } = bench()
  responses.control.away = true
  for (const answer of [await respond({ previous_response_id: "resp_1" }).over, await at("resp_1"), await at("resp_1", "DELETE")]) expect(answer.status).toBe(503)
})

test("input items are paged as OpenAI pages them", async () => {
  const { answered, at } = bench()
  const input = ["a", "b", "c"].map((id) => ({ type: "message", id: `msg_${id}`, role: "user", content: id }))
  await answered({ input })
  const page = async (query: string) => {
    const { data, ...rest } = (await at(`resp_1/input_items?${query}`)).json() as { data: readonly { id: string }[] }
    return { ...rest, ids: data.map(({ id }) => id) }
  }
  expect(await page("limit=2")).toEqual({ object: "list", ids: ["msg_c", "msg_b"], first_id: "msg_c", last_id: "msg_b", has_more: true })
  expect(await page("limit=2&after=msg_b")).toEqual({ object: "list", ids: ["msg_a"], first_id: "msg_a", last_id: "msg_a", has_more: false })
  expect(await page("order=asc")).toMatchObject({ ids: ["msg_a", "msg_b", "msg_c"] })
  for (const query of ["limit=0", "limit=101", "limit=x", "order=up", "after=msg_z"]) expect((await at(`resp_1/input_items?${query}`)).status).toBe(400)
})

test("the paths of responses answer their own methods alone", async () => {
  const { at } = bench()
  expect((await at("resp_1", "POST")).headers["allow"]).toBe("GET, DELETE, OPTIONS")
  expect((await at("resp_1/cancel", "POST")).status).toBe(404)
})

/** A value that does something, for each rule that refuses or allows by value. */
const refusedValues: Readonly<Record<string, object>> = {
  "input[].type": { input: [{ type: "message", role: "user", content: "a" }, { type: "mcp_approval_response", approve: true }] },
  "input[].content[].file_id": { input: [{ role: "user", content: [{ type: "input_file", file_id: "file_1" }] }] },
  "input[].output[].file_id": { input: [{ type: "function_call_output", call_id: "c", output: [{ type: "input_image", file_id: "file_1" }] }] },
  "input[].output.file_id": { input: [{ type: "computer_call_output", call_id: "c", output: { type: "computer_screenshot", file_id: "file_1" } }] },
  "tools[].type": { tools: [{ type: "function", name: "f" }, { type: "code_interpreter", container: { type: "auto" } }] },
  "tools[].tools[].type": { tools: [{ type: "namespace", name: "n", tools: [{ type: "mcp" }] }] },
}
const refusing = [...(guardedFields.rs.values())].flatMap(({ rules }) => rules).filter(({ rule }) => rule.kind === "refuse" || rule.kind === "only")

test.each(refusing.map(({ rule }) => rule.path))("%s is refused by name with the reason, and nothing is sent", async (path) => {
  const { respond, upstream } = bench()
  const answer = await respond(refusedValues[path] ?? { [path]: "something" }).over
  expect(answer.status).toBe(400)
  expect(String(answer.error()["param"]).replace(/\[\d+\]/g, "[]")).toBe(path)
  expect(answer.error()["message"]).toMatch(/cannot be used here: .{10}/)
  expect(upstream.calls).toEqual([])
})

test.each(["file_search", "image_generation", "mcp", "shell", "programmatic_tool_calling"])("the hosted tool %s is refused by name", async (type) => {
  expect((await bench().respond({ tools: [{ type }] }).over).error()).toMatchObject({ code: "unsupported_parameter", param: "tools[0].type" })
})

test("W-100 W-133 searches are held and metered where they have a price; elsewhere the call goes without the tool, which a header says", async () => {
  const fields = { tools: [{ type: "function", name: "f" }, { type: "web_search" }] }
  const price = { id: "price_1" as const, rates: rates({ search: nanoUsd(10_000_000n) }) }
  const searching = bench({ config: config(model("public", [target(channel("a", { endpoints: { rs: "https://a.example/v1" } }), { price: { cost: price, sell: price, markupPpm: null } })])) })
  const answer = await searching.answered(fields, response("resp_1", [{ type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } }, message("hello")]))
  expect(answer.headers).not.toHaveProperty("x-turnpike-dropped")
  expect(searching.settled).toMatchObject([{ usage: { search: 1 }, chargedNanoUsd: 10_020_000n }])
  const plain = bench()
  expect((await plain.answered(fields)).headers).toMatchObject({ "x-turnpike-dropped": "tools.web_search" })
  expect(plain.upstream.calls[0]?.body["tools"]).toEqual([{ type: "function", name: "f" }])
  expect((await bench({ principal: principal({ parameters: "strict" }) }).respond(fields).over).error()).toMatchObject({ code: "unsupported_parameter", param: "tools.web_search" })
})

test("a service tier is served where the price names it, and refused by name elsewhere", async () => {
  expect((await bench().respond({ service_tier: "priority" }).over).error()).toMatchObject({ param: "service_tier" })
  expect((await bench().answered({ service_tier: "auto" })).status).toBe(200)
})
