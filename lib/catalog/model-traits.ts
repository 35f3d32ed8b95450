import type { CcTraits, ModelTraits } from "#lib/wire/chat/model-traits.ts"
import { findProvider } from "./providers.ts"

const PLAIN: ModelTraits = { amThinking: null, prefill: false, gmThinking: null, ccThinking: null, fixedSampling: false, developerRole: false, hiddenReasoning: false }

const openai: CcTraits = { openai: true, thoughts: null }
const openaiReasoning = (efforts: readonly string[]): Partial<ModelTraits> => ({
  ccThinking: { kind: "effort", efforts },
  fixedSampling: true,
  developerRole: true,
  hiddenReasoning: true,
  cc: { ...openai, outputField: "max_completion_tokens" },
})

/** `parametersJsonSchema` (Gemini API reference, FunctionDeclaration) is what Gemini CLI 0.6x sends to all of them (W-135). */
const gemini: Partial<ModelTraits> = { gmJsonSchema: true, ccThinking: { kind: "effort", efforts: ["minimal", "low", "medium", "high"] } }
const glm: CcTraits = { thoughts: "reasoning_content", forcedCalls: "never", formats: "json", refuses: ["presencePenalty", "frequencyPenalty", "logitBias", "logprobs"] }
const deepseek: CcTraits = { thoughts: "reasoning_content", thoughtsWithCalls: true, forcedCalls: "withoutThinking", formats: "json" }
const kimi: CcTraits = { thoughts: "reasoning_content", thoughtsWithCalls: true, outputField: "max_completion_tokens", forcedCalls: "withoutThinking", prefill: "partial" }
const minimax: CcTraits = { thoughts: "tags", outputField: "max_completion_tokens", forcedCalls: "never", formats: "json" }
const mistral: CcTraits = { thoughts: "parts", shortCallIds: true, prefill: "prefix", seedField: "random_seed", refuses: ["logitBias", "logprobs", "user"] }

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
  // Gemini API, thinking guide; OpenAI compatibility, `reasoning_effort`.
  { pattern: /gemini-2\.5-flash-lite/, traits: { ...gemini, gmThinking: { kind: "budget", min: 512, max: 24_576, canTurnOff: true } } },
  { pattern: /gemini-2\.5-flash/, traits: { ...gemini, gmThinking: { kind: "budget", min: 0, max: 24_576, canTurnOff: true }, hiddenReasoning: true } },
  { pattern: /gemini-2\.5/, traits: { ...gemini, gmThinking: { kind: "budget", min: 128, max: 32_768, canTurnOff: false }, hiddenReasoning: true } },
  { pattern: /gemini-(?:3(?:\.\d+)?-pro|pro-latest)/, traits: { ...gemini, gmThinking: { kind: "level", levels: ["low", "high"] }, hiddenReasoning: true } },
  { pattern: /gemini-(?:[3-9]|flash)/, traits: { ...gemini, gmThinking: { kind: "level", levels: ["minimal", "low", "medium", "high"] }, hiddenReasoning: true } },
  // The words of `reasoning_effort` are those of OpenAI's own SDK (openai 7.57.0, shared.d.ts), "not all reasoning models support every value": which model takes
  // which is read from @earendil-works/pi-ai 1.5.2, since no page of the vendor with all of them was found.
  { pattern: /(?:^|\/)gpt-5(?:\.\d+)?-chat/, traits: { cc: { ...openai, outputField: "max_completion_tokens" } } },
  { pattern: /(?:^|\/)gpt-5-pro/, traits: openaiReasoning(["high"]) },
  { pattern: /(?:^|\/)gpt-5(?:-|$)/, traits: openaiReasoning(["minimal", "low", "medium", "high"]) },
  { pattern: /(?:^|\/)gpt-5\.1/, traits: openaiReasoning(["none", "low", "medium", "high"]) },
  { pattern: /(?:^|\/)gpt-5\.\d+-pro/, traits: openaiReasoning(["medium", "high", "xhigh"]) },
  { pattern: /(?:^|\/)gpt-5\.[2-5]/, traits: openaiReasoning(["none", "low", "medium", "high", "xhigh"]) },
  { pattern: /(?:^|\/)gpt-(?:5\.6-cyber|6-astra|6\.1-sol)/, traits: openaiReasoning(["low", "medium", "high", "xhigh", "max"]) },
  { pattern: /(?:^|\/)gpt-(?:5\.\d|[6-9])/, traits: openaiReasoning(["none", "low", "medium", "high", "xhigh", "max"]) },
  { pattern: /(?:^|\/)o[134](?:-|$)/, traits: openaiReasoning(["low", "medium", "high"]) },
  { pattern: /gpt-oss/, traits: { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] } } },
  { pattern: /(?:^|\/)(?:gpt-|chatgpt-)/, traits: { cc: openai } },
  // xAI, reasoning guide (https://docs.x.ai/docs/guides/reasoning): grok-4 and later return none of their reasoning, and refuse penalties and stop words; the first
  // of them refuse `reasoning_effort` as well, which Google says of 4.1 too (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/grok/capabilities/reasoning).
  // The words of the later ones are those of xAI's own SDK (xai-sdk 1.21.0 on PyPI, chat.py): `xhigh` came with 4.6.
  { pattern: /grok-[4-9].*non-reasoning/, traits: { cc: { thoughts: null } } },
  { pattern: /grok-4(?:$|-0709|-fast|[.-]1-fast)/, traits: { hiddenReasoning: true, cc: { thoughts: null, refuses: ["presencePenalty", "frequencyPenalty", "stop"] } } },
  { pattern: /grok-(?:4[.-][6-9]|[5-9])/, traits: { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high", "xhigh"] }, hiddenReasoning: true, cc: { thoughts: null, refuses: ["presencePenalty", "frequencyPenalty", "stop"] } } },
  { pattern: /grok-[4-9]/, traits: { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high"] }, hiddenReasoning: true, cc: { thoughts: null, refuses: ["presencePenalty", "frequencyPenalty", "stop"] } } },
  { pattern: /grok-3-mini/, traits: { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] }, cc: { refuses: ["presencePenalty", "frequencyPenalty", "stop"] } } },
  // Z.ai, thinking mode (https://docs.z.ai/guides/capabilities/thinking-mode) and chat completion reference: `auto` is the only tool_choice, formats are `text` and
  // `json_object`. Z.ai's own SDK (zai-sdk 0.2.3 on PyPI, chat/completions.py) has neither penalties nor biases nor log probabilities; from 5.2 on it has an effort,
  // in all words. 5.3 always thinks, by three of them (probed in https://github.com/ceulen-dev/ceulen/releases/tag/v0.23.0; no page of the vendor was found).
  { pattern: /glm-(?:5\.[3-9]|[6-9])/, traits: { ccThinking: { kind: "effort", efforts: ["low", "high", "max"] }, cc: glm } },
  { pattern: /glm-5\.2/, traits: { ccThinking: { kind: "switch", efforts: ["minimal", "low", "medium", "high", "xhigh", "max"] }, cc: glm } },
  { pattern: /glm-(?:4\.[5-9]|5)/, traits: { ccThinking: { kind: "switch" }, cc: glm } },
  { pattern: /glm-/, traits: { cc: glm } },
  // DeepSeek, thinking mode (https://api-docs.deepseek.com/guides/thinking_mode): all words are taken, and mean `low`, `high` or `max` there; a call with thinking
  // comes back with it, or is a 400; calls are forced only without thinking. JSON output guide: `json_object` alone.
  { pattern: /deepseek-(?:v[4-9]|flash)/, traits: { ccThinking: { kind: "switch", efforts: ["minimal", "low", "medium", "high", "xhigh", "max"] }, cc: deepseek } },
  { pattern: /deepseek-v3\.[1-9]/, traits: { ccThinking: { kind: "switch" }, cc: deepseek } },
  { pattern: /deepseek/, traits: { cc: deepseek } },
  // No page of Moonshot's own was found for these (third parties read its parameter reference): Kimi K2.x and K3 model parameter reference: sampling is fixed, `max_completion_tokens` is the documented bound; K3 and K2.7 code always think,
  // K3 by an effort; a call of a thinking model comes back with its thinking, or is a 400.
  { pattern: /kimi-k[3-9]|(?:^|\/)k[3-9]/, traits: { ccThinking: { kind: "effort", efforts: ["low", "high", "max"] }, fixedSampling: true, cc: kimi } },
  { pattern: /kimi-k2\.7-code|kimi-k2-thinking|kimi-for-coding/, traits: { ccThinking: null, fixedSampling: true, cc: kimi } },
  { pattern: /kimi-k2\.[5-9]/, traits: { ccThinking: { kind: "switch" }, fixedSampling: true, cc: kimi } },
  // Volcengine Ark, deep thinking (no page of the vendor was found by search).
  { pattern: /doubao-seed/, traits: { ccThinking: { kind: "switch" }, cc: { thoughts: "reasoning_content" } } },
  // MiniMax, text generation by OpenAI's API (https://platform.minimax.io/docs/api-reference/text-openai-api): thinking stands in the content as <think> and
  // goes back so; M3 thinks adaptively and can be told not to, M2.x always thinks; no tool_choice.
  { pattern: /minimax-m(?:[3-9]|\d\d)/, traits: { ccThinking: { kind: "switch", on: "adaptive" }, cc: minimax } },
  { pattern: /minimax-m/, traits: { cc: minimax } },
  // Mistral, reasoning guide (https://docs.mistral.ai/inference/conversations/reasoning): thinking is a part of the content, as in its own SDK (@mistralai/mistralai
  // 2.7.0: ThinkChunk), which has `random_seed` and `prefix`, and neither `user` nor biases nor log probabilities. Which words of effort a model takes, the guide says.
  { pattern: /mistral-large/, traits: { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] }, cc: mistral } },
  { pattern: /mistral-(?:small|medium)/, traits: { ccThinking: { kind: "effort", efforts: ["none", "high"] }, cc: mistral } },
  { pattern: /mistral|magistral|ministral|codestral|devstral|pixtral/, traits: { cc: mistral } },
  // Alibaba Model Studio, deep thinking (https://www.alibabacloud.com/help/en/model-studio/deep-thinking): in a thinking turn a call cannot be forced.
  { pattern: /qwen3|qwq/, traits: { ccThinking: { kind: "qwen" }, cc: { thoughts: "reasoning_content", forcedCalls: "withoutThinking", prefill: "partial", topK: true } } },
]

const known = new Map<string, ModelTraits>()
/** Names come from the operator's configuration; the bound is for one that changes for ever. */
const KNOWN_MAX = 10_000

/** What is known of a model by the name that its channel gives it, and of the provider behind that channel, whose own word comes first. */
export function traitsOf(model: string, providerId = ""): ModelTraits {
  const key = `${providerId} ${model}`
  const found = known.get(key)
  if (found !== undefined) return found
  const name = model.toLowerCase()
  const family = families.find(({ pattern }) => pattern.test(name))?.traits
  const provider = findProvider(providerId)
  const own = provider?.modelTraits?.find(({ models }) => models.test(name))?.traits
  const outputField = provider?.outputLimitField
  const traits = { ...PLAIN, ...family, ...provider?.traits, ...own, cc: { ...family?.cc, ...(outputField !== undefined && { outputField }), ...provider?.traits?.cc, ...own?.cc } }
  if (known.size < KNOWN_MAX) known.set(key, traits)
  return traits
}
