/**
 * `npm run bench:money`: what limits, a second process and the books cost on this machine, as ratios within one run.
 *
 *   --rounds N   default 5        --seconds N   per measurement, default 3        --json FILE   writes everything that was measured
 *
 * - CPU per call of a key with ten quotas, beside one with a single quota, on one process.
 * - CPU per call of two processes that share the calls, beside one that has them all: of both processes and PostgreSQL together. Both
 *   processes run all the time, so that what an idle one costs is in both figures.
 * - Usage records that the flusher books per second of PostgreSQL's CPU, at 2,000 a second in flushes as it makes them.
 *
 * Exits 1 where a call failed or the audit finds a difference. Missed targets are printed and do not fail the run.
 */
import { writeFile } from "node:fs/promises"
import { cpus } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { parseArgs } from "node:util"
import { auditBooks } from "#lib/adapters/audit.ts"
import { openDatabase } from "#lib/adapters/database.ts"
import { FLUSH_MS_MAX } from "#lib/adapters/flusher.ts"
import { createInstallation, untilServed } from "../../e2e/fixtures/installation.ts"
import { ask, probeArguments, startChild, stopChild } from "./child.ts"
import { exchanges, MODEL, price } from "./exchange.ts"
import { measureFlushes, RECORDS_PER_SECOND } from "./flushes.ts"
import type { LoadResult } from "./load.ts"
import { drive, placeOf, type Plan, type Tally } from "./measure.ts"
import { postgresCpu } from "./postgres-cpu.ts"
import { median } from "./report.ts"
import type { Road } from "./setup.ts"

const ONE_QUOTA = "sk-bench-key-with-one-quota-0001"
const TEN_QUOTAS = "sk-bench-key-with-ten-quotas-0001"
const TEN_QUOTAS_RATIO_MAX = 1.2
const TWO_PROCESSES_RATIO_MAX = 1.15
const CONNECTIONS = 32
const WARM_UP_CALLS = 10_000
const BOOKED_MS_MAX = 60_000

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "3" }, json: { type: "string" } } })
const roundCount = Number(values.rounds)
const durationMs = Number(values.seconds) * 1000
if (!(roundCount >= 1) || !(durationMs > 0)) throw new Error("--rounds and --seconds are positive numbers")
const say = (line: string) => process.stdout.write(`${line}\n`)

const upstream = startChild("upstream.ts")
const loads = [startChild("load.ts"), startChild("load.ts")] as const
const installation = await createInstallation()
try {
  const upstreamOrigin = `http://127.0.0.1:${await ask<number>(upstream, "port")}`
  const start = () => installation.start({ environment: { TURNPIKE_LOG: "error" }, nodeArguments: probeArguments })
  const servers = [await start(), await start()] as const
  await installation.apply(document(`${upstreamOrigin}/v1`))
  for (const server of servers) for (const key of [ONE_QUOTA, TEN_QUOTAS]) await untilServed(server, key, MODEL)
  const roadTo = (index: 0 | 1, key: string): Road => ({ origin: servers[index].origin, path: `/api/v1${exchanges.cc.path}`, key, dialect: "cc", model: MODEL, process: servers[index].child })
  const tally: Tally = { calls: 0, errors: [] }
  const plan: Plan = { connections: CONNECTIONS, stream: false, durationMs }

  const database = join(installation.home, "database", "postgres")
  const everything = async () => {
    const [first, second] = await Promise.all(servers.map((server) => ask<number>(server.child, "cpu")))
    return first! + second! + (await postgresCpu(database))
  }
  /** Loads one process with all connections, or both with half of them each. */
  const share = async (roads: readonly Road[]) => {
    const before = await everything()
    const results = await Promise.all(roads.map((road, index) => ask<LoadResult>(loads[index]!, "run", { ...plan, connections: CONNECTIONS / roads.length, ...placeOf(road) })))
    // The last calls are booked with the next flush, which a few that are left wait for.
    await delay(FLUSH_MS_MAX + 500)
    const calls = results.reduce((sum, result) => sum + result.calls, 0)
    tally.calls += calls
    for (const { errors } of results) tally.errors.push(...errors)
    return ((await everything()) - before) / calls
  }

  // Both processes get as many calls: a process's first ones cost nearly twice as much, until they are compiled.
  for (const road of [roadTo(0, ONE_QUOTA), roadTo(1, ONE_QUOTA), roadTo(0, TEN_QUOTAS), roadTo(1, TEN_QUOTAS)]) {
    const enough = tally.calls + WARM_UP_CALLS
    while (tally.calls < enough && tally.errors.length === 0) await drive({ load: loads[0] }, road, plan, tally)
  }
  const rounds: { readonly one: number; readonly ten: number; readonly alone: number; readonly shared: number }[] = []
  for (let index = 0; index < roundCount; index++) {
    const { cpu: one } = await drive({ load: loads[0] }, roadTo(0, ONE_QUOTA), plan, tally)
    const { cpu: ten } = await drive({ load: loads[0] }, roadTo(0, TEN_QUOTAS), plan, tally)
    const alone = await share([roadTo(0, TEN_QUOTAS)])
    const shared = await share([roadTo(0, TEN_QUOTAS), roadTo(1, TEN_QUOTAS)])
    rounds.push({ one: one!, ten: ten!, alone, shared })
    say(`round ${index + 1} of ${roundCount}: one quota ${one!.toFixed(0)} µs, ten ${ten!.toFixed(0)}; one process with PostgreSQL ${alone.toFixed(0)} µs, two ${shared.toFixed(0)}`)
  }
  const differences = await untilBooked(installation.databaseUrl, tally.calls)
  const flushes = await measureFlushes(installation.databaseUrl, () => postgresCpu(database), durationMs * 2)

  const of = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]))
  const promises = [
    { name: "CPU per call with ten quotas ÷ with one", figure: of("ten") / of("one"), bound: `at most ${TEN_QUOTAS_RATIO_MAX}`, reached: of("ten") <= of("one") * TEN_QUOTAS_RATIO_MAX },
    { name: "CPU per call of two processes and PostgreSQL ÷ of one", figure: of("shared") / of("alone"), bound: `at most ${TWO_PROCESSES_RATIO_MAX}`, reached: of("shared") <= of("alone") * TWO_PROCESSES_RATIO_MAX },
    { name: "usage records booked per second of PostgreSQL's CPU", figure: flushes.recordsPerCpuSecond, bound: `at least ${RECORDS_PER_SECOND}`, reached: flushes.recordsPerCpuSecond >= RECORDS_PER_SECOND },
  ]
  say(`\n${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, Node ${process.version}; medians of ${roundCount} rounds of ${durationMs / 1000} s`)
  say(`CPU µs per call: one quota ${of("one").toFixed(0)}, ten ${of("ten").toFixed(0)}; one process and PostgreSQL ${of("alone").toFixed(0)}, two ${of("shared").toFixed(0)}`)
  say(`flushes: ${flushes.records} records in ${(flushes.elapsedMs / 1000).toFixed(1)} s, ${(flushes.cpuMicros / flushes.records).toFixed(0)} µs of PostgreSQL's CPU each`)
  for (const { name, figure, bound, reached } of promises) say(`${reached ? "reached" : "MISSED "}: ${name} ${figure.toFixed(2)} (${bound})`)
  for (const problem of [...tally.errors, ...differences]) say(`failed: ${problem}`)
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ rounds, flushes, promises, calls: tally.calls, errors: tally.errors, differences }, null, 2))
  if (tally.errors.length > 0 || differences.length > 0) process.exitCode = 1
} finally {
  await installation.stop()
  await Promise.all([...loads, upstream].map(stopChild))
}

