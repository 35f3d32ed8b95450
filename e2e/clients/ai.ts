import type { ClientDialect } from "#lib/wire/lanes.ts"
import type * as Latest from "./latest/packages.ts"
import { type Asked, type Cannot, type Door, finishOf, MAX_TOKENS, type Said, type Talker } from "./talker.ts"

type Packages = Pick<typeof Latest, "ai" | "createAnthropic" | "createGoogleGenerativeAI" | "createOpenAI" | "createOpenAICompatible">
type ProviderOptions = NonNullable<Parameters<typeof Latest.ai.generateText>[0]["providerOptions"]>

type Provider = {
  readonly name: string
  readonly speaks: ClientDialect
  readonly cannot: Cannot
  readonly model: (name: string) => Latest.ai.LanguageModel
  /** What makes a model think, in the provider's own words. */
  readonly thinking: ProviderOptions
}

/** Vercel's `ai` with each of its providers, that of OpenAI in both of its dialects. */
export function vercelAi(packages: Packages, { origin, key, major }: Door): readonly Talker[] {
  const openai = packages.createOpenAI({ baseURL: `${origin}/api/v1`, apiKey: key })
  const anthropic = packages.createAnthropic({ baseURL: `${origin}/api/v1`, apiKey: key })
  const google = packages.createGoogleGenerativeAI({ baseURL: `${origin}/api/v1beta`, apiKey: key })
  const compatible = packages.createOpenAICompatible({ name: "turnpike", baseURL: `${origin}/api/v1`, apiKey: key, includeUsage: true, supportsStructuredOutputs: true })
  const providers: readonly Provider[] = [
    { name: "@ai-sdk/openai, responses", speaks: "rs", cannot: { "stop words": "the dialect has none" }, model: (name) => openai.responses(name), thinking: { openai: { store: false, reasoningEffort: "medium", reasoningSummary: "auto", forceReasoning: true, include: ["reasoning.encrypted_content"] } } },
    { name: "@ai-sdk/openai, chat completions", speaks: "cc", cannot: { thinking: "it reads none of chat completions", signatures: "it reads none of chat completions" }, model: (name) => openai.chat(name), thinking: {} },
    { name: "@ai-sdk/anthropic", speaks: "am", cannot: {}, model: (name) => anthropic(name), thinking: { anthropic: { thinking: { type: "enabled", budgetTokens: 1_024 } } } },
    { name: "@ai-sdk/google", speaks: "gm", cannot: major === "latest" ? {} : { "streamed signatures": "before 4 it drops one that comes in a part of its own" }, model: (name) => google(name), thinking: { google: { thinkingConfig: { includeThoughts: true } } } },
    { name: "@ai-sdk/openai-compatible", speaks: "cc", cannot: { signatures: "it gives no signatures back" }, model: (name) => compatible(name), thinking: { turnpike: { reasoningEffort: "medium" } } },
  ]
  return providers.map((provider) => ({
    name: `ai with ${provider.name}`,
    speaks: provider.speaks,
    cannot: provider.cannot,
    statusOf: (error) => (error as { readonly statusCode?: number }).statusCode ?? null,
    ask: (asked) => ask(packages.ai, provider, asked),
  }))
}

async function ask(ai: Packages["ai"], provider: Provider, { model, prompt, streamed, tool, forced, schema, image, stop, thinks, before, signal, timeoutMs, onText }: Asked): Promise<Said> {
  const messages: Latest.ai.ModelMessage[] = [{ role: "user", content: image === undefined ? prompt : [{ type: "text", text: prompt }, { type: "image", image: Buffer.from(image, "base64"), mediaType: "image/png" }] }]
  if (before !== undefined) {
    messages.push(...(before.said.message as Latest.ai.ModelMessage[]))
    messages.push({ role: "tool", content: before.results.map(({ id, name, output }) => ({ type: "tool-result", toolCallId: id, toolName: name, output: { type: "text", value: output } })) })
  }
  const options = {
    model: provider.model(model),
    messages,
    maxRetries: 0,
    maxOutputTokens: MAX_TOKENS,
    // By the model's name, which is ours here, it does not know that the model answers to a schema.
    providerOptions: thinks ? provider.thinking : { anthropic: { structuredOutputMode: "outputFormat" } },
    ...(tool && { tools: { [tool.name]: ai.tool({ description: tool.description, inputSchema: ai.jsonSchema(tool.schema as never) }) } }),
    ...(tool && forced && { toolChoice: { type: "tool" as const, toolName: tool.name } }),
    ...(schema && { output: ai.Output.object({ schema: ai.jsonSchema(schema as never) }) }),
    ...(stop && { stopSequences: [stop] }),
    ...(signal && { abortSignal: signal }),
    ...(timeoutMs && { timeout: timeoutMs }),
  }
  if (!streamed) {
    const { text, reasoningText, toolCalls, finishReason, usage, response } = await ai.generateText(options as never)
    return saidOf({ text, reasoningText, toolCalls, finishReason, usage, messages: response.messages })
  }
  const result = ai.streamText({ ...(options as object), onError: () => {} } as never)
  for await (const part of result.fullStream as AsyncIterable<{ readonly type: string; readonly error?: unknown }>) {
    if (part.type === "text-delta") onText?.()
    if (part.type === "error") throw part.error
    if (part.type === "abort") throw new Error("aborted")
  }
  const [text, reasoningText, toolCalls, finishReason, usage, response] = await Promise.all([result.text, result.reasoningText, result.toolCalls, result.finishReason, result.usage, result.response])
  return saidOf({ text, reasoningText, toolCalls, finishReason, usage, messages: response.messages })
}

type Result = {
  readonly text: string
  readonly reasoningText: string | undefined
  readonly toolCalls: readonly { readonly toolCallId: string; readonly toolName: string; readonly input: unknown }[]
  readonly finishReason: string
  readonly usage: { readonly inputTokens?: number | undefined; readonly outputTokens?: number | undefined; readonly inputTokenDetails?: { readonly cacheReadTokens?: number | undefined } }
  readonly messages: unknown
}

const saidOf = ({ text, reasoningText, toolCalls, finishReason, usage, messages }: Result): Said => ({
  text,
  reasoning: reasoningText ?? "",
  calls: toolCalls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, input })),
  finish: finishOf(finishReason),
  usage: { input: usage.inputTokens ?? -1, output: usage.outputTokens ?? -1, cached: usage.inputTokenDetails?.cacheReadTokens ?? 0 },
  message: messages,
})
