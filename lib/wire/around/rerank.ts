import { ok } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { type Fields, invalid, isAbsent, parseObject, readModelAndStream } from "../request-fields.ts"
import { aroundCall, createAroundLane, readJsonAnswer } from "./around-lane.ts"
import { bytesOf, fieldsOf, firstCount, known, tokensHigh, tokensLikely } from "./counts.ts"

/** A search unit is one query with up to 100 documents; one of more than 500 tokens, the query's included, counts as several (Cohere, pricing). */
const DOCUMENTS_PER_SEARCH = 100
const TOKENS_PER_DOCUMENT = 500

/**
 * Rerank, of which there are two shapes that differ in what they count: Cohere (`results`, `meta.billed_units.search_units`; API reference v2,
 * rerank) and Jina (`results`, `usage.total_tokens`; API reference, reranker), with Voyage's `data` and SiliconFlow's `meta.tokens` beside.
 */
export const rerank = createAroundLane({
  operation: "rerank",
  readCall(body) {
    const parsed = parseObject(body)
    if (!parsed.ok) return parsed
    const fields = parsed.value
    const common = readModelAndStream(fields)
    if (!common.ok) return common
    const { query, documents } = fields
    if (isAbsent(query)) return invalid("query", "query: what the documents are compared with is needed.")
    if (!Array.isArray(documents)) return invalid("documents", "documents: a list is needed.")
    const queryBytes = bytesOf(query)
    const sizes = (documents as readonly unknown[]).map(bytesOf)
    // The query is read with each document (Jina: "total_tokens" counts it so).
    const bytes = sizes.reduce((sum, size) => sum + size + queryBytes, 0)
    const work = {
      billedIn: ["search", "input", "call"],
      counted: {},
      likely: { search: searches(sizes, queryBytes, tokensLikely), input: tokensLikely(bytes) },
      atMost: { inputTokens: tokensHigh(bytes), outputTokens: 0, units: ["input"], each: { search: searches(sizes, queryBytes, tokensHigh) } },
    } as const
    return ok(aroundCall(common.value.model, fields, work))
  },
  readAnswer: (body, call) => readJsonAnswer(body, call, ["results", "data"], rerankUsage),
})

function searches(sizes: readonly number[], queryBytes: number, tokens: (bytes: number) => number): number {
  const documents = sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(tokens(size + queryBytes) / TOKENS_PER_DOCUMENT)), 0)
  return Math.max(1, Math.ceil(documents / DOCUMENTS_PER_SEARCH))
}

function rerankUsage(answer: Fields): Usage | null {
  const usage = fieldsOf(answer["usage"])
  const meta = fieldsOf(answer["meta"])
  const billed = fieldsOf(meta["billed_units"])
  const search = firstCount(billed["search_units"], usage["search_units"])
  const input = firstCount(usage["prompt_tokens"], usage["total_tokens"], billed["input_tokens"], fieldsOf(meta["tokens"])["input_tokens"])
  return search === undefined && input === undefined ? null : { ...known("search", search), ...known("input", input) }
}
