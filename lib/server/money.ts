import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { createBooking } from "#lib/adapters/booking.ts"
import type { Database } from "#lib/adapters/database.ts"
import { type Flusher, startFlusher } from "#lib/adapters/flusher.ts"
import { forgetLongSilent } from "#lib/adapters/forgotten-processes.ts"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import { makePartitions, removeOldWindows } from "#lib/adapters/partitions.ts"
import { createProcesses, type Processes } from "#lib/adapters/processes.ts"
import { createRecalls } from "#lib/adapters/recalls.ts"
import { openSpool, type Spool, type SpoolFigures } from "#lib/adapters/spool.ts"
import { removeSpool, replaySpool, spooledProcesses } from "#lib/adapters/spool-replay.ts"
import type { SpoolPort } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import { createLeases } from "#lib/quota/leases.ts"
import type { QuotaPort } from "#lib/quota/types.ts"
import type { Log } from "./log.ts"

const IDLE_CHECK_MS = 250
const RENEW_MS = 60_000
const HOUSEKEEPING_MS = 3_600_000

/** What one process needs to take money for what it serves: its leases, its spool, and what moves the spool into the books. */
export type Money = {
  readonly quota: QuotaPort
  /** Refuses every line before `start` and after `stop`. */
  readonly spool: SpoolPort
  /** Replays what earlier processes of this home left behind, then takes part. Rejects where the books cannot be reached. */
  start(): Promise<void>
  /** Books everything, gives the leases back and leaves the registry. What cannot be booked now is replayed at the next start. */
  stop(): Promise<void>
  healthy(): boolean
  readonly figures: MoneyFigures
}

export type MoneyFigures = SpoolFigures & {
  /** How long nothing could be booked; null while all is well. */
  readonly failingForMs: number | null
}

export type MoneyOptions = {
  /** Absolute path of the home folder; the spool lives in `spool` below it. */
  readonly home: string
  readonly database: Database
  /** For the connection on which other processes' recalls are heard. */
  readonly databaseUrl: string
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
}

const notStarted: SpoolFigures = { bytes: 0, segments: 0, inFlight: 0, unbooked: 0, failure: "not started" }

type Running = { readonly processes: Processes; readonly spool: Spool; readonly flusher: Flusher; readonly stopUpkeep: () => Promise<void> }

/** Puts the parts together. Nothing is opened or written before `start`: commands make a container too. */
export function createMoney({ home, database, databaseUrl, clock, newId, log }: MoneyOptions): Money {
  const folder = join(home, "spool")
  const processId = newId("process")
  const leases = createLeases(createLeaseStore(database, newId, processId), clock)
  const book = createBooking(database, newId)
  const recalls = createRecalls(databaseUrl, log)
  let running: Running | null = null
  /** Another process gave this one up: it may not have answered for a day. Only a start gives it a new place. */
  let forgotten = false

  async function signOfLife(processes: Processes): Promise<void> {
    if (forgotten || (await processes.heartbeat())) return
    forgotten = true
    log("error", "process.forgotten", { processId })
  }

  async function giveUpSilent(): Promise<void> {
    for (const dead of await forgetLongSilent(database)) log("warn", "process.given_up", dead)
  }

  async function replay(processes: Processes): Promise<void> {
    const unclosed = await processes.unclosed()
    const spooled = new Set(await spooledProcesses(folder))
    for (const dead of unclosed) {
      if (spooled.delete(dead)) log("info", "spool.replayed", await replaySpool(folder, dead, book))
      await processes.close(dead, "replayed")
      await removeSpool(folder, dead)
    }
    await processes.closeLeftovers()
    // A spool whose process this database does not know belongs to another database's books.
    for (const stranger of spooled) log("warn", "spool.stranger", { folder: join(folder, stranger) })
  }

  return {
    quota: leases,
    spool: {
      open: (line, prices) => !forgotten && (running?.spool.open(line, prices) ?? false),
      settle: (line) => running?.spool.settle(line),
      durable: async () => running?.spool.durable(),
      get writable() {
        return !forgotten && (running?.spool.writable ?? false)
      },
    },

    async start() {
      const homeId = await readHomeId(folder)
      const processes = createProcesses(database, { id: processId, homeId, host: hostname(), pid: process.pid })
      await replay(processes)
      await makePartitions(database, clock.now())
      await processes.register(new Date(clock.now()))
      const spool = openSpool({ folder: join(folder, processId), log })
      const flusher = startFlusher({ spool, quota: leases, book, processId, now: clock.monotonic, log })
      await recalls.start((windows) => {
        leases.surrender(windows).catch((error: unknown) => log("warn", "recall.failed", { error: String(error) }))
      })
      const stopUpkeep = startUpkeep([
        { everyMs: IDLE_CHECK_MS, name: "returnIdle", work: () => leases.returnIdle() },
        {
          everyMs: RENEW_MS,
          name: "renew",
          work: async () => {
            await flusher.exclusively(() => leases.renew())
            await signOfLife(processes)
            await processes.closeLeftovers()
            await processes.fenceExpired()
          },
        },
        {
          everyMs: HOUSEKEEPING_MS,
          name: "housekeeping",
          work: async () => {
            await makePartitions(database, clock.now())
            await removeOldWindows(database)
            await giveUpSilent()
          },
        },
      ], clock, log)
      running = { processes, spool, flusher, stopUpkeep }
    },

    async stop() {
      if (running === null) return
      const { processes, spool, flusher, stopUpkeep } = running
      running = null
      await recalls.stop()
      await stopUpkeep()
      const allBooked = await flusher.stop()
      await spool.close()
      if (!allBooked) return log("warn", "spool.kept", { folder: join(folder, processId), unbooked: spool.figures.unbooked })
      if (!forgotten) await leases.returnAll()
      await processes.close(processId, "stopped")
      await removeSpool(folder, processId)
    },

    healthy: () => !forgotten && (running?.spool.writable ?? false),
    get figures() {
      return running === null ? { ...notStarted, failingForMs: null } : { ...running.spool.figures, failingForMs: running.flusher.failingForMs }
    },
  }
}

type Upkeep = { readonly name: string; readonly everyMs: number; readonly work: () => Promise<void> }

/** Runs each piece of upkeep when it is due, one at a time; a failure is logged and the work comes round again. Returns how to stop. */
function startUpkeep(list: readonly Upkeep[], clock: Clock, log: Log): () => Promise<void> {
  const stopping = new AbortController()
  const due = new Map(list.map((one) => [one, clock.monotonic() + one.everyMs]))
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      for (const one of list) {
        if (clock.monotonic() < (due.get(one) ?? 0)) continue
        due.set(one, clock.monotonic() + one.everyMs)
        await one.work().catch((error: unknown) => log("warn", "upkeep.failed", { name: one.name, error: String(error) }))
      }
      await sleep(IDLE_CHECK_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
  return async () => {
    stopping.abort()
    await loop
  }
}

/** The home's own random id, made with the first spool. */
async function readHomeId(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, "home-id")
  const known = await readFile(file, "utf8").catch(() => "")
  if (known !== "") return known
  const made = randomBytes(16).toString("hex")
  await writeFile(file, made, { mode: 0o600 })
  return made
}
