import { err, ok } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { type Fields, invalid, parseObject, readModelAndStream } from "../request-fields.ts"
import type { Work } from "../work.ts"
import { aroundCall, createAroundLane } from "./around-lane.ts"
import { createByteReader } from "./byte-reader.ts"
import { bytesOf, count, fieldsOf, known, tokensHigh, tokensLikely } from "./counts.ts"
import { createEventReader } from "./event-reader.ts"

/** Speech is about fifteen characters of English, or five of three bytes in Chinese, each second. */
const BYTES_PER_SECOND = 15
/** $12 per million audio tokens are “$0.015 per minute” of gpt-4o-mini-tts (OpenAI pricing): 1,250 tokens a minute. */
const TOKENS_PER_SECOND = 1_250 / 60
/** The slowest speed that can be asked for is a quarter (OpenAI API reference, createSpeech). */
const SLOWEST_FACTOR = 4

/**
 * Speech (OpenAI API reference, audio, createSpeech): the bytes pass as they come. Nothing in them counts anything, so the characters are
 * counted here, as vendors bill them; of models billed by tokens the audio is estimated, unless it comes as events, which count it.
 */
export const speech = createAroundLane({
  operation: "audio.speech",
  streamType: null,
  events: false,
  accept: ({ fields }) => (fields["stream_format"] === "sse" ? "text/event-stream" : "*/*"),
  readCall(body) {
    const parsed = parseObject(body)
    if (!parsed.ok) return parsed
    const fields = parsed.value
    const common = readModelAndStream({ model: fields["model"] })
    if (!common.ok) return common
    const { input, instructions } = fields
    if (typeof input !== "string" || input === "") return invalid("input", "input: a text to speak is needed.")
    return ok(aroundCall(common.value.model, fields, workOf(input, bytesOf(instructions)), true))
  },
  readAnswer: () => err({ words: null }),
  openStream: (call) => (call.fields["stream_format"] === "sse" ? createEventReader({ done: /^speech\.audio\.done$/, usageOf: ({ usage }) => speechUsage(fieldsOf(usage)) }) : createByteReader()),
})

function workOf(input: string, instructionBytes: number): Work {
  const bytes = bytesOf(input)
  const seconds = bytes / BYTES_PER_SECOND
  return {
    billedIn: ["character", "outputAudio", "call"],
    counted: { character: charactersOf(input) },
    likely: { input: tokensLikely(bytes + instructionBytes), outputAudio: Math.ceil(seconds * TOKENS_PER_SECOND) },
    atMost: {
      inputTokens: tokensHigh(bytes + instructionBytes),
      outputTokens: Math.ceil((seconds + 1) * TOKENS_PER_SECOND * SLOWEST_FACTOR),
      units: ["input", "output", "outputAudio"],
      each: { character: charactersOf(input) },
    },
  }
}

/** As vendors count them: an emoji or a rare ideograph is one, although JavaScript holds it as two. */
const charactersOf = (text: string): number => Array.from(text).length

function speechUsage(usage: Fields): Usage | null {
  const output = count(usage["output_tokens"])
  return output === undefined ? null : { ...known("input", count(usage["input_tokens"])), outputAudio: output }
}
