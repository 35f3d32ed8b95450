import { csvLine } from "#lib/kernel/csv.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import type { Statement } from "./service.ts"

/** A statement as CSV: what the month opened with, each line with the balance behind it, and what it closed with. Times in UTC, dollars exact. */
export async function* statementCsv({ month, openingNanoUsd, lines, closingNanoUsd }: Statement): AsyncGenerator<string> {
  yield csvLine(["time", "kind", "reason", "amount_usd", "balance_usd"])
  yield csvLine([month, "opening", null, null, formatUsd(openingNanoUsd)])
  let balance: bigint = openingNanoUsd
  for (const { at, kind, reason, amountNanoUsd } of lines) {
    balance += amountNanoUsd
    yield csvLine([at.toISOString(), kind, reason, formatUsd(amountNanoUsd), formatUsd(balance)])
  }
  yield csvLine([month, "closing", null, null, formatUsd(closingNanoUsd)])
}
