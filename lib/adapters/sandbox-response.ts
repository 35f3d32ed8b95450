import { chunksOf, digestOf, type Fields, promptTokensOf, replyTo, sandboxAnswer, type SandboxAnswer, streamed, tokensOf, type Voice, whole } from "./sandbox-answer.ts"

/** 2026-01-01: a fixed moment, so that the same request has the same answer. */
const CREATED_SECONDS = 1_767_225_600

const voice: Voice = {
  complete,
  errorEvent: (message, code) => `event: error\ndata: ${JSON.stringify({ type: "error", code, message, param: null, sequence_number: 0 })}\n\n`,
}

/** The sandbox's OpenAI responses. */
export const sandboxResponse = (request: Fields): SandboxAnswer => sandboxAnswer({ ...request, messages: messagesOf(request["input"]) }, voice)

/** What was said, as the sandbox hears it: the result of a tool is somebody's words too. */
function messagesOf(input: unknown): readonly Fields[] {
  if (typeof input === "string") return [{ role: "user", content: input }]
  return (Array.isArray(input) ? (input as readonly Fields[]) : []).map((item) => ({ role: item["role"] === "developer" ? "system" : (item["role"] ?? "tool"), content: item["content"] ?? item["output"] ?? "" }))
}

type Tool = { readonly name: string; readonly custom: boolean }

/** Of the client's own tools, those that are in no namespace. */
const toolsOf = (request: Fields): readonly Tool[] =>
  (Array.isArray(request["tools"]) ? (request["tools"] as readonly Fields[]) : []).flatMap(({ type, name }) => (typeof name === "string" && (type === "function" || type === "custom") ? [{ name, custom: type === "custom" }] : []))

function complete(request: Fields, { usage: counted } = { usage: true }): SandboxAnswer {
  const tools = toolsOf(request)
  const { text, tool, cut } = replyTo(request, tools.map(({ name }) => name), Number(request["max_output_tokens"] ?? Number.POSITIVE_INFINITY))
  const digest = digestOf(request)
  const custom = tools.find(({ name }) => name === tool?.name)?.custom ?? false
  const said = tool === null ? saidText(digest, text, cut) : saidCall(digest, tool, custom)
  const input_tokens = promptTokensOf(request)
  const output_tokens = tokensOf(text)
  const usage = { input_tokens, input_tokens_details: { cached_tokens: 0 }, output_tokens, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: input_tokens + output_tokens }
  const head = { id: `resp_sandbox_${digest}`, object: "response", created_at: CREATED_SECONDS, model: String(request["model"]), error: null, parallel_tool_calls: true, tools: request["tools"] ?? [], tool_choice: "auto", metadata: {}, store: false, previous_response_id: null }
  const end = { status: cut ? "incomplete" : "completed", incomplete_details: cut ? { reason: "max_output_tokens" } : null, output: [said.item], ...(counted && { usage }) }
  if (request["stream"] !== true) return whole(200, JSON.stringify({ ...head, ...end }))
  let sequence = 0
  const write = ({ type, ...members }: Event) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members, sequence_number: sequence++ })}\n\n`
  const begun = { ...head, status: "in_progress", incomplete_details: null, output: [], usage: null }
  // One piece, as the first of a completion is: the answer has begun with it.
  const first = [{ type: "response.created", response: begun }, { type: "response.in_progress", response: begun }, ...said.begin].map(write).join("")
  return streamed([first, ...said.deltas.map(write), said.end.map(write).join(""), write({ type: `response.${end.status}`, response: { ...head, ...end } })])
}

type Event = { readonly type: string } & Fields
/** An item, and the events with which it begins, grows and ends. */
type Said = { readonly item: Fields; readonly begin: readonly Event[]; readonly deltas: readonly Event[]; readonly end: readonly Event[] }

function saidText(digest: string, text: string, cut: boolean): Said {
  const id = `msg_sandbox_${digest}`
  const part = (words: string) => ({ type: "output_text", text: words, annotations: [], logprobs: [] })
  const item = { id, type: "message", role: "assistant", status: cut ? "incomplete" : "completed", content: [part(text)] }
  const place = { item_id: id, output_index: 0, content_index: 0 }
  return {
    item,
    begin: [{ type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress", content: [] } }, { type: "response.content_part.added", ...place, part: part("") }],
    deltas: chunksOf(text).map((delta) => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] })),
    end: [{ type: "response.output_text.done", ...place, text, logprobs: [] }, { type: "response.content_part.done", ...place, part: part(text) }, { type: "response.output_item.done", output_index: 0, item }],
  }
}

function saidCall(digest: string, { id: callId, name, input }: { readonly id: string; readonly name: string; readonly input: string }, custom: boolean): Said {
  const id = `${custom ? "ctc" : "fc"}_sandbox_${digest}`
  // A custom tool gets the words alone.
  const args = custom ? (JSON.parse(input) as { readonly input: string }).input : input
  const [type, member, event] = custom ? ["custom_tool_call", "input", "custom_tool_call_input"] : ["function_call", "arguments", "function_call_arguments"]
  const call = { id, type, call_id: `call_${callId}`, name }
  const item = { ...call, status: "completed", [member]: args }
  const place = { item_id: id, output_index: 0 }
  return {
    item,
    begin: [{ type: "response.output_item.added", output_index: 0, item: { ...call, status: "in_progress", [member]: "" } }],
    deltas: [{ type: `response.${event}.delta`, ...place, delta: args }],
    end: [{ type: `response.${event}.done`, ...place, [member]: args }, { type: "response.output_item.done", output_index: 0, item }],
  }
}
