import type { Turn } from "../chat/request.ts"
import { markLaterSystem, mergeTurns, pairResults, splitLeadingSystem, withoutBlanks, withOpeningUser } from "../chat/turns.ts"
import { type OpenBlock, partBlocks, type PartsContext } from "./encode-parts.ts"

export type EncodedMessage = { readonly role: "user" | "assistant"; readonly content: readonly OpenBlock[] }

export type EncodedTurns = { readonly system: readonly OpenBlock[]; readonly messages: readonly EncodedMessage[] }

/** A question for a conversation that holds nothing but a system prompt. */
const QUESTION: OpenBlock = { type: "text", text: "." }

/** The turns as `system` and `messages`: user and assistant in turn, the user first, each call with its result behind it (W-1 to W-8, W-27 to W-36). */
export function encodeTurns(turns: readonly Turn[], context: PartsContext): EncodedTurns {
  const { system, rest } = splitLeadingSystem(withoutBlanks(turns))
  const ordered = withOpeningUser(pairResults(mergeTurns(withoutBlanks(markLaterSystem(rest)))))
  const encodedSystem = system.flatMap((turn) => blocksOf(turn, context))
  const messages: EncodedMessage[] = []
  for (const turn of ordered) {
    if (turn.role === "assistant") context.ids.nextTurn()
    const content = blocksOf(turn, context)
    if (content.length === 0) continue
    const last = messages.at(-1)
    // A turn of nothing but unsigned thinking is gone, and its neighbours are one turn then (W-5).
    if (last?.role === turn.role) messages[messages.length - 1] = { ...last, content: [...last.content, ...content] }
    else messages.push({ role: turn.role === "assistant" ? "assistant" : "user", content })
  }
  if (messages.length === 0 || messages[0]?.role === "assistant") messages.unshift({ role: "user", content: [QUESTION] })
  return { system: encodedSystem, messages }
}

function blocksOf({ parts, cache }: Turn, context: PartsContext): readonly OpenBlock[] {
  const blocks = parts.flatMap((part) => partBlocks(part, context))
  const last = blocks.at(-1)
  if (last !== undefined && last["cache_control"] === undefined && !/thinking$/.test(String(last["type"]))) context.marks.add(last, cache)
  return blocks
}

/** The same with trailing space cut from the text that the model is to go on with, which Anthropic refuses there (W-10). */
export function trimPrefill(messages: readonly EncodedMessage[]): readonly EncodedMessage[] {
  const last = messages.at(-1)
  const block = last?.content.at(-1)
  if (last === undefined || block?.["type"] !== "text") return messages
  return [...messages.slice(0, -1), { ...last, content: [...last.content.slice(0, -1), { ...block, text: String(block["text"]).trimEnd() }] }]
}
