import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { atEndOfTurn } from "#lib/kernel/turn.ts"
import { dollarPrice, openLine, settleLine } from "#test/money.ts"
import type { Book } from "./booking.ts"
import { createSegmentReader, createSegmentWriter } from "./spool-codec.ts"
import { type SpoolFiles, spoolFiles } from "./spool-files.ts"
import { replaySpool } from "./spool-replay.ts"
import { openSpool, type UsageEntry } from "./spool.ts"

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "turnpike-spool-"))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const processId = "proc_test"
const open = (over: Partial<Parameters<typeof openSpool>[0]> = {}) => openSpool({ folder: join(home, processId), log: () => {}, ...over })
const call = (holdNanoUsd = 500n) => openLine({ organizationId: "org_a", holdNanoUsd, holdParts: [{ quotaId: "quota_a", windowStart: 0, used: holdNanoUsd }] })
const end = (line: { readonly requestId: `req_${string}` }, chargedNanoUsd = 70n) => settleLine({ requestId: line.requestId, chargedNanoUsd, parts: [{ quotaId: "quota_a", windowStart: 0, used: chargedNanoUsd }] })
/** Behind everything that was put off to the end of this turn. */
const turnEnds = () => new Promise((resolve) => setImmediate(resolve))
const segments = () => readdirSync(join(home, processId)).sort()

/** Replays what the turn leaves and returns what would be booked. */
async function replayed() {
  await turnEnds()
  const entries: UsageEntry[] = []
  const book: Book = async (_process, batch) => {
    entries.push(...batch)
    return { added: batch.length, uncoveredQuotas: [] }
  }
  return { entries, ...(await replaySpool(home, processId, book)) }
}

describe("what is written survives", () => {
  test("lines keep every field through the file, and what they share is written once", () => {
    const [writer, reader] = [createSegmentWriter(), createSegmentReader()]
    const read = (text: string) => text.trimEnd().split("\n").map((line) => reader.read(line))
    const said = { kind: "said" }
    const [line, next] = [{ ...call(), clientSession: "“one” ✓" }, call()]
    const settled = { ...end(line), usage: { input: 3, images: { "1024x1024/high": 1 } }, route: ["“weighted” ✓"], finish: null }
    expect(read(writer.open(line, [dollarPrice.cost]))).toEqual([{ kind: "price", ...dollarPrice.cost }, said, said, { kind: "open", line }])
    expect(read(writer.settle(settled))).toEqual([{ kind: "settle", line: settled }])
    expect(read(writer.open(next, [dollarPrice.cost]))).toEqual([{ kind: "open", line: next }])
    const elsewhere = { ...next, channelId: "chan_2" as const, holdParts: [{ quotaId: "quota_a" as const, windowStart: 60_000, used: 1n }] }
    expect(read(writer.open(elsewhere, [dollarPrice.cost]))).toEqual([said, said, { kind: "open", line: elsewhere }])
    expect(read(writer.open(next, []))).toEqual([said, { kind: "open", line: next }])
  })

  test("a line that names what its segment never said is damaged, and never read as something else", () => {
    const [writer, reader] = [createSegmentWriter(), createSegmentReader()]
    writer.open(call(), [])
    expect(reader.read(writer.open(call(), []).trimEnd())).toBe(null)
    expect(reader.read(writer.settle(end(call())).trimEnd())).toBe(null)
  })

  test("a line holds whatever a provider said, line ends of every script among it", async () => {
    const spool = open()
    const line = call()
    const route = ["answered 400: \u2028 \u2029 \u0085 \n \r \u0000 \ud800 ✓"]
    expect(spool.open(line, dollarPrice)).toBe(true)
    spool.settle({ ...end(line), route })
    await spool.durable()
    const { entries, damagedLines } = await replayed()
    expect(damagedLines).toBe(0)
    expect(entries.map(({ settle }) => [settle.status, settle.chargedNanoUsd, settle.route])).toEqual([["complete", 70n, route]])
  })

  test("a process that is killed behind the turn of a settle leaves the whole call, with its prices", async () => {
    const spool = open()
    const line = call()
    expect(spool.open(line, dollarPrice)).toBe(true)
    spool.settle(end(line))
    // No close, no sync: what a killed process leaves.
    const { entries, interrupted } = await replayed()
    expect(entries).toEqual([{ open: line, settle: end(line), prices: [dollarPrice.cost] }])
    expect(interrupted).toBe(0)
  })

  test("a call without an end becomes one interrupted record, charged at its hold", async () => {
    const spool = open()
    const [ended, lost] = [call(), call(900n)]
    for (const line of [ended, lost]) spool.open(line, dollarPrice)
    spool.settle(end(ended))
    const { entries, interrupted } = await replayed()
    expect(interrupted).toBe(1)
    expect(entries[1]).toMatchObject({ open: { requestId: lost.requestId }, settle: { status: "interrupted", chargedNanoUsd: 900n, costNanoUsd: 0n, parts: lost.holdParts } })
  })

  test("a torn last line costs nothing but itself, and a damaged one is counted", async () => {
    const spool = open()
    const [whole, torn] = [call(), call()]
    for (const line of [whole, torn]) spool.open(line, dollarPrice)
    spool.settle(end(whole))
    const file = join(home, processId, segments()[0] ?? "")
    spool.settle(end(torn))
    await turnEnds()
    truncateSync(file, readFileSync(file).length - 9)
    expect(await replayed()).toMatchObject({ interrupted: 1, damagedLines: 1, entries: [{ open: { requestId: whole.requestId } }, { open: { requestId: torn.requestId }, settle: { status: "interrupted" } }] })
    appendFileSync(file, "\n0badc0de o {}\n")
    expect(await replayed()).toMatchObject({ damagedLines: 2 })
  })

  test("the last target of a failover is the one that is booked", async () => {
    const spool = open()
    const line = call()
    spool.open(line, dollarPrice)
    spool.open({ ...line, attempts: 2, channelId: "chan_2" }, dollarPrice)
    const { entries } = await replayed()
    expect(entries).toMatchObject([{ open: { attempts: 2, channelId: "chan_2" } }])
  })
})

