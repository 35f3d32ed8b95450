import { execFile } from "node:child_process"
import { readdir, readFile, readlink, realpath, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"

const run = promisify(execFile)

const ORPHANS_MS_MAX = 10_000
const PROBE_EVERY_MS = 100

/** A PostgreSQL server process that is alive on a data folder. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly stopping: boolean }

/**
 * Reads `postmaster.pid` of the data folder (line 1 the process id, line 4 the port, line 8 the state) and checks that the process
 * is alive and really serves this folder: ids are used again, above all in containers, where the first ones are always the same.
 */
export async function livePostmaster(data: string): Promise<Postmaster | null> {
  const text = await readFile(pidFile(data), "utf8").catch(() => "")
  const lines = text.split("\n")
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return null
  if (!(await servesFolder(pid, data))) return null
  return { pid, port, stopping: lines[7]?.trim() === "stopping" }
}

/**
 * Removes a `postmaster.pid` whose id now belongs to another program (or to a dead process that nobody has reaped): PostgreSQL asks
 * only whether the process exists, and would refuse to start. Waits first until no backend of the dead server is left, since the
 * file is also how PostgreSQL finds the shared memory that they hold. Any other file stays: PostgreSQL does the right thing with it.
 */
export async function clearForeignPidFile(data: string): Promise<void> {
  const text = await readFile(pidFile(data), "utf8").catch(() => "")
  const pid = Number(text.split("\n")[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || (await servesFolder(pid, data))) return
  for (let waitedMs = 0; await hasBackends(data); waitedMs += PROBE_EVERY_MS) {
    if (waitedMs >= ORPHANS_MS_MAX) throw new Error(`Processes of a killed PostgreSQL still work on ${data}: end them, then start again.`)
    await sleep(PROBE_EVERY_MS)
  }
  await rm(pidFile(data), { force: true })
}

/** Whether any PostgreSQL process works in the folder. Known on Linux only; elsewhere ids are not reused so soon. */
async function hasBackends(data: string): Promise<boolean> {
  if (process.platform !== "linux") return false
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0)
  return (await Promise.all(pids.map((pid) => servesFolder(pid, data)))).includes(true)
}

const pidFile = (data: string) => join(data, "postmaster.pid")

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** A postmaster works in its data folder (Linux shows that), and has it on its command line (where there is no /proc). */
async function servesFolder(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform === "linux") {
    const [folder, program] = await Promise.all([readlink(`/proc/${pid}/cwd`).catch(() => ""), readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")])
    return folder === (await realpath(data).catch(() => data)) && program.trim() === "postgres"
  }
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({ stdout: "" }))
  return stdout.includes(data)
}
