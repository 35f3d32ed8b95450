import { csvLine } from "#lib/kernel/csv.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import type { PostingCursor, StatementRow } from "./repository.ts"

/** Some lines of a statement, from behind a cursor on. `next`: where it goes on; null: nowhere. */
export type StatementPart = { readonly openingNanoUsd: bigint; readonly lines: readonly StatementRow[]; readonly next: PostingCursor | null }

/**
 * A statement as CSV, read part by part: what the month opened with, each line with the balance behind it, and what it closed with. Times in
 * UTC, but a day's usage has its day by the organization's calendar; dollars exact.
 */
export async function* statementCsv(month: string, read: (after: PostingCursor | null) => Promise<StatementPart>): AsyncGenerator<string> {
  let part = await read(null)
  let balance = part.openingNanoUsd
  yield csvLine(["time", "kind", "reason", "amount_usd", "balance_usd"]) + csvLine([month, "opening", null, null, formatUsd(balance)])
  for (;;) {
    const lines = part.lines.map(({ at, day, kind, reason, amountNanoUsd }) => {
      balance += amountNanoUsd
      return csvLine([day ?? at.toISOString(), kind, reason, formatUsd(amountNanoUsd), formatUsd(balance)])
    })
    yield lines.join("")
    if (part.next === null) break
    part = await read(part.next)
  }
  yield csvLine([month, "closing", null, null, formatUsd(balance)])
}
