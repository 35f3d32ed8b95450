import type { Env } from "./env.ts"
import type { Steps } from "./steps.ts"

/** What a command is given. `print` is the command's result (standard output), `note` what accompanies it (standard error). */
export type CommandContext = {
  readonly env: Env
  readonly now: () => number
  readonly steps: Steps
  print(line: string): void
  note(line: string): void
}

/** Returns the exit code. Expected failures are thrown as `Fault`. */
export type Command = (context: CommandContext, words: readonly string[]) => Promise<number>
