import type { Part, TextPart, ToolCallPart, ToolResultPart } from "./part.ts"
import type { Turn } from "./request.ts"

/*
 * What several dialects ask of the order of turns. Each function returns new turns and leaves the given ones alone (W-78).
 */

/** The turns that stand first with role `system`, and the others. */
export function splitLeadingSystem(turns: readonly Turn[]): { readonly system: readonly Turn[]; readonly rest: readonly Turn[] } {
  const first = turns.findIndex(({ role }) => role !== "system")
  return first === -1 ? { system: turns, rest: [] } : { system: turns.slice(0, first), rest: turns.slice(first) }
}

/** Later system turns as user turns whose texts are marked as the system's, in their place (W-2, W-122). */
export function markLaterSystem(rest: readonly Turn[]): readonly Turn[] {
  return rest.map((turn) => (turn.role === "system" ? { ...turn, role: "user", parts: turn.parts.map(marked) } : turn))
}

const marked = (part: Part): Part => (part.kind === "text" ? { ...part, text: `<system>\n${part.text}\n</system>` } : part)

/** Empty and blank texts are nothing (W-8); a turn of nothing is none. Tool results and thinking may be empty. */
export function withoutBlanks(turns: readonly Turn[]): readonly Turn[] {
  return turns.flatMap((turn) => {
    const parts = turn.parts.filter((part) => part.kind !== "text" || part.signature !== undefined || part.text.trim() !== "")
    if (parts.length === 0) return []
    return [parts.length === turn.parts.length ? turn : { ...turn, parts }]
  })
}

/** Consecutive turns of one role as one (W-5); of a user's parts, tool results come first (W-27, W-28). */
export function mergeTurns(turns: readonly Turn[]): readonly Turn[] {
  const groups: Turn[][] = []
  for (const turn of turns) {
    const group = groups.at(-1)
    if (group?.[0]?.role === turn.role) group.push(turn)
    else groups.push([turn])
  }
  return groups.flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const cache = group.at(-1)?.cache
    const turn: Turn = group.length === 1 ? first : { role: first.role, parts: group.flatMap(({ parts }) => parts), ...(cache !== undefined && { cache }) }
    return [turn.role === "user" ? resultsFirst(turn) : turn]
  })
}

function resultsFirst(turn: Turn): Turn {
  const firstOther = turn.parts.findIndex(({ kind }) => kind !== "toolResult")
  if (firstOther === -1 || !turn.parts.some(({ kind }, index) => kind === "toolResult" && index > firstOther)) return turn
  return { ...turn, parts: [...turn.parts.filter(({ kind }) => kind === "toolResult"), ...turn.parts.filter(({ kind }) => kind !== "toolResult")] }
}

/** What a conversation that the assistant begins gets before it, where the dialect wants a user first (W-6). */
const OPENING: Turn = { role: "user", parts: [{ kind: "text", text: "." }] }

export const withOpeningUser = (turns: readonly Turn[]): readonly Turn[] => (turns[0]?.role === "assistant" ? [OPENING, ...turns] : turns)

const NO_RESULT: TextPart = { kind: "text", text: "No result was given." }

/**
 * Every call with a result right behind it, every result with its call before it (W-32): a missing result gets a placeholder, a
 * result without a call becomes a text that says what it was. Duplicate results of one call keep their first; two calls that share an id get theirs in order (W-36). Needs merged turns.
 */
export function pairResults(turns: readonly Turn[]): readonly Turn[] {
  const paired: Turn[] = []
  let open: ToolCallPart[] = []
  for (const turn of turns) {
    if (turn.role !== "user") {
      if (open.length > 0) paired.push({ role: "user", parts: open.map(placeholder) })
      open = turn.parts.filter((part) => part.kind === "toolCall")
      paired.push(turn)
      continue
    }
    const calls = open
    open = []
    if (calls.length === 0 && !turn.parts.some(({ kind }) => kind === "toolResult")) paired.push(turn)
    else paired.push({ ...turn, parts: pairedParts(turn.parts, calls) })
  }
  // Calls that the conversation ends with are waiting for nobody: a request that ends so has no question.
  if (open.length > 0) paired.push({ role: "user", parts: open.map(placeholder) })
  return paired
}

function pairedParts(parts: readonly Part[], calls: readonly ToolCallPart[]): readonly Part[] {
  const results = parts.filter((part) => part.kind === "toolResult")
  const waiting = Map.groupBy(results, ({ callId }) => callId)
  const answered = calls.map((call) => waiting.get(call.id)?.shift() ?? placeholder(call))
  const called = new Set(calls.map(({ id }) => id))
  const orphans = results.filter(({ callId }) => !called.has(callId))
  return [...answered, ...orphans.flatMap(orphanParts), ...parts.filter(({ kind }) => kind !== "toolResult")]
}

const placeholder = ({ id, name }: ToolCallPart): ToolResultPart => ({ kind: "toolResult", callId: id, name, content: [NO_RESULT], failed: true })

function orphanParts({ name, callId, content }: ToolResultPart): readonly Part[] {
  return [{ kind: "text", text: `Result of an earlier tool call (${name ?? callId}):` }, ...content]
}

/** The names of all calls, by their ids: for dialects whose results name the function (W-33). */
export function callNames(turns: readonly Turn[]): ReadonlyMap<string, string> {
  return new Map(turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "toolCall" ? [[part.id, part.name] as const] : []))))
}

/** All text of some parts, joined; null where there is none. */
export function textOf(parts: readonly Part[], separator = "\n"): string | null {
  const texts = parts.flatMap((part) => (part.kind === "text" || part.kind === "refusal" ? [part.text] : []))
  return texts.length === 0 ? null : texts.join(separator)
}
