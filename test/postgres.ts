import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import type { TestProject } from "vitest/node"
import { startEmbeddedPostgres } from "../lib/adapters/embedded-postgres.ts"
import { migrate } from "../lib/adapters/migrations.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** Superuser's connection string of the server that all tests of a run share. */
    postgresUrl: string
    /** Connection string of the program's role, on the migrated template database. */
    templateUrl: string
  }
}

/** Vitest's global set-up: one real PostgreSQL for the run, with a migrated template that test files copy (test/database.ts). */
export default async function setup(project: TestProject) {
  const home = await mkdtemp(join(tmpdir(), "turnpike-test-"))
  // Under root PostgreSQL runs as another user, who has to come in; otherwise the data would go to /var/lib/turnpike.
  await chmod(home, 0o755)
  const server = await startEmbeddedPostgres(home)
  await migrate(server.url)
  const client = new pg.Client({ connectionString: server.superuserUrl })
  await client.connect()
  await client.query("ALTER DATABASE turnpike IS_TEMPLATE true")
  await client.end()
  project.provide("postgresUrl", server.superuserUrl)
  project.provide("templateUrl", server.url)
  return async () => {
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
}
