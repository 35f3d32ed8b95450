import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import type { UpstreamPort } from "#lib/gateway/ports.ts"
import { createSandbox, withSandbox } from "./sandbox.ts"
import { rsLane } from "#lib/wire/rs/lane.ts"
import { amLane } from "#lib/wire/am/lane.ts"
import { gmLane } from "#lib/wire/gm/lane.ts"
import { sandboxTriggers } from "./sandbox-answer.ts"
import { sandboxCompletion } from "./sandbox-completion.ts"
import { sandboxGenerate } from "./sandbox-generate.ts"
import { sandboxMessage } from "./sandbox-message.ts"
import { sandboxResponse } from "./sandbox-response.ts"

const request = (fields: object) => ({ model: "sandbox", messages: [{ role: "user", content: "hi" }], ...fields })
const text = (fields: object) => sandboxCompletion(request(fields)).pieces.join("")
const json = (fields: object) => JSON.parse(text(fields)) as { choices: { message: Record<string, unknown>; finish_reason: string }[]; usage: Record<string, number> }

/** Everything that a call tells its sink, in order. */
function told(fields: object, pauseAfter = Number.POSITIVE_INFINITY) {
  const events: string[] = []
  const sink = {
    onHead: (status: number) => void events.push(`head ${status}`),
    onData: (chunk: Buffer) => events.push(chunk.toString()) <= pauseAfter,
    onEnd: () => void events.push("end"),
    onFailure: ({ kind }: { kind: string }) => void events.push(`failure ${kind}`),
  }
  const call = createSandbox().call({ url: "sandbox://turnpike/v1/chat/completions", headers: {}, body: Buffer.from(JSON.stringify(request(fields))), allowPrivateNetwork: false }, sink)
  return { events, call }
}
const soon = () => new Promise((resolve) => setImmediate(resolve))

test("the same request has the same answer, and another one another", () => {
  expect(text({})).toBe(text({}))
  expect(text({})).not.toBe(text({ seed: 1 }))
})

test("the last message is echoed, with usage that adds up", () => {
  const { choices, usage } = json({ n: 2 })
  expect(choices.map(({ message, finish_reason }) => [message["content"], finish_reason])).toEqual([["Sandbox: hi", "stop"], ["Sandbox: hi", "stop"]])
  expect(usage["total_tokens"]).toBe((usage["prompt_tokens"] ?? 0) + (usage["completion_tokens"] ?? 0))
})

test("a stream brings the same text and usage as the whole answer", () => {
  const chunks = sandboxCompletion(request({ stream: true })).pieces.slice(0, -1).map((piece) => JSON.parse(String(piece).slice(6)) as { choices: { delta: { content?: string } }[]; usage?: unknown })
  expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? "")).join("")).toBe("Sandbox: hi")
  expect(chunks.at(-1)?.usage).toEqual(json({}).usage)
})

test("a tool is called when the prompt names it, and max_tokens cuts the answer", () => {
  const tools = [{ type: "function", function: { name: "get_weather" } }]
  const called = json({ tools, messages: [{ role: "user", content: [{ type: "text", text: "use get_weather" }] }] }).choices[0]
  expect(called).toMatchObject({ finish_reason: "tool_calls", message: { content: null, tool_calls: [{ function: { name: "get_weather", arguments: '{"input":"use get_weather"}' } }] } })
  expect(json({ tools }).choices[0]?.finish_reason).toBe("stop")
  expect(json({ max_tokens: 2 }).choices[0]).toMatchObject({ finish_reason: "length", message: { content: "Sandbox:" } })
})

test("a trigger works from the model's name and from the last message, and its names are the documented ones", () => {
  expect(sandboxCompletion(request({ model: "openai/sandbox-rate-limit" }))).toMatchObject({ status: 429, headers: { "retry-after": "2" } })
  expect(sandboxCompletion(request({ messages: [{ content: "please [sandbox: overloaded]" }] })).status).toBe(529)
  expect(sandboxCompletion(request({ model: "sandbox-constructor" })).status).toBe(200)
  const documented = [...readFileSync("docs/sandbox.md", "utf8").matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)
  expect(documented).toEqual(Object.keys(sandboxTriggers))
})

