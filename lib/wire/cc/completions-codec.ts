import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import type { ChatAnswer, ChatEvent, ChatUsage, Finish } from "../chat/answer.ts"
import type { ClientCodec, EncodeContext, StreamEncoder } from "../chat/codec.ts"
import type { ChatRequest } from "../chat/request.ts"
import { textOf } from "../chat/turns.ts"
import { type Fields, isAbsent } from "../request-fields.ts"
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
const NOT_IN_CHAT: Readonly<Record<string, string>> = {
  suffix: "text cannot be inserted before it",
  logprobs: "its provider does not tell them for completions",
  echo: "it does not repeat its prompt",
}

function decodeCompletion(call: Call): Result<ChatRequest, GatewayError> {
  const { prompt, ...fields } = call.fields
  for (const [name, why] of Object.entries(NOT_IN_CHAT)) {
    if (!isAbsent(fields[name]) && fields[name] !== false && fields[name] !== "") return unsupported(name, `${name} cannot be used with this model, which is reached through a chat: ${why}.`)
  }
  const [text, ...others] = Array.isArray(prompt) ? (prompt as readonly unknown[]) : [prompt]
  if (typeof text !== "string" || others.length > 0) return unsupported("prompt", "prompt: this model is reached through a chat, so it takes one text, and neither token ids nor several prompts.")
  if (call.outputTokensMax === 0) return unsupported("max_tokens", "max_tokens: must be at least 1 for this model.")
  return decodeCcRequest({ ...call, fields: { ...fields, messages: [{ role: "user", content: text }] } })
}

const unsupported = (param: string, message: string): Result<never, GatewayError> => err({ code: "unsupported_parameter", message, param })

const completionId = (id: string): string => `cmpl-${id}`

const head = ({ responseId, createdAtSeconds, publicModel }: EncodeContext): Fields => ({ id: completionId(responseId), object: "text_completion", created: createdAtSeconds, model: publicModel })

const choiceField = (index: number, text: string, finish: Finish | null): Fields => ({
  text,
  index,
  logprobs: null,
  finish_reason: finish === null ? null : finishWord(finish, { refusal: false, legacy: false }),
  ...(finish?.limit !== undefined && { turnpike: { limit: finish.limit } }),
})

const encodeCompletion = ({ choices, usage }: ChatAnswer, context: EncodeContext): Fields => ({
  ...head(context),
  choices: choices.map(({ parts, finish }, index) => choiceField(index, textOf(parts, "") ?? "", finish)),
  ...(usage !== null && { usage: usageFields(usage) }),
})

/** Thinking has no place in a completion; what is refused is its text. */
function createCompletionEncoder(context: EncodeContext): StreamEncoder {
  const common = head(context)
  const spoken = new Set<string>()
  let usage: ChatUsage | null = null
  const chunk = (more: Fields): string => `data: ${JSON.stringify({ ...common, ...more })}\n\n`
  return {
    event(event: ChatEvent): string {
      switch (event.kind) {
        case "open":
          if (event.part.kind === "text" || event.part.kind === "refusal") spoken.add(`${event.choice} ${event.block}`)
          return ""
        case "delta":
          return spoken.has(`${event.choice} ${event.block}`) ? chunk({ choices: [choiceField(event.choice, event.text, null)] }) : ""
        case "finish":
          return chunk({ choices: [choiceField(event.choice, "", event.finish)] })
        case "usage":
          usage = event.usage
          return ""
        case "start":
        case "signature":
        case "citation":
        case "close":
        case "logprobs":
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
