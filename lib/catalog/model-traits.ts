import type { ModelTraits } from "#lib/wire/chat/model-traits.ts"

const PLAIN: ModelTraits = { amThinking: null, prefill: false, gmThinking: null, ccThinking: null, fixedSampling: false, developerRole: false, hiddenReasoning: false }

const openaiReasoning = (efforts: readonly string[]): Partial<ModelTraits> => ({ ccThinking: { kind: "effort", efforts }, fixedSampling: true, developerRole: true, hiddenReasoning: true })

type Family = { readonly pattern: RegExp; readonly traits: Partial<ModelTraits> }

/** The first pattern that is found in a model's lower-case name counts; vendors' prefixes (`anthropic/`, `us.anthropic.`) may stand before it. */
const families: readonly Family[] = [
  // Anthropic, adaptive thinking guide: 4.7 and later refuse budgets; 4.6 takes both; older ones take budgets alone. Prefill ends with 4.6.
  { pattern: /claude-(?:3-(?:opus|sonnet|haiku)|3-5|2)/, traits: { prefill: true } },
  // Structured outputs guide: from 4.5 on.
  { pattern: /claude-(?:opus|sonnet|haiku)-4[-.]5/, traits: { amThinking: "budget", prefill: true, amOutputFormat: true } },
  { pattern: /claude-(?:3-7|(?:opus|sonnet|haiku)-4(?:$|[-@.](?:[0-5]|20)))/, traits: { amThinking: "budget", prefill: true } },
  { pattern: /claude-(?:opus|sonnet)-4[-.]6/, traits: { amThinking: "both", amOutputFormat: true } },
  { pattern: /claude-/, traits: { amThinking: "adaptive", amOutputFormat: true } },
  // Gemini API, thinking guide.
  { pattern: /gemini-2\.5-flash-lite/, traits: { gmThinking: { kind: "budget", min: 512, max: 24_576, canTurnOff: true } } },
  { pattern: /gemini-2\.5-flash/, traits: { gmThinking: { kind: "budget", min: 0, max: 24_576, canTurnOff: true }, hiddenReasoning: true } },
  { pattern: /gemini-2\.5/, traits: { gmThinking: { kind: "budget", min: 128, max: 32_768, canTurnOff: false }, hiddenReasoning: true } },
  { pattern: /gemini-(?:3(?:\.\d+)?-pro|pro-latest)/, traits: { gmThinking: { kind: "level", levels: ["low", "high"] }, hiddenReasoning: true } },
  { pattern: /gemini-(?:[3-9]|flash)/, traits: { gmThinking: { kind: "level", levels: ["minimal", "low", "medium", "high"] }, hiddenReasoning: true } },
  // OpenAI API reference, reasoning_effort: which words each generation takes.
  { pattern: /(?:^|\/)gpt-5(?:\.\d+)?-chat/, traits: {} },
  { pattern: /(?:^|\/)gpt-5-pro/, traits: openaiReasoning(["high"]) },
  { pattern: /(?:^|\/)gpt-5(?:-|$)/, traits: openaiReasoning(["minimal", "low", "medium", "high"]) },
  { pattern: /(?:^|\/)gpt-5\.1/, traits: openaiReasoning(["none", "low", "medium", "high"]) },
  { pattern: /(?:^|\/)gpt-(?:5\.\d|[6-9])/, traits: openaiReasoning(["none", "low", "medium", "high", "xhigh"]) },
  { pattern: /(?:^|\/)o[134](?:-|$)/, traits: openaiReasoning(["low", "medium", "high"]) },
  { pattern: /gpt-oss/, traits: { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] } } },
  // xAI, reasoning guide: grok-4 and later return none of their reasoning.
  { pattern: /grok-[4-9].*non-reasoning/, traits: {} },
  { pattern: /grok-[4-9]/, traits: { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] }, hiddenReasoning: true } },
  { pattern: /grok-3-mini/, traits: { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] } } },
  // Zhipu, DeepSeek, Moonshot and Volcengine API references: `thinking.type`.
  { pattern: /glm-(?:4\.[5-9]|[5-9])|deepseek-(?:v3\.[1-9]|v[4-9]|flash)|kimi-k(?:2\.[5-9]|[3-9])|doubao-seed/, traits: { ccThinking: { kind: "switch" } } },
  // Alibaba Model Studio, deep thinking.
  { pattern: /qwen3/, traits: { ccThinking: { kind: "qwen" } } },
]

const known = new Map<string, ModelTraits>()
/** Names come from the operator's configuration; the bound is for one that changes for ever. */
const KNOWN_MAX = 10_000

/** What is known of a model by the name that its channel gives it. */
export function traitsOf(model: string): ModelTraits {
  const found = known.get(model)
  if (found !== undefined) return found
  const name = model.toLowerCase()
  const traits = { ...PLAIN, ...families.find(({ pattern }) => pattern.test(name))?.traits }
  if (known.size < KNOWN_MAX) known.set(model, traits)
  return traits
}
