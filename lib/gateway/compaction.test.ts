import { describe, expect, test } from "vitest"
import { bench, channel, config, model, principal, quota, streamed, target, whole } from "./test/fakes.ts"

/* Conversations that OpenAI's clients want compacted, and what they go on with. */

type Fields = Record<string, unknown>

const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 }
const message = (text: string) => ({ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text, annotations: [] }] })
const rsAnswer = (text: string, fields: Fields = {}) => ({ id: "resp_up", object: "response", status: "completed", model: "upstream-model", output: [message(text)], usage, ...fields })

const rs = target(channel("rs", { providerId: "openai", endpoints: { rs: "https://rs.example/v1" } }), { upstreamModel: "gpt-5.2" })
const am = target(channel("am", { providerId: "anthropic", endpoints: { am: "https://am.example/v1" } }), { upstreamModel: "claude-sonnet-5" })
const cc = target(channel("cc", { endpoints: { cc: "https://cc.example/v4" } }), { upstreamModel: "glm-5.3" })
const gm = target(channel("gm", { providerId: "gemini", endpoints: { gm: "https://gm.example/v1beta" } }), { upstreamModel: "gemini-3-pro-preview" })
const targets = { rs, am, cc, gm }

/** A summary in each dialect's words. */
const answers = {
  rs: (text: string) => rsAnswer(text),
  am: (text: string) => ({ id: "msg_1", type: "message", role: "assistant", content: [{ type: "text", text }], stop_reason: "end_turn", usage: { input_tokens: 10, output_tokens: 5 } }),
  cc: (text: string) => ({ id: "c1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }),
  gm: (text: string) => ({ candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP" }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 } }),
} as const
const dialects = Object.keys(answers) as (keyof typeof answers)[]

/** As Codex sends it (codex-rs/codex-api, CompactionInput), with all that its conversations hold. */
const conversation = [
  { type: "message", role: "developer", content: [{ type: "input_text", text: "Be careful." }] },
  { type: "message", role: "user", content: [{ type: "input_text", text: "Mend the pump." }] },
  { type: "function_call", call_id: "call_1", name: "look", arguments: '{"at":"pump"}' },
  { type: "function_call_output", call_id: "call_1", output: "a crack" },
  { type: "message", role: "assistant", content: [{ type: "output_text", text: "It has a crack." }] },
  { role: "user", content: "Seal it." },
]
const tools = [{ type: "function", name: "look", parameters: { type: "object", properties: { at: { type: "string" } } } }]

function clients(at: readonly (typeof rs)[], options: Parameters<typeof bench>[0] = {}) {
  const set = bench({ config: config(model("public", at)), principal: principal({ quotas: [quota()] }), ...options })
  const post = (path: string, fields: Fields) => set.start({ path: `/v1/${path}`, headers: { authorization: "Bearer sk-tp-1" }, body: JSON.stringify({ model: "public", ...fields }) }).over
  return { ...set, compact: (fields: Fields = {}) => post("responses/compact", { input: conversation, instructions: "Work.", tools, ...fields }), respond: (fields: Fields) => post("responses", fields) }
}

type Compaction = { readonly output: readonly Fields[]; readonly usage: Fields } & Fields
const compacted = async (at: typeof rs, text: string): Promise<readonly Fields[]> => {
  const { compact, upstream } = clients([at])
  upstream.script.push(whole(200, answers[at.channel.name as keyof typeof answers](text)))
  return ((await compact()).json() as Compaction).output
}

describe.each(dialects)("over a channel of %s", (dialect) => {
  test("a compaction answers with the messages that go on and an item in place of all else, and is billed as any call", async () => {
    const { compact, upstream, settled, opened } = clients([targets[dialect]])
    upstream.script.push(whole(200, answers[dialect]("The crack is found; sealing is next.")))
    const answered = await compact()
    expect(answered).toMatchObject({ status: 200, headers: { "x-turnpike-channel": dialect, "x-turnpike-cost-usd": expect.any(String) as string } })
    const { output, ...rest } = answered.json() as Compaction
    expect(rest).toMatchObject({ id: expect.stringMatching(/^resp_/) as string, object: "response.compaction", created_at: expect.any(Number) as number, usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 } })
    expect(output).toMatchObject([
      { type: "message", role: "developer", status: "completed", content: [{ type: "input_text", text: "Be careful." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Mend the pump." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Seal it." }] },
      { type: "compaction", id: expect.stringMatching(/^cmp_/) as string, encrypted_content: expect.any(String) as string },
    ])
    expect(settled).toMatchObject([{ status: "complete", usage: { input: 10, output: 5 } }])
    expect(opened).toMatchObject([{ dialect: "rs", endpoint: "responses.compact", streamed: false }])
  })

  test("the model reads the whole conversation before it is asked for a summary, and may call nothing", async () => {
    const { compact, upstream } = clients([targets[dialect]])
    upstream.script.push(whole(200, answers[dialect]("so far")))
    await compact()
    const sent = JSON.stringify(upstream.calls[0]?.body)
    for (const words of ["Work.", "Be careful.", "Mend the pump.", "a crack", "It has a crack.", "Seal it."]) expect(sent).toContain(words)
    expect(sent.indexOf("Write a summary")).toBeGreaterThan(sent.indexOf("Seal it."))
    // GLM knows no choice among tools, so that it gets none.
    expect(sent).toMatch(dialect === "cc" ? /^(?!.*"tools":)/ : /"tool_choice":"none"|"tool_choice":\{"type":"none"\}|"mode":"NONE"/)
  })

  test.each(dialects)("a conversation that was compacted over %s goes on there, with the summary in its place", async (maker) => {
    const output = await compacted(targets[maker], "The crack is found: “ü”.")
    const { respond, upstream } = clients([targets[dialect]])
    upstream.script.push(whole(200, answers[dialect]("sealed")))
    expect((await respond({ input: [...output, { role: "user", content: "Go on." }] })).status).toBe(200)
    const sent = JSON.stringify(upstream.calls[0]?.body)
    expect(sent).toContain("The crack is found: “ü”.")
    expect(sent).not.toContain("encrypted_content\":\"dHAx")
    expect(sent.indexOf("The crack is found")).toBeGreaterThan(sent.indexOf("Seal it."))
    expect(sent.indexOf("Go on.")).toBeGreaterThan(sent.indexOf("The crack is found"))
  })
})

test("on the raw lane all but the summary keeps its bytes", async () => {
  const [item] = (await compacted(rs, "so far")).slice(-1)
  const { upstream, start } = clients([rs])
  upstream.script.push(whole(200, rsAnswer("sealed")))
  await start({ path: "/v1/responses", headers: { authorization: "Bearer sk-tp-1" }, body: `{"model":"public","store":false,"input":[{"role":"user","n":1.0,"content":"a\\u00e9"},${JSON.stringify(item)}]}` }).over
  expect(upstream.calls[0]?.request.body.toString()).toBe('{"model":"gpt-5.2","store":false,"input":[{"role":"user","n":1.0,"content":"a\\u00e9"},{"type":"message","role":"user","content":[{"type":"input_text","text":"The conversation before this was summarized to make room. What was said and done in it:\\n\\nso far"}]}]}')
})

test("what OpenAI itself made of a conversation goes to OpenAI as it is, and to nobody else", async () => {
  const theirs = [{ type: "compaction", id: "cmp_1", encrypted_content: "gAAAAABpM0Yj" }, { role: "user", content: "hi" }]
  const own = clients([rs])
  own.upstream.script.push(whole(200, rsAnswer("yes")))
  expect((await own.respond({ input: theirs })).status).toBe(200)
  expect(own.upstream.calls[0]?.body["input"]).toEqual(theirs)
  const other = clients([am])
  expect((await other.respond({ input: theirs })).error()).toMatchObject({ code: "unsupported_parameter", param: "input[0].type" })
  for (const ask of [own.compact, other.compact]) expect((await ask({ input: theirs })).error()).toMatchObject({ code: "unsupported_parameter", param: "input[0].type" })
})

/** As newer versions of Codex ask (codex-rs/core/src/compact_remote_v2.rs). */
const triggered = { input: [...conversation, { type: "compaction_trigger" }], tools, store: false, stream: true }

test("a trigger behind the input of a streamed response brings exactly one compaction, and the response's completion", async () => {
  const { respond, upstream, settled } = clients([am])
  const event = (data: Fields & { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
  upstream.script.push(
    streamed(
      event({ type: "message_start", message: { id: "msg_1", usage: { input_tokens: 10, output_tokens: 1 } } }),
      event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      ...["so ", "far"].map((text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
      event({ type: "content_block_stop", index: 0 }),
      event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }),
      event({ type: "message_stop" }),
    ),
  )
  const { body } = await respond(triggered)
  const events = body.split("\n\n").flatMap((one) => (one.includes("data: {") ? [JSON.parse(one.slice(one.indexOf("{"))) as Fields & { type: string; sequence_number: number }] : []))
  expect(events.map(({ type }) => type)).toEqual(["response.created", "response.in_progress", "response.output_item.added", "response.output_item.done", "response.completed"])
  expect(events.map(({ sequence_number: number }) => number)).toEqual([0, 1, 2, 3, 4])
  const item = { type: "compaction", encrypted_content: expect.any(String) as string }
  expect(events[3]).toMatchObject({ item })
  expect(events[4]).toMatchObject({ response: { object: "response", status: "completed", output: [item], usage: { input_tokens: 10, output_tokens: 5 } } })
  expect(JSON.stringify(upstream.calls[0]?.body)).toContain("Write a summary")
  expect(settled).toMatchObject([{ status: "complete", usage: { input: 10, output: 5 } }])

  const next = clients([rs])
  next.upstream.script.push(whole(200, rsAnswer("sealed")))
  await next.respond({ input: [(events[3] as unknown as { item: Fields }).item, { role: "user", content: "Go on." }] })
  expect(JSON.stringify(next.upstream.calls[0]?.body)).toContain("so far")
})

test("a trigger that is not the last item is named in a 400, and so is a stream of a compaction", async () => {
  const { compact, respond, upstream } = clients([rs])
  expect((await respond({ input: [{ type: "compaction_trigger" }, { role: "user", content: "hi" }] })).error()).toMatchObject({ code: "invalid_request", param: "input[0].type" })
  expect((await compact({ stream: true })).error()).toMatchObject({ code: "invalid_request", param: "stream" })
  expect(upstream.calls).toEqual([])
})

test("W-90 an answer without a text is no summary: the next channel is asked, and nothing is charged where none writes one", async () => {
  const refusal = rsAnswer("", { output: [{ type: "message", id: "msg_1", role: "assistant", content: [{ type: "refusal", refusal: "No." }] }] })
  const both = clients([{ ...rs, channel: { ...rs.channel, priority: 1 } }, { ...am, channel: { ...am.channel, priority: 2 } }])
  both.upstream.script.push(whole(200, refusal), whole(200, answers.am("so far")))
  expect((await both.compact()).headers["x-turnpike-channel"]).toBe("am")
  const one = clients([rs])
  one.upstream.script.push(whole(200, refusal))
  expect((await one.compact()).status).toBe(502)
  expect(one.settled).toMatchObject([{ status: "failed", chargedNanoUsd: 0n }])
})

test("a summary that came to its bound is handed on, and says so to the client and to the model that reads it", async () => {
  const { compact, upstream } = clients([rs])
  upstream.script.push(whole(200, rsAnswer("so f", { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })))
  const { output, incomplete_details } = (await compact()).json() as Compaction
  expect(incomplete_details).toEqual({ reason: "max_output_tokens" })
  const next = clients([rs])
  next.upstream.script.push(whole(200, rsAnswer("yes")))
  await next.respond({ input: output })
  expect(JSON.stringify(next.upstream.calls[0]?.body)).toContain("so f\\n\\n[This summary ends here because it reached its bound.]")
})

test("W-80 a conversation that is kept here is compacted by the id of its last response", async () => {
  const { respond, compact, upstream } = clients([rs])
  upstream.script.push(whole(200, rsAnswer("It has a crack.")), whole(200, rsAnswer("so far")))
  const { id } = (await respond({ input: "Mend the pump." })).json()
  const { output } = (await compact({ input: undefined, previous_response_id: id })).json() as Compaction
  expect(output.map(({ type }) => type)).toEqual(["message", "compaction"])
  expect(JSON.stringify(upstream.calls[1]?.body)).toContain("It has a crack.")
})

test("tools that run elsewhere have no part in a compaction, and what they did is told in words", async () => {
  const { compact, upstream } = clients([am])
  upstream.script.push(whole(200, answers.am("so far")))
  const special = [
    { type: "local_shell_call", call_id: "c2", action: { type: "exec", command: ["ls"] } },
    { type: "local_shell_call_output", id: "c2", output: "pump.txt" },
    { type: "computer_call_output", call_id: "c3", output: { type: "computer_screenshot", image_url: "data:image/png;base64,AAAA" } },
  ]
  expect((await compact({ input: [...conversation, ...special], tools: [...tools, { type: "local_shell" }, { type: "web_search" }, { type: "code_interpreter", container: { type: "auto" } }] })).status).toBe(200)
  const sent = JSON.stringify(upstream.calls[0]?.body)
  expect(sent).toContain("pump.txt")
  expect(sent).not.toContain("AAAA")
  expect(upstream.calls[0]?.body["tools"]).toMatchObject([{ name: "look" }])
})

test("only the newest messages go on where there are too many, as at OpenAI", async () => {
  const { compact, upstream } = clients([rs])
  upstream.script.push(whole(200, rsAnswer("so far")))
  const long = Array.from({ length: 5 }, (_, index) => ({ role: "user", content: `${index}${"x".repeat(100_000)}` }))
  const { output } = (await compact({ input: long })).json() as Compaction
  expect(output.map(({ content }) => (content as readonly { text: string }[] | undefined)?.[0]?.text[0])).toEqual(["3", "4", undefined])
})
