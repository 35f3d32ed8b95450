import type { UsageUnit } from "#lib/kernel/usage.ts"
import type { Dialect } from "#lib/wire/dialect.ts"

/**
 * What becomes of a request field that costs money beyond tokens or reaches into the shared upstream account.
 * `refuse`: named in a 400, save with a harmless value. `only`: any other value is named in a 400; a family is a value with a date
 * behind it (`bash_20250124`). `tier`: served where the price names the tier. `priced`: served where the price names the unit, which is
 * then held. `searches`: a tool of this family searches at the provider, as often as it says itself or else as assumed; the answer
 * counts its searches. `output`: its text is held as output too.
 * Null, false and empty values are harmless everywhere.
 */
export type FieldRule = { readonly path: string; readonly source: string } & (
  | { readonly kind: "refuse"; readonly why: string; readonly harmless?: readonly string[] }
  | { readonly kind: "only"; readonly values: readonly string[]; readonly families?: readonly string[]; readonly why: string }
  | { readonly kind: "tier"; readonly harmless: readonly string[] }
  | { readonly kind: "priced"; readonly unit: UsageUnit; readonly when?: string }
  | { readonly kind: "searches"; readonly family: string; readonly countField: string; readonly assumed: number }
  | { readonly kind: "output" }
)

/** Whether a value is one of a family: its name, with or without a date behind it. */
export const isOfFamily = (value: unknown, family: string): boolean =>
  typeof value === "string" && value.startsWith(family) && /^(?:_\d{8})?$/.test(value.slice(family.length))

const hostedTool = "it runs at the provider and is billed apart from tokens"
const account = "it would be kept in the provider's account, which all tenants of this installation share"
const stored = "it names an object in the provider's account, which all tenants of this installation share"
const otherModels = "it would let the provider answer with another model or price than the one that was checked"

/** Fields of chat completions. Paths: a dot for a member, `[]` for each element. */
const cc: readonly FieldRule[] = [
  { path: "service_tier", kind: "tier", harmless: ["auto", "default"], source: "OpenAI API reference, chat completions, service_tier" },
  { path: "speed", kind: "refuse", why: "faster answers have another price", harmless: ["standard"], source: "Anthropic API reference, messages, speed" },
  { path: "inference_geo", kind: "refuse", why: "a region has another price", source: "Anthropic API reference, messages, inference_geo" },
  { path: "web_search_options", kind: "priced", unit: "search", source: "OpenAI API reference, chat completions, web_search_options" },
  { path: "modalities[]", kind: "priced", unit: "outputAudio", when: "audio", source: "OpenAI API reference, chat completions, modalities" },
  { path: "modalities[]", kind: "priced", unit: "outputImage", when: "image", source: "OpenRouter documentation, image generation" },
  { path: "audio", kind: "priced", unit: "outputAudio", source: "OpenAI API reference, chat completions, audio" },
  { path: "prediction.content", kind: "output", source: "OpenAI guide, predicted outputs: rejected tokens are billed as output" },
  { path: "tools[].type", kind: "only", values: ["function", "custom"], why: hostedTool, source: "Zhipu: web_search, retrieval; Moonshot: builtin_function; xAI: live_search" },
  { path: "plugins", kind: "refuse", why: hostedTool, source: "OpenRouter documentation, plugins" },
  { path: "search_parameters", kind: "refuse", why: hostedTool, source: "xAI API reference, live search" },
  { path: "enable_search", kind: "refuse", why: hostedTool, source: "Alibaba Model Studio, web search" },
  { path: "enable_code_interpreter", kind: "refuse", why: hostedTool, source: "Alibaba Model Studio, code interpreter" },
  { path: "web_search", kind: "refuse", why: hostedTool, source: "Baidu Qianfan and iFlytek, web search" },
  { path: "compound_custom", kind: "refuse", why: hostedTool, source: "Groq API reference, compound systems" },
  { path: "best_of", kind: "refuse", why: "it multiplies what is billed; use n", source: "OpenAI API reference, completions, best_of" },
  { path: "store", kind: "refuse", why: account, source: "OpenAI API reference, chat completions, store" },
  { path: "metadata", kind: "refuse", why: account, source: "OpenAI API reference, chat completions, metadata" },
  { path: "deferred", kind: "refuse", why: account, source: "xAI API reference, deferred completions" },
  { path: "background", kind: "refuse", why: account, source: "OpenAI API reference, responses, background" },
  { path: "previous_response_id", kind: "refuse", why: stored, source: "OpenAI API reference, responses" },
  { path: "conversation", kind: "refuse", why: stored, source: "OpenAI API reference, responses" },
  { path: "preset", kind: "refuse", why: stored, source: "OpenRouter documentation, presets" },
  { path: "cached_content", kind: "refuse", why: stored, source: "Gemini API, context caching" },
  { path: "extra_body.google.cached_content", kind: "refuse", why: stored, source: "Gemini API, OpenAI compatibility" },
  { path: "messages[].audio.id", kind: "refuse", why: stored, source: "OpenAI API reference, chat completions, assistant message" },
  { path: "messages[].content[].file.file_id", kind: "refuse", why: stored, source: "OpenAI API reference, chat completions, file part" },
  { path: "models", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "fallbacks", kind: "refuse", why: otherModels, source: "LiteLLM documentation, fallbacks" },
  { path: "route", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "provider", kind: "refuse", why: otherModels, source: "OpenRouter documentation, provider routing" },
]

