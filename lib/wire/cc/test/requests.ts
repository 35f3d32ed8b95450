import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { TargetModel } from "../../chat/codec.ts"
import { createNotebook } from "../../chat/notes.ts"
import type { ChatRequest } from "../../chat/request.ts"
import { ccClientCodec } from "../client-codec.ts"
import { readCcCall } from "../request.ts"
import { encodeCcRequest } from "../encode-request.ts"

export type Body = Record<string, unknown>
export type Message = Record<string, unknown>

export const hello = [{ role: "user", content: "hi" }]

function decode(fields: Body) {
  const call = readCcCall(Buffer.from(JSON.stringify({ model: "public", messages: hello, ...fields })))
  if (!call.ok) throw new Error(call.error.message)
  return ccClientCodec.decodeRequest(call.value)
}
export function requestOf(fields: Body): ChatRequest {
  const request = decode(fields)
  if (!request.ok) throw new Error(request.error.message)
  return request.value
}
export const refusalOf = (fields: Body) => {
  const request = decode(fields)
  return request.ok ? null : request.error
}

export const targetOf = (model: string, providerId = "openai-compatible", changes: Partial<TargetModel> = {}): TargetModel => ({ providerId, model, outputTokensMax: null, traits: traitsOf(model, providerId), outputTokensCap: null, ...changes })
export const GPT4 = targetOf("gpt-4o", "openai")
export const GPT5 = targetOf("gpt-5.6-terra", "openai")
export const GLM = targetOf("glm-5.3", "zhipu")
export const DEEPSEEK = targetOf("deepseek-v4-pro", "deepseek")
export const KIMI = targetOf("kimi-k2.6")
export const MINIMAX = targetOf("MiniMax-M3", "minimax-coding")
export const MISTRAL = targetOf("mistral-large-latest", "mistral")
export const QWEN = targetOf("qwen3.7-plus", "qwen-coding")
export const OPENROUTER = targetOf("anthropic/claude-sonnet-5", "openrouter")
export const LLAMA = targetOf("llama-3.3-70b")

export function encode(request: ChatRequest, target: TargetModel = LLAMA, streamed = false) {
  const notes = createNotebook(ccClientCodec.fieldNames, request.unknown)
  const encoded = encodeCcRequest(request, target, { streamed, notes })
  if (!encoded.ok) return { body: {} as Body, messages: [] as Message[], refused: encoded.error, dropped: [], changed: [] }
  const body = encoded.value.body as Body
  return { body, messages: body["messages"] as Message[], names: encoded.value.toolNames, refused: null, dropped: notes.droppedPaths, changed: notes.changes }
}
/** What a target gets of what a client of the same dialect sends, where the two are translated (W-117). */
export const through = (fields: Body, target?: TargetModel, streamed?: boolean) => encode(requestOf(fields), target, streamed)

export const tool = (name: string, parameters?: object) => ({ type: "function", function: { name, ...(parameters !== undefined && { parameters }) } })
export const call = (id: string, name: string, args: string) => ({ id, type: "function", function: { name, arguments: args } })
export const weather = tool("weather", { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false })
