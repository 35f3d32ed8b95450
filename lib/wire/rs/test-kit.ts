import type { Call } from "../call.ts"
import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, EncodeContext, Notes, TargetModel } from "../chat/codec.ts"
import type { ChatRequest } from "../chat/request.ts"
import type { ModelTraits } from "../chat/model-traits.ts"
import { decodeRsRequest } from "./decode-request.ts"
import { openRsDecoder } from "./decode-stream.ts"
import { openRsEncoder } from "./encode-stream.ts"
import { readRsCall } from "./request.ts"

/* What the tests of this folder have in common. */

export function callOf(fields: Record<string, unknown> = {}): Call {
  const read = readRsCall(Buffer.from(JSON.stringify({ model: "public", input: "hi", ...fields })), {})
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}

export function requestOf(fields: Record<string, unknown> = {}): ChatRequest {
  const read = decodeRsRequest(callOf(fields))
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}

const PLAIN: ModelTraits = { amThinking: null, prefill: false, gmThinking: null, ccThinking: null, fixedSampling: false, developerRole: false, hiddenReasoning: false }
/** The models of these tests that think, with the words that each takes; all others do not. */
const thinking: Readonly<Record<string, readonly string[]>> = { "gpt-5": ["minimal", "low", "medium", "high"], "gpt-5.1": ["none", "low", "medium", "high"] }

function traitsOf(model: string): ModelTraits {
  const efforts = thinking[model]
  return efforts === undefined ? PLAIN : { ...PLAIN, ccThinking: { kind: "effort", efforts }, fixedSampling: true, developerRole: true, hiddenReasoning: true }
}

export function targetOf(model: string, changes: Partial<TargetModel> = {}): TargetModel {
  return { providerId: "openai", model, outputTokensMax: null, traits: traitsOf(model), outputTokensCap: null, ...changes }
}

/** Notes that say what they were told: `dropped topK`. */
export function notebook(): Notes & { readonly said: string[] } {
  const said: string[] = []
  return { said, dropped: (field, path = "") => void said.push(`dropped ${field}${path}`), changed: (field, value, path = "") => void said.push(`changed ${field}${path}=${value}`) }
}

export const decodeContext = (request: ChatRequest = requestOf()): DecodeContext => {
  let made = 0
  return { request, toolName: (sent) => sent, newCallId: () => `call_new_${made++}` }
}

export function decodeStream(pieces: readonly (string | Buffer)[]): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = openRsDecoder(decodeContext(), (event) => void events.push(event))
  for (const piece of pieces) decoder.push(Buffer.from(piece))
  decoder.end()
  return events
}

export function encodeContext(fields: Record<string, unknown> = {}): EncodeContext {
  const call = callOf(fields)
  return { request: requestOf(fields), call, publicModel: "public", responseId: "0dXn", createdAtSeconds: 1_741_290_958, inputTokensEstimated: 7 }
}

export type SentEvent = { readonly type: string; readonly sequence_number: number } & Readonly<Record<string, unknown>>

/** The events of a stream, each with the name that it has. */
export function sentEvents(text: string): readonly SentEvent[] {
  return text
    .split("\n\n")
    .filter((one) => one !== "")
    .map((one) => {
      const [name = "", data = ""] = one.split("\n")
      const event = JSON.parse(data.replace(/^data: /, "")) as SentEvent
      if (name !== `event: ${event.type}`) throw new Error(`${name} names ${event.type}`)
      return event
    })
}

export function encodeStream(events: readonly ChatEvent[], fields: Record<string, unknown> = {}): string {
  const encoder = openRsEncoder(encodeContext(fields))
  let text = ""
  for (const event of events) if (event.kind !== "end" && event.kind !== "failed") text += encoder.event(event)
  return text + encoder.end()
}
