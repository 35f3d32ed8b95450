import { readSummary, writeSummary } from "../chat/signature.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/*
 * Items that stand for a conversation which was compacted (https://platform.openai.com/docs/api-reference/responses/compact). What OpenAI
 * writes into `encrypted_content` OpenAI alone can read; what is written here is a summary that any model can go on from.
 */

/** What a client sends behind a conversation that it wants compacted (Codex, codex-rs/core/src/compact_remote_v2.rs). */
const TRIGGER = "compaction_trigger"

export const isTrigger = (item: unknown): boolean => isRecord(item) && item["type"] === TRIGGER

export const compactionItem = (id: string, summary: string) => ({ id, type: "compaction", encrypted_content: writeSummary(summary) }) as const

/** The summary that an item holds; null: it is another item, or one of OpenAI's own. */
export function summaryIn(item: unknown): string | null {
  if (!isRecord(item) || item["type"] !== "compaction") return null
  const { encrypted_content: content } = item
  return typeof content === "string" ? readSummary(content) : null
}

/** What a model reads in an item's place. */
export const summaryText = (summary: string): string => `The conversation before this was summarized to make room. What was said and done in it:\n\n${summary}`

export const summaryMessage = (summary: string): Fields => ({ type: "message", role: "user", content: [{ type: "input_text", text: summaryText(summary) }] })

/** Tools that calls in a conversation are read by. No tool is called in a compaction, so that others, which cost or run elsewhere, have no part in it. */
const readable: ReadonlySet<unknown> = new Set(["function", "custom", "namespace", "tool_search"])

export const toolsToRead = (fields: Fields): Fields =>
  Array.isArray(fields["tools"]) ? { ...fields, tools: (fields["tools"] as readonly unknown[]).filter((tool) => isRecord(tool) && readable.has(tool["type"])) } : fields
