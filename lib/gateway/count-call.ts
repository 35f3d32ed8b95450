import { hostedUrl } from "#lib/catalog/base-url.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { packedCount } from "#lib/wire/envelope.ts"
import { asciiJson, jsonMembers, patchJsonObject } from "#lib/wire/json-members.ts"
import type { Candidate } from "./stages.ts"

/** Dialects with an operation that counts a prompt's tokens, and where the count stands in its answer. */
export const countFields = { am: "input_tokens", gm: "totalTokens" } as const satisfies Partial<Record<Dialect, string>>

export type CountingDialect = keyof typeof countFields

export const isCounting = (dialect: Dialect): dialect is CountingDialect => dialect in countFields

/** What Anthropic's count takes of a message's fields (API reference, messages, count_tokens); it refuses all others. */
const countedByAnthropic: readonly string[] = ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "context_management", "speed"]

/** Where a channel counts tokens; null: it has no such operation. */
export const countUrl = ({ lane, baseUrl, target }: Candidate): string | null =>
  isCounting(lane.dialect) ? hostedUrl(target.channel.cloud?.hosting, lane.dialect, baseUrl, "countTokens", target.upstreamModel) : null

/** What Vertex AI's count takes (its REST reference, countTokens): the prompt itself, without a wrapping and without the model. */
const countedByVertex: readonly string[] = ["contents", "systemInstruction", "system_instruction", "tools", "generationConfig", "generation_config"]

/** A call's body as the count of its tokens takes it. `own`: the client itself asked for a count in this dialect. */
export function countBody(body: Buffer, dialect: CountingDialect, { channel, upstreamModel }: Candidate["target"], own: boolean): Buffer {
  const hosting = channel.cloud?.hosting
  if (dialect === "gm") return hosting === undefined ? wrappedForGemini(body, upstreamModel) : onlyThese(body, countedByVertex)
  const counted = packedCount(body, hosting?.envelopes?.am, upstreamModel)
  return own ? counted : onlyThese(counted, countedByAnthropic)
}

const wrappedForGemini = (body: Buffer, upstreamModel: string): Buffer =>
  Buffer.from(`{"generateContentRequest":${patchJsonObject(body.toString("latin1"), new Map([["model", asciiJson(`models/${upstreamModel}`)]]))}}`, "latin1")

function onlyThese(body: Buffer, names: readonly string[]): Buffer {
  const text = body.toString("latin1")
  const others = jsonMembers(text).flatMap(({ key }) => (names.includes(key) ? [] : [[key, null] as const]))
  return Buffer.from(patchJsonObject(text, new Map(others)), "latin1")
}
