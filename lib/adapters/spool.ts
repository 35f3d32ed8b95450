import { join } from "node:path"
import type { SpoolPort } from "#lib/gateway/ports.ts"
import type { OpenLine, SettleLine } from "#lib/gateway/spool-lines.ts"
import type { Priced, TargetPrice } from "#lib/gateway/types.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { atEndOfTurn } from "#lib/kernel/turn.ts"
import { createSegmentWriter, type SegmentWriter } from "./spool-codec.ts"
import { type SpoolFiles, spoolFiles } from "./spool-files.ts"

/** `fdatasync` runs at most this long after a line was written: what a power failure can cost. A killed process loses nothing. */
export const SYNC_MS_MAX = 40
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
export const SPOOL_BYTES_MAX = 1024 * 1024 * 1024
/** Ended requests that wait in memory for the database: about 2 KB each. */
export const UNBOOKED_MAX = 100_000
const RETRY_MS = 1_000

/** A request with its end: what becomes one usage record. */
export type UsageEntry = {
  readonly open: OpenLine
  readonly settle: SettleLine
  readonly prices: readonly Priced[]
}

/** The spool of one process. Lines go to numbered segments in its own folder; a segment is deleted when all of it is booked. */
export type Spool = SpoolPort & {
  /** Up to `max` ended requests that are not booked yet, oldest first. They stay until `booked` names them. */
  unbooked(max: number): readonly UsageEntry[]
  /** The first `count` of `unbooked` are in the database. */
  booked(count: number): void
  readonly figures: SpoolFigures
  /** Syncs and closes the file. */
  close(): Promise<void>
}

export type SpoolFigures = {
  readonly bytes: number
  readonly segments: number
  readonly inFlight: number
  readonly unbooked: number
  /** Why nothing can be written, if so. */
  readonly failure: string | null
}

type Segment = {
  readonly path: string
  bytes: number
  /** Requests that have a line here and are not booked. */
  requests: number
  readonly writer: SegmentWriter
}

/** `segments`: where this request has lines. */
type InFlight = { open: OpenLine; prices: readonly Priced[]; readonly segments: Segment[] }
type Ended = UsageEntry & { readonly segments: Segment[] }

