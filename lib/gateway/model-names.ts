import type { Call } from "#lib/wire/call.ts"

/** Claude Code offers of a gateway's models only those whose ids begin so (W-129; its documentation, LLM gateway, model discovery). */
const OFFERED = /^(?:claude|anthropic)/i
const PREFIX = "claude-"
/** Claude Code's mark for the window of a million tokens that a user chose. */
const LONG_CONTEXT = /\[1m\]$/i

/** A model's name as Claude Code offers it: `claude-glm-5.3` for `glm-5.3`. */
export const offeredName = (name: string): string => (OFFERED.test(name) ? name : `${PREFIX}${name}`)

/** The model that a client of Anthropic's means: the name as it stands, without the mark, or without the prefix that made it be offered. */
export function meantName(asked: string, isModel: (name: string) => boolean): string {
  if (isModel(asked)) return asked
  const plain = asked.replace(LONG_CONTEXT, "")
  const candidates = plain.startsWith(PREFIX) ? [plain, plain.slice(PREFIX.length)] : [plain]
  return candidates.find(isModel) ?? plain
}

/** The call with the name of the model that it means. Its body keeps what the client wrote. */
export function withMeantModel(call: Call, isModel: (name: string) => boolean): Call {
  const model = meantName(call.model, isModel)
  return model === call.model ? call : { ...call, model }
}
