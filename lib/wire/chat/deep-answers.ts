import { err } from "#lib/kernel/result.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import type { StreamDecoder, UpstreamCodec } from "./codec.ts"
import { unlessTooDeep } from "./nesting.ts"

/** What is said of an answer that no client could be given. */
export const ANSWER_TOO_DEEP: UpstreamWords = { message: "the answer is nested too deeply to be translated", code: null, param: null }

/** The codec whose readers fail, and do not throw, where an answer is nested too deeply: in their own work, and in that of whoever takes their events. */
export const failingTooDeep = (codec: UpstreamCodec): UpstreamCodec => ({
  ...codec,
  decodeAnswer: (body, context) => unlessTooDeep(() => codec.decodeAnswer(body, context)) ?? err({ words: ANSWER_TOO_DEEP }),
  openDecoder(context, emit): StreamDecoder {
    const decoder = codec.openDecoder(context, emit)
    let failed = false
    const guarded = (work: () => void): void => {
      if (failed) return
      failed = unlessTooDeep(() => (work(), true)) === null
      if (failed) emit({ kind: "failed", words: ANSWER_TOO_DEEP })
    }
    return { push: (chunk) => guarded(() => decoder.push(chunk)), end: () => guarded(() => decoder.end()) }
  },
})
