import { createHash } from "node:crypto"

/** What the sandbox answers: a head, then pieces, then a proper end or a break. */
export type SandboxAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: readonly (string | Buffer)[]
  readonly pace: "atOnce" | "slow"
  readonly ending: "end" | "break" | "silence"
}

export type Fields = Readonly<Record<string, unknown>>

/** How the sandbox speaks one dialect. */
export type Voice = {
  /** Echoes the last message, or calls the tool that it names; `usage` false: it counts nothing. */
  complete(request: Fields, options?: { readonly usage: boolean }): SandboxAnswer
  /** An error in the middle of a stream. */
  errorEvent(message: string, code: string): string
}

/** What is said to a request, before it is written in a dialect. */
export type Reply = { readonly text: string; readonly tool: { readonly id: string; readonly name: string; readonly input: string } | null; readonly cut: boolean }

type Trigger = (request: Fields, voice: Voice) => SandboxAnswer

const BYTES_PER_TOKEN = 4
const CHARACTERS_PER_CHUNK = 12

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
  empty: (request) => (request["stream"] === true ? streamed([]) : whole(200, "")),
  slow: (request, voice) => ({ ...voice.complete(request), pace: "slow" }),
  silent: (request, voice) => ({ ...begun(request, voice, 1), ending: "silence" }),
  break: (request, voice) => ({ ...begun(request, voice, 2), ending: "break" }),
  truncated: (request, voice) => begun(request, voice, 2),
  "stream-error": (request, voice) => {
    const { pieces, ...answer } = begun(request, voice, 2)
    return { ...answer, pieces: [...pieces, voice.errorEvent("The sandbox was asked to fail mid-stream.", "server_error")] }
  },
  "no-usage": (request, voice) => voice.complete(request, { usage: false }),
}

/** The sandbox's whole behaviour in one dialect: a pure function of the request. */
export function sandboxAnswer(request: Fields, voice: Voice): SandboxAnswer {
  const name = triggerOf(request)
  return name === null ? voice.complete(request) : (sandboxTriggers[name] as Trigger)(request, voice)
}

function triggerOf(request: Fields): string | null {
  const asked = [/sandbox-([a-z-]+)$/.exec(String(request["model"]))?.[1], /\[sandbox: ([a-z-]+)\]/.exec(lastText(request))?.[1]]
  return asked.find((name) => name !== undefined && Object.hasOwn(sandboxTriggers, name)) ?? null
}

function begun(request: Fields, voice: Voice, pieces: number): SandboxAnswer {
  const answer = voice.complete(request)
  return { ...answer, pieces: answer.pieces.slice(0, pieces) }
}

/** What is said to a request with these tools, in at most so many tokens. */
export function replyTo(request: Fields, toolNames: readonly string[], tokensMax: number): Reply {
  const asked = lastText(request)
  const name = toolNames.find((one) => asked.includes(one))
  if (name !== undefined) {
    const input = JSON.stringify({ input: asked })
    return { text: input, tool: { id: digestOf(request).slice(-12), name, input }, cut: false }
  }
  const text = `Sandbox: ${asked === "" ? "hello" : asked}`
  const cut = tokensOf(text) > tokensMax
  return { text: cut ? text.slice(0, tokensMax * BYTES_PER_TOKEN) : text, tool: null, cut }
}

/** A text as the sandbox streams it. */
export const chunksOf = (text: string): readonly string[] => text.match(new RegExp(`.{1,${CHARACTERS_PER_CHUNK}}`, "gsu")) ?? []

export const tokensOf = (text: string): number => Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN))

export const promptTokensOf = (request: Fields): number => tokensOf(JSON.stringify(request["messages"] ?? []))

/** 24 hexadecimal digits that the same request always has. */
export const digestOf = (request: Fields): string => createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 24)

export const whole = (status: number, body: string): SandboxAnswer => ({ status, headers: { "content-type": "application/json" }, pieces: body === "" ? [] : [body], pace: "atOnce", ending: "end" })

export const streamed = (pieces: readonly (string | Buffer)[]): SandboxAnswer => ({ status: 200, headers: { "content-type": "text/event-stream" }, pieces, pace: "atOnce", ending: "end" })

/** Of the last message that is not the system's: Claude Code ends its turns with one of those. */
function lastText(request: Fields): string {
  const messages = Array.isArray(request["messages"]) ? (request["messages"] as readonly (Fields | null)[]) : []
  const content = messages.findLast((message) => message?.["role"] !== "system")?.["content"]
  if (typeof content === "string") return content
  return Array.isArray(content) ? (content as readonly (Fields | null)[]).map((part) => (typeof part?.["text"] === "string" ? part["text"] : "")).join("") : ""
}

const failure = (status: number, message: string, code: string, headers: Readonly<Record<string, string>> = {}): SandboxAnswer => {
  const answer = whole(status, JSON.stringify({ error: { message, code } }))
  return { ...answer, headers: { ...answer.headers, ...headers } }
}
