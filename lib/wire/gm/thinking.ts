import type { Notes, TargetModel } from "../chat/codec.ts"
import { budgetOf, effortOf, nearestEffort, wantsThinking } from "../chat/reasoning.ts"
import type { Reasoning } from "../chat/request.ts"

/** Gemini's word for thinking as the model sees fit (thinking guide, thinkingBudget). */
const AS_IT_SEES_FIT = -1

/** `thinkingConfig` as the model takes it (https://ai.google.dev/gemini-api/docs/thinking; W-48, W-51); null: nothing is to be said. */
export function encodeThinking(reasoning: Reasoning | null, { traits }: TargetModel, notes: Notes): Readonly<Record<string, unknown>> | null {
  if (reasoning === null) return null
  const { gmThinking } = traits
  if (gmThinking === null) {
    if (wantsThinking(reasoning)) notes.dropped("reasoning")
    return null
  }
  const shown = reasoning.shown ?? wantsThinking(reasoning)
  const words = { ...(shown && { includeThoughts: true }) }
  if (gmThinking.kind === "level") {
    const effort = effortOf(reasoning)
    if (effort === null) return words
    const level = nearestEffort(effort, gmThinking.levels) ?? "high"
    if (effort === "none") notes.changed("reasoning", level)
    return { ...words, thinkingLevel: level.toUpperCase() }
  }
  const wanted = budgetOf(reasoning)
  if (wanted === null) return { ...words, thinkingBudget: AS_IT_SEES_FIT }
  const least = wanted === 0 && gmThinking.canTurnOff ? 0 : Math.max(gmThinking.min, wanted)
  const budget = Math.min(least, gmThinking.max)
  // A word has no tokens of its own: only a budget that the client named is altered.
  if (budget !== wanted && (reasoning.kind === "budget" || reasoning.kind === "off")) notes.changed("reasoning", String(budget))
  return { ...words, thinkingBudget: budget }
}
