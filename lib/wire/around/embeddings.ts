import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Call } from "../call.ts"
import { type Fields, invalid, isAbsent, parseObject, readModelAndStream } from "../request-fields.ts"
import type { Work } from "../work.ts"
import { aroundCall, createAroundLane, readJsonAnswer } from "./around-lane.ts"
import { bytesOf, fieldsOf, firstCount, tokensHigh, tokensLikely } from "./counts.ts"

/**
 * Embeddings (OpenAI API reference, embeddings): a text, texts, or their token ids. The encoding that was asked for (the `openai` package
 * asks for base64 unless told otherwise, W-139) comes from the provider as it is.
 */
export const embeddings = createAroundLane({
  operation: "embeddings",
  readCall: readEmbeddings,
  readAnswer: (body, call) => readJsonAnswer(body, call, ["data"], ({ usage }) => inputUsage(fieldsOf(usage))),
})

function readEmbeddings(body: Buffer): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const common = readModelAndStream(fields)
  if (!common.ok) return common
  if (isAbsent(fields["input"])) return invalid("input", "input: a text, a list of texts, or lists of token ids are needed.")
  return ok(aroundCall(common.value.model, fields, textWork(sizeOfInput(fields["input"]))))
}

export type InputSize = { readonly bytes: number; readonly tokens: number }

/** Texts are estimated by their bytes, token ids count as they stand: one list of them, or several. */
export function sizeOfInput(input: unknown): InputSize {
  if (!Array.isArray(input)) return { bytes: bytesOf(input), tokens: 0 }
  let bytes = 0
  let tokens = 0
  for (const part of input as readonly unknown[]) {
    if (typeof part === "number") tokens++
    else if (Array.isArray(part) && typeof part[0] === "number") tokens += part.length
    else bytes += bytesOf(part)
  }
  return { bytes, tokens }
}

/** A call that is billed by the tokens that go in, and brings back none. */
export const textWork = ({ bytes, tokens }: InputSize): Work => ({
  billedIn: ["input", "call"],
  counted: {},
  likely: { input: tokensLikely(bytes) + tokens },
  atMost: { inputTokens: tokensHigh(bytes) + tokens, outputTokens: 0, units: ["input"] },
})

/** OpenAI counts `prompt_tokens`; Jina and Voyage only `total_tokens`, of which none come back. */
export function inputUsage(usage: Fields): Usage | null {
  const input = firstCount(usage["prompt_tokens"], usage["input_tokens"], usage["total_tokens"])
  return input === undefined ? null : { input }
}
