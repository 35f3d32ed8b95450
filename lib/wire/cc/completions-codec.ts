import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import type { ChatAnswer, ChatEvent, ChatUsage, Finish } from "../chat/answer.ts"
import type { ClientCodec, EncodeContext, StreamEncoder } from "../chat/codec.ts"
import type { ChatRequest } from "../chat/request.ts"
import { textOf } from "../chat/turns.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import { ccClientCodec } from "./client-codec.ts"
import { decodeCcRequest } from "./decode-request.ts"
import { usageFields } from "./encode-parts.ts"
import { finishWord } from "./finish.ts"
import { asksForUsage } from "./request.ts"

/*
 * Legacy completions (https://platform.openai.com/docs/api-reference/completions) over channels that have none: the prompt is what a
 * user says, and the answer's text is the completion.
 */

/** What continues a prompt in a way that no chat does. */
const NO_SUFFIX = "suffix cannot be used with this model, which is reached through a chat: text cannot be inserted before it."
const NO_PROMPT_LOGPROBS = "echo and logprobs cannot be used together with this model, which is reached through a chat: it tells nothing of its prompt's tokens."

/** Log probabilities of this many other tokens at each place; null: none are wanted (completions reference, logprobs: 0 is the chosen tokens' alone). */
const logprobsAsked = ({ logprobs }: Fields): number | null => (typeof logprobs === "number" ? logprobs : null)

function decodeCompletion(call: Call): Result<ChatRequest, GatewayError> {
  const { prompt, logprobs: _logprobs, ...rest } = call.fields
  const asked = logprobsAsked(call.fields)
  const fields: Fields = asked === null ? rest : { ...rest, logprobs: true, top_logprobs: asked }
  if (!isAbsent(fields["suffix"]) && fields["suffix"] !== "") return unsupported("suffix", NO_SUFFIX)
  if (asked !== null && fields["echo"] === true) return unsupported("logprobs", NO_PROMPT_LOGPROBS)
  const [text, ...others] = Array.isArray(prompt) ? (prompt as readonly unknown[]) : [prompt]
  if (typeof text !== "string" || others.length > 0) return unsupported("prompt", "prompt: this model is reached through a chat, so it takes one text, and neither token ids nor several prompts.")
  if (call.outputTokensMax === 0) return unsupported("max_tokens", "max_tokens: must be at least 1 for this model.")
  const { suffix: _suffix, echo: _echo, ...chat } = fields
  return decodeCcRequest({ ...call, fields: { ...chat, messages: [{ role: "user", content: text }] } })
}

/** What stands before the completion: the prompt, where it is to be repeated. */
function echoed({ call }: EncodeContext): string {
  const { echo, prompt } = call.fields
  const [text] = Array.isArray(prompt) ? (prompt as readonly unknown[]) : [prompt]
  return echo === true && typeof text === "string" ? text : ""
}

const unsupported = (param: string, message: string): Result<never, GatewayError> => err({ code: "unsupported_parameter", message, param })

const completionId = (id: string): string => `cmpl-${id}`

const head = ({ responseId, createdAtSeconds, publicModel }: EncodeContext): Fields => ({ id: completionId(responseId), object: "text_completion", created: createdAtSeconds, model: publicModel })

/** Log probabilities as completions have them; `at`: where the text of the first token begins, in characters of the whole. */
function logprobsField(logprobs: unknown, at: number): Fields | null {
  const tokens = isRecord(logprobs) && Array.isArray(logprobs["content"]) ? (logprobs["content"] as readonly unknown[]).filter(isRecord) : []
  if (tokens.length === 0) return null
  let offset = at
  const offsets = tokens.map(({ token }) => {
    const start = offset
    offset += String(token).length
    return start
  })
  const tops = tokens.map(({ top_logprobs: top }) => Object.fromEntries((Array.isArray(top) ? (top as readonly unknown[]).filter(isRecord) : []).map(({ token, logprob }) => [String(token), logprob])))
  return { tokens: tokens.map(({ token }) => token), token_logprobs: tokens.map(({ logprob }) => logprob), top_logprobs: tops, text_offset: offsets }
}

const choiceField = (index: number, text: string, finish: Finish | null, logprobs: Fields | null = null): Fields => ({
  text,
  index,
  logprobs,
  finish_reason: finish === null ? null : finishWord(finish, { refusal: false, legacy: false }),
  ...(finish?.limit !== undefined && { turnpike: { limit: finish.limit } }),
})

const encodeCompletion = ({ choices, usage }: ChatAnswer, context: EncodeContext): Fields => ({
  ...head(context),
  choices: choices.map(({ parts, finish, logprobs }, index) => choiceField(index, echoed(context) + (textOf(parts, "") ?? ""), finish, logprobsField(logprobs, echoed(context).length))),
  ...(usage !== null && { usage: usageFields(usage) }),
})

/** Thinking has no place in a completion; what is refused is its text. */
function createCompletionEncoder(context: EncodeContext): StreamEncoder {
  const common = head(context)
  const spoken = new Set<string>()
  const prompt = echoed(context)
  const begun = new Set<number>()
  /** Characters whose log probabilities were told, by choice. */
  const told = new Map<number, number>()
  let usage: ChatUsage | null = null
  const chunk = (more: Fields): string => `data: ${JSON.stringify({ ...common, ...more })}\n\n`
  /** The prompt goes first, once for each choice. */
  const begin = (choice: number): string => {
    if (prompt === "" || begun.has(choice)) return ""
    begun.add(choice)
    return chunk({ choices: [choiceField(choice, prompt, null)] })
  }
  return {
    event(event: ChatEvent): string {
      switch (event.kind) {
        case "open":
          if (event.part.kind === "text" || event.part.kind === "refusal") spoken.add(`${event.choice} ${event.block}`)
          return ""
        case "delta":
          return spoken.has(`${event.choice} ${event.block}`) ? begin(event.choice) + chunk({ choices: [choiceField(event.choice, event.text, null)] }) : ""
        case "finish":
          return begin(event.choice) + chunk({ choices: [choiceField(event.choice, "", event.finish)] })
        case "logprobs": {
          const at = told.get(event.choice) ?? 0
          const logprobs = logprobsField(event.logprobs, at)
          if (logprobs === null) return ""
          told.set(event.choice, at + (logprobs["tokens"] as readonly unknown[]).join("").length)
          return chunk({ choices: [choiceField(event.choice, "", null, logprobs)] })
        }
        case "usage":
          usage = event.usage
          return ""
        case "start":
        case "signature":
        case "citation":
        case "close":
        case "end":
        case "failed":
          return ""
      }
    },
    end: () => `${asksForUsage(context.call) && usage !== null ? chunk({ choices: [], usage: usageFields(usage) }) : ""}data: [DONE]\n\n`,
  }
}

export const completionsClientCodec: ClientCodec = {
  ...ccClientCodec,
  fieldNames: { ...ccClientCodec.fieldNames, messages: "prompt", system: "prompt" },
  decodeRequest: decodeCompletion,
  responseId: completionId,
  encodeAnswer: encodeCompletion,
  openEncoder: createCompletionEncoder,
}
