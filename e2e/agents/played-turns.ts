import type { Exchange } from "#e2e/fixtures/exchange.ts"

type Piece = { readonly tool_use_id?: string; readonly functionResponse?: { readonly id?: string; readonly name: string } }
type Turn = { readonly role?: string; readonly type?: string; readonly tool_call_id?: string; readonly call_id?: string; readonly content?: string | null | readonly Piece[]; readonly parts?: readonly Piece[] }
type Tool = { readonly name?: string; readonly function?: { readonly name: string }; readonly functionDeclarations?: readonly { readonly name: string }[] }
type Body = { readonly messages?: readonly Turn[]; readonly input?: string | readonly Turn[]; readonly contents?: readonly Turn[]; readonly tools?: readonly Tool[] }

/** The tools that a request offers, in any dialect. */
export function toolNames({ body }: Exchange): readonly string[] {
  const { tools = [] } = body as Body
  return tools.flatMap(({ name, function: inner, functionDeclarations = [] }) => [...(name === undefined ? [] : [name]), ...(inner === undefined ? [] : [inner.name]), ...functionDeclarations.map((one) => one.name)])
}

/** How often the model has spoken in a request's history, in any dialect; what it said in one breath, as several items, is one turn. */
export function turnsTaken({ body }: Exchange): number {
  const spoken = historyOf(body).map(({ role, type = "message" }) => role === "assistant" || role === "model" || type === "reasoning" || type.endsWith("_call"))
  return spoken.filter((model, index) => model && spoken[index - 1] !== true).length
}

/** The ids of the calls whose results stand in a request's history, in any dialect, in their order; the names of functions where Gemini's have none. */
export function callsAnswered({ body }: Exchange): readonly string[] {
  return historyOf(body).flatMap(({ type = "message", call_id: item, tool_call_id: message, content, parts }) => {
    const pieces = parts ?? (Array.isArray(content) ? (content as readonly Piece[]) : [])
    return [...(type.endsWith("_call_output") ? [item] : []), message, ...pieces.flatMap(({ tool_use_id: block, functionResponse }) => [block, functionResponse?.id ?? functionResponse?.name])].filter((id) => id !== undefined)
  })
}

function historyOf(body: unknown): readonly Turn[] {
  const { messages, contents, input = [] } = body as Body
  return messages ?? contents ?? (typeof input === "string" ? [] : input)
}
