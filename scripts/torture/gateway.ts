/**
 * A gateway process without the portal: the server's own container, workers and mount, on the port of `PORT`. Says `{ ready: true }` to
 * its parent when it serves; ends in order on `{ stop: true }`, and at once where the parent is gone.
 */
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { readEnv } from "#lib/server/env.ts"
import { createFastMount } from "#lib/server/fast-mount.ts"
import { openContainer } from "#lib/server/installation.ts"
import { type RunningWorker, workers } from "#lib/server/workers.ts"

const SETTLE_MS_MAX = 5_000

process.once("disconnect", () => process.exit(1))
const env = readEnv()
const container = await openContainer(env, env.DATABASE_URL ?? "")
const running: RunningWorker[] = []
for (const worker of workers) running.push(await worker.start(container))
const mount = createFastMount(container.gateway)
const server = createServer((request, response) => {
  if (!mount.handleNodeRequest(request, response)) response.writeHead(404).end()
})
await new Promise<void>((resolve) => server.listen(env.PORT, "127.0.0.1", resolve))
process.send?.({ ready: true })

process.on("message", (message: { readonly stop?: boolean }) => {
  if (message.stop === true) void stop()
})

async function stop(): Promise<void> {
  server.close()
  container.gateway.abortAll()
  for (let waitedMs = 0; container.gateway.inFlight() > 0 && waitedMs < SETTLE_MS_MAX; waitedMs += 20) await sleep(20)
  for (const worker of running.toReversed()) await worker.stop()
  process.exit(0)
}
