/**
 * `npm run torture`: several gateway processes on one PostgreSQL, in front of the provider simulator whose log is the truth, while
 * everything around them goes wrong. The invariants are looked at during the run; at the end the books must agree with the simulator's
 * log to the nano-dollar, and the audit must find nothing. Exits 1 on any difference.
 *
 *   --seed N       default 1; decides what each call is and what is done to whom, while the moment is the machine's
 *   --seconds N    default 120
 *   --processes N  default 4, of which one never comes back
 *   --callers N    default 14
 */
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { forgetProcess } from "#lib/adapters/forgotten-processes.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { createCallers } from "./calls.ts"
import { type Deeds, unleash } from "./chaos.ts"
import { createInvariants } from "./invariants.ts"
import { createRandom } from "./random.ts"
import { misplacedParts, readRecords, reckon, type Repricing } from "./reckoning.ts"
import { createStage, type Era, type Seat, type Stage } from "./stage.ts"
import { createTreasury, endAllLots } from "./treasury.ts"
import { keyOf, models } from "./world.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "120" },
    processes: { type: "string", default: "4" },
    callers: { type: "string", default: "14" },
  },
})
const [seed, seconds, processes, callerCount] = [values.seed, values.seconds, values.processes, values.callers].map(Number) as [number, number, number, number]
if (!(seed >= 1 && seconds >= 5 && processes >= 2 && callerCount >= 1)) throw new Error("--seed, --seconds (5 or more), --processes (2 or more) and --callers are numbers")

const LOOK_EVERY_MS = 250
const AUDIT_EVERY_MS = 8_000
const SAY_EVERY_MS = 5_000
const KNOWN_MS_MAX = 60_000
const HOUR_MS = 3_600_000
/** A process whose clock is off by so much, ahead or behind. */
const SKEW_MS = 5_000

const say = (line: string) => process.stdout.write(`${line}\n`)

/** When the run takes place: the seed picks a midnight, or five days in a hurry. */
const eras: readonly { readonly name: string; readonly startMs: number; readonly rate: number }[] = [
  { name: "five days over the end of March 2027 and London's change to summer time", startMs: Date.UTC(2027, 2, 27, 12), rate: (120 * HOUR_MS) / (seconds * 1000) },
  { name: "the end of November 2026 in Shanghai", startMs: Date.UTC(2026, 10, 30, 16) - seconds * 500, rate: 1 },
  { name: "the end of November 2026 in New York", startMs: Date.UTC(2026, 11, 1, 5) - seconds * 500, rate: 1 },
  { name: "midnight in London on the eve of summer time 2027", startMs: Date.UTC(2027, 2, 28) - seconds * 500, rate: 1 },
  { name: "two days over New York's change to summer time 2027", startMs: Date.UTC(2027, 2, 13, 12), rate: (48 * HOUR_MS) / (seconds * 1000) },
]

async function untilServed(seats: readonly Seat[]): Promise<void> {
  const deadline = Date.now() + KNOWN_MS_MAX
  for (const { origin } of seats) {
    for (;;) {
      const response = await fetch(`${origin}/api/v1/models/${models[0]}`, { headers: { authorization: `Bearer ${keyOf("London", "open")}` } }).catch(() => null)
      if (response?.ok === true) break
      if (Date.now() > deadline) throw new Error(`${origin} does not serve`)
      await sleep(50)
    }
  }
}

/** Looks at the invariants until the end; a database that is away has nothing to be looked at. */
async function watch(stage: Stage, invariants: ReturnType<typeof createInvariants>, over: () => boolean, tell: () => string): Promise<void> {
  let auditedMs = Date.now()
  let saidMs = Date.now()
  while (!over()) {
    await sleep(LOOK_EVERY_MS)
    const isDue = Date.now() - auditedMs >= AUDIT_EVERY_MS
    await (isDue ? invariants.audit(stage.database()) : invariants.look(stage.database())).catch(() => {})
    if (isDue) auditedMs = Date.now()
    if (Date.now() - saidMs < SAY_EVERY_MS) continue
    saidMs = Date.now()
    say(tell())
  }
}

