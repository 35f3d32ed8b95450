/**
 * The command line, as the launcher knows it without any dependency: `words` and `says` for the usage, `build` where the command
 * serves pages. lib/server/command-line.ts runs them; a test compares the two lists.
 */
export const commands = {
  start: { words: "[--dev]", says: "serve; installs and builds first what has changed", build: true },
  apply: { words: "FILE [--dry-run] [--json]", says: "bring the installation to what a turnpike.yaml says", build: false },
  doctor: { words: "", says: "look for what is wrong, and change nothing", build: false },
  audit: { words: "[--json]", says: "add up all books again; exit code 1 where something differs", build: false },
  forget: { words: "[PROCESS]", says: "give up a dead process's leases; alone: list the silent ones", build: false },
  backup: { words: "FILE", says: "write all data and the secret into one file", build: false },
  restore: { words: "FILE [--force]", says: "put a backup's data and secret in place", build: false },
  admin: { words: "EMAIL", says: "print a sign-in link for an operator who is locked out", build: false },
}

const WORDS_WIDTH = 44

export function usage() {
  const lines = Object.entries(commands).map(([name, { words, says }]) => `  ${`${name} ${words}`.trim().padEnd(WORDS_WIDTH)} ${says}`)
  return ["usage: node bin/turnpike.mjs COMMAND", "", ...lines, `  ${"help".padEnd(WORDS_WIDTH)} print this`, "", "Settings come from the environment: see docs/operate.md."].join("\n")
}
