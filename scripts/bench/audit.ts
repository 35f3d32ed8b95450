/**
 * `npm run bench:audit`: fills a database of its own with consistent books and times `turnpike audit` on them.
 *
 *   --records N   usage records, default 1,000,000
 *
 * Exits 1 where the audit finds a difference: in the books, the very ones that it would find in a real installation. A missed target is
 * printed and does not fail the run.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { auditBooks } from "#lib/adapters/audit.ts"
import { openDatabase } from "#lib/adapters/database.ts"
import { startEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import { migrate } from "#lib/adapters/migrations.ts"
import { makePartitions } from "#lib/adapters/partitions.ts"
import { fillBooks } from "./filled-books.ts"

const TARGET_SECONDS = 60
const TARGET_RECORDS = 1_000_000
const { values } = parseArgs({ options: { records: { type: "string", default: String(TARGET_RECORDS) } } })
const records = Number(values.records)
if (!(records >= 1_000)) throw new Error("--records is a number of at least 1,000")

const say = (line: string) => process.stdout.write(`${line}\n`)
const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const startedMs = performance.now()
  return [await work(), (performance.now() - startedMs) / 1000]
}

const home = await mkdtemp(join(tmpdir(), "turnpike-audit-"))
// Under root PostgreSQL runs as another user, who has to come in.
await chmod(home, 0o755)
const postgres = await startEmbeddedPostgres(home)
try {
  await migrate(postgres.url)
  const database = openDatabase(postgres.url, 2)
  const firstDayMs = Date.UTC(2026, 10, 1)
  await makePartitions(database, firstDayMs)
  const [chargedNanoUsd, fillSeconds] = await timed(() => fillBooks(database, { records, firstDayMs }))
  say(`filled: ${records} usage records in ${fillSeconds.toFixed(1)} s`)
  const [report, seconds] = await timed(() => auditBooks(database))
  await database.close()
  const exact = report.usageRecords === records && report.chargedNanoUsd === chargedNanoUsd
  for (const { finding, subject, recorded, recomputed } of report.differences.slice(0, 20)) say(`difference: ${subject}: ${finding} (${recorded}, ${recomputed})`)
  if (!exact) say(`difference: ${report.usageRecords} records, ${report.chargedNanoUsd} nano-USD; there are ${records}, ${chargedNanoUsd}`)
  say(`${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, Node ${process.version}`)
  say(`audited: ${report.usageRecords} usage records in ${seconds.toFixed(1)} s, ${report.differences.length} differences`)
  if (records >= TARGET_RECORDS) say(`${seconds < TARGET_SECONDS ? "reached" : "MISSED "}: a million usage records in under ${TARGET_SECONDS} s`)
  process.exitCode = report.differences.length === 0 && exact ? 0 : 1
} finally {
  await postgres.stop()
  await rm(home, { recursive: true, force: true })
}
