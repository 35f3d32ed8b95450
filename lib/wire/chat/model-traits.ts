import type { ChatField } from "./request.ts"

/**
 * What a model takes that others of its dialect do not, as far as a translation must know it. Facts of families, by name: a new
 * version of a family behaves like its newest known one. The catalogue has the rows (lib/catalog/model-traits.ts).
 */
export type ModelTraits = {
  /**
   * How AM asks it to think: `adaptive` alone, by `budget`, `both`, or not at all. Null: not a model that is known to think in AM.
   */
  readonly amThinking: "budget" | "adaptive" | "both" | null
  /** Whether it continues an assistant turn that the request ends with (AM prefill, W-9). */
  readonly prefill: boolean
  /** Whether AM can bind its answer to a schema (`output_config.format`); otherwise it is asked for in words (W-77). */
  readonly amOutputFormat?: boolean
  /** How GM asks it to think: tokens (`thinkingBudget`) with their bounds, or words (`thinkingLevel`). */
  readonly gmThinking:
    | { readonly kind: "budget"; readonly min: number; readonly max: number; readonly canTurnOff: boolean }
    | { readonly kind: "level"; readonly levels: readonly ("minimal" | "low" | "medium" | "high")[] }
    | null
  /** Whether GM takes a tool's parameters as JSON Schema (`parametersJsonSchema`); otherwise they are rewritten into the subset that its `Schema` has. */
  readonly gmJsonSchema?: boolean
  /** How CC asks it to think: OpenAI's effort words, a vendor's switch, or nothing that is known. */
  readonly ccThinking:
    | { readonly kind: "effort"; readonly efforts: readonly string[] }
    /** Qwen at Groq: thinks as it sees fit unless `reasoning_effort` is `none`. */
    | { readonly kind: "unlessNone" }
    /**
     * GLM, DeepSeek, Kimi, Doubao, MiniMax: `thinking: { type }`, on by the word `on` (`enabled` where it is absent), off by
     * `disabled`; `efforts`: the words of `reasoning_effort` that it takes beside.
     */
    | { readonly kind: "switch"; readonly on?: string; readonly efforts?: readonly string[] }
    /** Qwen: `enable_thinking`, `thinking_budget`. */
    | { readonly kind: "qwen" }
    /** Qwen under vLLM and SGLang, whose server hands it to the model's chat template: `chat_template_kwargs: { enable_thinking }`. */
    | { readonly kind: "template" }
    /** OpenRouter, for every model behind it: `reasoning: { effort | max_tokens | enabled, exclude }`. */
    | { readonly kind: "openrouter" }
    | null
  /** Refuses temperature, top_p, penalties, logprobs and `stop` (OpenAI reasoning models; W-71). */
  readonly fixedSampling: boolean
  /** Whether OpenAI calls the system prompt `developer` for it (W-3). */
  readonly developerRole: boolean
  /** Thinks without showing it, so that its output cannot be watched as it comes. */
  readonly hiddenReasoning: boolean
  /** What else differs between the vendors of CC. */
  readonly cc?: CcTraits
}

/** Facts of those who speak CC, by model or by provider. Absent members: as most vendors have it. */
export type CcTraits = {
  /** Knows all that OpenAI's messages may hold: refusals, custom tools, system messages in any place, lists of allowed tools, `verbosity`. */
  readonly openai?: true
  /** What bounds the output, where it is not `max_tokens` (W-68). */
  readonly outputField?: "max_completion_tokens"
  /**
   * Where the thinking of earlier turns goes back: a field of the message, OpenRouter's `reasoning_details`, `<think>` tags in the
   * content (MiniMax), or parts of the content (Mistral). Null: nowhere.
   */
  readonly thoughts?: "reasoning_content" | "reasoning" | "details" | "tags" | "parts" | null
  /** Refuses a call in the history that comes without thinking. */
  readonly thoughtsWithCalls?: true
  /** Ids of calls are nine letters and digits (Mistral; W-21). */
  readonly shortCallIds?: true
  /** How a call can be forced: not at all (`auto` is sent), or only while the model does not think (W-20). */
  readonly forcedCalls?: "never" | "withoutThinking"
  /** Takes `json_object` and no schema: the schema goes into the prompt (W-76, W-77). */
  readonly formats?: "json"
  /** How it is told to go on with an assistant message that the request ends with (W-9): by a member `prefix` or `partial` of it, or by the message alone. */
  readonly prefill?: "prefix" | "partial" | "message"
  /** What a stream with tools asks for beside, so that arguments come piece by piece. */
  readonly toolStream?: Readonly<Record<string, unknown>>
  /** Fetches nothing: pictures at an address are brought for it (W-62). */
  readonly fetches?: false
  /** Watches films, as `video_url`, of which it passes those on that its models take. */
  readonly films?: true
  /** Takes `top_k` (W-72). */
  readonly topK?: true
  /** What it calls `seed`. */
  readonly seedField?: string
  /** Fields that it answers with an error or reads as something else: left out, and named. */
  readonly refuses?: readonly ChatField[]
}
