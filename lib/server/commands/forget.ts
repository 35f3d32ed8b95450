import { forgetProcess, type NotForgotten, type SilentProcess, silentProcesses } from "#lib/adapters/forgotten-processes.ts"
import type { Command } from "../command.ts"
import { exitCodes, Fault } from "../faults.ts"
import { withInstallation } from "../installation.ts"

const refusals = {
  unknown: "This database knows no process of that name; “forget” alone lists those that are silent.",
  ended: "That process has ended and holds nothing any more.",
  alive: "That process may still be spending: it was heard of within three minutes, or its leases have not expired. Stop it, or wait until they have (15 minutes at most).",
} as const satisfies Record<NotForgotten, string>

/** `forget PROCESS`: gives up a dead process whose spool is lost. `forget` alone lists who is silent and what they keep from others. */
export const forget: Command = async ({ env, steps, now, print }, [processId, ...rest]) => {
  if (rest.length > 0) throw new Fault("“forget” takes one word at most: the process to give up.", exitCodes.usage)
  await withInstallation(env, steps, now, async ({ database }) => {
    if (processId === undefined) {
      const silent = await silentProcesses(database)
      for (const line of silent.length === 0 ? ["No process is silent."] : silent.map(describe)) print(line)
      return
    }
    const forgotten = await forgetProcess(database, processId)
    if (!forgotten.ok) throw new Fault(refusals[forgotten.error])
    print(`Given up: ${describe(forgotten.value)}. What it leased is free; what its spool still holds, should it turn up, is booked to the house.`)
  })
  return 0
}

const describe = ({ id, host, pid, heardAt, leases }: SilentProcess): string => `${id} (process ${pid} on ${host}, last heard of ${heardAt.toISOString()}, ${leases} ${leases === 1 ? "lease" : "leases"})`