test("a message says the same streamed and whole, with the same usage, and calls the tool that the prompt names", () => {
  for (const fields of [{}, { max_tokens: 2 }, { tools: [{ name: "get_weather", input_schema: {} }], messages: [{ role: "user", content: "use get_weather" }] }]) {
    const answer = amLane.readAnswer(Buffer.from(sandboxMessage(request(fields)).pieces.join("")), "sandbox")
    const call = amLane.readCall(Buffer.from(JSON.stringify(request(fields))), {})
    if (!answer.ok || !call.ok) throw new Error("the sandbox's own message is not readable")
    const reader = amLane.openStream({ publicModel: "sandbox", call: call.value })
    for (const piece of sandboxMessage(request({ ...fields, stream: true })).pieces) reader.push(Buffer.from(piece))
    expect(reader.state.kind).toBe("finished")
    expect(reader.seen.finish).toBe(answer.value.seen.finish)
    expect(reader.seen.usage?.output).toBe(answer.value.seen.usage?.output)
  }
  const { content, stop_reason } = JSON.parse(sandboxMessage(request({ tools: [{ name: "hi", input_schema: {} }] })).pieces.join("")) as { content: object[]; stop_reason: string }
  expect({ content, stop_reason }).toMatchObject({ content: [{ type: "tool_use", name: "hi", input: { input: "hi" } }], stop_reason: "tool_use" })
})

test("a response says the same streamed and whole, with the same usage and items, and calls the tool that the prompt names", () => {
  const asked = (fields: object) => ({ model: "sandbox", input: "hi there", ...fields })
  for (const fields of [{}, { max_output_tokens: 2 }, { tools: [{ type: "function", name: "there" }] }, { tools: [{ type: "custom", name: "there" }] }]) {
    const call = rsLane.readCall(Buffer.from(JSON.stringify(asked(fields))), {})
    if (!call.ok) throw new Error(call.error.message)
    const answer = rsLane.readAnswer(Buffer.from(sandboxResponse(asked(fields)).pieces.join("")), "sandbox", call.value)
    const reader = rsLane.openStream({ publicModel: "sandbox", call: call.value })
    for (const piece of sandboxResponse(asked({ ...fields, stream: true })).pieces) reader.push(Buffer.from(piece))
    if (!answer.ok) throw new Error("the sandbox's own response is not readable")
    expect(reader.state.kind).toBe("finished")
    expect(reader.seen).toMatchObject({ finish: answer.value.seen.finish, usage: { output: answer.value.seen.usage?.output } })
  }
  const output = (fields: object) => (JSON.parse(sandboxResponse(asked(fields)).pieces.join("")) as { output: object[] }).output
  expect(output({ tools: [{ type: "function", name: "there" }] })).toMatchObject([{ type: "function_call", name: "there", arguments: '{"input":"hi there"}' }])
  expect(output({ tools: [{ type: "custom", name: "there" }] })).toMatchObject([{ type: "custom_tool_call", name: "there", input: "hi there" }])
  expect(output({ input: [{ role: "user", content: "x" }, { type: "function_call_output", call_id: "c", output: "42" }] })).toMatchObject([{ content: [{ text: "Sandbox: 42" }] }])
  expect(sandboxResponse(asked({ model: "sandbox-stream-error", stream: true })).pieces.join("")).toContain("event: error")
})