describe("segments", () => {
  test("a segment goes when all its calls are booked, and every segment explains itself", async () => {
    const spool = open({ segmentBytesMax: 1_500 })
    const long = call()
    spool.open(long, dollarPrice)
    for (let i = 0; i < 20; i++) {
      const line = call()
      spool.open(line, dollarPrice)
      spool.settle(end(line))
    }
    await turnEnds()
    expect(segments().length).toBeGreaterThan(4)
    for (const name of segments()) {
      const text = readFileSync(join(home, processId, name), "utf8")
      expect(text).toContain(' q [')
      expect(text.includes(" h [")).toBe(text.includes(" o {"))
      expect(text.includes(` p ["${dollarPrice.cost.id}"`)).toBe(text.includes(" o {"))
    }
    spool.booked(20)
    // The first holds the call that still runs, the last is being written.
    expect(segments()).toHaveLength(2)
    expect(await replayed()).toMatchObject({ interrupted: 1 })
    spool.settle(end(long))
    spool.booked(1)
    expect(segments()).toHaveLength(1)
    await spool.close()
  })

  test("a full spool refuses new requests and takes them again when it has been booked", async () => {
    const spool = open({ segmentBytesMax: 1_000, bytesMax: 4_000 })
    let calls = 0
    while (spool.writable) {
      const line = call()
      spool.open(line, dollarPrice)
      spool.settle(end(line))
      calls += 1
    }
    expect(calls).toBeGreaterThan(1)
    expect(spool.unbooked(1_000)).toHaveLength(calls)
    spool.booked(calls)
    expect(spool.writable).toBe(true)
    await spool.close()
  })
})

