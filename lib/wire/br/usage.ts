import { count, type Usage } from "#lib/kernel/usage.ts"
import type { ChatUsage } from "../chat/answer.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/**
 * Bedrock's `TokenUsage` as units that do not overlap (API reference): `inputTokens` is without what was read from the cache and written
 * into it. What was written stands apart by how long it lives, and counts as five minutes where only its sum is given. Null: nothing was
 * counted. `serviceTier`: of the answer, beside its usage.
 */
export function brUsage(value: unknown, serviceTier: unknown): ChatUsage | null {
  if (!isRecord(value)) return null
  const input = count(value["inputTokens"])
  const output = count(value["outputTokens"])
  if (input === undefined && output === undefined) return null
  const cacheRead = count(value["cacheReadInputTokens"])
  const tier = isRecord(serviceTier) && typeof serviceTier["type"] === "string" && serviceTier["type"] !== "default" ? serviceTier["type"] : undefined
  const counts: Usage = {
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...written(value),
    ...(tier !== undefined && { serviceTier: tier }),
  }
  return { counts, reasoningTokens: null }
}

function written(usage: Fields): Pick<Usage, "cacheWrite5m" | "cacheWrite1h"> {
  const all = count(usage["cacheWriteInputTokens"])
  const details = Array.isArray(usage["cacheDetails"]) ? (usage["cacheDetails"] as readonly unknown[]).filter(isRecord) : []
  const hour = details.filter(({ ttl }) => ttl === "1h").reduce((sum, { inputTokens }) => sum + (count(inputTokens) ?? 0), 0)
  if (all === undefined) return hour > 0 ? { cacheWrite1h: hour } : {}
  return { cacheWrite5m: Math.max(0, all - hour), ...(hour > 0 && { cacheWrite1h: hour }) }
}
