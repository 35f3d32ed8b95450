import type { Part, SearchPart, SearchResult } from "./part.ts"
import type { ChatRequest, SearchTool, Tool, ToolDefinition, Turn } from "./request.ts"
import { argumentsObject } from "./tool-arguments.ts"

/*
 * A search that the channel cannot run is offered to its model as a function, which Turnpike answers (chat/search-rounds.ts; W-23, W-126).
 */

/** Searches of one answer where the client names no bound: more than most answers make (Anthropic's web search guide: one to five). */
const SEARCHES_ASSUMED = 10
/** However many the client allows: each of them reads the whole prompt once more. */
const SEARCHES_MAX = 10

/** How often one answer may search at most. `asked`: the client's own bound. */
export const searchesMax = (asked: number | null): number => Math.min(asked ?? SEARCHES_ASSUMED, SEARCHES_MAX)

export const searchToolOf = ({ tools }: ChatRequest): SearchTool | null => tools.find((tool): tool is SearchTool => tool.kind === "search") ?? null

/** A name that no other tool of the request has. */
export function functionName({ name }: SearchTool, tools: readonly Tool[]): string {
  const taken = new Set(tools.flatMap((tool) => (tool.kind === "search" ? [] : [tool.name])))
  let free = name
  while (taken.has(free)) free += "_"
  return free
}

/** The request with a function in place of its search, also where its history has searched. */
export function withSearchFunction(request: ChatRequest, name: string): ChatRequest {
  return {
    ...request,
    tools: [...request.tools.filter(({ kind }) => kind !== "search"), searchFunction(name)],
    turns: request.turns.flatMap((turn) => withSearchCalls(turn, name)),
  }
}

const searchFunction = (name: string): ToolDefinition => ({
  kind: "function",
  name,
  description: "Searches the web and returns the best results with their addresses and excerpts. Use it for what is recent or must be looked up, and name the addresses of what you rely on.",
  parameters: { type: "object", properties: { query: { type: "string", description: "What to search for." } }, required: ["query"], additionalProperties: false },
  strict: null,
})

/** A turn in which earlier answers searched, as the calls and results that it would have been. */
function withSearchCalls(turn: Turn, name: string): readonly Turn[] {
  if (turn.role !== "assistant" || !turn.parts.some(({ kind }) => kind === "search")) return [turn]
  const turns: Turn[] = []
  let said: Part[] = []
  for (const part of turn.parts) {
    if (part.kind !== "search") {
      // What cites a search that ran elsewhere proves nothing without it.
      said.push(part.kind === "text" && part.citations !== undefined ? { ...part, citations: [] } : part)
      continue
    }
    // Responses keep the question alone: what was found is in the text behind it.
    if (part.results.length === 0 && part.failed === null) continue
    turns.push({ role: "assistant", parts: [...said, { kind: "toolCall", id: part.id, name, arguments: JSON.stringify({ query: part.query }) }] }, { role: "user", parts: [searchResult(part.id, name, part)] })
    said = []
  }
  return said.length === 0 ? turns : [...turns, { ...turn, parts: said }]
}

/** What a search found, for the model. */
export const searchResult = (callId: string, name: string, { results, failed }: Pick<SearchPart, "results" | "failed">): Part => ({
  kind: "toolResult",
  callId,
  name,
  content: [{ kind: "text", text: failed === null ? foundText(results) : `The search failed: ${failed}.` }],
  failed: failed !== null,
})

const foundText = (results: readonly SearchResult[]): string =>
  results.length === 0 ? "Nothing was found." : results.map(({ url, title, pageAge, excerpt }, index) => [`[${index + 1}] ${title}`, url, ...(pageAge === null ? [] : [pageAge]), ...(excerpt === undefined ? [] : [excerpt])].join("\n")).join("\n\n")

/** What a call of the function asks for; some models write the text alone. */
export function queryOf(text: string): string {
  const { query } = argumentsObject(text)
  return typeof query === "string" ? query : text.trim().startsWith("{") ? "" : text.trim()
}
