import { readUpstreamWords, type UpstreamWords } from "../upstream-words.ts"
import { type Fields, objectIn } from "../request-fields.ts"
import type { EventStreamMessage } from "./event-stream.ts"

const MESSAGE_CHARACTERS_MAX = 1_000

/**
 * What Bedrock says of a failure (API reference, common errors): a message, under a status and a header that names the exception. What
 * stands before the models and checks signatures writes `Message` and `__type`.
 */
export const readBrWords = (body: Buffer): UpstreamWords | null => readUpstreamWords(body) ?? frontWords(objectIn(body))

function frontWords(answer: Fields | null): UpstreamWords | null {
  const message = answer?.["Message"]
  const type = answer?.["__type"]
  return typeof message === "string" && message !== "" ? { message: message.slice(0, MESSAGE_CHARACTERS_MAX), code: typeof type === "string" ? type.slice(type.indexOf("#") + 1) : null, param: null } : null
}

/** An exception in a stream (API reference, ConverseStream, response elements). */
export function exceptionWords({ headers, payload }: EventStreamMessage): UpstreamWords {
  const code = headers[":exception-type"] ?? headers[":error-code"] ?? null
  const words = readBrWords(payload)
  const message = words?.message ?? headers[":error-message"] ?? code ?? "The provider reported an error without words."
  return { message, code: words?.code ?? code, param: null }
}
