import { encodeThinking, type ThinkingOptions } from "../am/thinking.ts"
import { effortOf, nearestEffort, wantsThinking } from "../chat/reasoning.ts"
import type { Generation, Reasoning } from "../chat/request.ts"
import { isRecord } from "../request-fields.ts"

/**
 * What Converse has no member for goes to the model as it is (`additionalModelRequestFields`), in the words of its maker. Makers stand in
 * a model's name; of an ARN nothing is known, and what it may not take is left out.
 */
export type Maker = "claude" | "nova" | "gptOss" | "other"

export function makerOf(model: string): Maker {
  if (/anthropic\.|claude/.test(model)) return "claude"
  if (/amazon\.nova/.test(model)) return "nova"
  return /gpt-oss/.test(model) ? "gptOss" : "other"
}

/** Bedrock user guide, prompt caching: which models take a cache point, and which of them among their tools. */
export const cachesPrompts = (maker: Maker): boolean => maker === "claude" || maker === "nova"
export const cachesTools = (maker: Maker): boolean => maker === "claude"

export type ModelFields = Readonly<Record<string, unknown>>

/** `effort`: Converse's own word for it, beside the model's fields (API reference, OutputConfig). */
type Asked = { readonly fields: ModelFields; readonly effort: string | null }

type Options = ThinkingOptions & { readonly maker: Maker }

/** `top_k` and thinking (W-48 to W-51, W-72), for the body's `additionalModelRequestFields`. */
export function modelFields(generation: Generation, reasoning: Reasoning | null, options: Options): Asked {
  const { fields, effort } = thinkingFields(reasoning, options)
  return { fields: { ...topKFields(generation, { ...options, fixed: samplesFixed(fields, options) }), ...fields }, effort }
}

/** While Claude thinks, and with its newest kind always, its sampling is its own (W-50; migration guide, Opus 4.7). */
export function samplesFixed({ thinking }: ModelFields, { target }: Pick<Options, "target">): boolean {
  return target.traits.amThinking === "adaptive" || (isRecord(thinking) && thinking["type"] !== "disabled")
}

function topKFields({ topK }: Generation, { maker, notes, fixed }: Options & { readonly fixed: boolean }): ModelFields {
  if (topK === null) return {}
  if (maker === "claude" && !fixed) return { top_k: topK }
  // Nova user guide, complete request schema.
  if (maker === "nova") return { inferenceConfig: { topK } }
  notes.dropped("topK")
  return {}
}

/** Nova and gpt-oss take words, and these three alone (Nova 2 user guide, extended thinking; gpt-oss model card). */
const effortWords = ["low", "medium", "high"] as const

const NOTHING: Asked = { fields: {}, effort: null }

function thinkingFields(reasoning: Reasoning | null, { maker, target, notes, ...rest }: Options): Asked {
  if (reasoning === null) return NOTHING
  if (maker === "claude") {
    const { thinking, effort } = encodeThinking(reasoning, { target, notes, ...rest })
    return { fields: thinking === null ? {} : { thinking }, effort }
  }
  const wanted = wantsThinking(reasoning)
  const effort = nearestEffort(effortOf(reasoning) ?? "medium", effortWords)
  if (maker === "gptOss") {
    if (!wanted) notes.changed("reasoning", "low")
    return { fields: { reasoning_effort: wanted ? effort : "low" }, effort: null }
  }
  if (maker === "nova" && /nova-(?:[2-9]|\w+-2)/.test(target.model)) return { fields: { reasoningConfig: wanted ? { type: "enabled", maxReasoningEffort: effort } : { type: "disabled" } }, effort: null }
  if (wanted) notes.dropped("reasoning")
  return NOTHING
}
