import type { ChatAnswer } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import { itemsOf, logprobsOf } from "./items.ts"
import { responseEnd, responseHead } from "./response.ts"

/** A whole response. The dialect knows one answer per call, so that no request asks for more. */
export function encodeRsAnswer({ choices, usage }: ChatAnswer, context: EncodeContext): Readonly<Record<string, unknown>> {
  const [choice] = choices
  if (choice === undefined) return responseHead(context)
  return { ...responseHead(context), ...responseEnd(choice.finish, usage, itemsOf(choice.parts, context, logprobsOf(choice.logprobs))) }
}
