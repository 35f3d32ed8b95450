import type * as Latest from "./latest/packages.ts"
import { type Door, finishOf, MAX_TOKENS, type Said, type Talker } from "./talker.ts"

/** `@anthropic-ai/sdk`. */
export function anthropic({ Anthropic }: Pick<typeof Latest, "Anthropic">, { origin, key }: Door): Talker {
  const client = new Anthropic({ baseURL: `${origin}/api`, apiKey: key, maxRetries: 0 })
  return {
    name: "@anthropic-ai/sdk",
    speaks: "am",
    cannot: {},
    statusOf: (error) => (error as { readonly status?: number }).status ?? null,
    async ask({ model, prompt, streamed, tool, forced, schema, image, stop, thinks, before, signal, timeoutMs, onText }) {
      type Message = Latest.Anthropic.MessageParam
      const user: Message = { role: "user", content: [{ type: "text", text: prompt }, ...(image === undefined ? [] : [{ type: "image" as const, source: { type: "base64" as const, media_type: "image/png" as const, data: image } }])] }
      const messages: Message[] = [user]
      if (before !== undefined) {
        messages.push({ role: "assistant", content: before.said.message as Latest.Anthropic.ContentBlockParam[] })
        messages.push({ role: "user", content: before.results.map(({ id, output }) => ({ type: "tool_result", tool_use_id: id, content: output })) })
      }
      const body = {
        model,
        messages,
        max_tokens: MAX_TOKENS,
        ...(thinks && { thinking: { type: "enabled" as const, budget_tokens: 1_024 } }),
        ...(tool && { tools: [{ name: tool.name, description: tool.description, input_schema: tool.schema as unknown as Latest.Anthropic.Tool.InputSchema }] }),
        ...(tool && forced && { tool_choice: { type: "tool" as const, name: tool.name } }),
        ...(schema && { output_config: { format: { type: "json_schema" as const, schema: schema as Record<string, unknown> } } }),
        ...(stop && { stop_sequences: [stop] }),
      }
      const options = { ...(signal && { signal }), ...(timeoutMs && { timeout: timeoutMs }) }
      if (!streamed) return saidOf(await client.messages.create(body, options))
      const stream = client.messages.stream(body, options)
      if (onText !== undefined) stream.on("text", onText)
      return saidOf(await stream.finalMessage())
    },
  }
}

function saidOf({ content, stop_reason, usage }: Latest.Anthropic.Message): Said {
  const cached = usage.cache_read_input_tokens ?? 0
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    reasoning: content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
    calls: content.flatMap((block) => (block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [])),
    finish: finishOf(stop_reason),
    usage: { input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0), output: usage.output_tokens, cached },
    message: content,
  }
}
