import { setTimeout as sleep } from "node:timers/promises"
import { openDatabase } from "#lib/adapters/database.ts"
import { type EmbeddedPostgres, runningEmbeddedPostgres, startEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import { migrate } from "#lib/adapters/migrations.ts"
import { type Container, createContainer, registerContainer } from "./container.ts"
import type { Env } from "./env.ts"
import { exitCodes, explain, Fault } from "./faults.ts"
import { describeHolder, type HomeLock, lockHome } from "./home.ts"
import { publicOrigin } from "./origin.ts"
import { deriveSecrets, readRootSecret } from "./secrets.ts"
import { rememberSecret } from "./secret-fingerprint.ts"
import type { Steps } from "./steps.ts"

const LOCK_WAIT_MS_MAX = 90_000
const LOCK_POLL_MS = 200
/** A server that is just being killed or stopped gets this long to be gone before it counts as running. */
const SERVER_WAIT_MS_MAX = 2_000

/** The database that an installation uses; `embedded` null where it is `DATABASE_URL`'s. */
export type DatabaseServer = { readonly url: string; readonly embedded: EmbeddedPostgres | null }

/** The database that a command works on. `origin`: where the server is reached, as the running one says, or as it would be. */
export type CommandDatabase = { readonly url: string; readonly origin: string }

/**
 * Takes the home for a server. A command that is at work there (`turnpike apply` before the first start) is waited for; a server
 * that holds it is named and refused.
 */
export async function lockForServer(env: Env, now: () => number): Promise<HomeLock> {
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    const attempt = lockHome(env.home, "server", now)
    if (attempt.ok) return attempt.lock
    if (waitedMs >= (attempt.holder?.kind === "command" ? LOCK_WAIT_MS_MAX : SERVER_WAIT_MS_MAX)) {
      throw new Fault(
        `Turnpike already runs on ${env.home} (${describeHolder(attempt.holder)}): stop that one first, or give this one another TURNPIKE_HOME.`,
        exitCodes.alreadyRunning,
      )
    }
    await sleep(LOCK_POLL_MS)
  }
}

/** Starts or adopts the embedded PostgreSQL, or takes `DATABASE_URL`, and brings its schema to this program's. */
export async function openDatabaseServer(env: Env, steps: Steps): Promise<DatabaseServer> {
  const embedded =
    env.DATABASE_URL === undefined ? await steps.run((server: EmbeddedPostgres) => (server.adopted ? "PostgreSQL adopted" : "PostgreSQL started"), () => startEmbeddedPostgres(env.home)) : null
  const url = embedded?.url ?? env.DATABASE_URL ?? ""
  try {
    await steps.run((added: readonly string[]) => (added.length === 0 ? "Database up to date" : `Database migrated (${added.length})`), () => migrate(url))
  } catch (error) {
    await embedded?.stop()
    throw error
  }
  return { url, embedded }
}

/** The container on a migrated database, after the check that the secret is the one this database was made with. */
export async function openContainer(env: Env, url: string): Promise<Container> {
  const secrets = deriveSecrets(readRootSecret(env.home, env.TURNPIKE_SECRET), env.TURNPIKE_SECRET_PREVIOUS)
  const container = createContainer(env, secrets, url)
  try {
    await rememberSecret(container.database, secrets, container.sealer)
  } catch (error) {
    await container.database.close()
    throw error
  }
  registerContainer(container)
  return container
}

/**
 * What a command needs, whether the server runs or not: beside a running server its database, otherwise a database server of its
 * own for as long as the work lasts. Failures come out as faults.
 */
export async function withInstallation<T>(env: Env, steps: Steps, now: () => number, work: (container: Container, server: CommandDatabase) => Promise<T>): Promise<T> {
  try {
    return await withDatabaseServer(env, steps, now, async (server) => {
      const container = await openContainer(env, server.url)
      try {
        return await work(container, server)
      } finally {
        await container.database.close()
      }
    })
  } catch (error) {
    throw explain(error, { home: env.home, databaseUrl: env.DATABASE_URL })
  }
}

/**
 * The migrated database for a command that must be alone with it, without the check of the secret: `restore`. Refused while a server
 * runs on the home, or has given a sign of life in the database within the last minute.
 */
export async function withDatabaseAlone<T>(env: Env, steps: Steps, now: () => number, work: (server: CommandDatabase) => Promise<T>): Promise<T> {
  const lock = await lockForServer(env, now)
  try {
    return await withOwnServer(env, steps, async (server) => {
      if (await hasLivingProcess(server.url)) throw new Fault("A Turnpike server works on this database: stop every one of them, wait a minute, then try again.", exitCodes.alreadyRunning)
      return work(server)
    })
  } finally {
    lock.release()
  }
}

/** The migrated database for a command, beside a running server or with a database server of the command's own. */
async function withDatabaseServer<T>(env: Env, steps: Steps, now: () => number, work: (server: CommandDatabase) => Promise<T>): Promise<T> {
  if (env.DATABASE_URL !== undefined) return withOwnServer(env, steps, work)
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    const attempt = lockHome(env.home, "command", now)
    if (attempt.ok) {
      try {
        return await withOwnServer(env, steps, work)
      } finally {
        attempt.lock.release()
      }
    }
    // A server that has said where it listens has migrated its database.
    const running = attempt.holder?.url == null ? null : await runningEmbeddedPostgres(env.home)
    if (running !== null) return work({ url: running.url, origin: attempt.holder?.url ?? publicOrigin(env) })
    if (waitedMs >= LOCK_WAIT_MS_MAX) throw new Fault(`The home folder ${env.home} is in use (${describeHolder(attempt.holder)}) and does not become free: end that process, then try again.`)
    await sleep(LOCK_POLL_MS)
  }
}

async function withOwnServer<T>(env: Env, steps: Steps, work: (server: CommandDatabase) => Promise<T>): Promise<T> {
  const server = await openDatabaseServer(env, steps)
  try {
    return await work({ url: server.url, origin: publicOrigin(env) })
  } finally {
    await server.embedded?.stop()
  }
}

async function hasLivingProcess(url: string): Promise<boolean> {
  const database = openDatabase(url, 2)
  try {
    return await database.sql(null, async (client) => {
      const { rowCount } = await client.query("SELECT 1 FROM gateway_process WHERE stopped_at IS NULL AND heartbeat_at > now() - interval '1 minute' LIMIT 1")
      return rowCount !== 0
    })
  } finally {
    await database.close()
  }
}
