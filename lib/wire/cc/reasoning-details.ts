import type { Dialect } from "../dialect.ts"
import type { AnswerPart, ReasoningPart, Signature } from "../chat/part.ts"
import { readSignature, writeSignature } from "../chat/signature.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/*
 * Thinking with its proof in chat completions, as OpenRouter has it (https://openrouter.ai/docs/use-cases/reasoning-tokens):
 * `reasoning_details: [{ type: "reasoning.text", text, signature, format, index }, { type: "reasoning.encrypted", data, … }]`.
 */

const formats: Readonly<Partial<Record<Dialect, string>>> = { am: "anthropic-claude-v1", rs: "openai-responses-v1", gm: "google-gemini-v1" }

/** One block of thinking as an entry for a client. */
export function detailOf({ text, hidden, id, signature }: ReasoningPart, index: number): Fields {
  const format = formats[signature?.origin ?? "cc"] ?? "unknown"
  const common = { id: id ?? null, format, index }
  if (hidden === true) return { type: "reasoning.encrypted", data: signature === undefined ? "" : writeSignature(signature, "cc"), ...common }
  return { type: "reasoning.text", text, signature: signature === undefined ? null : writeSignature(signature, "cc"), ...common }
}

/** The thinking in a message that a client sends back: its details, or where it has none the plain field. */
export function reasoningOfMessage(message: Fields): readonly ReasoningPart[] {
  const plain = [message["reasoning_content"], message["reasoning"]].find((value) => typeof value === "string" && value !== "")
  const details = Array.isArray(message["reasoning_details"]) ? (message["reasoning_details"] as readonly unknown[]).filter(isRecord).map(partOfDetail) : []
  const plainPart: readonly ReasoningPart[] = typeof plain === "string" ? [{ kind: "reasoning", text: plain }] : []
  if (details.length === 0) return plainPart
  return details.some(({ text }) => text !== "") ? details : [...plainPart, ...details]
}

function partOfDetail(detail: Fields): ReasoningPart {
  const { type, id, text, summary, data, signature, format } = detail
  const named = typeof id === "string" ? { id } : {}
  if (type === "reasoning.encrypted") return { kind: "reasoning", text: "", hidden: true, ...named, ...proof(data, format) }
  const said = typeof text === "string" ? text : typeof summary === "string" ? summary : ""
  return { kind: "reasoning", text: said, ...named, ...proof(signature, format) }
}

/** What has no mark of ours came from OpenRouter itself, whose format says whose proof it is. */
function proof(value: unknown, format: unknown): { readonly signature?: Signature } {
  if (typeof value !== "string" || value === "") return {}
  const signature = readSignature(value, "cc")
  if (signature.origin !== "cc") return { signature }
  const origin = (Object.keys(formats) as Dialect[]).find((dialect) => formats[dialect] === format)
  return { signature: { origin: origin ?? "cc", data: value } }
}

/**
 * A provider's entry, as it must go back to it. OpenRouter wants format and id again, so both stand in the data of a signature
 * whose origin is this dialect.
 */
export function signatureOfDetail(detail: Fields): Signature | null {
  const { type, signature, data, format, id } = detail
  const value = type === "reasoning.encrypted" ? data : signature
  if (typeof value !== "string" || value === "") return null
  // A gateway like this one has packed it already.
  if (unpacked(value) !== null) return { origin: "cc", data: value }
  return { origin: "cc", data: JSON.stringify([typeof format === "string" ? format : "unknown", typeof id === "string" ? id : null, value]) }
}

/** An entry for the provider that made the proof; without one for a provider that wants its thinking back as text. */
export function detailForProvider({ text, hidden, signature }: ReasoningPart, index: number): Fields | null {
  const own = signature?.origin === "cc" ? unpacked(signature.data) : null
  if (own === null) return hidden === true || text === "" ? null : { type: "reasoning.text", text, index }
  const [format, id, value] = own
  return hidden === true ? { type: "reasoning.encrypted", data: value, id, format, index } : { type: "reasoning.text", text, signature: value, id, format, index }
}

function unpacked(data: string): readonly [format: string, id: string | null, value: string] | null {
  if (!data.startsWith("[")) return null
  try {
    const [format, id, value] = JSON.parse(data) as readonly unknown[]
    return typeof format === "string" && typeof value === "string" ? [format, typeof id === "string" ? id : null, value] : null
  } catch {
    return null
  }
}

/** Google's place for the proof of a call or of a text (https://ai.google.dev/gemini-api/docs/openai). */
export function extraContent({ signature }: Pick<AnswerPart, "signature">): { readonly extra_content?: Fields } {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature.origin === "gm" ? signature.data : writeSignature(signature, "cc") } } }
}

export function readExtraContent(value: unknown): { readonly signature?: Signature } {
  const google = isRecord(value) ? value["google"] : null
  const text = isRecord(google) ? google["thought_signature"] : null
  if (typeof text !== "string" || text === "") return {}
  const signature = readSignature(text, "cc")
  return { signature: signature.origin === "cc" ? { origin: "gm", data: text } : signature }
}
