import type * as Latest from "./latest/packages.ts"
import { type Asked, type Door, finishOf, MAX_TOKENS, type Said, type Talker } from "./talker.ts"

type Packages = Pick<typeof Latest, "OpenAI">
type Chat = Latest.OpenAI.ChatCompletion
type ChatMessage = Latest.OpenAI.ChatCompletionMessageParam

const clientAt = ({ OpenAI }: Packages, { origin, key }: Door) => new OpenAI({ baseURL: `${origin}/api/v1`, apiKey: key, maxRetries: 0 })
const statusOf = (error: unknown): number | null => (error as { readonly status?: number }).status ?? null

/** `openai`, chat completions. */
export function openaiChat(packages: Packages, door: Door): Talker {
  const client = clientAt(packages, door)
  return {
    name: "openai, chat completions",
    speaks: "cc",
    cannot: { thinking: "its types have no thinking", signatures: "its types have no thinking" },
    statusOf,
    async ask({ model, prompt, streamed, tool, forced, schema, image, stop, before, signal, timeoutMs, onText }) {
      const user: ChatMessage = { role: "user", content: image === undefined ? prompt : [{ type: "text", text: prompt }, { type: "image_url", image_url: { url: `data:image/png;base64,${image}` } }] }
      const messages: ChatMessage[] = [user]
      if (before !== undefined) messages.push(before.said.message as ChatMessage, ...before.results.map(({ id, output }) => ({ role: "tool" as const, tool_call_id: id, content: output })))
      const body = {
        model,
        messages,
        max_tokens: MAX_TOKENS,
        ...(tool && { tools: [{ type: "function" as const, function: { name: tool.name, description: tool.description, parameters: tool.schema } }] }),
        ...(tool && forced && { tool_choice: { type: "function" as const, function: { name: tool.name } } }),
        ...(schema && { response_format: { type: "json_schema" as const, json_schema: { name: "answer", schema: schema as Record<string, unknown>, strict: true } } }),
        ...(stop && { stop: [stop] }),
      }
      const options = { ...(signal && { signal }), ...(timeoutMs && { timeout: timeoutMs }) }
      if (!streamed) return saidOfChat(await client.chat.completions.create(body, options))
      const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } }, options)
      if (onText !== undefined) stream.on("content", onText)
      return saidOfChat(await stream.finalChatCompletion())
    },
  }
}

function saidOfChat({ choices, usage }: Chat): Said {
  const { message, finish_reason } = choices[0]!
  return {
    text: message.content ?? "",
    reasoning: "",
    calls: (message.tool_calls ?? []).flatMap((call) => (call.type === "function" ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }] : [])),
    finish: finishOf(finish_reason),
    usage: { input: usage?.prompt_tokens ?? -1, output: usage?.completion_tokens ?? -1, cached: usage?.prompt_tokens_details?.cached_tokens ?? 0 },
    message,
  }
}

/** `openai`, responses. The conversation is sent again each time, its reasoning sealed, as Codex does it. */
export function openaiResponses(packages: Packages, door: Door): Talker {
  const client = clientAt(packages, door)
  return {
    name: "openai, responses",
    speaks: "rs",
    cannot: { "stop words": "the dialect has none" },
    statusOf,
    async ask({ model, prompt, streamed, tool, forced, schema, image, thinks, before, signal, timeoutMs, onText }: Asked) {
      type Input = Latest.OpenAI.Responses.ResponseInputItem
      const input: Input[] = [
        { role: "user", content: [{ type: "input_text", text: prompt }, ...(image === undefined ? [] : [{ type: "input_image" as const, image_url: `data:image/png;base64,${image}`, detail: "auto" as const }])] },
      ]
      if (before !== undefined) input.push(...(before.said.message as Input[]), ...before.results.map(({ id, output }) => ({ type: "function_call_output" as const, call_id: id, output })))
      const body = {
        model,
        input,
        store: false,
        max_output_tokens: MAX_TOKENS,
        ...(thinks && { reasoning: { effort: "medium" as const, summary: "auto" as const }, include: ["reasoning.encrypted_content" as const] }),
        ...(tool && { tools: [{ type: "function" as const, name: tool.name, description: tool.description, parameters: tool.schema as unknown as Record<string, unknown>, strict: true }] }),
        ...(tool && forced && { tool_choice: { type: "function" as const, name: tool.name } }),
        ...(schema && { text: { format: { type: "json_schema" as const, name: "answer", schema: schema as Record<string, unknown>, strict: true } } }),
      }
      const options = { ...(signal && { signal }), ...(timeoutMs && { timeout: timeoutMs }) }
      if (!streamed) return saidOfResponse(await client.responses.create(body, options))
      const stream = client.responses.stream(body, options)
      if (onText !== undefined) stream.on("response.output_text.delta", onText)
      return saidOfResponse(await stream.finalResponse())
    },
  }
}

function saidOfResponse({ output, status, incomplete_details, usage }: Pick<Latest.OpenAI.Responses.Response, "output" | "status" | "incomplete_details" | "usage">): Said {
  const calls = output.flatMap((item) => (item.type === "function_call" ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }] : []))
  return {
    text: output.flatMap((item) => (item.type === "message" ? item.content.map((part) => (part.type === "output_text" ? part.text : "")) : [])).join(""),
    reasoning: output.flatMap((item) => (item.type === "reasoning" ? item.summary.map((part) => part.text) : [])).join(""),
    calls,
    finish: calls.length > 0 ? "tools" : finishOf(status === "incomplete" ? incomplete_details?.reason : status),
    usage: { input: usage?.input_tokens ?? -1, output: usage?.output_tokens ?? -1, cached: usage?.input_tokens_details?.cached_tokens ?? 0 },
    // The stream's helper adds what it parsed, which OpenAI does not take back.
    message: output.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => name !== "parsed_arguments"))),
  }
}
