import type { Notes, TargetModel } from "../chat/codec.ts"
import { budgetOf, effortOf, nearestEffort, wantsThinking } from "../chat/reasoning.ts"
import type { Reasoning } from "../chat/request.ts"
import type { ModelTraits } from "../chat/model-traits.ts"

/** The least thinking that Anthropic takes (messages reference, thinking.budget_tokens). */
const BUDGET_TOKENS_MIN = 1_024
/** For “as the model sees fit” where a model wants a number. */
const BUDGET_TOKENS_DEFAULT = 8_192

/** The words of `output_config.effort` (effort guide): `xhigh` came with the models that know no budgets. */
const effortWords = { adaptive: ["low", "medium", "high", "xhigh", "max"], both: ["low", "medium", "high", "max"] } as const

export type Thinking = {
  /** The request's `thinking`; null: it has none. */
  readonly thinking: Readonly<Record<string, unknown>> | null
  readonly effort: string | null
}

export type ThinkingOptions = {
  readonly target: TargetModel
  readonly maxTokens: number
  /** Why a request may not think although its client wants it to; null: it may. */
  readonly hindered: { readonly always: boolean; readonly withBudget: boolean }
  readonly notes: Notes
}

const NOTHING: Thinking = { thinking: null, effort: null }

/** What a client asked for as this model family takes it (W-48 to W-51; extended and adaptive thinking guides). */
export function encodeThinking(reasoning: Reasoning | null, { target, maxTokens, hindered, notes }: ThinkingOptions): Thinking {
  if (reasoning === null) return NOTHING
  const mode = modeOf(target.traits)
  if (mode === null) {
    if (wantsThinking(reasoning)) notes.dropped("reasoning")
    return NOTHING
  }
  if (!wantsThinking(reasoning)) return { thinking: { type: "disabled" }, effort: null }
  const adaptive = mode === "adaptive" || (mode === "both" && reasoning.kind !== "budget")
  if (hindered.always || (!adaptive && (hindered.withBudget || maxTokens <= BUDGET_TOKENS_MIN))) {
    notes.changed("reasoning", "disabled")
    return { thinking: { type: "disabled" }, effort: null }
  }
  return adaptive ? adaptiveThinking(reasoning, mode === "both" ? effortWords.both : effortWords.adaptive) : { thinking: budgetThinking(reasoning, maxTokens, notes), effort: null }
}

/** Vendors whose models think behind an endpoint of this dialect take Anthropic's older form. */
const modeOf = ({ amThinking, ccThinking }: ModelTraits): ModelTraits["amThinking"] => amThinking ?? (ccThinking === null ? null : "budget")

function adaptiveThinking(reasoning: Reasoning, words: readonly string[]): Thinking {
  const effort = effortOf(reasoning)
  // The newest models show nothing of what they think unless they are asked to (adaptive thinking guide, display).
  const display = reasoning.shown === false ? "omitted" : "summarized"
  return { thinking: { type: "adaptive", display }, effort: effort === null ? null : nearestEffort(effort, words) }
}

function budgetThinking(reasoning: Reasoning, maxTokens: number, notes: Notes): Thinking["thinking"] {
  const wanted = budgetOf(reasoning) ?? BUDGET_TOKENS_DEFAULT
  const tokens = wanted < maxTokens ? Math.max(BUDGET_TOKENS_MIN, wanted) : Math.max(BUDGET_TOKENS_MIN, Math.floor(maxTokens / 2))
  if (reasoning.kind === "budget" && tokens !== wanted) notes.changed("reasoning", `${tokens} tokens`)
  return { type: "enabled", budget_tokens: tokens, ...(reasoning.shown === false && { display: "omitted" }) }
}
