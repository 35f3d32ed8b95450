import { type ChildProcess, execFile, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { stringify } from "yaml"
import { type ProviderSimulator, startProviderSimulator } from "../../e2e/fixtures/provider-simulator.ts"
import { type Database, openDatabase } from "#lib/adapters/database.ts"
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import { migrate } from "#lib/adapters/migrations.ts"
import { type DatabaseLine, openDatabaseLine } from "./line.ts"
import { document } from "./world.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const READY_MS_MAX = 60_000
const STOP_MS_MAX = 40_000
const STDERR_CHARACTERS_MAX = 4_000
const SECRET = "a secret of the torture, which is long enough"

/** When a process believes it is: from when on, how fast time passes, and how far its clock is off. */
export type Era = { readonly startMs: number; readonly rate: number; readonly realStartMs: number }

/** The place of one gateway process: its home and its port outlive it. */
export type Seat = {
  readonly number: number
  readonly origin: string
  /** Starts a process here. Resolves to false where it did not become ready: the database may be away. */
  start(): Promise<boolean>
  kill(): Promise<void>
  /** In order; everything is booked. */
  stop(): Promise<void>
  /** Its monotonic clock goes ahead by so much. */
  jump(ms: number): void
  readonly running: boolean
  /** What its last process wrote on standard error. */
  readonly lastWords: string
}

export type Stage = {
  readonly simulator: ProviderSimulator
  readonly line: DatabaseLine
  /** Processes that ended although nobody killed them, with their last words: nothing that happens here may end one. */
  readonly deaths: readonly string[]
  /** Straight to PostgreSQL, not through the line; anew after it was stopped. */
  database(): Database
  stopDatabase(): Promise<void>
  startDatabase(): Promise<void>
  /** One more process; its clock is off by `skewMs`. */
  seat(number: number, era: Era, skewMs: number): Promise<Seat>
  apply(generation: 0 | 1): Promise<void>
  stop(): Promise<void>
}

export async function createStage(): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), "turnpike-torture-"))
  // Under root PostgreSQL runs as another user, who has to come in.
  await chmod(home, 0o755)
  const place = join(home, "database")
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres(place)
  process.once("exit", () => endPostmaster(join(place, "postgres", "postmaster.pid")))
  await migrate(postgres.url)
  const simulator = await startProviderSimulator()
  const line = await openDatabaseLine(portOf(postgres.url))
  let database = openDatabase(postgres.url, 4)
  const seats: Seat[] = []
  const deaths: string[] = []

  const environment = (url: string): NodeJS.ProcessEnv => ({ ...process.env, NODE_ENV: "production", DATABASE_URL: url, TURNPIKE_SECRET: SECRET, TURNPIKE_LOG: "error", NODE_NO_WARNINGS: "1" })
  const throughLine = () => {
    const url = new URL(postgres.url)
    url.port = String(line.port)
    return url.href
  }

  return {
    simulator,
    line,
    deaths,
    database: () => database,
    async stopDatabase() {
      await database.close()
      await postgres.stop()
    },
    async startDatabase() {
      postgres = await startEmbeddedPostgres(place)
      line.to(portOf(postgres.url))
      database = openDatabase(postgres.url, 4)
    },
    async seat(number, { startMs, rate, realStartMs }, skewMs) {
      const folder = join(home, `process-${number}`)
      await mkdir(folder)
      const port = await freePort()
      const clock = [startMs + skewMs, rate, realStartMs].join(",")
      const seat = createSeat(number, port, deaths, () => ({ ...environment(throughLine()), TURNPIKE_HOME: folder, PORT: String(port), TORTURE_CLOCK: clock, TURNPIKE_UPSTREAM_IDLE_SECONDS: "3" }))
      seats.push(seat)
      return seat
    },
    async apply(generation) {
      const file = join(home, "turnpike.yaml")
      await writeFile(file, stringify(document(generation, (dialect) => simulator.baseUrl(dialect === "am" ? "anthropic" : "compatible", dialect))))
      await promisify(execFile)(process.execPath, ["server.ts", "apply", file, "--json"], { cwd: root, env: { ...environment(postgres.url), TURNPIKE_HOME: join(home, "apply") } })
    },
    async stop() {
      await Promise.all(seats.map((seat) => seat.kill()))
      line.close()
      await simulator.close()
      await database.close()
      await postgres.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function createSeat(number: number, port: number, deaths: string[], environment: () => NodeJS.ProcessEnv): Seat {
  let child: ChildProcess | null = null
  let words = ""
  const ended = (one: ChildProcess) => new Promise<void>((resolve) => (one.exitCode !== null || one.signalCode !== null ? resolve() : one.once("exit", () => resolve())))
  return {
    number,
    origin: `http://127.0.0.1:${port}`,
    async start() {
      const fresh = spawn(process.execPath, ["--import", fileURLToPath(new URL("clock.ts", import.meta.url)), fileURLToPath(new URL("gateway.ts", import.meta.url))], {
        cwd: root,
        env: environment(),
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      })
      words = ""
      fresh.stderr?.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-STDERR_CHARACTERS_MAX)))
      fresh.once("exit", (code, signal) => {
        if (child !== fresh) return
        child = null
        if (wasReady) deaths.push(`process ${number} ended by itself (${code ?? signal}): ${words}`)
      })
      child = fresh
      let wasReady = false
      const ready = new Promise<boolean>((resolve) => {
        fresh.once("message", () => {
          wasReady = true
          resolve(true)
        })
        fresh.once("exit", () => resolve(false))
        setTimeout(() => resolve(false), READY_MS_MAX).unref()
      })
      if (await ready) return true
      fresh.kill("SIGKILL")
      await ended(fresh)
      if (child === fresh) child = null
      return false
    },
    async kill() {
      const victim = child
      child = null
      victim?.kill("SIGKILL")
      if (victim !== null) await ended(victim)
    },
    async stop() {
      const leaving = child
      child = null
      if (leaving === null) return
      leaving.send({ stop: true }, () => {})
      const timer = setTimeout(() => leaving.kill("SIGKILL"), STOP_MS_MAX)
      await ended(leaving)
      clearTimeout(timer)
      if (leaving.exitCode !== 0) throw new Error(`process ${number} did not stop in order (${leaving.exitCode ?? leaving.signalCode})`)
    },
    jump: (jumpMs) => void (child?.connected === true && child.send({ jumpMs })),
    get running() {
      return child !== null
    },
    get lastWords() {
      return words
    },
  }
}

const portOf = (url: string): number => Number(new URL(url).port)

/** The embedded PostgreSQL lives in a session of its own and would outlive a run that is broken off. */
function endPostmaster(pidFile: string): void {
  try {
    process.kill(Number.parseInt(readFileSync(pidFile, "utf8"), 10), "SIGINT")
  } catch {
    // It has stopped.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
