import type { Turn } from "../chat/request.ts"
import { markLaterSystem, mergeTurns, pairResults, splitLeadingSystem, withoutBlanks, withOpeningUser } from "../chat/turns.ts"
import { type Block, cachePoint, partBlocks, type PartsContext } from "./encode-parts.ts"

export type Message = { readonly role: "user" | "assistant"; readonly content: readonly Block[] }

export type EncodedTurns = { readonly system: readonly Block[]; readonly messages: readonly Message[] }

/** What stands where Bedrock wants words and the client has none: for a system prompt alone, and beside a document. */
const WORDS: Block = { text: "." }

/** The turns as Converse has them: user and assistant in turn, the user first, each call with its result behind it (W-1 to W-8, W-27 to W-36). */
export function encodeTurns(turns: readonly Turn[], context: PartsContext): EncodedTurns {
  const { system, rest } = splitLeadingSystem(withoutBlanks(turns))
  const ordered = withOpeningUser(pairResults(mergeTurns(withoutBlanks(markLaterSystem(rest)))))
  const messages: Message[] = []
  for (const turn of ordered) {
    if (turn.role === "assistant") context.ids.nextTurn()
    const content = withWords(blocksOf(turn, context))
    if (content.length === 0) continue
    const role = turn.role === "assistant" ? "assistant" : "user"
    const last = messages.at(-1)
    // A turn of nothing but unsigned thinking is gone, and its neighbours are one turn then (W-5).
    if (last?.role === role) messages[messages.length - 1] = { role, content: [...last.content, ...content] }
    else messages.push({ role, content })
  }
  if (messages.length === 0 || messages[0]?.role === "assistant") messages.unshift({ role: "user", content: [WORDS] })
  return { system: system.flatMap((turn) => blocksOf(turn, context)), messages }
}

function blocksOf({ parts, cache }: Turn, context: PartsContext): readonly Block[] {
  const blocks = parts.flatMap((part) => partBlocks(part, context))
  return blocks.length === 0 || blocks.at(-1)?.["cachePoint"] !== undefined ? blocks : [...blocks, ...cachePoint(cache, context.maker)]
}

/** A message with a document needs words beside it (API reference, DocumentBlock). */
function withWords(content: readonly Block[]): readonly Block[] {
  return content.some((block) => block["document"] !== undefined) && !content.some((block) => block["text"] !== undefined) ? [WORDS, ...content] : content
}

/** The same with trailing space cut from the text that the model is to go on with (W-10). */
export function trimPrefill(messages: readonly Message[]): readonly Message[] {
  const last = messages.at(-1)
  const block = last?.content.at(-1)
  if (last === undefined || typeof block?.["text"] !== "string") return messages
  return [...messages.slice(0, -1), { ...last, content: [...last.content.slice(0, -1), { text: block["text"].trimEnd() }] }]
}
