import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

const LOCK_FILE = "lock"
const HOLDER_FILE = "running.json"
const SQLITE_BUSY = 5

/** Who holds a home folder. `url` is null for a command and for a server that does not listen yet. */
export type Holder = { readonly kind: "server" | "command"; readonly pid: number; readonly host: string; readonly startedAt: string; readonly url: string | null }

export type HomeLock = {
  /** Tells others where this process listens; null once it stops to, so that a command beside it waits for its end. */
  publish(url: string | null): void
  release(): void
}

/** `holder` is null where the one who holds the lock has not said yet who it is. */
export type LockAttempt = { readonly ok: true; readonly lock: HomeLock } | { readonly ok: false; readonly holder: Holder | null }

/**
 * Takes the home folder for this process, or says who has it.
 *
 * The lock is the operating system's own, on a file: the kernel drops it when the process dies, however it dies, so neither a
 * `kill -9` nor a process id that a container uses again can leave or fake it. Node has no call for that; SQLite's exclusive
 * transaction is one (fcntl), and it works between containers that share the folder.
 *
 * Throws what the file system throws where the folder cannot be written.
 */
export function lockHome(home: string, kind: Holder["kind"], now: () => number): LockAttempt {
  mkdirSync(home, { recursive: true })
  const file = join(home, LOCK_FILE)
  // SQLite hides the reason why it cannot open a file; this says it (EACCES, EROFS, ENOSPC).
  writeFileSync(file, "", { flag: "a", mode: 0o600 })
  const handle = new DatabaseSync(file)
  try {
    handle.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
  } catch (error) {
    handle.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return { ok: false, holder: readHolder(home) }
    throw error
  }

  const holderFile = join(home, HOLDER_FILE)
  const write = (url: string | null) => {
    const holder: Holder = { kind, pid: process.pid, host: hostname(), startedAt: new Date(now()).toISOString(), url }
    writeFileSync(holderFile, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  }
  try {
    write(null)
  } catch (error) {
    handle.close()
    throw error
  }
  return {
    ok: true,
    lock: {
      publish: write,
      release() {
        rmSync(holderFile, { force: true })
        handle.close()
      },
    },
  }
}

function readHolder(home: string): Holder | null {
  try {
    return JSON.parse(readFileSync(join(home, HOLDER_FILE), "utf8")) as Holder
  } catch {
    return null
  }
}

/** `process 4711 on host-1, http://127.0.0.1:3000` */
export function describeHolder(holder: Holder | null): string {
  if (holder === null) return "another process"
  const where = holder.host === hostname() ? "" : ` on ${holder.host}`
  return `process ${holder.pid}${where}${holder.url === null ? "" : `, ${holder.url}`}`
}
