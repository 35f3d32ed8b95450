import type { UpstreamWords } from "./upstream-words.ts"

/**
 * What a provider said of a prompt that does not fit its model. Null: not said. `outputTokens`: the prompt would have fitted without the
 * output that was asked for beside it.
 */
export type ContextOverflow = { readonly promptTokens: number | null; readonly outputTokens: number | null; readonly tokensMax: number | null }

const CODES: readonly string[] = ["context_length_exceeded", "string_above_max_length", "context_window_exceeded"]

/**
 * How providers say it (W-114), by their API references and their issue trackers (read November 2026): OpenAI, Azure, DeepSeek, vLLM
 * and OpenRouter; Anthropic; Gemini; Mistral; xAI; Bedrock; Cohere; Zhipu; Moonshot; Alibaba; MiniMax; llama.cpp.
 */
const SAID = [
  /maximum context length/i,
  /context (?:window|length|size)\b.{0,40}\b(?:exceed|limit)|exceed\w*\b.{0,60}\bcontext (?:window|length|size|limit)/i,
  /prompt is too long|input is too long for requested model|too many input tokens/i,
  /input length and `?max_tokens`? exceed context limit/i,
  /input token count.{0,40}exceeds the maximum/i,
  /maximum prompt length is/i,
  /total number of tokens in prompt cannot exceed|total number of tokens.{0,40}exceeds? the limit/i,
  /prompt exceeds max(?:imum)? length|exceeded model token limit|range of input length should be/i,
  /longer than the (?:maximum )?model(?:'s)? (?:maximum )?(?:context |model )?length/i,
  /超长|超出.{0,10}(?:上下文|最大长度)/,
] as const

/** Where the numbers stand: the prompt's tokens, and the most that there may be. */
const PROMPT = [
  /(?:messages )?resulted in (\d+)/,
  /\((\d+) (?:in|of) (?:the )?(?:messages|text input|prompt)/,
  /requested (?:about )?(\d+)/,
  /too long: (\d+)/,
  /limit: (\d+) \+/,
  /input token count \(?(\d+)/i,
  /prompt contains (\d+)/i,
  /request contains (\d+)/,
  /received (\d+)/,
  /prompt \(length (\d+)/,
  /request \((\d+) tokens/,
  /request input token count: (\d+)/,
] as const
const MAXIMUM = [
  /maximum context length (?:is|of) (\d+)/i,
  /(\d+) maximum/,
  /maximum number of tokens allowed \(?(\d+)/i,
  /with (\d+) maximum context length/i,
  /maximum prompt length is (\d+)/i,
  /cannot exceed (\d+)/i,
  /token limit: (\d+)/i,
  /\[\d+, (\d+)\]/,
  /exceed context limit: \d+ \+ \d+ > (\d+)/,
  /maximum model length of (\d+)/,
  /available context size \((\d+)/,
  /max input tokens: (\d+)/i,
] as const
const OUTPUT = [/(\d+) in the (?:completion|output)/, /exceed context limit: \d+ \+ (\d+)/] as const

/** Reads a provider's error; null where it says something else. */
export function contextOverflow({ code, message }: Pick<UpstreamWords, "code" | "message">): ContextOverflow | null {
  if (!(code !== null && CODES.includes(code)) && !SAID.some((said) => said.test(message))) return null
  const plain = message.replace(/(\d)[,_](?=\d{3}\b)/g, "$1")
  return { promptTokens: numberIn(plain, PROMPT), outputTokens: numberIn(plain, OUTPUT), tokensMax: numberIn(plain, MAXIMUM) }
}

function numberIn(text: string, patterns: readonly RegExp[]): number | null {
  for (const pattern of patterns) {
    const found = Number(pattern.exec(text)?.[1] ?? Number.NaN)
    if (Number.isSafeInteger(found)) return found
  }
  return null
}
