import { resolve } from "node:path"
import { holdsData, restore as restoreBackup } from "#lib/adapters/backup.ts"
import type { BackupHeader } from "#lib/adapters/backup-file.ts"
import { migrate } from "#lib/adapters/migrations.ts"
import type { Command } from "../command.ts"
import type { Env } from "../env.ts"
import { exitCodes, explain, Fault } from "../faults.ts"
import { withDatabaseAlone } from "../installation.ts"
import { writeRootSecret } from "../secrets.ts"

/** `restore FILE [--force]`: a backup's data and secret, into a database that holds nothing yet (`--force`: whatever it holds). */
export const restore: Command = async ({ env, steps, now, print }, words) => {
  const [file, ...rest] = words.filter((word) => word !== "--force")
  if (file === undefined || rest.length > 0) throw new Fault("“restore” takes one word, the backup, and --force.", exitCodes.usage)
  const force = words.includes("--force")
  const path = resolve(file)
  try {
    await withDatabaseAlone(env, steps, now, async ({ url }) => {
      if (!force && (await holdsData(url))) throw new Fault("The database holds data already: restore into an empty one, or add --force to replace all of it.")
      const { rows, tables, secret } = await restoreBackup(url, path, (header) => refuseOtherSecret(env, header))
      await migrate(url)
      if (env.TURNPIKE_SECRET === undefined) writeRootSecret(env.home, secret)
      print(`Restored: ${tables} tables, ${rows} rows, and the secret`)
    })
    return 0
  } catch (error) {
    throw isMissing(error, path) ? new Fault(`There is no file ${path}.`, exitCodes.usage, error) : explain(error, { home: env.home, databaseUrl: env.DATABASE_URL })
  }
}

function refuseOtherSecret({ TURNPIKE_SECRET }: Env, { secret }: BackupHeader): void {
  if (TURNPIKE_SECRET === undefined || TURNPIKE_SECRET === secret) return
  throw new Fault("TURNPIKE_SECRET is not the secret of this backup: unset it (the backup's is then kept in the home folder), or set the one of the backup.")
}

const isMissing = (error: unknown, path: string): boolean => (error as NodeJS.ErrnoException).code === "ENOENT" && (error as NodeJS.ErrnoException).path === path