/** Searches held for a tool that names no bound: more than one answer makes (web search tool guide: most make one to five). */
const SEARCHES_ASSUMED = 10
const fileId = "Anthropic API reference, files"

/** Fields of messages. Client-run tools cost tokens alone; of those that run at the provider, only searches and tool search are served. */
const am: readonly FieldRule[] = [
  { path: "service_tier", kind: "refuse", why: "other tiers have another price", harmless: ["auto", "standard_only"], source: "Anthropic API reference, messages, service_tier" },
  { path: "speed", kind: "tier", harmless: ["standard"], source: "Anthropic API reference, messages, speed; pricing, fast mode" },
  { path: "inference_geo", kind: "refuse", why: "a region has another price", harmless: ["global"], source: "Anthropic API reference, messages, inference_geo" },
  { path: "tools[]", kind: "searches", family: "web_search", countField: "max_uses", assumed: SEARCHES_ASSUMED, source: "Anthropic web search tool guide" },
  {
    path: "tools[].type",
    kind: "only",
    values: ["custom"],
    families: ["bash", "text_editor", "computer", "computer_toolset", "browser_toolset", "memory", "tool_search_tool_regex", "tool_search_tool_bm25", "web_search"],
    why: hostedTool,
    source: "Anthropic API reference, messages, tools: code_execution, web_fetch, advisor and mcp_toolset run at the provider",
  },
  { path: "container", kind: "refuse", why: stored, source: "Anthropic API reference, messages, container" },
  { path: "mcp_servers", kind: "refuse", why: hostedTool, source: "Anthropic MCP connector guide" },
  { path: "thread", kind: "refuse", why: account, source: "Anthropic API reference, beta messages, thread" },
  { path: "user_profile_id", kind: "refuse", why: stored, source: "Anthropic API reference, beta messages, user_profile_id" },
  { path: "workspace_id", kind: "refuse", why: stored, source: "Anthropic API reference, beta messages, workspace_id" },
  { path: "billing_policy", kind: "refuse", why: account, source: "Anthropic API reference, beta messages, billing_policy" },
  { path: "messages[].content[].source.file_id", kind: "refuse", why: stored, source: fileId },
  { path: "messages[].content[].file_id", kind: "refuse", why: stored, source: fileId },
  { path: "messages[].content[].content[].source.file_id", kind: "refuse", why: stored, source: fileId },
  { path: "fallbacks", kind: "refuse", why: otherModels, source: "Anthropic API reference, beta messages, fallbacks" },
  { path: "models", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "route", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "provider", kind: "refuse", why: otherModels, source: "OpenRouter documentation, provider routing" },
  { path: "plugins", kind: "refuse", why: hostedTool, source: "OpenRouter documentation, plugins" },
  { path: "preset", kind: "refuse", why: stored, source: "OpenRouter documentation, presets" },
]

/** Fields that the gateway itself reads or writes. */
const ccOwned = ["model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens"] as const

const amOwned = ["model", "messages", "system", "stream", "max_tokens", "thinking"] as const

/** A rule with its path cut into steps: `["messages", "[]", "audio", "id"]`. */
export type SteppedRule = { readonly rule: FieldRule; readonly steps: readonly string[] }

/**
 * The rules by the top-level field they begin with, lower-case; fields that the gateway itself relies on have a row without rules.
 * Upstreams written in Go match names in any case, so `Model` beside `model` would reach them unchecked.
 */
export type GuardedFields = ReadonlyMap<string, readonly SteppedRule[]>

function guarded(rules: readonly FieldRule[], owned: readonly string[]): GuardedFields {
  const stepped = rules.map((rule): SteppedRule => ({ rule, steps: rule.path.match(/\[\]|[^.[]+/g) ?? [] }))
  const names = new Set([...owned, ...stepped.map(({ steps }) => steps[0] ?? "")])
  return new Map([...names].map((name) => [name, stepped.filter(({ steps }) => steps[0] === name)]))
}

export const guardedFields: Partial<Readonly<Record<Dialect, GuardedFields>>> = { cc: guarded(cc, ccOwned), am: guarded(am, amOwned) }