test("Gemini's clients are answered the same whole and streamed, with calls, bounds, counts and vectors", () => {
  const at = (operation: string) => `sandbox://turnpike/v1beta/models/sandbox:${operation}`
  const said = (fields: object, operation: string) => (sandboxGenerate(at(operation), { contents: [{ role: "user", parts: [{ text: "hi" }] }], ...fields })?.pieces ?? []).join("")
  for (const fields of [{}, { generationConfig: { maxOutputTokens: 2 } }, { tools: [{ functionDeclarations: [{ name: "hi" }] }] }]) {
    const answer = gmLane.readAnswer(Buffer.from(said(fields, "generateContent")), "sandbox")
    const call = gmLane.readCall(Buffer.from(JSON.stringify({ contents: [{}], ...fields })), {}, { model: "sandbox", streamed: true })
    if (!answer.ok || !call.ok) throw new Error("the sandbox's own response is not readable")
    const reader = gmLane.openStream({ publicModel: "sandbox", call: call.value })
    reader.push(Buffer.from(said(fields, "streamGenerateContent?alt=sse")))
    reader.end()
    expect(reader.state.kind).toBe("finished")
    expect([reader.seen.finish, reader.seen.usage]).toEqual([answer.value.seen.finish, answer.value.seen.usage])
  }
  expect(said({}, "generateContent")).toContain('"Sandbox: hi"')
  expect(said({ tools: [{ functionDeclarations: [{ name: "hi" }] }] }, "generateContent")).toContain('"functionCall"')
  expect(JSON.parse(said({}, "countTokens"))).toEqual({ totalTokens: expect.any(Number) as number })
  expect(JSON.parse(said({ requests: [{ content: { parts: [{ text: "a" }] } }] }, "batchEmbedContents"))).toMatchObject({ embeddings: [{ values: expect.any(Array) as unknown[] }] })
  expect(sandboxGenerate("sandbox://turnpike/v1beta/models/sandbox-overloaded:generateContent", {})?.status).toBe(529)
})

test("a system message at the end, as Claude Code sends it, is not echoed", () => {
  const messages = [{ role: "user", content: [{ type: "text", text: "hi" }] }, { role: "system", content: [{ type: "text", text: "Mind the gap." }] }]
  expect(sandboxMessage(request({ messages })).pieces.join("")).toContain('"Sandbox: hi"')
})

test("triggers work for messages too: a stream breaks behind its first delta, or fails with Anthropic's error event", () => {
  expect(sandboxMessage(request({ model: "sandbox-overloaded" })).status).toBe(529)
  const failed = sandboxMessage(request({ model: "sandbox-stream-error", stream: true })).pieces.join("")
  expect(failed).toContain("text_delta")
  expect(failed.trimEnd().split("\n").at(-2)).toBe("event: error")
  expect(sandboxMessage(request({ model: "sandbox-break", stream: true }))).toMatchObject({ ending: "break" })
  expect(sandboxMessage(request({ model: "sandbox-no-usage" })).pieces.join("")).not.toContain('"usage"')
})

test("a paused answer waits for resume, and an aborted one says nothing more", async () => {
  const { events, call } = told({ stream: true }, 2)
  await soon()
  expect(events).toHaveLength(3)
  call.resume()
  await soon()
  expect(events).toHaveLength(4)
  call.abort()
  call.resume()
  await soon()
  expect(events).toHaveLength(4)
  const aborted = told({})
  aborted.call.abort()
  await soon()
  expect(aborted.events).toEqual([])
})

test("a broken answer ends as a broken connection", async () => {
  const { events } = told({ stream: true, model: "sandbox-break" })
  await soon()
  expect(events.at(-1)).toBe("failure closed")
})

test("only sandbox: URLs stay within the process", () => {
  const urls: string[] = []
  const network: UpstreamPort = { call: ({ url }) => (urls.push(url), { resume() {}, abort() {} }) }
  const sink = { onHead() {}, onData: () => true, onEnd() {}, onFailure() {} }
  for (const url of ["sandbox://turnpike/v1/chat/completions", "https://api.example/v1/chat/completions"]) {
    withSandbox(network).call({ url, headers: {}, body: Buffer.from("{}"), allowPrivateNetwork: false }, sink).abort()
  }
  expect(urls).toEqual(["https://api.example/v1/chat/completions"])
})
