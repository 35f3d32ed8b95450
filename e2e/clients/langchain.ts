import type * as Latest from "./latest/packages.ts"
import { type Cannot, type Door, finishOf, MAX_TOKENS, type Said, type Talker } from "./talker.ts"

type Packages = Pick<typeof Latest, "AIMessage" | "ChatOpenAI" | "HumanMessage" | "ToolMessage">
type Message = InstanceType<Packages["AIMessage"]>

/** `@langchain/openai`, in both of OpenAI's dialects. */
export const langchain = (packages: Packages, door: Door): readonly Talker[] => [
  talker(packages, door, { name: "@langchain/openai, chat completions", useResponsesApi: false, cannot: { thinking: "it reads none of chat completions", signatures: "it reads none of chat completions" } }),
  talker(packages, door, { name: "@langchain/openai, responses", useResponsesApi: true, cannot: { "stop words": "the dialect has none" } }),
]

type Kind = { readonly name: string; readonly useResponsesApi: boolean; readonly cannot: Cannot }

function talker({ ChatOpenAI, HumanMessage, ToolMessage }: Packages, { origin, key }: Door, { name, useResponsesApi, cannot }: Kind): Talker {
  return {
    name,
    speaks: useResponsesApi ? "rs" : "cc",
    cannot,
    statusOf: (error) => (error as { readonly status?: number }).status ?? null,
    async ask({ model, prompt, streamed, tool, forced, schema, image, stop, thinks, before, signal, timeoutMs, onText }) {
      const chat = new ChatOpenAI({
        model,
        apiKey: key,
        maxRetries: 0,
        maxTokens: MAX_TOKENS,
        useResponsesApi,
        streamUsage: true,
        ...(timeoutMs && { timeout: timeoutMs }),
        configuration: { baseURL: `${origin}/api/v1` },
        // It asks only names that it knows to think, and with zdrEnabled its older major gives no reasoning back.
        ...(useResponsesApi && { modelKwargs: { store: false, ...(thinks && { reasoning: { effort: "medium", summary: "auto" } }) } }),
      })
      const content = image === undefined ? prompt : [{ type: "text" as const, text: prompt }, { type: "image_url" as const, image_url: { url: `data:image/png;base64,${image}` } }]
      const messages: unknown[] = [new HumanMessage({ content })]
      if (before !== undefined) messages.push(before.said.message, ...before.results.map(({ id, output }) => new ToolMessage({ tool_call_id: id, content: output })))
      const format = schema && { type: "json_schema" as const, json_schema: { name: "answer", schema: schema as Record<string, unknown>, strict: true } }
      const options = {
        ...(tool && { tools: [{ type: "function" as const, function: { name: tool.name, description: tool.description, parameters: tool.schema } }] }),
        ...(tool && forced && { tool_choice: tool.name }),
        ...(format && { response_format: format }),
        ...(stop && { stop: [stop] }),
        ...(signal && { signal }),
        ...(thinks && { include: ["reasoning.encrypted_content"] }),
      }
      if (!streamed) return saidOf(await chat.invoke(messages as never, options as never))
      let whole: { concat(other: never): unknown } | undefined
      for await (const chunk of await chat.stream(messages as never, options as never)) {
        if (chunk.text !== "") onText?.()
        whole = whole === undefined ? chunk : (whole.concat(chunk as never) as typeof chunk)
      }
      return saidOf(whole as unknown as Message)
    },
  }
}

type Details = { readonly finish_reason?: string; readonly status?: string; readonly incomplete_details?: { readonly reason?: string } | null }

function saidOf(message: Message): Said {
  const { finish_reason, status, incomplete_details } = message.response_metadata as Details
  const calls = (message.tool_calls ?? []).map(({ id, name, args }) => ({ id: id ?? "", name, input: args as unknown }))
  const reasoning = message.additional_kwargs["reasoning"] as { readonly summary?: readonly { readonly text: string }[] } | undefined
  const usage = message.usage_metadata
  return {
    text: message.text,
    reasoning: (reasoning?.summary ?? []).map(({ text }) => text).join(""),
    calls,
    finish: calls.length > 0 ? "tools" : finishOf(finish_reason ?? (status === "incomplete" ? incomplete_details?.reason : status)),
    usage: { input: usage?.input_tokens ?? -1, output: usage?.output_tokens ?? -1, cached: usage?.input_token_details?.cache_read ?? 0 },
    message,
  }
}