describe("when the disk fails", () => {
  /** A disk that is full while `full.now` is true and takes half of a line then. */
  const fullDisk = () => {
    const full = { now: false }
    const files: SpoolFiles = {
      ...spoolFiles,
      append(file, text) {
        if (!full.now) return spoolFiles.append(file, text)
        spoolFiles.append(file, text.slice(0, text.length / 2))
        throw Object.assign(new Error("disk full"), { code: "ENOSPC" })
      },
    }
    return { full, files }
  }

  test("a request whose line cannot be kept is refused, and those that run are kept and written when there is room again", async () => {
    const { full, files } = fullDisk()
    const spool = open({ files })
    const [before, running] = [call(), call()]
    for (const line of [before, running]) spool.open(line, dollarPrice)
    spool.settle(end(before))
    await turnEnds()
    full.now = true
    let recorded: boolean | null = null
    const late = call()
    expect(spool.open(late, dollarPrice)).toBe(true)
    atEndOfTurn(() => (recorded = spool.writable))
    await turnEnds()
    expect(recorded).toBe(false)
    expect(spool.open(call(), dollarPrice)).toBe(false)
    spool.settle(end(running))
    expect(spool.figures).toMatchObject({ unbooked: 2, inFlight: 1, failure: "ENOSPC" })
    spool.settle({ ...end(late, 0n), status: "failed" })
    full.now = false
    await sleep(1_200)
    expect(spool.writable).toBe(true)
    const later = call()
    expect(spool.open(later, dollarPrice)).toBe(true)
    const { entries } = await replayed()
    expect(entries.map((entry) => [entry.open.requestId, entry.settle.status])).toEqual([
      [before.requestId, "complete"],
      [running.requestId, "complete"],
      [later.requestId, "interrupted"],
    ])
    expect(spool.unbooked(9).map((entry) => entry.open.requestId)).toEqual([before.requestId, running.requestId, late.requestId])
    spool.booked(3)
    expect(segments()).toHaveLength(1)
    await spool.close()
  })

  test("ends that a full disk took with the lines of their turn are written when there is room again", async () => {
    const { full, files } = fullDisk()
    const spool = open({ files })
    const lines = [call(), call()]
    for (const line of lines) spool.open(line, dollarPrice)
    await turnEnds()
    full.now = true
    for (const line of lines) spool.settle(end(line))
    await turnEnds()
    expect(spool.writable).toBe(false)
    // The half that it took holds the first of the two.
    expect((await replayed()).entries.map((entry) => entry.settle.status)).toEqual(["complete", "interrupted"])
    full.now = false
    await sleep(1_200)
    expect((await replayed()).entries.map((entry) => [entry.open.requestId, entry.settle.status])).toEqual(lines.map((line) => [line.requestId, "complete"]))
    await spool.close()
  })
})

describe("the lines of a turn", () => {
  const counted = () => {
    const writes: string[] = []
    const files: SpoolFiles = { ...spoolFiles, append: (file, text) => (writes.push(text), spoolFiles.append(file, text)) }
    return { writes, files }
  }

  test("go to the system in one write, in front of what is put off behind them", async () => {
    const { writes, files } = counted()
    const spool = open({ files })
    const [ended, begun] = [call(), call()]
    spool.open(ended, dollarPrice)
    await turnEnds()
    spool.settle(end(ended))
    const seen: number[] = []
    atEndOfTurn(() => seen.push(writes.length))
    spool.open(begun, dollarPrice)
    expect(writes).toHaveLength(1)
    await turnEnds()
    expect(seen).toEqual([2])
    expect(writes).toHaveLength(2)
    expect(await replayed()).toMatchObject({ entries: [{ open: { requestId: ended.requestId }, settle: { status: "complete" } }, { open: { requestId: begun.requestId } }], damagedLines: 0 })
    await spool.close()
  })

  test("are written at once where a call that is on its way opens again", () => {
    const { writes, files } = counted()
    const spool = open({ files })
    const line = call()
    spool.open(line, dollarPrice)
    expect(spool.open({ ...line, holdNanoUsd: 900n }, dollarPrice)).toBe(true)
    expect(writes.join("")).toContain('"holdNanoUsd":"900"')
  })
})

test("durable resolves only after the file was synced", async () => {
  let synced = 0
  const spool = open({
    files: {
      ...spoolFiles,
      sync: (file, done) =>
        spoolFiles.sync(file, (error) => {
          synced += 1
          done(error)
        }),
    },
  })
  spool.open(call(), dollarPrice)
  await Promise.all([spool.durable(), spool.durable()])
  expect(synced).toBe(1)
  await spool.close()
})
