import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { ccCodec } from "../cc/lane.ts"
import { createCcStreamReader } from "../cc/stream.ts"
import { createRawLane, type OwnLane } from "../raw-lane.ts"
import { invalid, isAbsent, isCount, isRecord, parseObject, readModelAndStream } from "../request-fields.ts"

const CHOICES_MAX = 128
const PROMPTS_MAX = 2_048

/**
 * Legacy completions (OpenAI API reference, completions): one prompt or several, as texts or token ids, each answered `n` times. Answers
 * and streams are those of chat completions with a text in place of a message, and count the same.
 */
export const completions: OwnLane = {
  ...createRawLane({
    ...ccCodec,
    readCall: readCompletion,
    outputField: () => "max_tokens",
    clampWords: (_, __, tokens) => `max_tokens=${tokens}`,
    openStream: (options) => createCcStreamReader(options, "text_completion"),
  }),
  operation: "completions",
}

const outputFields = ["max_tokens", "max_completion_tokens"] as const

function readCompletion(body: Buffer): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const common = readModelAndStream(fields)
  if (!common.ok) return common
  const { prompt, n } = fields
  const prompts = promptsIn(prompt)
  if (prompts === null) return invalid("prompt", `prompt: a text, token ids, or a list of at most ${PROMPTS_MAX} of them is needed.`)
  if (!isAbsent(fields["stream_options"]) && !isRecord(fields["stream_options"])) return invalid("stream_options", "stream_options: must be an object.")
  // A server that takes chat's name for the bound as well must not be given more by it than is held for.
  const bounds = outputFields.map((name) => fields[name])
  const wrong = outputFields.find((_, at) => !isAbsent(bounds[at]) && bounds[at] !== 0 && !isCount(bounds[at]))
  if (wrong !== undefined) return invalid(wrong, `${wrong}: must be a whole number.`)
  const given = bounds.filter((bound) => typeof bound === "number")
  if (!isAbsent(n) && !(isCount(n) && n <= CHOICES_MAX)) return invalid("n", `n: must be a whole number from 1 to ${CHOICES_MAX}.`)
  return ok({
    model: common.value.model,
    streamed: common.value.streamed,
    outputTokensMax: given.length === 0 ? null : Math.max(...given),
    choices: prompts * (isCount(n) ? n : 1),
    size: { textBytes: body.length, images: 0, audioBytes: 0, fileBytes: 0 },
    fields,
    session: null,
  })
}

/** A list of numbers is one prompt in token ids; null: no prompts, or too many. */
function promptsIn(prompt: unknown): number | null {
  if (typeof prompt === "string") return 1
  if (!Array.isArray(prompt) || prompt.length === 0) return null
  if (typeof prompt[0] === "number") return 1
  return prompt.length <= PROMPTS_MAX ? prompt.length : null
}
