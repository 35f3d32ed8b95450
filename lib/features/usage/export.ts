import { csvLine } from "#lib/kernel/csv.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import type { Call } from "./types.ts"

const columns = ["request", "time", "model", "key", "member", "status", "error", "streamed", "input_tokens", "cache_read_tokens", "output_tokens", "charged_usd", "duration_ms", "first_byte_ms"] as const

export const callsCsvHead = csvLine(columns)

/** A call as a line: times in UTC, dollars exact to the nano-dollar, an empty field where the provider did not say. */
export function callCsvLine(call: Call): string {
  const { id, admittedAt, model, key, member, status, errorCode, streamed, input, cacheRead, output, charged, durationMs, firstByteMs } = call
  return csvLine([id, admittedAt.toISOString(), model, key.name, member?.name ?? null, status, errorCode, String(streamed), input, cacheRead, output, formatUsd(charged), durationMs, firstByteMs])
}
