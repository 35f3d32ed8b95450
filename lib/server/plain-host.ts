import type { Container } from "./container.ts"
import type { HealthReport } from "./health.ts"
import { workers } from "./workers.ts"

/** Next bundles its own copy of this module: whether the workers run is known to both through `globalThis`. */
const slot = Symbol.for("turnpike.workers")
const shared = globalThis as { [slot]?: Promise<void> }

/** `server.ts` has started the workers itself. */
export function markWorkersStarted(): void {
  shared[slot] = Promise.resolve()
}

/**
 * The workers of a process that `server.ts` did not start (`next dev`, `next start` on a plain host): the first call starts them and
 * waits, as does every one until they run. A failed attempt is made again by the next call.
 */
export function ensureWorkers(container: Container): Promise<void> {
  shared[slot] ??= startAll(container).catch((error: unknown) => {
    delete shared[slot]
    container.log("error", "workers.failed", { error })
  })
  return shared[slot]
}

async function startAll(container: Container): Promise<void> {
  for (const worker of workers) await worker.start(container)
}

/** What a process without `server.ts` can tell of itself. Like there, a database that is away is told and does not make it unready. */
export async function plainHostHealth(container: Container): Promise<HealthReport> {
  await ensureWorkers(container)
  const database = await container.database.sql(null, (client) => client.query("SELECT 1")).then(
    () => "ready" as const,
    () => "failed" as const,
  )
  const gateway = container.gatewayConfig() === null ? "starting" : "ready"
  return { status: gateway, parts: { database, gateway } }
}
