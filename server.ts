import { runCommandLine } from "#lib/server/command-line.ts"

/**
 * The process: `node server.ts [start | another command of bin/turnpike.mjs] [words]`, under a Node that strips types. The launcher
 * brings that Node and what was built; whoever has both may call this directly.
 */
if (process.connected) {
  // The launcher is our parent and was killed, not asked to stop: end as it did. What was spooled is replayed by the next start.
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"))
  process.channel?.unref()
}
process.exit(await runCommandLine(process.argv.slice(2)))
