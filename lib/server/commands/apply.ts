import { applyFile } from "../apply.ts"
import type { Command } from "../command.ts"
import { readVariables } from "../env.ts"
import { exitCodes, Fault } from "../faults.ts"
import { withInstallation } from "../installation.ts"

const FLAGS: ReadonlySet<string> = new Set(["--dry-run", "--json"])

/** `apply FILE [--dry-run] [--json]`: brings the installation to what a turnpike.yaml says; a running server follows within a second. */
export const apply: Command = async ({ env, steps, now, print }, words) => {
  const [file, ...others] = words.filter((word) => !FLAGS.has(word))
  if (file === undefined || file.startsWith("-") || others.length > 0) throw new Fault("“apply” takes a file, and --dry-run and --json.", exitCodes.usage)
  await withInstallation(env, steps, now, ({ database, secrets, clock, newId }, { origin }) =>
    applyFile({ database, secrets, clock, newId, origin, variables: readVariables(), file, dryRun: words.includes("--dry-run"), json: words.includes("--json"), out: print }),
  )
  return 0
}
