import { chunksOf, digestOf, type Fields, promptTokensOf, replyTo, sandboxAnswer, type SandboxAnswer, streamed, tokensOf, type Voice, whole } from "./sandbox-answer.ts"
import { sandboxAround } from "./sandbox-around.ts"

const OPERATION = /\/models\/([^?]+):(generateContent|streamGenerateContent|countTokens|batchEmbedContents)(?:\?|$)/

/** The model and the operation are in the address: null where it names none of Gemini's. */
export function sandboxGenerate(url: string, body: Fields): SandboxAnswer | null {
  const [, model, operation] = OPERATION.exec(url) ?? []
  if (model === undefined) return null
  if (operation === "countTokens") return whole(200, JSON.stringify({ totalTokens: promptTokensOf(asRequest(model, false, recordOf(body["generateContentRequest"]) ?? body)) }))
  if (operation === "batchEmbedContents") return embedded(model, body)
  return sandboxAnswer(asRequest(decodeURIComponent(model), operation === "streamGenerateContent", body), voice)
}

/** The vectors that the sandbox has for the same texts in OpenAI's shape. */
function embedded(model: string, body: Fields): SandboxAnswer {
  const input = listOf(body["requests"]).map(({ content }) => listOf(recordOf(content)?.["parts"]).map(({ text }) => String(text)).join("\n"))
  const answer = sandboxAround("embeddings", { model, input })
  const [piece] = answer.pieces
  if (answer.status !== 200 || typeof piece !== "string") return answer
  const { data, usage } = JSON.parse(piece) as { readonly data: readonly { readonly embedding: readonly number[] }[]; readonly usage: { readonly prompt_tokens: number } }
  return whole(200, JSON.stringify({ embeddings: data.map(({ embedding }) => ({ values: embedding })), usageMetadata: { promptTokenCount: usage.prompt_tokens } }))
}

const voice: Voice = { complete, errorEvent: (message) => event({ error: { code: 500, message, status: "INTERNAL" } }) }

/** As the sandbox reads requests: the model, whether to stream, and messages beside Gemini's own fields. */
function asRequest(model: string, stream: boolean, body: Fields): Fields {
  const messages = listOf(body["contents"]).map(({ role, parts }) => ({ role, content: listOf(parts) }))
  return { ...body, model, stream, messages }
}

/** In as many candidates as were asked for. */
function complete(request: Fields, { usage: counted } = { usage: true }): SandboxAnswer {
  const config = recordOf(request["generationConfig"]) ?? {}
  const count = typeof config["candidateCount"] === "number" ? config["candidateCount"] : 1
  const { text, tool, cut } = replyTo(request, toolNames(request), Number(config["maxOutputTokens"] ?? Number.POSITIVE_INFINITY))
  const finishReason = tool === null && cut ? "MAX_TOKENS" : "STOP"
  const promptTokenCount = promptTokensOf(request)
  const candidatesTokenCount = tokensOf(text) * count
  const usageMetadata = { promptTokenCount, candidatesTokenCount, totalTokenCount: promptTokenCount + candidatesTokenCount }
  const foot = { ...(counted && { usageMetadata }), modelVersion: String(request["model"]), responseId: `sandbox-${digestOf(request)}` }
  const call = tool === null ? null : { functionCall: { id: tool.id, name: tool.name, args: JSON.parse(tool.input) as unknown } }
  const indexes = Array.from({ length: count }, (_, index) => index)
  const content = (parts: readonly object[]) => ({ content: { parts, role: "model" } })
  if (request["stream"] !== true) return whole(200, JSON.stringify({ candidates: indexes.map((index) => ({ ...content([call ?? { text }]), finishReason, index })), ...foot }))
  const pieces = call === null ? chunksOf(text).map((part) => ({ text: part })) : [call]
  return streamed(indexes.flatMap((index) => pieces.map((part, place) => event({ candidates: [{ ...content([part]), ...(place === pieces.length - 1 && { finishReason }), index }], ...foot }))))
}

const toolNames = (request: Fields): readonly string[] =>
  listOf(request["tools"])
    .flatMap((tool) => listOf(tool["functionDeclarations"]))
    .flatMap(({ name }) => (typeof name === "string" && name !== "" ? [name] : []))

const recordOf = (value: unknown): Fields | null => (value !== null && typeof value === "object" ? (value as Fields) : null)
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as readonly unknown[]).map(recordOf).filter((one) => one !== null) : [])

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`
