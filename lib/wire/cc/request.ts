import { isUtf8 } from "node:buffer"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call, CallPatch, CallSize } from "../call.ts"
import { asciiJson, patchJsonObject } from "../json-members.ts"

type Fields = Readonly<Record<string, unknown>>

const MODEL_CHARACTERS_MAX = 256
const CHOICES_MAX = 128
/** OpenAI's o-series and later refuse the older `max_tokens` (API reference, chat completions, `max_tokens`, deprecated). */
const PROVIDERS_WITH_COMPLETION_LIMIT: readonly string[] = ["openai", "azure-openai"]

/** Reads a chat completion request: what the pipeline relies on is checked, the rest is the provider's to judge. */
export function readCcCall(body: Buffer): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const { model, messages, stream, n } = fields
  if (typeof model !== "string" || model === "") return invalid("model", "model: a model's name is needed; GET /models lists those that this key may use.")
  if (model.length > MODEL_CHARACTERS_MAX) return invalid("model", `model: a name has at most ${MODEL_CHARACTERS_MAX} characters.`)
  if (!Array.isArray(messages) || messages.length === 0) return invalid("messages", "messages: a list with at least one message is needed.")
  if (!isAbsent(stream) && typeof stream !== "boolean") return invalid("stream", "stream: must be true or false.")
  if (!isAbsent(fields["stream_options"]) && !isRecord(fields["stream_options"])) return invalid("stream_options", "stream_options: must be an object.")
  for (const name of outputFields) {
    if (!isAbsent(fields[name]) && !isCount(fields[name])) return invalid(name, `${name}: must be a whole number of at least 1.`)
  }
  if (!isAbsent(n) && !(isCount(n) && n <= CHOICES_MAX)) return invalid("n", `n: must be a whole number from 1 to ${CHOICES_MAX}.`)
  return ok({
    model,
    streamed: stream === true,
    outputTokensMax: outputBound(fields),
    choices: isCount(n) ? n : 1,
    size: sizeOf(body.length, messages),
    fields,
    session: null,
  })
}

/** The body for one attempt. Streams are always asked for their usage (W-142), whatever the client asked. */
export function encodeCcCall(body: Buffer, call: Call, patch: CallPatch): Buffer {
  const changes = new Map<string, string | null>()
  if (patch.upstreamModel !== call.model) changes.set("model", asciiJson(patch.upstreamModel))
  if (call.streamed && !asksForUsage(call)) {
    changes.set("stream_options", asciiJson({ ...(isRecord(call.fields["stream_options"]) ? call.fields["stream_options"] : {}), include_usage: true }))
  }
  if (patch.outputTokensMax !== null) {
    for (const name of outputFields) if (name in call.fields) changes.set(name, null)
    changes.set(patch.outputTokensMax.field, String(patch.outputTokensMax.tokens))
  }
  for (const name of patch.drop) if (name in call.fields) changes.set(name, null)
  // Even an unchanged body is written anew: of a member that stands twice, only the one that was checked may arrive.
  return Buffer.from(patchJsonObject(body.toString("latin1"), changes), "latin1")
}

/** Whether the client wants the usage chunk for itself (W-97). */
export const asksForUsage = (call: Call): boolean => {
  const options = call.fields["stream_options"]
  return isRecord(options) && options["include_usage"] === true
}

const outputFields = ["max_completion_tokens", "max_tokens"] as const

/** The field in which a bound is sent: the client's own where it gave one. */
export function ccOutputField(call: Call, providerId: string): string {
  const given = outputFields.find((name) => !isAbsent(call.fields[name]))
  return given ?? (PROVIDERS_WITH_COMPLETION_LIMIT.includes(providerId) ? "max_completion_tokens" : "max_tokens")
}

function outputBound(fields: Fields): number | null {
  const given = outputFields.map((name) => fields[name]).filter(isCount)
  return given.length === 0 ? null : Math.max(...given)
}

function parseObject(body: Buffer): Result<Fields, GatewayError> {
  if (!isUtf8(body)) return invalid(null, "The body is not valid UTF-8.")
  try {
    const json: unknown = JSON.parse(body.toString("utf8"))
    return isRecord(json) ? ok(json) : invalid(null, "The body must be a JSON object.")
  } catch (error) {
    return invalid(null, `The body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : "unreadable"}.`)
  }
}

/** Content parts that carry media instead of text: how to find their bytes, and what they count as. */
function sizeOf(bodyBytes: number, messages: readonly unknown[]): CallSize {
  let images = 0
  let audioBytes = 0
  let fileBytes = 0
  let mediaBytes = 0
  for (const message of messages) {
    const content = isRecord(message) ? message["content"] : null
    if (!Array.isArray(content)) continue
    for (const part of content as readonly unknown[]) {
      if (!isRecord(part)) continue
      if (isRecord(part["image_url"]) || typeof part["image_url"] === "string") {
        images++
        mediaBytes += length(isRecord(part["image_url"]) ? part["image_url"]["url"] : part["image_url"])
      } else if (isRecord(part["input_audio"])) {
        const bytes = length(part["input_audio"]["data"])
        audioBytes += bytes
        mediaBytes += bytes
      } else if (isRecord(part["file"])) {
        const bytes = length(part["file"]["file_data"])
        fileBytes += bytes
        mediaBytes += bytes
      }
    }
  }
  return { textBytes: Math.max(0, bodyBytes - mediaBytes), images, audioBytes, fileBytes }
}

const length = (value: unknown): number => (typeof value === "string" ? value.length : 0)
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null
const isCount = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 1
const isRecord = (value: unknown): value is Fields => value !== null && typeof value === "object" && !Array.isArray(value)

const invalid = (param: string | null, message: string): Result<never, GatewayError> =>
  err({ code: "invalid_request", message, ...(param !== null && { param }) })
