import { isForeignSignature } from "../chat/signature.ts"
import { asciiJson, rewrittenList } from "../json-members.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/**
 * The JSON of a conversation in which nothing is left of what providers of other dialects proved in it (W-56): who speaks chat completions
 * has no use for it, and some refuse members that they do not know. Messages without such a proof keep their bytes. Null: there are none.
 */
export function withoutForeignProofs(body: Buffer, messages: unknown): string | null {
  // Most conversations hold none, and this is the way of each call: their messages are fewer than the bytes that a mark could be looked for in.
  if (!Array.isArray(messages) || !messages.some(hasForeignProof)) return null
  return rewrittenList(body.toString("latin1"), "messages", messages, (message) => (hasForeignProof(message) ? asciiJson(cleaned(message as Fields)) : undefined))
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : [])

const isForeignExtra = (holder: unknown): boolean => {
  const extra = isRecord(holder) ? holder["extra_content"] : null
  const google = isRecord(extra) ? extra["google"] : null
  return isRecord(google) && isForeignSignature(google["thought_signature"])
}

const isForeignDetail = (detail: unknown): boolean => isRecord(detail) && (isForeignSignature(detail["signature"]) || isForeignSignature(detail["data"]))

const hasForeignProof = (message: unknown): boolean =>
  isRecord(message) && message["role"] === "assistant" && (isForeignExtra(message) || listOf(message["tool_calls"]).some(isForeignExtra) || listOf(message["reasoning_details"]).some(isForeignDetail))

function cleaned(message: Fields): Fields {
  const { tool_calls: calls, reasoning_details: details, ...rest } = withoutExtra(message)
  const own = listOf(details).filter((detail) => !isForeignDetail(detail))
  return {
    ...rest,
    ...(Array.isArray(calls) && { tool_calls: (calls as readonly unknown[]).map((call) => (isRecord(call) ? withoutExtra(call) : call)) }),
    ...(own.length > 0 && { reasoning_details: own }),
  }
}

function withoutExtra(holder: Fields): Fields {
  if (!isForeignExtra(holder)) return holder
  const { extra_content: _extra, ...rest } = holder
  return rest
}