export type SpoolOptions = {
  readonly folder: string
  readonly files?: SpoolFiles
  readonly log: (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void
  readonly segmentBytesMax?: number
  readonly bytesMax?: number
}

/**
 * Opens a spool in a folder of its own. The lines of a turn are handed to the system with one `write` at its end (measured with 32 calls
 * at a time: a `write` each costs a call 10 µs). `open` and `settle` put that `write` in front of whatever is given to the end of the turn
 * behind them, as the calls upstream and the ends of answers are: nothing leaves before the line that it needs.
 */
export function openSpool({ folder, files = spoolFiles, log, segmentBytesMax = SEGMENT_BYTES_MAX, bytesMax = SPOOL_BYTES_MAX }: SpoolOptions): Spool {
  const segments = new Set<Segment>()
  const inFlight = new Map<Id<"request">, InFlight>()
  let ended: Ended[] = []
  let created = 0
  let bytes = 0
  let failure: string | null = null
  /** Lines that wait for the end of the turn, all for the current segment, and the requests whose ends are among them. */
  let pending = ""
  let pendingEnds: Ended[] = []
  /** Ended requests whose line could not be written yet; they are in `ended` too. */
  const unwritten = new Set<Ended>()
  let retry: NodeJS.Timeout | null = null
  let closed = false

  files.makeFolder(folder)
  let current = createSegment()

  function createSegment(): { readonly file: number; readonly segment: Segment } {
    const path = join(folder, `${String(++created).padStart(8, "0")}.log`)
    const file = files.create(path)
    const segment: Segment = { path, bytes: 0, requests: 0, writer: createSegmentWriter() }
    segments.add(segment)
    return { file, segment }
  }

  /** To the current segment, at the end of the turn. */
  function put(text: string): void {
    if (pending === "") atEndOfTurn(writePending)
    pending += text
    // Characters, not bytes: the lines are ASCII but for model names and the router's words, and the bound is a round one.
    current.segment.bytes += text.length
    bytes += text.length
  }

  /** False: they could not be kept. The ends are written once there is room again; a call that has just begun must not leave. */
  function writePending(): boolean {
    if (pending === "") return failure === null
    const [text, ends] = [pending, pendingEnds]
    pending = ""
    pendingEnds = []
    try {
      files.append(current.file, text)
    } catch (error) {
      for (const entry of ends) unwritten.add(entry)
      fail(error as NodeJS.ErrnoException)
      return false
    }
    syncSoon()
    return true
  }

  /** Before a request's line is made, so that it and what it names stand in one segment. */
  function rotateIfFull(): void {
    if (current.segment.bytes < segmentBytesMax || failure !== null || !writePending()) return
    const previous = current
    try {
      current = createSegment()
    } catch (error) {
      return fail(error as NodeJS.ErrnoException)
    }
    files.sync(previous.file, (error) => {
      if (error !== null) fail(error as NodeJS.ErrnoException)
      files.close(previous.file)
    })
    removeIfDone(previous.segment)
  }

  function removeIfDone(segment: Segment): void {
    if (segment.requests > 0 || segment === current.segment) return
    segments.delete(segment)
    bytes -= segment.bytes
    try {
      files.remove(segment.path)
    } catch (error) {
      // A booked segment that stays is replayed one day without effect.
      log("warn", "spool.segmentNotRemoved", { path: segment.path, error: String(error) })
    }
  }

  function fail(error: NodeJS.ErrnoException): void {
    if (failure === null) log("error", "spool.failed", { folder, code: error.code, error: error.message })
    failure = error.code ?? error.message
    retry ??= setTimeout(recover, RETRY_MS).unref()
  }

  /** Goes on in a new segment: the last line of the old one may be torn. */
  function recover(): void {
    // Lines name what their own segment has said: none may wait for the next one.
    writePending()
    retry = null
    if (closed) return
    const broken = current
    try {
      current = createSegment()
      for (const entry of unwritten) {
        files.append(current.file, current.segment.writer.settle(entry.settle))
        touch(entry.segments)
      }
      failure = null
      unwritten.clear()
      log("info", "spool.recovered", { folder })
      files.close(broken.file)
      removeIfDone(broken.segment)
      syncSoon()
    } catch (error) {
      fail(error as NodeJS.ErrnoException)
    }
  }

  function touch(held: Segment[]): void {
    if (held.at(-1) === current.segment) return
    held.push(current.segment)
    current.segment.requests += 1
  }

  const { syncSoon, durable } = groupedSync((done) => {
    const { file } = current
    files.sync(file, (error) => {
      if (error !== null && file === current.file) fail(error as NodeJS.ErrnoException)
      done()
    })
  })

  return {
    open(line, price) {
      const prices = pricesOf(price)
      rotateIfFull()
      if (failure !== null) return false
      const begun = inFlight.get(line.requestId)
      put(current.segment.writer.open(line, prices))
      // The next target of a failover opens again, and so does a stream whose hold grew: what is on its way waits for no turn to end.
      if (begun !== undefined && !writePending()) return false
      const held = begun?.segments ?? []
      touch(held)
      inFlight.set(line.requestId, { open: line, prices, segments: held })
      return true
    },

    settle(line) {
      const begun = inFlight.get(line.requestId)
      if (begun === undefined) return
      inFlight.delete(line.requestId)
      rotateIfFull()
      const entry: Ended = { open: begun.open, settle: line, prices: begun.prices, segments: begun.segments }
      ended.push(entry)
      if (failure !== null) return void unwritten.add(entry)
      put(current.segment.writer.settle(line))
      pendingEnds.push(entry)
      touch(entry.segments)
    },

    durable() {
      writePending()
      return durable()
    },

    get writable() {
      return failure === null && !closed && bytes < bytesMax && ended.length < UNBOOKED_MAX
    },

    unbooked: (max) => ended.slice(0, max),

    booked(count) {
      const done = ended.slice(0, count)
      ended = ended.slice(count)
      for (const entry of done) {
        unwritten.delete(entry)
        for (const segment of entry.segments) {
          segment.requests -= 1
          removeIfDone(segment)
        }
      }
    },

    get figures() {
      return { bytes, segments: segments.size, inFlight: inFlight.size, unbooked: ended.length, failure }
    },

    async close() {
      closed = true
      if (retry !== null) clearTimeout(retry)
      writePending()
      await durable()
      files.close(current.file)
    },
  }
}

function pricesOf({ cost, sell }: TargetPrice): readonly Priced[] {
  return cost.id === sell.id ? [cost] : [cost, sell]
}

/** One sync for all lines of up to `SYNC_MS_MAX`; never two at a time. */
function groupedSync(sync: (done: () => void) => void): { syncSoon(): void; durable(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null
  let running = false
  let dirty = false
  let waiting: (() => void)[] = []

  function run(): void {
    timer = null
    running = true
    dirty = false
    const served = waiting
    waiting = []
    sync(() => {
      running = false
      for (const resolve of served) resolve()
      if (dirty || waiting.length > 0) syncSoon()
    })
  }
  function syncSoon(): void {
    dirty = true
    if (!running) timer ??= setTimeout(run, SYNC_MS_MAX)
  }
  return {
    syncSoon,
    durable: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        if (dirty || running) syncSoon()
        else run()
      }),
  }
}