/** The process that never came back is given up as `turnpike forget` does it, and only then does its disk turn up. */
async function giveUp(stage: Stage, seat: Seat): Promise<ReadonlySet<string>> {
  const { rows } = await stage.database().sql(null, async (client) => {
    const unclosed = await client.query<{ id: Id<"process"> }>("SELECT id FROM gateway_process WHERE stopped_at IS NULL AND replayed_at IS NULL AND forgotten_at IS NULL")
    for (const { id } of unclosed.rows) {
      await client.query("UPDATE gateway_process SET heartbeat_at = now() - interval '10 minutes' WHERE id = $1", [id])
      await client.query("UPDATE lease SET deadline = now() - interval '1 second' WHERE process_id = $1", [id])
    }
    return unclosed
  })
  for (const { id } of rows) if (!(await forgetProcess(stage.database(), id)).ok) throw new Error(`${id} could not be given up`)
  if (!(await seat.start())) throw new Error(`the disk of the process that was given up could not be read: ${seat.lastWords}`)
  await seat.stop()
  return new Set(rows.map(({ id }) => id))
}

const startedMs = Date.now()
const era = eras[seed % eras.length]!
say(`torture: seed ${seed}, ${seconds} s, ${processes} processes, ${callerCount} callers; it is ${era.name}`)
const stage = await createStage()
try {
  await stage.apply(0)
  const when: Era = { startMs: era.startMs, rate: era.rate, realStartMs: Date.now() }
  const seats = await Promise.all(Array.from({ length: processes }, (_, number) => stage.seat(number, when, number === 1 ? SKEW_MS : number === 2 ? -SKEW_MS : 0)))
  if ((await Promise.all(seats.map((seat) => seat.start()))).includes(false)) throw new Error(`not every process became ready: ${seats.map(({ lastWords }) => lastWords).join("\n")}`)
  await untilServed(seats)

  const callers = createCallers(seed)
  stage.simulator.decide(callers.decide)
  const invariants = createInvariants()
  const endMs = Date.now() + seconds * 1000
  const over = () => Date.now() >= endMs
  const tell = () => {
    const statuses = new Map<string, number>()
    for (const { status } of callers.calls) statuses.set(String(status ?? "cut"), (statuses.get(String(status ?? "cut")) ?? 0) + 1)
    return `${Math.round((Date.now() - startedMs) / 1000)} s: ${callers.calls.length} calls (${[...statuses].map(([status, count]) => `${status}: ${count}`).join(", ")}), ${invariants.looks} looks, ${invariants.violations.length} violations`
  }
  let repricing: Repricing | null = null
  const reprice = async (generation: 0 | 1) => {
    const startedMs = Date.now()
    repricing = { startedMs, doneMs: Number.POSITIVE_INFINITY }
    await stage.apply(generation)
    repricing = { startedMs, doneMs: Date.now() }
  }
  const treasury = createTreasury(createRandom(seed + 2), stage.database, () => when.startMs + (Date.now() - when.realStartMs) * when.rate, when.rate)
  const chaos: Promise<Deeds> = unleash({ random: createRandom(seed + 1), stage: { ...stage, apply: reprice }, seats, treasury, seconds, over, say })
  await Promise.all([chaos, callers.run(callerCount, seats, over), watch(stage, invariants, over, tell)])
  const deeds = await chaos
  say(tell())

  const [lost] = seats.slice(-1)
  for (const seat of seats) if (seat !== lost && !seat.running && !(await seat.start())) throw new Error(`process ${seat.number} did not come back at the end: ${seat.lastWords}`)
  await Promise.all(seats.map((seat) => seat.stop()))
  const forgotten = await giveUp(stage, lost!)
  const unended = await endAllLots(stage.database())
  await invariants.look(stage.database())
  await invariants.audit(stage.database())

  const records = await readRecords(stage.database())
  const { differences, ...sums } = reckon({ calls: callers.calls, records, forgotten, repricing })
  const misplaced = await misplacedParts(stage.database())
  const { rows: leased } = await stage.database().sql(null, (client) => client.query<{ quota_id: string; leased: string }>("SELECT quota_id, leased FROM quota_window WHERE leased <> 0"))
  const problems = [...stage.deaths, ...invariants.violations, ...unended, ...differences, ...misplaced.map((words) => `in the wrong window: ${words}`), ...leased.map((row) => `${row.leased} of ${row.quota_id} are leased by nobody`)]
  say(`done to them: ${Object.entries(deeds).map(([name, times]) => `${name} ${times} ×`).join(", ")}`)
  say(`${callers.calls.length} calls, ${records.length} records: ${sums.delivered} complete and exact, ${sums.flagged} flagged, ${sums.neverReached} never reached a provider, ${sums.cut} ended by a limit, ${sums.absorbedNanoUsd} nano-USD absorbed`)
  for (const problem of problems.slice(0, 50)) say(`DIFFERENCE: ${problem}`)
  if (problems.length > 50) say(`… and ${problems.length - 50} more`)
  say(problems.length === 0 ? `seed ${seed}: everything adds up` : `seed ${seed}: ${problems.length} differences`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await stage.stop()
}
process.exit()
