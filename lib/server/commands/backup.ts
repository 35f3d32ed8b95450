import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { backUp } from "#lib/adapters/backup.ts"
import type { Command } from "../command.ts"
import { exitCodes, Fault } from "../faults.ts"
import { withInstallation } from "../installation.ts"
import { readRootSecret } from "../secrets.ts"

/** `backup FILE`: all data and the secret in one file, while the server runs or not. */
export const backup: Command = async ({ env, steps, now, print }, [file, ...rest]) => {
  if (file === undefined || rest.length > 0) throw new Fault("“backup” takes one word: the file to write.", exitCodes.usage)
  const path = resolve(file)
  if (existsSync(path)) throw new Fault(`${path} exists: name another file, or remove that one first.`, exitCodes.usage)
  await withInstallation(env, steps, now, async (_container, { url }) => {
    const { tables, rows } = await backUp(url, path, readRootSecret(env.home, env.TURNPIKE_SECRET), now())
    print(`Written: ${path} (${tables} tables, ${rows} rows, and the secret: keep it where nobody else reads it)`)
  })
  return 0
}
