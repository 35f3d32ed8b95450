import { chunksOf, digestOf, type Fields, promptTokensOf, type Reply, replyTo, sandboxAnswer, type SandboxAnswer, streamed, tokensOf, type Voice, whole } from "./sandbox-answer.ts"

/** 2026-01-01: a fixed moment, so that the same request has the same answer. */
const CREATED_SECONDS = 1_767_225_600

const voice: Voice = {
  complete,
  errorEvent: (message, code) => event({ error: { message, code } }),
}

/** The sandbox's chat completions. */
export const sandboxCompletion = (request: Fields): SandboxAnswer => sandboxAnswer(request, voice)

/** In as many choices as were asked for. */
function complete(request: Fields, { usage: counted } = { usage: true }): SandboxAnswer {
  const choices = typeof request["n"] === "number" ? request["n"] : 1
  const reply = replyTo(request, toolNames(request), Number(request["max_completion_tokens"] ?? request["max_tokens"] ?? Number.POSITIVE_INFINITY))
  const tool = toolCall(reply)
  const finish = tool !== null ? "tool_calls" : reply.cut ? "length" : "stop"
  const completion = { id: `chatcmpl-sandbox-${digestOf(request)}`, created: CREATED_SECONDS, model: String(request["model"]) }
  const usage = usageOf(request, reply.text, choices)
  if (request["stream"] !== true) {
    const message = { role: "assistant", content: tool === null ? reply.text : null, ...(tool !== null && { tool_calls: [tool] }) }
    const list = Array.from({ length: choices }, (_, index) => ({ index, message, finish_reason: finish }))
    return whole(200, JSON.stringify({ ...completion, object: "chat.completion", choices: list, ...(counted && { usage }) }))
  }
  const chunk = (fields: object) => event({ ...completion, object: "chat.completion.chunk", ...fields })
  const pieces: string[] = []
  for (let index = 0; index < choices; index++) {
    const choice = (delta: object, finish_reason: string | null = null) => pieces.push(chunk({ choices: [{ index, delta, finish_reason }] }))
    choice({ role: "assistant", content: "" })
    if (tool !== null) choice({ tool_calls: [{ index: 0, ...tool }] })
    else for (const part of chunksOf(reply.text)) choice({ content: part })
    choice({}, finish)
  }
  if (counted) pieces.push(chunk({ choices: [], usage }))
  return streamed([...pieces, "data: [DONE]\n\n"])
}

const toolCall = ({ tool }: Reply): Fields | null => (tool === null ? null : { id: `call_${tool.id}`, type: "function", function: { name: tool.name, arguments: tool.input } })

const toolNames = (request: Fields): readonly string[] =>
  (Array.isArray(request["tools"]) ? (request["tools"] as readonly Fields[]) : []).flatMap((tool) => {
    const name = (tool["function"] as Fields | undefined)?.["name"]
    return typeof name === "string" && name !== "" ? [name] : []
  })

function usageOf(request: Fields, text: string, choices: number) {
  const prompt_tokens = promptTokensOf(request)
  const completion_tokens = tokensOf(text) * choices
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`
