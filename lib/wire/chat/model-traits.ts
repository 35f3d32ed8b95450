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
  /** How CC asks it to think: OpenAI's effort words, a vendor's switch, or nothing that is known. */
  readonly ccThinking:
    | { readonly kind: "effort"; readonly efforts: readonly string[] }
    /** GLM, DeepSeek, Kimi, Doubao: `thinking: { type: "enabled" | "disabled" }`. */
    | { readonly kind: "switch" }
    /** Qwen: `enable_thinking`, `thinking_budget`. */
    | { readonly kind: "qwen" }
    | null
  /** Refuses temperature, top_p, penalties, logprobs and `stop` (OpenAI reasoning models; W-71). */
  readonly fixedSampling: boolean
  /** Whether OpenAI calls the system prompt `developer` for it (W-3). */
  readonly developerRole: boolean
  /** Thinks without showing it, so that its output cannot be watched as it comes. */
  readonly hiddenReasoning: boolean
}

