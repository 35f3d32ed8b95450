import type { Notes, TargetModel } from "../chat/codec.ts"
import { budgetOf, effortOf, nearestEffort, wantsThinking } from "../chat/reasoning.ts"
import type { Effort, Reasoning } from "../chat/request.ts"
import type { Fields } from "../request-fields.ts"

/** How much to think, in the vendor's own way of saying it (W-48, W-51). */
export function thinkingFor(reasoning: Reasoning | null, { traits }: TargetModel, notes: Notes): Fields {
  if (reasoning === null) return {}
  const { ccThinking } = traits
  if (ccThinking === null) {
    if (wantsThinking(reasoning)) notes.dropped("reasoning")
    return {}
  }
  switch (ccThinking.kind) {
    case "effort":
      return effortField(reasoning, ccThinking.efforts, notes)
    case "unlessNone":
      return wantsThinking(reasoning) ? {} : { reasoning_effort: "none" }
    case "switch":
      if (!wantsThinking(reasoning)) return { thinking: { type: "disabled" } }
      return { thinking: { type: ccThinking.on ?? "enabled" }, ...effortField(reasoning, ccThinking.efforts ?? [], notes) }
    case "qwen": {
      if (!wantsThinking(reasoning)) return { enable_thinking: false }
      const tokens = budgetOf(reasoning)
      return { enable_thinking: true, ...(tokens !== null && { thinking_budget: tokens }) }
    }
    case "template":
      if (reasoning.kind === "budget") notes.dropped("reasoning")
      return { chat_template_kwargs: { enable_thinking: wantsThinking(reasoning) } }
    case "openrouter":
      return { reasoning: openrouterReasoning(reasoning) }
  }
}

/** The nearest word that the model knows; another one than was asked for is said so. */
function effortField(reasoning: Reasoning, efforts: readonly string[], notes: Notes): Fields {
  const wanted = effortOf(reasoning)
  if (wanted === null || efforts.length === 0) return {}
  const word = nearestEffort(wanted, efforts)
  if (word === null) return {}
  if (reasoning.kind !== "budget" && (word as Effort) !== wanted) notes.changed("reasoning", word)
  return { reasoning_effort: word }
}

/** https://openrouter.ai/docs/use-cases/reasoning-tokens */
function openrouterReasoning(reasoning: Reasoning): Fields {
  const exclude = reasoning.shown === false ? { exclude: true } : {}
  if (!wantsThinking(reasoning)) return { enabled: false }
  if (reasoning.kind === "budget") return { max_tokens: reasoning.tokens, ...exclude }
  const effort = effortOf(reasoning)
  return effort === null ? { enabled: true, ...exclude } : { effort, ...exclude }
}
