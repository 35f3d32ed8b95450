import { systemClock } from "#lib/kernel/clock.ts"
import type { Command } from "../command.ts"
import { exitCodes, Fault } from "../faults.ts"
import { startServer } from "../server.ts"
import { listenForStop } from "../stop-signals.ts"
import { welcomeLines } from "../welcome.ts"

/** `start [--dev]`: serves until SIGINT or SIGTERM, then drains and stops; a second signal ends it at once. */
export const start: Command = async ({ env, now, steps, print, note }, words) => {
  const dev = words.includes("--dev")
  const unknown = words.find((word) => word !== "--dev")
  if (unknown !== undefined) throw new Fault(`“start” does not know “${unknown}”: it takes --dev alone.`, exitCodes.usage)

  const signals = listenForStop(systemClock.monotonic, () => {
    note("turnpike: stopped at once; what was running is settled at the next start.")
    process.exit(exitCodes.interrupted)
  })
  const server = await startServer(env, { dev, steps, now })
  if (!signals.isStopped) {
    for (const line of [...server.applied, ...welcomeLines(server)]) print(line)
    await signals.stopped
  }
  note("turnpike: stopping; running answers have 30 seconds to end (a second signal ends them now)")
  const cut = await server.stop()
  if (cut > 0) note(`turnpike: ${cut} answers did not end in time and were cut`)
  return 0
}
