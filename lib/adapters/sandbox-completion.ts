import { createHash } from "node:crypto"

/** What the sandbox answers: a head, then pieces, then a proper end or a break. */
export type SandboxAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: readonly string[]
  readonly pace: "atOnce" | "slow"
  readonly ending: "end" | "break" | "silence"
}

type Fields = Readonly<Record<string, unknown>>

/** 2026-01-01: a fixed moment, so that the same request has the same answer. */
const CREATED_SECONDS = 1_767_225_600
const BYTES_PER_TOKEN = 4
const CHARACTERS_PER_CHUNK = 12

type Trigger = (request: Fields) => SandboxAnswer

/**
 * What a request can ask for, by naming it in the model (`sandbox-rate-limit`, `any-model/sandbox-rate-limit`) or anywhere in its last
 * message (`[sandbox: rate-limit]`). docs/sandbox.md holds the same list; a test compares the two.
 */
export const sandboxTriggers: Readonly<Record<string, Trigger>> = {
  "invalid-request": () => failure(400, "The sandbox was asked for an invalid request.", "invalid_request_error"),
  "context-length": () => failure(400, "This model's maximum context length is 128000 tokens.", "context_length_exceeded"),
  unauthorized: () => failure(401, "The sandbox was asked to refuse the credential.", "invalid_api_key"),
  "rate-limit": () => failure(429, "The sandbox was asked to limit the rate.", "rate_limit_exceeded", { "retry-after": "2" }),
  "server-error": () => failure(500, "The sandbox was asked to fail.", "server_error"),
  overloaded: () => failure(529, "The sandbox was asked to be overloaded.", "overloaded", { "retry-after": "1" }),
  html: () => ({ ...whole(502, "<html><body>Bad gateway</body></html>"), headers: { "content-type": "text/html" } }),
  empty: (request) => (request["stream"] === true ? { ...streamed([]), ending: "end" } : whole(200, "")),
  slow: (request) => ({ ...complete(request), pace: "slow" }),
  silent: (request) => ({ ...complete(request), pieces: complete(request).pieces.slice(0, 1), ending: "silence" }),
  break: (request) => ({ ...complete(request), pieces: complete(request).pieces.slice(0, 2), ending: "break" }),
  truncated: (request) => ({ ...complete(request), pieces: complete(request).pieces.slice(0, 2) }),
  "stream-error": (request) => ({ ...complete(request), pieces: [...complete(request).pieces.slice(0, 2), event({ error: { message: "The sandbox was asked to fail mid-stream.", code: "server_error" } })] }),
  "no-usage": (request) => complete(request, { usage: false }),
}

/** The sandbox's whole behaviour: a pure function of the request. */
export function sandboxCompletion(request: Fields): SandboxAnswer {
  const name = triggerOf(request)
  return name === null ? complete(request) : (sandboxTriggers[name] as Trigger)(request)
}

function triggerOf(request: Fields): string | null {
  const asked = [/sandbox-([a-z-]+)$/.exec(String(request["model"]))?.[1], /\[sandbox: ([a-z-]+)\]/.exec(lastText(request))?.[1]]
  return asked.find((name) => name !== undefined && Object.hasOwn(sandboxTriggers, name)) ?? null
}

/** Echoes the last message, or calls the tool that it names; in as many choices as were asked for. */
function complete(request: Fields, { usage: counted = true } = {}): SandboxAnswer {
  const choices = typeof request["n"] === "number" ? request["n"] : 1
  const reply = replyTo(request)
  const completion = { id: idOf(request), created: CREATED_SECONDS, model: String(request["model"]) }
  const usage = usageOf(request, reply.text, choices)
  if (request["stream"] !== true) {
    const message = { role: "assistant", content: reply.tool === null ? reply.text : null, ...(reply.tool !== null && { tool_calls: [reply.tool] }) }
    const list = Array.from({ length: choices }, (_, index) => ({ index, message, finish_reason: reply.finish }))
    return whole(200, JSON.stringify({ ...completion, object: "chat.completion", choices: list, ...(counted && { usage }) }))
  }
  const chunk = (fields: object) => event({ ...completion, object: "chat.completion.chunk", ...fields })
  const pieces: string[] = []
  for (let index = 0; index < choices; index++) {
    const choice = (delta: object, finish_reason: string | null = null) => pieces.push(chunk({ choices: [{ index, delta, finish_reason }] }))
    choice({ role: "assistant", content: "" })
    if (reply.tool !== null) choice({ tool_calls: [{ index: 0, ...reply.tool }] })
    else for (const part of reply.text.match(new RegExp(`.{1,${CHARACTERS_PER_CHUNK}}`, "gsu")) ?? []) choice({ content: part })
    choice({}, reply.finish)
  }
  if (counted) pieces.push(chunk({ choices: [], usage }))
  return streamed([...pieces, "data: [DONE]\n\n"])
}

type Reply = { readonly text: string; readonly tool: Fields | null; readonly finish: "stop" | "length" | "tool_calls" }

function replyTo(request: Fields): Reply {
  const asked = lastText(request)
  const tool = toolNames(request).find((name) => asked.includes(name))
  if (tool !== undefined) {
    const call = { id: `call_${idOf(request).slice(-12)}`, type: "function", function: { name: tool, arguments: JSON.stringify({ input: asked }) } }
    return { text: call.function.arguments, tool: call, finish: "tool_calls" }
  }
  const text = `Sandbox: ${asked === "" ? "hello" : asked}`
  const tokensMax = Number(request["max_completion_tokens"] ?? request["max_tokens"] ?? Number.POSITIVE_INFINITY)
  const fits = tokensOf(text) <= tokensMax
  return { text: fits ? text : text.slice(0, tokensMax * BYTES_PER_TOKEN), tool: null, finish: fits ? "stop" : "length" }
}

const toolNames = (request: Fields): readonly string[] =>
  (Array.isArray(request["tools"]) ? (request["tools"] as readonly Fields[]) : []).flatMap((tool) => {
    const name = (tool["function"] as Fields | undefined)?.["name"]
    return typeof name === "string" && name !== "" ? [name] : []
  })

function lastText(request: Fields): string {
  const messages = Array.isArray(request["messages"]) ? (request["messages"] as readonly (Fields | null)[]) : []
  const content = messages.at(-1)?.["content"]
  if (typeof content === "string") return content
  return Array.isArray(content) ? (content as readonly (Fields | null)[]).map((part) => (typeof part?.["text"] === "string" ? part["text"] : "")).join("") : ""
}

function usageOf(request: Fields, text: string, choices: number) {
  const prompt_tokens = tokensOf(JSON.stringify(request["messages"] ?? []))
  const completion_tokens = tokensOf(text) * choices
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

const tokensOf = (text: string): number => Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN))

const idOf = (request: Fields): string => `chatcmpl-sandbox-${createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 24)}`

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`

const whole = (status: number, body: string): SandboxAnswer => ({ status, headers: { "content-type": "application/json" }, pieces: body === "" ? [] : [body], pace: "atOnce", ending: "end" })

const streamed = (pieces: readonly string[]): SandboxAnswer => ({ status: 200, headers: { "content-type": "text/event-stream" }, pieces, pace: "atOnce", ending: "end" })

const failure = (status: number, message: string, code: string, headers: Readonly<Record<string, string>> = {}): SandboxAnswer => {
  const answer = whole(status, JSON.stringify({ error: { message, code } }))
  return { ...answer, headers: { ...answer.headers, ...headers } }
}
