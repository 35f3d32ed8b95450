import { setTimeout as delay } from "node:timers/promises"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Stage } from "./stage.ts"

const FLUSH_MS_MAX = 10_000

export type UsageRecord = {
  readonly id: string
  readonly status: string
  readonly model: string
  readonly upstreamModel: string
  readonly usage: Usage
  readonly chargedNanoUsd: bigint
  readonly absorbedNanoUsd: bigint
  readonly holdNanoUsd: bigint
}

/** The usage record of an answer, by its request id, as soon as the flusher has booked it. Throws where there is none, or more than one. */
export async function readRecord({ installation }: Stage, response: { readonly headers: Headers }): Promise<UsageRecord> {
  const id = response.headers.get("x-turnpike-request-id")
  for (let waitedMs = 0; waitedMs <= FLUSH_MS_MAX; waitedMs += 100) {
    const rows = await installation.query<Record<string, string> & { usage: Usage }>("SELECT * FROM usage_record WHERE id = $1", [id])
    if (rows.length > 1) throw new Error(`${id} stands in the books ${rows.length} times`)
    const row = rows[0]
    if (row !== undefined) {
      return {
        id: row.id!,
        status: row.status!,
        model: row.model!,
        upstreamModel: row.upstream_model!,
        usage: row.usage,
        chargedNanoUsd: BigInt(row.charged_nano_usd!),
        absorbedNanoUsd: BigInt(row.absorbed_nano_usd!),
        holdNanoUsd: BigInt(row.hold_nano_usd!),
      }
    }
    await delay(100)
  }
  throw new Error(`${id} is not in the books after ${FLUSH_MS_MAX / 1000} s`)
}
