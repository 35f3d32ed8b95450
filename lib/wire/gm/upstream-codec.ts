import { err, ok } from "#lib/kernel/result.ts"
import type { UpstreamCodec } from "../chat/codec.ts"
import { createCollector } from "../chat/collect.ts"
import { failingTooDeep } from "../chat/deep-answers.ts"
import { createSseDecoder } from "../chat/sse-decoder.ts"
import { readUpstreamWords, type UpstreamWords } from "../upstream-words.ts"
import { encodeGmRequest } from "./encode-request.ts"
import { createResponseReader } from "./response-reader.ts"

/** What Gemini reads by its address: its own files, and films (files and video understanding guides). */
const FETCHED_BY_GOOGLE = /^https:\/\/(?:generativelanguage\.googleapis\.com|(?:www\.)?youtube\.com|youtu\.be)\//i

/** Channels that speak Gemini's generateContent, asked on behalf of clients of other dialects. */
export const gmUpstreamCodec: UpstreamCodec = failingTooDeep({
  dialect: "gm",
  ownHeaders: {},
  encodeRequest: encodeGmRequest,

  isBrought: (address) => /^https?:/i.test(address) && !FETCHED_BY_GOOGLE.test(address),

  decodeAnswer(body, context) {
    const collector = createCollector()
    const failures: (UpstreamWords | null)[] = []
    const take = createResponseReader(context, (event) => {
      if (event.kind === "failed") failures.push(event.words)
      collector.add(event)
    })
    take(parse(body.toString("utf8")))
    if (failures.length > 0) return err({ words: failures[0] ?? null })
    const answer = collector.answer()
    return answer === null ? err({ words: null }) : ok(answer)
  },

  openDecoder(context, emit) {
    const take = createResponseReader(context, emit)
    return createSseDecoder({
      take: (data) => take(parse(data)),
      overflow: () => emit({ kind: "failed", words: null }),
      // Nothing in the stream says that it has ended: a close behind every candidate's finish does.
      closed: () => undefined,
    })
  },

  readWords: readUpstreamWords,
})

/** What is no JSON is no response. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
