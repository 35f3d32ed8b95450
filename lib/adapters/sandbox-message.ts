import { chunksOf, digestOf, type Fields, promptTokensOf, replyTo, sandboxAnswer, type SandboxAnswer, streamed, tokensOf, type Voice, whole } from "./sandbox-answer.ts"

const voice: Voice = {
  complete,
  errorEvent: (message) => event({ type: "error", error: { type: "api_error", message } }),
}

/** The sandbox's Anthropic messages. */
export const sandboxMessage = (request: Fields): SandboxAnswer => sandboxAnswer(request, voice)

/** What a prompt's tokens are to the sandbox. */
export const sandboxTokenCount = (request: Fields): SandboxAnswer => whole(200, JSON.stringify({ input_tokens: promptTokensOf(request) }))

function complete(request: Fields, { usage: counted } = { usage: true }): SandboxAnswer {
  const { text, tool, cut } = replyTo(request, toolNames(request), Number(request["max_tokens"] ?? Number.POSITIVE_INFINITY))
  const block = tool === null ? { type: "text", text } : { type: "tool_use", id: `toolu_${tool.id}`, name: tool.name, input: JSON.parse(tool.input) as unknown }
  const stop_reason = tool !== null ? "tool_use" : cut ? "max_tokens" : "end_turn"
  const usage = { input_tokens: promptTokensOf(request), output_tokens: tokensOf(text) }
  const message = { id: `msg_sandbox_${digestOf(request)}`, type: "message", role: "assistant", model: String(request["model"]) }
  const reported = (counts: object) => counted && { usage: counts }
  if (request["stream"] !== true) return whole(200, JSON.stringify({ ...message, content: [block], stop_reason, stop_sequence: null, ...reported(usage) }))
  const deltas = tool === null ? chunksOf(text).map((part) => ({ type: "text_delta", text: part })) : [{ type: "input_json_delta", partial_json: text }]
  return streamed([
    // One piece, as the first of a completion is: the answer has begun with it.
    event({ type: "message_start", message: { ...message, content: [], stop_reason: null, stop_sequence: null, ...reported({ ...usage, output_tokens: 1 }) } }) +
      event({ type: "content_block_start", index: 0, content_block: tool === null ? { type: "text", text: "" } : { ...block, input: {} } }),
    ...deltas.map((delta) => event({ type: "content_block_delta", index: 0, delta })),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", delta: { stop_reason, stop_sequence: null }, ...reported(usage) }),
    event({ type: "message_stop" }),
  ])
}

const toolNames = (request: Fields): readonly string[] =>
  (Array.isArray(request["tools"]) ? (request["tools"] as readonly Fields[]) : []).flatMap(({ name }) => (typeof name === "string" && name !== "" ? [name] : []))

const event = (data: { readonly type: string } & Fields): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
