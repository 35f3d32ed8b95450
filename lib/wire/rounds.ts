import type { SearchResult } from "./chat/part.ts"

/** What a search of ours brought; `failed`: Anthropic's word for why it brought nothing (web search tool guide, errors). */
export type Found = { readonly results: readonly SearchResult[]; readonly failed: SearchFailure | null }
export type SearchFailure = "unavailable" | "too_many_requests" | "query_too_long" | "invalid_tool_input" | "max_uses_exceeded"

/** A search as its asker wants it. Domains are bare hosts, maybe with a path behind them. */
export type Question = { readonly query: string; readonly allowedDomains: readonly string[]; readonly blockedDomains: readonly string[] }

/**
 * An answer that takes several calls of one channel, because its model asks for searches that the gateway runs
 * (chat/search-rounds.ts). Who calls the channel asks after each call whether the answer goes on, and calls again.
 */
export type Rounds = {
  /**
   * One call of the channel has ended well. `body`: all that it answered; null where the stream's reader has had it. Returns the searches
   * to run before the answer goes on, which may be none; null: it is over.
   */
  ended(body: Buffer | null): readonly Question[] | null
  /** What they found, in their order; returns the body of the next call, or null: the answer is over after all. */
  next(found: readonly Found[]): Buffer | null
}
