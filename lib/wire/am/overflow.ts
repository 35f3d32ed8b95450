import { contextOverflow } from "../context-overflow.ts"

const OWN = /^(?:prompt is too long|input length and `max_tokens` exceed context limit)/

/**
 * Anthropic's own words for a prompt that does not fit (https://docs.anthropic.com/en/docs/build-with-claude/context-windows): its clients
 * look for them, and for the numbers in them, to shorten the conversation or the output that they ask for (W-114).
 */
export function amOverflowWords(message: string): string {
  if (OWN.test(message)) return message
  const { promptTokens: prompt, outputTokens: output, tokensMax: max } = contextOverflow({ code: null, message }) ?? { promptTokens: null, outputTokens: null, tokensMax: null }
  if (prompt !== null && output !== null && max !== null && prompt < max) return `input length and \`max_tokens\` exceed context limit: ${prompt} + ${output} > ${max}, decrease input length or \`max_tokens\` and try again`
  if (prompt !== null && max !== null) return `prompt is too long: ${prompt} tokens > ${max} maximum`
  return `prompt is too long: ${message}`
}
