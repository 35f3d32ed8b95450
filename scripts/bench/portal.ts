/**
 * `npm run bench:portal`: how fast the portal's own services answer on a large organization, each on a database filled for it.
 *
 *   --records N   usage records, default 5,000,000        --rounds N   default 7        --json FILE   writes everything that was measured
 *
 * Wall-clock time is the median over rounds in which the questions take turns. PostgreSQL's CPU is printed beside it: on a busy machine it says
 * how much of the time was waiting for others. A missed target is printed and does not fail the run.
 */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { getRandomValues } from "node:crypto"
import { parseArgs } from "node:util"
import { type Database, openDatabase } from "#lib/adapters/database.ts"
import { startEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import { migrate } from "#lib/adapters/migrations.ts"
import { createBudgetsRepository, createBudgetsService } from "#lib/features/budgets/index.ts"
import { createUsageRepository, createUsageService, type UsageQuery, usageQuery } from "#lib/features/usage/index.ts"
import { createWalletRepository, createWalletService, creditsInOrder } from "#lib/features/wallet/index.ts"
import type { Member, Person, Role } from "#lib/kernel/actor.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { BUSY_MEMBER, fillPortal, QUIET_MEMBER } from "./filled-portal.ts"
import { postgresCpu } from "./postgres-cpu.ts"
import { median } from "./report.ts"

const TARGET_RECORDS = 5_000_000
const QUERY_MS_MAX = 200
const LOGS_MS_MAX = 100
const DAYS = 90
const DAY_MS = 86_400_000
/** So that the last quarter of a year ends at noon of a month's last day: this month is a long range too. */
const NOW = Date.UTC(2026, 10, 30, 12)

const { values } = parseArgs({ options: { records: { type: "string", default: String(TARGET_RECORDS) }, rounds: { type: "string", default: "7" }, json: { type: "string" } } })
const records = Number(values.records)
const rounds = Number(values.rounds)
if (!(records >= 1_000) || !(rounds >= 1)) throw new Error("--records is a number of at least 1,000, --rounds a positive one")

type Question = { readonly name: string; readonly msMax: number; ask(): Promise<unknown> }

/** What the tenant's pages and the operator's page of an organization ask on their way to the screen. */
function questionsOf(database: Database, organizationId: Id<"organization">): readonly Question[] {
  const clock = { now: () => NOW, monotonic: () => performance.now() }
  const newId = createNewId(clock.now, (bytes) => void getRandomValues(bytes))
  const usage = createUsageService({ repository: createUsageRepository(database), clock })
  const budgets = createBudgetsService({ repository: createBudgetsRepository(database), usage, clock, newId })
  const wallet = createWalletService({ repository: createWalletRepository(database), clock, newId })
  const who = (role: Role, membershipId: Id<"membership"> = BUSY_MEMBER): Member => ({
    kind: "member", userId: "user_bench", email: "bench@bench.example", name: null, isOperator: false, sessionId: "ses_bench", organizationId, organizationSlug: "bench", organizationName: "Bench", timeZone: "Asia/Shanghai", membershipId, role,
  })
  const operator: Person = { kind: "person", userId: "user_bench", email: "bench@bench.example", name: null, isOperator: true, sessionId: "ses_bench" }
  const report = (name: string, query: Partial<UsageQuery>, member = who("owner")): Question => ({ name: `usage, ${name}`, msMax: QUERY_MS_MAX, ask: () => usage.report(member, usageQuery.parse(query)) })
  const logs = (name: string, query: Partial<UsageQuery>, member = who("owner")): Question => ({ name: `calls, ${name}`, msMax: LOGS_MS_MAX, ask: () => usage.calls(member, usageQuery.parse(query), query.mode ?? "live") })
  return [
    report("this month by model", { range: "month" }),
    report("30 days by member", { range: "30d", by: "member" }),
    report("90 days by model", { range: "90d" }),
    report("90 days by key", { range: "90d", by: "key", measure: "tokens" }),
    report("90 days, one member's own", { range: "90d" }, who("member")),
    logs("first page", { range: "30d" }),
    logs("first page of 90 days", { range: "90d" }),
    logs("a page 45 days back", { range: "90d", before: `${(NOW - 45 * DAY_MS).toString(36)}.req_x` }),
    logs("one member's first page", { range: "30d" }, who("member")),
    logs("a quiet member's first page", { range: "90d" }, who("member", QUIET_MEMBER)),
    logs("test calls, of which there are none", { range: "90d", mode: "test" }),
    { name: "statement, this month", msMax: QUERY_MS_MAX, ask: () => wallet.statement(who("owner"), organizationId, "2026-11") },
    { name: "statement, a page far back in it", msMax: QUERY_MS_MAX, ask: () => wallet.statement(who("owner"), organizationId, "2026-11", `${(NOW - 2 * DAY_MS).toString(36)}.post_x`) },
    { name: "postings without usage", msMax: QUERY_MS_MAX, ask: () => wallet.postings(operator, organizationId, { after: null, usage: false }) },
    { name: "postings without usage, 45 days back", msMax: QUERY_MS_MAX, ask: () => wallet.postings(operator, organizationId, { after: `${(NOW - 45 * DAY_MS).toString(36)}.post_x`, usage: false }) },
    { name: "flagged calls", msMax: LOGS_MS_MAX, ask: () => wallet.flaggedCalls(operator, organizationId, null) },
    { name: "flagged calls, 45 days back", msMax: LOGS_MS_MAX, ask: () => wallet.flaggedCalls(operator, organizationId, `${(NOW - 45 * DAY_MS).toString(36)}.req_x`) },
    { name: "budgets with their forecasts", msMax: QUERY_MS_MAX, ask: () => budgets.list(who("owner")) },
    {
      name: "wallet with its forecast",
      msMax: QUERY_MS_MAX,
      ask: async () => {
        const balance = await wallet.balance(who("owner"), organizationId)
        if (!balance.ok || balance.value === null) throw new Error("the organization has no wallet")
        return usage.walletForecast(who("owner"), organizationId, creditsInOrder(balance.value))
      },
    },
  ]
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const home = await mkdtemp(join(tmpdir(), "turnpike-portal-"))
// Under root PostgreSQL runs as another user, who has to come in.
await chmod(home, 0o755)
const postgres = await startEmbeddedPostgres(home)
try {
  await migrate(postgres.url)
  const database = openDatabase(postgres.url, 4)
  const startedMs = performance.now()
  const organizationId = await fillPortal(database, { records, firstDayMs: NOW - DAYS * DAY_MS, days: DAYS })
  say(`filled: ${records} usage records of one organization over ${DAYS} days in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
  const { rows } = await database.sql(null, (client) => client.query<{ bytes: string }>("SELECT sum(pg_total_relation_size(inhrelid)) AS bytes FROM pg_inherits WHERE inhparent = 'usage_record'::regclass"))
  say(`size: ${Math.round(Number(rows[0]!.bytes) / records)} bytes a usage record, with its indexes`)
  const questions = questionsOf(database, organizationId)
  for (const { ask } of questions) await ask()
  const times = new Map(questions.map(({ name }) => [name, { wallMs: [] as number[], cpuMs: 0 }]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, ask } of questions) {
      const cpu = await postgresCpu(join(home, "postgres"))
      const since = performance.now()
      await ask()
      const time = times.get(name)!
      time.wallMs.push(performance.now() - since)
      time.cpuMs += ((await postgresCpu(join(home, "postgres"))) - cpu) / 1000 / rounds
    }
  }
  await database.close()
  const measured = questions.map(({ name, msMax }) => {
    const { wallMs, cpuMs } = times.get(name)!
    return { name, medianMs: median(wallMs), cpuMs, msMax, reached: median(wallMs) <= msMax }
  })
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, load: loadavg()[0]!, node: process.version, at: new Date().toISOString() }
  say(`\n| | median ms | PostgreSQL's CPU ms | at most ms |\n|---|--:|--:|--:|`)
  for (const { name, medianMs, cpuMs, msMax } of measured) say(`| ${name} | ${medianMs.toFixed(0)} | ${cpuMs.toFixed(0)} | ${msMax} |`)
  say(`\n${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(1)}, Node ${machine.node}; medians of ${rounds} rounds`)
  for (const { name, medianMs, msMax, reached } of measured) say(`${reached ? "reached" : "MISSED "}: ${name} ${medianMs.toFixed(0)} ms (at most ${msMax})`)
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ machine, records, rounds, measured }, null, 2))
} finally {
  await postgres.stop()
  await rm(home, { recursive: true, force: true })
}
