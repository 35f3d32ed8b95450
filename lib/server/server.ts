import { setTimeout as sleep } from "node:timers/promises"
import { readDatabaseFacts } from "#lib/adapters/database-facts.ts"
import { applyConfiguredFile } from "./apply.ts"
import { type Closers, createClosers } from "./closers.ts"
import type { Container } from "./container.ts"
import { watchDatabase } from "./database-watch.ts"
import { ensureDemoKey } from "./demo.ts"
import type { Env } from "./env.ts"
import { explain, Fault } from "./faults.ts"
import { createFastMount } from "./fast-mount.ts"
import { createHealth, type Health } from "./health.ts"
import { lockForServer, openContainer, openDatabaseServer } from "./installation.ts"
import { listen, type Listener } from "./listener.ts"
import { ownOrigins, publicOrigin } from "./origin.ts"
import { openPages } from "./pages.ts"
import { markWorkersStarted } from "./plain-host.ts"
import type { Steps } from "./steps.ts"
import { workers } from "./workers.ts"

const DRAIN_SECONDS_MAX = 30
/** What the gateway gets to settle streams that were cut at the end of the drain. */
const SETTLE_MS_MAX = 5_000
const SETTLE_POLL_MS = 20

export type RunningServer = {
  readonly container: Container
  /** Where the server is reached (`TURNPIKE_URL`, or the address it listens on). */
  readonly origin: string
  /** Token of a fresh set-up link; null where there is an operator. */
  readonly setUpToken: string | null
  /** Null where it was switched off. */
  readonly demoKey: string | null
  /** What became of the file that TURNPIKE_CONFIG names: for people, since it may hold secrets that are shown once. */
  readonly applied: readonly string[]
  /**
   * Refuses new requests, lets running ones end for up to 30 s, cuts and settles the rest, then stops workers, pages and the
   * embedded PostgreSQL. Returns how many answers were cut.
   */
  stop(): Promise<number>
}

/**
 * The whole start, in the order in which a fault is cheapest to find: home, port, database, secret, workers, pages. What was opened
 * is closed again where a later part fails, and the failure comes out as a `Fault` where it is an expected one.
 */
export async function startServer(env: Env, options: { readonly dev: boolean; readonly steps: Steps; readonly now: () => number }): Promise<RunningServer> {
  const closers = createClosers()
  try {
    return await openAll(env, options, closers)
  } catch (error) {
    // The failure that stopped the start is the one to tell.
    await closers.closeAll().catch(() => {})
    throw explain(error, { home: env.home, databaseUrl: env.DATABASE_URL })
  }
}

async function openAll(
  given: Env,
  { dev, steps, now }: { readonly dev: boolean; readonly steps: Steps; readonly now: () => number },
  closers: Closers,
): Promise<RunningServer> {
  const lock = await lockForServer(given, now)
  closers.add(() => lock.release())
  const health = createHealth()
  for (const part of ["database", "pages", ...workers.map((worker) => worker.name)]) health.set(part, "starting")

  const listener = await listen(given.HOST, given.PORT, health)
  closers.add(() => listener.close())
  // PORT=0 asks for any free port; from here on it is the real one.
  const env: Env = { ...given, PORT: listener.port }

  const database = await openDatabaseServer(env, steps)
  closers.add(() => database.embedded?.stop())
  const container = await openContainer(env, database.url)
  closers.add(() => container.database.close())
  if ((await readDatabaseFacts(database.url, now)).bypassesRowSecurity) container.log("warn", "database.role-bypasses-row-security", { cure: "give Turnpike a role without SUPERUSER and BYPASSRLS" })
  closers.add(watchDatabase(container.database, health))
  const demoKey = await ensureDemoKey(container)
  const setUpToken = await ensureOperator(container)
  // Before the workers, whose first look at the configuration then finds it.
  const applied = env.TURNPIKE_CONFIG === undefined ? [] : await steps.run("Configuration applied", () => applyConfiguredFile(container))
  await startWorkers(container, health, steps, closers)

  const pages = await steps.run("Pages ready", () => openPages({ dev, host: env.HOST, port: env.PORT, server: listener.server }))
  closers.add(() => pages.close())
  health.set("pages", "ready")

  const origin = publicOrigin(env)
  const gateway = env.TURNPIKE_MOUNT === "fast" ? createFastMount(container.gateway) : null
  listener.mount({ gateway, ...pages }, { origin, ownOrigins: ownOrigins(env), trustedProxies: env.TURNPIKE_TRUST_PROXY })
  health.open()
  lock.publish(origin)
  return {
    container,
    origin,
    setUpToken,
    demoKey,
    applied,
    stop: () => {
      lock.publish(null)
      return drainAndClose(container, listener, health, closers)
    },
  }
}

/** Makes the operator whom the environment names, while there is none; returns the token of a set-up link where there still is none. */
async function ensureOperator({ env, setUp }: Container): Promise<string | null> {
  if (await setUp.operatorExists()) return null
  const { TURNPIKE_ADMIN_EMAIL: email, TURNPIKE_ADMIN_PASSWORD: password } = env
  if (email === undefined || password === undefined) return setUp.createSetUpLink()
  const made = await setUp.createFirstOperatorFromEnvironment({ email, password })
  // `setup.done`: another process that starts on this database was faster.
  if (!made.ok && made.error.key !== "setup.done") throw new Fault(`The first operator could not be made from TURNPIKE_ADMIN_EMAIL (${made.error.key}).`)
  return null
}

async function startWorkers(container: Container, health: Health, steps: Steps, closers: Closers): Promise<void> {
  markWorkersStarted()
  await steps.run("Workers started", async () => {
    for (const worker of workers) {
      const running = await worker.start(container)
      closers.add(() => running.stop())
      health.probe(worker.name, true, () => (running.healthy?.() === false ? "failed" : "ready"))
    }
  })
}

async function drainAndClose(container: Container, listener: Listener, health: Health, closers: Closers): Promise<number> {
  health.drain()
  const cut = await listener.drain(DRAIN_SECONDS_MAX * 1000)
  if (cut > 0) container.gateway.abortAll()
  // A call whose client has left may still be settling: what it produced has to reach the spool before the workers stop.
  for (let waitedMs = 0; container.gateway.inFlight() > 0 && waitedMs < SETTLE_MS_MAX; waitedMs += SETTLE_POLL_MS) await sleep(SETTLE_POLL_MS)
  if (cut > 0) await listener.drain(SETTLE_MS_MAX)
  await closers.closeAll()
  return cut
}
