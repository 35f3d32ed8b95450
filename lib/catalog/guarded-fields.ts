import type { Dialect } from "#lib/wire/dialect.ts"
import type { FieldRule } from "./field-rule.ts"
import { geminiOwned, geminiRules } from "./guarded-gemini.ts"
import { account, hostedTool, otherModels, stored } from "./guarded-reasons.ts"

/** Whether a value is one of a family: its name, with or without a date behind it. */
export const isOfFamily = (value: unknown, family: string): boolean =>
  typeof value === "string" && value.startsWith(family) && /^(?:_\d{8}|_\d{4}_\d{2}_\d{2})?$/.test(value.slice(family.length))

/** Fields of chat completions. Paths: a dot for a member, `[]` for each element. */
const cc: readonly FieldRule[] = [
  { path: "service_tier", kind: "tier", harmless: ["auto", "default"], source: "OpenAI API reference, chat completions, service_tier" },
  { path: "speed", kind: "refuse", why: "faster answers have another price", harmless: ["standard"], source: "Anthropic API reference, messages, speed" },
  { path: "inference_geo", kind: "refuse", why: "a region has another price", source: "Anthropic API reference, messages, inference_geo" },
  { path: "web_search_options", kind: "priced", unit: "search", evenEmpty: true, source: "OpenAI API reference, chat completions, web_search_options; web search guide: `{}` searches" },
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

/**
 * Items that a conversation may hold: what was said, and what tools run by the client were asked and answered. A reference to an item
 * (`item_reference`) is replaced by the item before this is checked, where this organization got it through us.
 */
const rsItems = [
  ["message", "reasoning", "compaction", "compaction_trigger", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "tool_search_call", "tool_search_output", "additional_tools"],
  ["web_search_call", "computer_call", "computer_call_output", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call", "apply_patch_call_output"],
].flat()

/** Fields of responses. Nothing is kept at the provider (`store` is always false there), so what names something kept there is refused. */
const rs: readonly FieldRule[] = [
  { path: "service_tier", kind: "tier", harmless: ["auto", "default"], source: "OpenAI API reference, responses, service_tier" },
  { path: "background", kind: "refuse", why: account, source: "OpenAI API reference, responses, background" },
  { path: "conversation", kind: "refuse", why: stored, source: "OpenAI API reference, responses, conversation" },
  { path: "prompt", kind: "refuse", why: stored, source: "OpenAI API reference, responses, prompt" },
  { path: "input[].type", kind: "only", values: rsItems, why: stored, source: "OpenAI API reference, responses, input" },
  { path: "input[].content[].file_id", kind: "refuse", why: stored, source: "OpenAI API reference, responses, input_image and input_file" },
  { path: "input[].output[].file_id", kind: "refuse", why: stored, source: "OpenAI API reference, responses, function_call_output" },
  { path: "input[].output.file_id", kind: "refuse", why: stored, source: "OpenAI API reference, responses, computer_call_output" },
  { path: "tools[]", kind: "searches", family: "web_search", countField: "max_uses", assumed: SEARCHES_ASSUMED, optional: true, source: "OpenAI web search guide" },
  { path: "tools[]", kind: "searches", family: "web_search_preview", countField: "max_uses", assumed: SEARCHES_ASSUMED, optional: true, source: "OpenAI web search guide" },
  {
    path: "tools[].type",
    kind: "only",
    values: ["function", "custom", "namespace", "tool_search", "local_shell", "apply_patch", "computer", "computer_use_preview"],
    families: ["web_search", "web_search_preview"],
    why: hostedTool,
    source: "OpenAI API reference, responses, tools: code_interpreter, file_search, image_generation, mcp and hosted shells run at the provider",
  },
  { path: "tools[].tools[].type", kind: "only", values: ["function", "custom"], why: hostedTool, source: "OpenAI API reference, responses, tools, namespace" },
  { path: "search_parameters", kind: "refuse", why: hostedTool, source: "xAI API reference, live search" },
  { path: "plugins", kind: "refuse", why: hostedTool, source: "OpenRouter documentation, plugins" },
  { path: "models", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "fallbacks", kind: "refuse", why: otherModels, source: "LiteLLM documentation, fallbacks" },
  { path: "route", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "provider", kind: "refuse", why: otherModels, source: "OpenRouter documentation, provider routing" },
  { path: "preset", kind: "refuse", why: stored, source: "OpenRouter documentation, presets" },
]

/** Fields that the gateway itself reads or writes. */
const ccOwned = ["model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens"] as const

const amOwned = ["model", "messages", "system", "stream", "max_tokens", "thinking"] as const

const rsOwned = ["model", "input", "instructions", "stream", "store", "previous_response_id", "max_output_tokens"] as const

/** Rules and the spelling of the top-level field that they begin with. */
export type GuardedField = { readonly spelling: string; readonly rules: readonly SteppedRule[] }

/** A rule with its path cut into steps: `["messages", "[]", "audio", "id"]`. */
export type SteppedRule = { readonly rule: FieldRule; readonly steps: readonly string[] }

/**
 * The rules by the top-level field they begin with, lower-case; fields that the gateway itself relies on have a row without rules.
 * Upstreams written in Go match names in any case, so `Model` beside `model` would reach them unchecked.
 */
export type GuardedFields = ReadonlyMap<string, GuardedField>

/** Rules by the field they begin with; `owned`: the fields that the gateway relies on. */
export function guarded(rules: readonly FieldRule[], owned: readonly string[]): GuardedFields {
  const stepped = rules.map((rule): SteppedRule => ({ rule, steps: rule.path.match(/\[\]|[^.[]+/g) ?? [] }))
  const names = new Set([...owned, ...stepped.map(({ steps }) => steps[0] ?? "")])
  return new Map([...names].map((name) => [name.toLowerCase(), { spelling: name, rules: stepped.filter(({ steps }) => steps[0] === name) }]))
}

export const guardedFields = { cc: guarded(cc, ccOwned), am: guarded(am, amOwned), rs: guarded(rs, rsOwned), gm: guarded(geminiRules, geminiOwned) } as const satisfies Partial<Record<Dialect, GuardedFields>>
