import { systemClock } from "#lib/kernel/clock.ts"
import type { Command } from "./command.ts"
import { type Env, readEnv } from "./env.ts"
import { exitCodes, Fault, reportFault } from "./faults.ts"
import { createSteps } from "./steps.ts"

/** Loaded one by one: `doctor` must work where what `start` needs does not. bin/commands.mjs describes the same names. */
const commands = {
  start: async () => (await import("./commands/start.ts")).start,
  apply: async () => (await import("./commands/apply.ts")).apply,
  audit: async () => (await import("./commands/audit.ts")).audit,
  forget: async () => (await import("./commands/forget.ts")).forget,
  backup: async () => (await import("./commands/backup.ts")).backup,
  restore: async () => (await import("./commands/restore.ts")).restore,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  admin: async () => (await import("./commands/admin.ts")).admin,
} as const satisfies Record<string, () => Promise<Command>>

export type CommandName = keyof typeof commands
export const commandNames = Object.keys(commands) as readonly CommandName[]

/** Runs one command of the command line and returns the exit code; prints faults in one line. */
export async function runCommandLine([name = "start", ...words]: readonly string[]): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const note = (line: string) => void process.stderr.write(`${line}\n`)
  try {
    if (!Object.hasOwn(commands, name)) throw new Fault(`There is no command “${name}”.`, exitCodes.usage)
    const command = await commands[name as CommandName]()
    // The steps of a start are what it is about; those of another command must not mix with its result.
    const steps = createSteps(systemClock.monotonic, name === "start" ? print : note)
    return await command({ env: readSettings(), now: systemClock.now, steps, print, note }, words)
  } catch (error) {
    return reportFault(error, note)
  }
}

function readSettings(): Env {
  try {
    return readEnv()
  } catch (error) {
    throw new Fault(`A setting is wrong: ${(error as Error).message.replaceAll("\n", "; ")}.`, exitCodes.usage, error)
  }
}
