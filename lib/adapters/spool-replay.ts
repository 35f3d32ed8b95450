import { createReadStream } from "node:fs"
import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { OpenLine, SettleLine } from "#lib/gateway/spool-lines.ts"
import type { Priced } from "#lib/gateway/types.ts"
import { type Id, isId } from "#lib/kernel/ids.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import type { Book } from "./booking.ts"
import { createSegmentReader, type SpoolLine } from "./spool-codec.ts"
import type { UsageEntry } from "./spool.ts"

const BATCH_MAX = 500

export type Replayed = {
  readonly processId: Id<"process">
  /** New in the books. */
  readonly booked: number
  /** Of these, calls that had begun and never ended. */
  readonly interrupted: number
  /** Lines that were torn or damaged. A call whose line was torn had not been let upstream, or is booked at its hold. */
  readonly damagedLines: number
}

/** The processes that have a spool in this folder, oldest first (their ids sort by time). */
export async function spooledProcesses(folder: string): Promise<readonly Id<"process">[]> {
  const names: readonly string[] = await readdir(folder).catch(() => [])
  return names.filter((name): name is Id<"process"> => isId("process", name)).sort()
}

/**
 * Books what a dead process left in its spool: ended calls as they ended, calls without an end as `interrupted`, charged at their
 * hold. Booking is idempotent, so a replay that is cut short is simply done again. The folder stays until `removeSpool`.
 */
export async function replaySpool(folder: string, processId: Id<"process">, book: Book): Promise<Replayed> {
  const unended = new Map<Id<"request">, OpenLine>()
  const prices = new Map<Id<"priceVersion">, Rates>()
  let batch: UsageEntry[] = []
  let booked = 0
  let interrupted = 0
  let damagedLines = 0

  const entryOf = (open: OpenLine, settle: SettleLine): UsageEntry => ({ open, settle, prices: pricesOf(open, prices) })
  const flush = async () => {
    const { added } = await book(processId, batch)
    batch = []
    booked += added
    return added
  }

  for await (const line of linesOf(join(folder, processId))) {
    if (line === null) damagedLines += 1
    else if (line.kind === "said") continue
    else if (line.kind === "price") prices.set(line.id, line.rates)
    else if (line.kind === "open") unended.set(line.line.requestId, line.line)
    else {
      const open = unended.get(line.line.requestId)
      // Without its beginning, whose segment is gone already, the call was booked long ago.
      if (open === undefined) continue
      unended.delete(line.line.requestId)
      batch.push(entryOf(open, line.line))
      if (batch.length >= BATCH_MAX) await flush()
    }
  }
  await flush()
  for (const open of unended.values()) {
    batch.push(entryOf(open, interruptedEnd(open)))
    if (batch.length >= BATCH_MAX) interrupted += await flush()
  }
  interrupted += await flush()
  return { processId, booked, interrupted, damagedLines }
}

export const removeSpool = (folder: string, processId: Id<"process">): Promise<void> => rm(join(folder, processId), { recursive: true, force: true })

/** Nothing was ever heard of the call again: it may have cost all that was held, and is refundable. */
function interruptedEnd(open: OpenLine): SettleLine {
  return {
    requestId: open.requestId,
    status: "interrupted",
    errorCode: "internal_error",
    finish: null,
    responseId: null,
    route: ["The process ended before the call did."],
    usage: { estimated: true },
    costNanoUsd: 0n,
    chargedNanoUsd: open.holdNanoUsd,
    absorbedNanoUsd: 0n,
    firstByteMs: null,
    durationMs: 0,
    parts: open.holdParts,
  }
}

function pricesOf(open: OpenLine, known: ReadonlyMap<Id<"priceVersion">, Rates>): readonly Priced[] {
  return [...new Set([open.costPriceId, open.sellPriceId])].flatMap((id) => {
    const rates = known.get(id)
    return rates === undefined ? [] : [{ id, rates }]
  })
}

/** What the segments of a spool say, oldest first; null for a line that cannot be read. */
async function* linesOf(folder: string): AsyncGenerator<SpoolLine | null> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort()
  for (const name of names) {
    const segment = createSegmentReader()
    for await (const text of textLines(join(folder, name))) yield segment.read(text)
  }
}

/** Lines end in LF alone: `node:readline` also ends them at U+2028 and U+2029, which stand within what providers say. */
async function* textLines(file: string): AsyncGenerator<string> {
  let begun = ""
  for await (const chunk of createReadStream(file, "utf8") as AsyncIterable<string>) {
    const texts = chunk.split("\n")
    texts[0] = begun + (texts[0] ?? "")
    begun = texts.pop() ?? ""
    yield* texts
  }
  if (begun !== "") yield begun
}
