import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Call, CallPatch, CallSize } from "../call.ts"
import type { ModelTraits } from "../chat/model-traits.ts"
import { asciiJson, patchJsonBody } from "../json-members.ts"
import { withoutForeignProofs } from "./foreign-proofs.ts"
import { type Fields, invalid, isAbsent, isCount, isRecord, parseObject, readCommonFields, textLength } from "../request-fields.ts"

const CHOICES_MAX = 128

/** Reads a chat completion request: what the pipeline relies on is checked, the rest is the provider's to judge. */
export function readCcCall(body: Buffer): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const common = readCommonFields(fields)
  if (!common.ok) return common
  const { n } = fields
  if (!isAbsent(fields["stream_options"]) && !isRecord(fields["stream_options"])) return invalid("stream_options", "stream_options: must be an object.")
  for (const name of outputFields) {
    if (!isAbsent(fields[name]) && !isCount(fields[name])) return invalid(name, `${name}: must be a whole number of at least 1.`)
  }
  if (!isAbsent(n) && !(isCount(n) && n <= CHOICES_MAX)) return invalid("n", `n: must be a whole number from 1 to ${CHOICES_MAX}.`)
  return ok({
    model: common.value.model,
    streamed: common.value.streamed,
    outputTokensMax: outputBound(fields),
    choices: isCount(n) ? n : 1,
    size: sizeOf(body.length, common.value.messages),
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
  const messages = withoutForeignProofs(body, call.fields["messages"])
  if (messages !== null) changes.set("messages", messages)
  for (const name of patch.drop) if (name in call.fields) changes.set(name, null)
  // Also where nothing is changed: of a member that stands twice, only the one that was checked may arrive.
  return patchJsonBody(body, changes)
}

/** Whether the client wants the usage chunk for itself (W-97). */
export const asksForUsage = (call: Call): boolean => {
  const options = call.fields["stream_options"]
  return isRecord(options) && options["include_usage"] === true
}

const outputFields = ["max_completion_tokens", "max_tokens"] as const

/**
 * The field in which a bound is sent: the client's own where it gave one. OpenAI's o-series and later refuse the older `max_tokens` (API
 * reference, chat completions, `max_tokens`, deprecated).
 */
export function ccOutputField(call: Call, { cc }: Pick<ModelTraits, "cc">): string {
  const given = outputFields.find((name) => !isAbsent(call.fields[name]))
  return given ?? cc?.outputField ?? "max_tokens"
}

function outputBound(fields: Fields): number | null {
  const given = outputFields.map((name) => fields[name]).filter(isCount)
  return given.length === 0 ? null : Math.max(...given)
}

/** A film, whose bytes say little: up to a million tokens (lib/wire/gm/size.ts). */
const FILM_BYTES_MAX = 2_000_000

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
        mediaBytes += textLength(isRecord(part["image_url"]) ? part["image_url"]["url"] : part["image_url"])
      } else if (isRecord(part["input_audio"])) {
        const bytes = textLength(part["input_audio"]["data"])
        audioBytes += bytes
        mediaBytes += bytes
      } else if (isRecord(part["file"])) {
        const bytes = textLength(part["file"]["file_data"])
        fileBytes += bytes
        mediaBytes += bytes
      } else if (isRecord(part["video_url"])) {
        const { url } = part["video_url"]
        const bytes = textLength(url)
        fileBytes += typeof url === "string" && /^data:/i.test(url) ? Math.min(bytes, FILM_BYTES_MAX) : FILM_BYTES_MAX
        mediaBytes += bytes
      }
    }
  }
  return { textBytes: Math.max(0, bodyBytes - mediaBytes), images, audioBytes, fileBytes }
}
