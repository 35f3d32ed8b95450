import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** Linux counts the time of a process in hundredths of a second (proc(5), `/proc/PID/stat`; USER_HZ is 100 on every architecture that Node runs on). */
const MICROS_PER_TICK = 10_000

/** Fields of `/proc/PID/stat` behind the name in brackets, counted from the state. */
const PARENT = 1
const USER = 11
const SYSTEM = 12
const USER_OF_ENDED = 13
const SYSTEM_OF_ENDED = 14

/** CPU that a PostgreSQL has spent since its start, in microseconds: its postmaster, every process of it, and those that have ended. */
export async function postgresCpu(dataFolder: string): Promise<number> {
  const postmaster = Number.parseInt(await readFile(join(dataFolder, "postmaster.pid"), "utf8"), 10)
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(processes.map(async (pid) => ({ pid: Number(pid), fields: await fieldsOf(pid) })))
  const ticks = stats.reduce((sum, { pid, fields }) => {
    const spent = (fields[USER] ?? 0) + (fields[SYSTEM] ?? 0)
    if (pid === postmaster) return sum + spent + (fields[USER_OF_ENDED] ?? 0) + (fields[SYSTEM_OF_ENDED] ?? 0)
    return fields[PARENT] === postmaster ? sum + spent : sum
  }, 0)
  return ticks * MICROS_PER_TICK
}

/** Empty where the process has ended meanwhile. */
async function fieldsOf(pid: string): Promise<readonly number[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number)
}
