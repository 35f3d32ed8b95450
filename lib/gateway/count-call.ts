import { hostedUrl, placelessModel } from "#lib/catalog/base-url.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { packedCount } from "#lib/wire/envelope.ts"
import { asciiJson, jsonMembers, patchJsonBody, patchJsonObject } from "#lib/wire/json-members.ts"
import { isRecord, objectIn } from "#lib/wire/request-fields.ts"
import type { Candidate } from "./stages.ts"

/** Where a prompt's count stands in what clients of a dialect are answered; their own providers answer so too. */
export const countFields = { am: "input_tokens", rs: "input_tokens", gm: "totalTokens" } as const satisfies Partial<Record<Dialect, string>>

/** What clients are answered. OpenAI's objects say what they are (API reference, responses, input tokens). */
export const countAnswer = (dialect: CountingDialect, inputTokens: number): string =>
  JSON.stringify({ ...(dialect === "rs" && { object: "response.input_tokens" }), [countFields[dialect]]: inputTokens })

type CountingDialect = keyof typeof countFields

const isCounting = (dialect: Dialect): dialect is CountingDialect => dialect in countFields

/** Bedrock counts for Converse and for invoke in one way (API reference, CountTokens; @aws-sdk/client-bedrock-runtime 3.1164.0). */
const BEDROCK_FIELD = "inputTokens"

const isBedrock = ({ channel }: Candidate["target"]): boolean => channel.cloud?.hosting.cloud === "bedrock"

/** Where the count stands in a channel's answer; null: the channel does not count. */
export const countFieldOf = ({ lane: { dialect }, target }: Candidate): string | null => (isBedrock(target) ? BEDROCK_FIELD : isCounting(dialect) ? countFields[dialect] : null)

/** What Anthropic's count takes of a message's fields (API reference, messages, count_tokens); it refuses all others. */
const countedByAnthropic: readonly string[] = ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "context_management", "speed"]

/** What OpenAI's count takes of a response's fields (API reference, responses, input tokens); what is stored there is not asked for. */
const countedByOpenAi: readonly string[] = ["model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text", "truncation", "personality"]

/** Where a channel counts tokens; null: it has no such operation. */
export function countUrl(candidate: Candidate): string | null {
  const { lane, baseUrl, target } = candidate
  const hosting = target.channel.cloud?.hosting
  // Of a model that several places serve under one name, the model itself is asked for: places do not count.
  return countFieldOf(candidate) === null ? null : hostedUrl(hosting, lane.dialect as CountingDialect, baseUrl, "countTokens", placelessModel(hosting, target.upstreamModel))
}

/** What Vertex AI's count takes (its REST reference, countTokens): the prompt itself, without a wrapping and without the model. */
const countedByVertex: readonly string[] = ["contents", "systemInstruction", "system_instruction", "tools", "generationConfig", "generation_config"]

/** What Bedrock's count takes of a Converse (API reference, ConverseTokensRequest). */
const countedByConverse: readonly string[] = ["messages", "system", "toolConfig", "additionalModelRequestFields"]

/** A call's body as the count of its tokens takes it. `own`: the client itself asked for a count in this dialect. */
export function countBody(body: Buffer, { lane: { dialect }, target }: Candidate, own: boolean): Buffer {
  const hosting = target.channel.cloud?.hosting
  if (dialect === "br") return wrapped('{"input":{"converse":', onlyThese(body, countedByConverse), "}}")
  if (isBedrock(target)) return Buffer.from(JSON.stringify({ input: { invokeModel: { body: withOutputBound(body).toString("base64") } } }))
  if (dialect === "rs") return onlyThese(body, countedByOpenAi)
  if (dialect === "gm") return hosting === undefined ? wrappedForGemini(body, target.upstreamModel) : onlyThese(body, countedByVertex)
  const counted = packedCount(body, hosting?.envelopes?.am, target.upstreamModel)
  return own ? counted : onlyThese(counted, countedByAnthropic)
}

const wrapped = (before: string, body: Buffer, behind: string): Buffer => Buffer.concat([Buffer.from(before), body, Buffer.from(behind)])

/** What is counted must be a call that could be made: with a bound on its output, above what it may think. */
function withOutputBound(body: Buffer): Buffer {
  const fields = objectIn(body)
  if (fields === null || fields["max_tokens"] !== undefined) return body
  const budget = isRecord(fields["thinking"]) ? fields["thinking"]["budget_tokens"] : undefined
  return patchJsonBody(body, new Map([["max_tokens", String(typeof budget === "number" ? budget + 1 : 1)]]))
}

const wrappedForGemini = (body: Buffer, upstreamModel: string): Buffer =>
  Buffer.from(`{"generateContentRequest":${patchJsonObject(body.toString("latin1"), new Map([["model", asciiJson(`models/${upstreamModel}`)]]))}}`, "latin1")

function onlyThese(body: Buffer, names: readonly string[]): Buffer {
  const text = body.toString("latin1")
  const others = jsonMembers(text).flatMap(({ key }) => (names.includes(key) ? [] : [[key, null] as const]))
  return Buffer.from(patchJsonObject(text, new Map(others)), "latin1")
}
