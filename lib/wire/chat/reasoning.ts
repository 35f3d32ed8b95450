import { type Effort, efforts, type Reasoning } from "./request.ts"

/*
 * How much to think, from one dialect's way of saying it into another's (W-48). The steps between words and tokens are those that
 * Google publishes for its OpenAI-compatible API (low 1,024, medium 8,192, high 24,576; https://ai.google.dev/gemini-api/docs/openai);
 * above them each step is larger again.
 */
const budgets = { none: 0, minimal: 512, low: 1_024, medium: 8_192, high: 24_576, xhigh: 32_768, max: 65_536 } as const satisfies Record<Effort, number>

/** Tokens to think with; 0: do not. Null: as the model sees fit. */
export function budgetOf(reasoning: Reasoning): number | null {
  switch (reasoning.kind) {
    case "off":
      return 0
    case "budget":
      return reasoning.tokens
    case "effort":
      return budgets[reasoning.effort]
    case "adaptive":
      return reasoning.effort === null ? null : budgets[reasoning.effort]
  }
}

/** The effort in a word: of a budget the smallest whose tokens reach it. Null: as the model sees fit. */
export function effortOf(reasoning: Reasoning): Effort | null {
  switch (reasoning.kind) {
    case "off":
      return "none"
    case "budget":
      return efforts.find((effort) => budgets[effort] >= reasoning.tokens) ?? "max"
    case "effort":
    case "adaptive":
      return reasoning.effort
  }
}

/** The word nearest to an effort among those that a model takes, the lower of two equally near ones; null: it takes none. */
export function nearestEffort<E extends string>(effort: Effort, taken: readonly E[]): E | null {
  const wanted = efforts.indexOf(effort)
  const distance = (word: E) => Math.abs((efforts as readonly string[]).indexOf(word) - wanted)
  let nearest: E | null = null
  for (const word of taken) if (nearest === null || distance(word) < distance(nearest)) nearest = word
  return nearest
}

/** Whether the client asked for thinking at all. */
export const wantsThinking = (reasoning: Reasoning | null): boolean => reasoning !== null && budgetOf(reasoning) !== 0
