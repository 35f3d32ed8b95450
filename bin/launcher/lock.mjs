import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from "node:fs"
import { randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"

const BEAT_MS = 2_000
/** A holder whose file is older than this has died and its process id has gone to somebody else. */
const SILENT_MS_MAX = 15_000
const POLL_MS = 250

/**
 * Does `work` while no other launcher of this checkout does, and calls `onWait` once if it has to wait for one. The lock is a file
 * that its holder touches every two seconds; it is taken over from a process that is dead or silent. (The server's own lock, on
 * the home folder, is the kernel's; Node 20 has no call for one.)
 * @template T @param {string} file @param {() => void} onWait @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  const token = `${process.pid} ${randomBytes(8).toString("hex")}`
  let waited = false
  while (!take(file, token)) {
    if (!isAbandoned(file) && !waited) {
      waited = true
      onWait()
    }
    await sleep(POLL_MS)
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    rmSync(file, { force: true })
  }
}

function take(file, token) {
  if (isAbandoned(file)) remove(file)
  try {
    const handle = openSync(file, "wx")
    writeSync(handle, token)
    closeSync(handle)
    return true
  } catch (error) {
    if (error.code === "EEXIST") return false
    throw error
  }
}

function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > SILENT_MS_MAX) return true
    const pid = Number.parseInt(readFileSync(file, "utf8"), 10)
    return Number.isInteger(pid) && !isAlive(pid)
  } catch {
    return false
  }
}

/** Of two who find the file abandoned at once, one may move away the other's new file: it looks at what it moved, and puts that back. */
function remove(file) {
  const aside = `${file}.${randomBytes(4).toString("hex")}`
  try {
    renameSync(file, aside)
    if (!isAbandoned(aside)) linkSync(aside, file)
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}