/** Waits until every call stands in the books, and audits them. */
async function untilBooked(databaseUrl: string, calls: number): Promise<readonly string[]> {
  const database = openDatabase(databaseUrl, 2)
  try {
    const deadline = performance.now() + BOOKED_MS_MAX
    const count = () => database.sql(null, async (client) => Number((await client.query<{ count: string }>("SELECT count(*) FROM usage_record WHERE NOT test")).rows[0]!.count))
    while ((await count()) < calls && performance.now() < deadline) await delay(200)
    const records = await count()
    const { differences } = await auditBooks(database)
    return [...(records === calls ? [] : [`${calls} calls were made, ${records} usage records stand in the books`]), ...differences.map(({ subject, finding }) => `${subject}: ${finding}`)]
  } finally {
    await database.close()
  }
}

/** Two organizations: one key with a single budget, and one with every kind of limit that there is. */
function document(baseUrl: string): object {
  const budget = { amount: "1000000", period: "month" }
  const member = { role: "owner", password: "a bench password of some length" }
  return {
    version: 1,
    channels: [{ name: "first", provider: "openai-compatible", models: [MODEL], baseUrl, credentials: ["bench-upstream-key"], allowPrivateNetwork: true }],
    models: [{ name: MODEL, cost: { input: "0.60", cacheRead: "0.11", output: "2.20" }, price }],
    plans: [{ name: "bench", price: { amount: "0", period: "month" }, limits: { requestsPerMinute: 100_000_000, tokensPerMinute: 2_000_000_000 } }],
    organizations: [
      { name: "One", kind: "internal", members: [{ email: "one@example.com", ...member }], keys: [{ name: "one", member: "one@example.com", secret: ONE_QUOTA, budget }] },
      {
        name: "Ten",
        kind: "internal",
        // The wallet, four budgets, two limits of the plan and three of the key.
        credit: "1000000",
        plan: "bench",
        budget,
        projects: [{ name: "web", budget }],
        members: [{ email: "ten@example.com", ...member, budget }],
        keys: [
          {
            name: "ten",
            member: "ten@example.com",
            project: "web",
            secret: TEN_QUOTAS,
            budget: { amount: "1000000", period: "total" },
            limits: { requestsPerMinute: 100_000_000, tokensPerMinute: 2_000_000_000, concurrent: 5_000 },
          },
        ],
      },
    ],
  }
}
