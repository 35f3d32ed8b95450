/**
 * `npm run bench`: what Turnpike costs on this machine, side by side with the upstream itself and with the least that forwards a call.
 * Rounds of all ways are interleaved, so that a slow minute of the machine hits them all, and every figure is a median over the rounds.
 *
 *   --rounds N   default 5        --seconds N   per measurement, default 3
 *   --json FILE  writes everything that was measured
 *
 * Exits 1 where a call failed or the books are not exactly right. Missed targets are printed and do not fail the run: a laptop that
 * is busy is no regression.
 */
import { writeFile } from "node:fs/promises"
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { readBooks } from "./books.ts"
import { measureMemory, measureRound, type Tally, warmUp } from "./measure.ts"
import { measureAgentRequest } from "./agent-request.ts"
import { AGENT_REQUEST_MICROS_MAX, judge, type Promised, type Round, summarize, table, translatedTable, type Way, ways } from "./report.ts"
import { createStage } from "./setup.ts"

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "3" }, json: { type: "string" } } })
const roundCount = Number(values.rounds)
const durationMs = Number(values.seconds) * 1000
if (!(roundCount >= 1) || !(durationMs > 0)) throw new Error("--rounds and --seconds are positive numbers")

const say = (line: string) => process.stdout.write(`${line}\n`)
const forEachWay = <T>(make: () => T) => Object.fromEntries(ways.map((way) => [way, make()])) as Record<Way, T>
const tallies = forEachWay<Tally>(() => ({ calls: 0, errors: [] }))
const rounds = forEachWay<Round[]>(() => [])

const stage = await createStage()
try {
  for (const way of ways) await warmUp(stage, stage.roads[way], durationMs, tallies[way])
  for (let index = 0; index < roundCount; index++) {
    for (const way of ways) rounds[way].push(await measureRound(stage, stage.roads[way], durationMs, tallies[way]))
    say(`round ${index + 1} of ${roundCount}: ${ways.map((way) => `${way} ${rounds[way].at(-1)!.many.callsPerSecond.toFixed(0)}/s`).join(", ")}`)
  }
  const memory = {
    bare: await measureMemory(stage, stage.roads.bare, tallies.bare),
    fast: await measureMemory(stage, stage.roads.fast, tallies.fast),
    next: await measureMemory(stage, stage.roads.next, tallies.next),
    ccToAm: await measureMemory(stage, stage.roads.ccToAm, tallies.ccToAm),
    amToCc: await measureMemory(stage, stage.roads.amToCc, tallies.amToCc),
  }
  const summary = summarize({ rounds, memory })
  const calls = tallies.fast.calls + tallies.next.calls + tallies.ccToAm.calls + tallies.amToCc.calls
  const agentMicros = measureAgentRequest()
  const books = await readBooks(stage.installation.databaseUrl, calls)
  const agent: Promised = { name: "a coding agent's request of 130 KB, decoded and encoded", figure: agentMicros, max: AGENT_REQUEST_MICROS_MAX, unit: "µs of CPU", reached: agentMicros <= AGENT_REQUEST_MICROS_MAX }
  const promises = [...judge(summary), agent]
  const errors = ways.flatMap((way) => tallies[way].errors.map((error) => `${way}: ${error}`))

  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version, at: new Date().toISOString() }
  say(`\n${table(summary)}\n\n${translatedTable(summary)}\n`)
  say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; medians of ${roundCount} rounds of ${durationMs / 1000} s`)
  for (const { name, figure, max, unit, reached } of promises) say(`${reached ? "reached" : "MISSED "}: ${name} ${figure.toFixed(2)} ${unit} (at most ${max})`)
  for (const problem of [...errors, ...books.problems]) say(`failed: ${problem}`)
  if (books.problems.length === 0) say(`books: ${calls} calls, ${books.records} usage records, ${books.chargedNanoUsd} nano-USD charged and posted, all exact`)
  if (values.json !== undefined) {
    const everything = { machine, roundCount, durationMs, summary, promises, rounds, memory, calls, books, errors }
    await writeFile(values.json, JSON.stringify(everything, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2))
  }
  if (errors.length > 0 || books.problems.length > 0) process.exitCode = 1
} finally {
  await stage.stop()
}
