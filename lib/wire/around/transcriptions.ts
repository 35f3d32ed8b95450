import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Call } from "../call.ts"
import type { Form } from "../multipart/form.ts"
import type { Answer, OwnLane } from "../raw-lane.ts"
import { type Fields, invalid, readModelAndStream } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import type { Work } from "../work.ts"
import { aroundCall, createAroundLane, seenOf } from "./around-lane.ts"
import { bytesOf, count, fieldsOf, firstCount, known, seconds, tokensHigh, tokensLikely } from "./counts.ts"
import { createEventReader } from "./event-reader.ts"

/** Speech is rarely sent at less than 32 kbit/s; MP3 is most often made at 128 kbit/s. */
const BYTES_PER_SECOND_LOW = 4_000
const BYTES_PER_SECOND_LIKELY = 16_000
/** “$0.006 / minute” at $6 per million audio tokens (OpenAI pricing, gpt-4o-transcribe) are 1,000 tokens a minute; Gemini has 32 a second. */
const AUDIO_TOKENS_PER_SECOND = 1_000 / 60
const AUDIO_TOKENS_PER_SECOND_HIGH = 32
/** Fast speech is three words a second, of at most three tokens. */
const TEXT_TOKENS_PER_SECOND = 3
const TEXT_TOKENS_PER_SECOND_HIGH = 9

/**
 * Transcriptions and translations (OpenAI API reference, audio): a form with a file. Vendors bill seconds or tokens, and the answer says
 * how many (`usage`, or the `duration` of verbose_json); plain text and subtitles say nothing, so there the file's bytes are the measure.
 */
export const transcriptions = transcripts("audio.transcriptions")
export const translations = transcripts("audio.translations")

function transcripts(operation: "audio.transcriptions" | "audio.translations"): OwnLane {
  return createAroundLane({
    operation,
    readCall: () => invalid("file", "file: the audio is sent as a form (multipart/form-data) with a file."),
    forms: { passes: true, readCall: readTranscript },
    accept: ({ streamed }) => (streamed ? "text/event-stream" : "*/*"),
    readAnswer: readTranscriptAnswer,
    openStream: () => createEventReader({ done: /^transcript\.text\.done$/, usageOf: transcriptUsage }),
  })
}

function readTranscript({ fields, files }: Form): Result<Call, GatewayError> {
  const { stream } = fields
  const common = readModelAndStream({ model: fields["model"], stream: stream === "true" || stream === "1" ? true : stream === undefined || stream === "false" || stream === "0" || stream === "" ? false : stream })
  if (!common.ok) return common
  const [file, second] = files
  if (file === undefined || file.name !== "file") return invalid("file", "file: the audio is needed, as a file of the form.")
  if (second !== undefined) return invalid(second.name, `${second.name}: only one file may be sent.`)
  return ok(aroundCall(common.value.model, fields, workOf(file.bytes, bytesOf(fields["prompt"])), common.value.streamed))
}

function workOf(fileBytes: number, promptBytes: number): Work {
  const [likely, most] = [fileBytes / BYTES_PER_SECOND_LIKELY, fileBytes / BYTES_PER_SECOND_LOW + 1]
  return {
    billedIn: ["second", "inputAudio", "call"],
    counted: {},
    likely: { second: Math.ceil(likely), input: tokensLikely(promptBytes), inputAudio: Math.ceil(likely * AUDIO_TOKENS_PER_SECOND), output: Math.ceil(likely * TEXT_TOKENS_PER_SECOND) },
    atMost: {
      inputTokens: tokensHigh(promptBytes) + Math.ceil(most * AUDIO_TOKENS_PER_SECOND_HIGH),
      outputTokens: Math.ceil(most * TEXT_TOKENS_PER_SECOND_HIGH),
      units: ["input", "inputAudio", "output"],
      each: { second: Math.ceil(most) },
    },
  }
}

/** JSON, or text as it is: which of them the client asked for is for the provider to say. */
function readTranscriptAnswer(body: Buffer, _: Call, contentType: string): Result<Answer, { readonly words: UpstreamWords | null }> {
  if (/html/.test(contentType)) return err({ words: null })
  if (!/json/.test(contentType)) return ok({ body, seen: seenOf(null), contentType })
  let json: unknown
  try {
    json = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  const answer = fieldsOf(json)
  if (typeof answer["text"] !== "string") return err({ words: wordsOf(json) })
  return ok({ body, seen: seenOf(transcriptUsage(answer)), contentType: "application/json" })
}

/** OpenAI: `usage` of type `duration` or `tokens`, or `duration`. Mistral: `prompt_audio_seconds` beside its tokens, which it does not bill. */
function transcriptUsage(answer: Fields): Usage | null {
  const usage = fieldsOf(answer["usage"])
  const second = seconds(usage["seconds"]) ?? seconds(usage["prompt_audio_seconds"]) ?? seconds(answer["duration"])
  const prompt = firstCount(usage["input_tokens"], usage["prompt_tokens"])
  const details = fieldsOf(usage["input_token_details"] ?? usage["input_tokens_details"])
  const text = count(details["text_tokens"])
  const inputAudio = count(details["audio_tokens"]) ?? (prompt === undefined ? undefined : prompt - Math.min(prompt, text ?? 0))
  const output = firstCount(usage["output_tokens"], usage["completion_tokens"])
  if (second === undefined && prompt === undefined && output === undefined) return null
  return { ...known("second", second), ...known("input", text), ...known("inputAudio", inputAudio), ...known("output", output) }
}
