import type { ChatUsage } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import type { Fields } from "../request-fields.ts"
import { completionId, usageFields } from "./encode-parts.ts"

/** Chunks as texts. A delta is JSON already: most are a few words, and this is the way of each. */
export type ChunkWriter = {
  delta(choice: number, json: string): string
  logprobs(choice: number, logprobs: unknown): string
  finish(choice: number, word: string, more: Fields | null): string
  usage(usage: ChatUsage): string
}

/** `withUsage`: OpenAI writes `usage: null` into every chunk of a stream that ends with a usage chunk. */
export function createChunkWriter({ responseId, createdAtSeconds, publicModel }: EncodeContext, withUsage: boolean): ChunkWriter {
  const head = `data: {"id":${JSON.stringify(completionId(responseId))},"object":"chat.completion.chunk","created":${createdAtSeconds},"model":${JSON.stringify(publicModel)},"choices":[`
  const tail = withUsage ? `],"usage":null}\n\n` : "]}\n\n"
  return {
    delta: (choice, json) => `${head}{"index":${choice},"delta":${json},"logprobs":null,"finish_reason":null}${tail}`,
    logprobs: (choice, logprobs) => `${head}{"index":${choice},"delta":{},"logprobs":${JSON.stringify(logprobs)},"finish_reason":null}${tail}`,
    finish: (choice, word, more) => `${head}${JSON.stringify({ index: choice, delta: {}, logprobs: null, finish_reason: word, ...more })}${tail}`,
    usage: (usage) => `${head}],"usage":${JSON.stringify(usageFields(usage))}}\n\n`,
  }
}
