import type * as Latest from "./latest/packages.ts"
import { type Door, finishOf, MAX_TOKENS, type Said, type Talker } from "./talker.ts"

/** `@google/genai`. */
export function google({ GoogleGenAI }: Pick<typeof Latest, "GoogleGenAI">, { origin, key }: Door): Talker {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: `${origin}/api` } })
  return {
    name: "@google/genai",
    speaks: "gm",
    cannot: {},
    statusOf: (error) => (error as { readonly status?: number }).status ?? null,
    async ask({ model, prompt, streamed, tool, forced, schema, image, stop, thinks, before, signal, timeoutMs, onText }) {
      const contents: Latest.Content[] = [{ role: "user", parts: [{ text: prompt }, ...(image === undefined ? [] : [{ inlineData: { mimeType: "image/png", data: image } }])] }]
      if (before !== undefined) {
        contents.push({ role: "model", parts: before.said.message as Latest.Part[] })
        contents.push({ role: "user", parts: before.results.map(({ id, name, output }) => ({ functionResponse: { id, name, response: { output } } })) })
      }
      const request = {
        model,
        contents,
        config: {
          maxOutputTokens: MAX_TOKENS,
          ...(tool && { tools: [{ functionDeclarations: [{ name: tool.name, description: tool.description, parametersJsonSchema: tool.schema }] }] }),
          ...(tool && forced && { toolConfig: { functionCallingConfig: { mode: "ANY" as never, allowedFunctionNames: [tool.name] } } }),
          ...(schema && { responseMimeType: "application/json", responseJsonSchema: schema }),
          ...(stop && { stopSequences: [stop] }),
          ...(thinks && { thinkingConfig: { includeThoughts: true } }),
          ...(signal && { abortSignal: signal }),
          ...(timeoutMs && { httpOptions: { timeout: timeoutMs } }),
        },
      }
      if (!streamed) return saidOf([await client.models.generateContent(request)])
      const chunks: Latest.GenerateContentResponse[] = []
      for await (const chunk of await client.models.generateContentStream(request)) {
        chunks.push(chunk)
        if (partsOf(chunk).some((part) => part.text && part.thought !== true)) onText?.()
      }
      return saidOf(chunks)
    },
  }
}

const partsOf = (chunk: Latest.GenerateContentResponse): readonly Latest.Part[] => chunk.candidates?.[0]?.content?.parts ?? []

function saidOf(chunks: readonly Latest.GenerateContentResponse[]): Said {
  const parts = chunks.flatMap(partsOf)
  const usage = chunks.findLast((chunk) => chunk.usageMetadata !== undefined)?.usageMetadata
  const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [{ id: functionCall.id ?? "", name: functionCall.name ?? "", input: functionCall.args as unknown }]))
  const finish = chunks.findLast((chunk) => chunk.candidates?.[0]?.finishReason !== undefined)?.candidates?.[0]?.finishReason
  return {
    text: parts.map((part) => (part.thought === true ? "" : (part.text ?? ""))).join(""),
    reasoning: parts.map((part) => (part.thought === true ? (part.text ?? "") : "")).join(""),
    calls,
    finish: calls.length > 0 ? "tools" : finishOf(finish === "MAX_TOKENS" ? "length" : finish?.toLowerCase()),
    usage: { input: usage?.promptTokenCount ?? -1, output: (usage?.candidatesTokenCount ?? -1) + (usage?.thoughtsTokenCount ?? 0), cached: usage?.cachedContentTokenCount ?? 0 },
    message: parts,
  }
}
