import { PrismaPg } from "@prisma/adapter-pg"
import pg from "pg"
import type { Id } from "#lib/kernel/ids.ts"
import { type Prisma, PrismaClient } from "#prisma/generated/client.ts"

/** A Prisma client inside a transaction that runs in somebody's name. */
export type Transaction = Prisma.TransactionClient

/**
 * The way to Postgres. Every transaction says in whose name it runs, and row-level security shows it only that one's rows
 * (prisma/migrations/…_guards); a query outside of these functions sees nothing at all. A transaction that Postgres ends to resolve a
 * deadlock is run again: `work` has no effect but those of its transaction.
 */
export type Database = {
  /** One transaction in which only this organization's rows exist. */
  organization<T>(organizationId: Id<"organization">, work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** One transaction that sees the whole installation: sign-in, the operator, the workers. */
  system<T>(work: (transaction: Transaction) => Promise<T>, options?: { readonly timeoutMs: number }): Promise<T>
  /**
   * The same without Prisma, for the few statements that run per request batch (leases, flushes, key look-ups): measured, Prisma's
   * query building costs more there than the statement. `scope` null is the system. A `snapshot` sees one state of the database in
   * all its statements.
   */
  sql<T>(scope: Id<"organization"> | null, work: (client: pg.PoolClient) => Promise<T>, options?: { readonly snapshot: boolean }): Promise<T>
  /** A client whose every call runs alone in the system's name; next-auth's adapter needs such a one. */
  readonly systemClient: PrismaClient
  close(): Promise<void>
}

const CONNECT_MS_MAX = 5_000
const TRANSACTION_MS_MAX = 20_000
const STATEMENT_MS_MAX = 60_000

/** Opens two pools of at most `connectionsMax` connections each, lazily. `url` is a `postgres://` string. */
export function openDatabase(url: string, connectionsMax = 10): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    application_name: "turnpike",
  })
  const prismaPool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    application_name: "turnpike",
  })
  for (const each of [pool, prismaPool]) survive(each)
  const prisma = new PrismaClient({
    adapter: new PrismaPg(prismaPool),
    transactionOptions: { maxWait: CONNECT_MS_MAX, timeout: TRANSACTION_MS_MAX },
  })

  const systemClient = prisma.$extends({
    query: {
      $allModels: {
        async $allOperations({ args, query }) {
          const [, result] = await prisma.$transaction([prisma.$queryRaw`SELECT set_config('turnpike.scope', 'system', true)`, query(args)])
          return result
        },
      },
    },
  }) as unknown as PrismaClient

  return {
    organization: (organizationId, work) =>
      untilUndisturbed(() =>
        prisma.$transaction(async (transaction) => {
          await transaction.$queryRaw`SELECT set_config('turnpike.organization', ${organizationId}, true)`
          return work(transaction)
        }),
      ),
    system: (work, { timeoutMs } = { timeoutMs: TRANSACTION_MS_MAX }) =>
      untilUndisturbed(() =>
        prisma.$transaction(
          async (transaction) => {
            await transaction.$queryRaw`SELECT set_config('turnpike.scope', 'system', true)`
            return work(transaction)
          },
          { timeout: timeoutMs },
        ),
      ),
    sql: (scope, work, { snapshot } = { snapshot: false }) => untilUndisturbed(() => runSql(scope, work, snapshot)),
    systemClient,
    async close() {
      await prisma.$disconnect()
      await Promise.all([pool.end(), prismaPool.end()])
    },
  }

  async function runSql<T>(scope: Id<"organization"> | null, work: (client: pg.PoolClient) => Promise<T>, snapshot: boolean): Promise<T> {
    const client = await pool.connect()
    let broken: Error | undefined
    const onError = (failure: Error) => {
      broken = failure
    }
    client.on("error", onError)
    try {
      await client.query(snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN")
      await client.query("SELECT set_config($1, $2, true)", scope === null ? ["turnpike.scope", "system"] : ["turnpike.organization", scope])
      const result = await work(client)
      await client.query("COMMIT")
      return result
    } catch (error) {
      await client.query("ROLLBACK").catch((failure: Error) => {
        broken = failure
      })
      throw error
    } finally {
      client.off("error", onError)
      client.release(broken)
    }
  }
}

/**
 * Lets a connection break without ending the process, which an event that nobody hears would. An idle one is replaced at its next use. Of
 * one in use the next query rejects; the pool listens to idle ones alone, and who takes one listens a moment later: Postgres' last words
 * may stand right behind an answer (seen where connections are cut under load).
 */
function survive(pool: pg.Pool): void {
  pool.on("error", () => {})
  pool.on("connect", (client) => void client.on("error", () => {}))
}

const DEADLOCK_TRIES_MAX = 5

/** Of two transactions that wait for each other Postgres ends one, after a second: that one finds the way free when it comes again. */
async function untilUndisturbed<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === DEADLOCK_TRIES_MAX || !isDeadlock(error)) throw error
    }
  }
}

const DEADLOCK_DETECTED = "40P01"

/** As pg says it, or Prisma in its place: P2034 for its own statements, P2010 with Postgres' code for raw ones. */
function isDeadlock(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, meta } = error as { readonly code?: unknown; readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } } }
  return code === DEADLOCK_DETECTED || code === "P2034" || meta?.driverAdapterError?.cause?.originalCode === DEADLOCK_DETECTED
}

/**
 * Runs the work of several features as one transaction in the system's name: everything that is asked of the `Database` handed to
 * `work` happens inside it, all or nothing. Row-level security then hides nothing, so the repositories' own conditions have to
 * hold, as they must anyway.
 */
export function atomically<T>(database: Database, timeoutMs: number, work: (inside: Database, transaction: Transaction) => Promise<T>): Promise<T> {
  return database.system(
    (transaction) =>
      work(
        {
          organization: (_organizationId, inner) => inner(transaction),
          system: (inner) => inner(transaction),
          sql: () => Promise.reject(new Error("plain SQL has a connection of its own and cannot join a transaction")),
          systemClient: transaction as PrismaClient,
          close: () => Promise.resolve(),
        },
        transaction,
      ),
    { timeoutMs },
  )
}
