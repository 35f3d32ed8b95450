import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { textOf } from "./body-text.ts"

/** The members of a JSON object that somebody else wrote. */
export type Fields = Readonly<Record<string, unknown>>

const MODEL_CHARACTERS_MAX = 256

/** The object in a request's body; the error says what is wrong with it (W-132). */
export function parseObject(body: Buffer): Result<Fields, GatewayError> {
  const text = textOf(body)
  if (text === null) return invalid(null, "The body is not valid UTF-8.")
  try {
    const json: unknown = JSON.parse(text)
    return isRecord(json) ? ok(json) : invalid(null, "The body must be a JSON object.")
  } catch (error) {
    return invalid(null, `The body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : "unreadable"}.`)
  }
}

/**
 * The object in a body, or in an event's data; null where there is none. Where the text has one character per byte, as on the raw lane,
 * strings in the result may be mojibake, while ids, numbers and reasons are ASCII.
 */
export function objectIn(json: Buffer | string): Fields | null {
  try {
    const value: unknown = JSON.parse(typeof json === "string" ? json : json.toString("utf8"))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

/** What every dialect with the model in its body asks of it: a name, messages, and whether to stream. */
export function readCommonFields(fields: Fields): Result<{ readonly model: string; readonly messages: readonly unknown[]; readonly streamed: boolean }, GatewayError> {
  const read = readModelAndStream(fields)
  if (!read.ok) return read
  const { messages } = fields
  if (!Array.isArray(messages) || messages.length === 0) return invalid("messages", "messages: a list with at least one message is needed.")
  return ok({ ...read.value, messages })
}

export function readModelAndStream({ model, stream }: Fields): Result<{ readonly model: string; readonly streamed: boolean }, GatewayError> {
  if (typeof model !== "string" || model === "") return invalid("model", "model: a model's name is needed; GET /models lists those that this key may use.")
  if (model.length > MODEL_CHARACTERS_MAX) return invalid("model", `model: a name has at most ${MODEL_CHARACTERS_MAX} characters.`)
  if (!isAbsent(stream) && typeof stream !== "boolean") return invalid("stream", "stream: must be true or false.")
  return ok({ model, streamed: stream === true })
}

/** Characters of a text; none where it is something else. */
export const textLength = (value: unknown): number => (typeof value === "string" ? value.length : 0)
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null
/** A whole number of at least 1. */
export const isCount = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 1
export const isRecord = (value: unknown): value is Fields => value !== null && typeof value === "object" && !Array.isArray(value)

/** A refusal that names the field at fault. */
export const invalid = (param: string | null, message: string): Result<never, GatewayError> => err({ code: "invalid_request", message, ...(param !== null && { param }) })
