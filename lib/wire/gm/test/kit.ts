import type { ChatEvent } from "../../chat/answer.ts"
import type { DecodeContext, TargetModel } from "../../chat/codec.ts"
import type { ModelTraits } from "../../chat/model-traits.ts"
import { createNotebook } from "../../chat/notes.ts"
import { type ChatRequest, chatFields, type Generation } from "../../chat/request.ts"
import type { Addressed } from "../../call.ts"
import { decodeGmRequest } from "../decode-request.ts"
import { encodeGmRequest } from "../encode-request.ts"
import { gmLane } from "../lane.ts"
import { gmUpstreamCodec } from "../upstream-codec.ts"

export const generation: Generation = {
  outputTokensMax: null,
  choices: 1,
  stop: [],
  temperature: null,
  topP: null,
  topK: null,
  seed: null,
  presencePenalty: null,
  frequencyPenalty: null,
  logitBias: null,
  logprobs: null,
  format: null,
  verbosity: null,
  modalities: [],
}

export const request = (changes: Partial<ChatRequest> = {}): ChatRequest => ({
  turns: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [],
  toolChoice: null,
  parallelTools: null,
  generation,
  reasoning: null,
  user: null,
  serviceTier: null,
  unknown: [],
  ...changes,
})

const plain: ModelTraits = { amThinking: null, prefill: false, gmThinking: null, ccThinking: null, fixedSampling: false, developerRole: false, hiddenReasoning: false }

/** How each of these models is asked to think, as the catalogue has it. */
const traits: Readonly<Record<string, ModelTraits>> = {
  "gemini-2.5-flash": { ...plain, gmJsonSchema: true, gmThinking: { kind: "budget", min: 0, max: 24_576, canTurnOff: true } },
  "gemini-2.5-pro": { ...plain, gmJsonSchema: true, gmThinking: { kind: "budget", min: 128, max: 32_768, canTurnOff: false } },
  "gemini-3-pro-preview": { ...plain, gmJsonSchema: true, gmThinking: { kind: "level", levels: ["low", "high"] } },
  "gemini-3-flash-preview": { ...plain, gmJsonSchema: true, gmThinking: { kind: "level", levels: ["minimal", "low", "medium", "high"] } },
}

const names = Object.fromEntries(chatFields.map((field) => [field, field])) as Record<(typeof chatFields)[number], string>

type Content = { role: string; parts: Record<string, never>[] }
export type GmBody = { contents: Content[]; systemInstruction?: { parts: { text: string }[] }; tools?: Record<string, never>[]; toolConfig?: Record<string, unknown>; generationConfig?: Record<string, unknown> }

/** What Gemini gets of a request, and what was said about it. */
export function sentToGemini(changes: Partial<ChatRequest>, model = "gemini-2.5-flash", target: Partial<TargetModel> = {}) {
  const notes = createNotebook(names, [])
  const encoded = encodeGmRequest(request(changes), { providerId: "gemini", model, outputTokensMax: null, outputTokensCap: null, traits: traits[model] ?? plain, ...target }, { notes })
  if (!encoded.ok) return { refused: encoded.error, body: null as never as GmBody, dropped: [], changed: [], toolNames: new Map<string, string>() }
  return { refused: null, body: encoded.value.body as unknown as GmBody, dropped: notes.droppedPaths, changed: notes.changes, toolNames: encoded.value.toolNames }
}

/** What a client of Gemini's asks, in no dialect's words. */
export function askedByGemini(body: object, address: Partial<Addressed> = {}): ChatRequest {
  const call = gmLane.readCall(Buffer.from(JSON.stringify(body)), {}, { model: "public", streamed: false, ...address })
  if (!call.ok) throw new Error(call.error.message)
  const decoded = decodeGmRequest(call.value)
  if (!decoded.ok) throw new Error(decoded.error.message)
  return decoded.value
}

export function contextOf(asked: ChatRequest = request({ tools: [{ kind: "search", name: "web_search", usesMax: null, allowedDomains: [], blockedDomains: [], location: null }] }), aliases: ReadonlyMap<string, string> = new Map()): DecodeContext {
  let ids = 0
  return { request: asked, toolName: (sent) => aliases.get(sent) ?? sent, newCallId: () => `call_new_${ids++}` }
}

export function decoded(pieces: readonly (Buffer | string)[], context: DecodeContext = contextOf()): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = gmUpstreamCodec.openDecoder(context, (event) => void events.push(event))
  for (const piece of pieces) decoder.push(Buffer.from(piece))
  decoder.end()
  return events
}
