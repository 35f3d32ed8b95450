/**
 * Writes the next migration: `npm run migrate:new NAME`. Compares what `prisma/migrations` builds (in a scratch database of an
 * embedded PostgreSQL) with `prisma/schema` and prints the SQL into a new folder. With `--check` it writes nothing and exits 1
 * where the two differ; with `--print` it prints. Read the SQL and add what Prisma cannot say (policies, triggers, partitions).
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils"
import { PrismaPg } from "@prisma/adapter-pg"
import { SchemaEngine } from "@prisma/schema-engine-wasm"
import { startEmbeddedPostgres } from "../lib/adapters/embedded-postgres.ts"
import { migrate } from "../lib/adapters/migrations.ts"

const schemaFolder = "prisma/schema"

/** The SQL that brings a migrated database to the schema; empty where they agree. */
export async function missingSql(url) {
  const files = await Promise.all(
    (await readdir(schemaFolder)).sort().map(async (file) => ({ path: join(schemaFolder, file), content: await readFile(join(schemaFolder, file), "utf8") })),
  )
  await migrate(url)
  const factory = bindMigrationAwareSqlAdapterFactory(readingSingleChars(new PrismaPg({ connectionString: url })))
  const engine = await SchemaEngine.new({ datamodels: files.map(({ path, content }) => [path, content]) }, () => {}, factory)
  const { stdout } = await engine.diff({
    from: { tag: "schemaDatasource", files, configDir: process.cwd() },
    to: { tag: "schemaDatamodel", files },
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: { externalTables: ["public._turnpike_migration"], externalEnums: [] },
  })
  return (stdout ?? "").replace(/^-- This is an empty migration\.\s*/, "").trim()
}

/** Columns of Postgres' `"char"` type that the engine's catalogue queries select; the adapter has no word for that type. */
const singleCharColumns = new Set(["constraint_type", "confdeltype", "confupdtype"])

function readingSingleChars(adapter) {
  const connect = adapter.connect.bind(adapter)
  adapter.connect = async () => {
    const connection = await connect()
    const queryRaw = connection.queryRaw.bind(connection)
    connection.queryRaw = async (query) => {
      const sql = query.sql
        .replace("constr.contype AS", "constr.contype::text AS")
        .replace(/con\.(conf(?:del|upd)type),/g, "con.$1::text AS $1,")
      const result = await queryRaw({ ...query, sql })
      const columnTypes = result.columnTypes.map((type, i) => (singleCharColumns.has(result.columnNames[i]) ? ColumnTypeEnum.Character : type))
      return { ...result, columnTypes }
    }
    return connection
  }
  return adapter
}

const [mode] = process.argv.slice(2)
if (mode === undefined) {
  console.error("usage: npm run migrate:new NAME | --check | --print")
  process.exit(2)
}
const home = await mkdtemp(join(tmpdir(), "turnpike-migrate-"))
// Under root PostgreSQL runs as another user, who has to come in; otherwise the data would go to /var/lib/turnpike.
await chmod(home, 0o755)
await chmod(home, 0o755)
const postgres = await startEmbeddedPostgres(home)
try {
  const sql = await missingSql(postgres.url)
  if (mode === "--print") console.log(sql)
  else if (mode === "--check") {
    if (sql !== "") {
      console.error(`prisma/schema and prisma/migrations differ; run \`npm run migrate:new NAME\`:\n${sql}`)
      process.exitCode = 1
    }
  } else if (sql === "") console.log("Nothing to migrate.")
  else {
    const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14)
    const folder = join("prisma/migrations", `${stamp}_${mode.replaceAll(/[^a-z0-9]+/gi, "_").toLowerCase()}`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, "migration.sql"), `${sql}\n`)
    console.log(`Written: ${folder}/migration.sql`)
  }
} finally {
  await postgres.stop()
  await rm(home, { recursive: true, force: true })
}
