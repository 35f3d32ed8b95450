import { setTimeout as delay } from "node:timers/promises"
import { ask } from "./child.ts"
import type { LoadResult } from "./load.ts"
import { type Memory, percentile, type Round } from "./report.ts"
import type { Road, Stage } from "./setup.ts"

const MANY_CONNECTIONS = 32
/** Few enough that no way is saturated: a server that lags behind reads many chunks at once and looks cheaper than it is. */
const STREAM_CONNECTIONS = 8
const OPEN_STREAMS = 1_000
const WARM_UP_CALLS_MIN = 10_000
const SETTLE_MS = 1_000

/** Calls that were made and streams that were opened through one way: what its books must hold. */
export type Tally = { calls: number; readonly errors: string[] }

export type Plan = { readonly connections: number; readonly stream: boolean; readonly durationMs: number }

export const placeOf = ({ origin, path, key, dialect, model }: Road) => ({ origin, path, key, dialect, model })

/** Loads one way and takes the CPU that its process spent meanwhile. */
export async function drive({ load }: Pick<Stage, "load">, road: Road, plan: Plan, tally: Tally) {
  const cpu = () => (road.process === null ? 0 : ask<number>(road.process, "cpu"))
  const before = await cpu()
  const result = await ask<LoadResult>(load, "run", { ...plan, ...placeOf(road) })
  const after = await cpu()
  tally.calls += result.calls
  tally.errors.push(...result.errors)
  const sorted = result.latencies.toSorted((a, b) => a - b)
  const firstBytes = result.firstBytes.toSorted((a, b) => a - b)
  return {
    cpu: road.process === null ? null : (after - before) / result.calls,
    callsPerSecond: (result.calls / result.elapsedMs) * 1000,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    firstByteP50: percentile(firstBytes, 0.5),
  }
}

/** One connection, many connections, streams: each for `durationMs`. */
export async function measureRound(stage: Stage, road: Road, durationMs: number, tally: Tally): Promise<Round> {
  return {
    one: await drive(stage, road, { connections: 1, stream: false, durationMs }, tally),
    many: await drive(stage, road, { connections: MANY_CONNECTIONS, stream: false, durationMs }, tally),
    stream: await drive(stage, road, { connections: STREAM_CONNECTIONS, stream: true, durationMs }, tally),
  }
}

/**
 * Lets the compiler see every path before anything is measured: until then a call costs nearly twice as much. Every way gets as many
 * calls, not as much time, in which a slower one would see fewer.
 */
export async function warmUp(stage: Stage, road: Road, durationMs: number, tally: Tally): Promise<void> {
  const enough = tally.calls + WARM_UP_CALLS_MIN
  while (tally.calls < enough && tally.errors.length === 0) await drive(stage, road, { connections: MANY_CONNECTIONS, stream: false, durationMs }, tally)
  await drive(stage, road, { connections: MANY_CONNECTIONS, stream: true, durationMs }, tally)
}

/** Opens 1,000 streams that the upstream holds after their first chunk, weighs the process, and lets them run to their end. */
export async function measureMemory(stage: Stage, road: Road, tally: Tally): Promise<Memory> {
  const weigh = () => ask<Memory>(road.process!, "memory")
  await ask(stage.load, "close")
  await delay(SETTLE_MS)
  const before = await weigh()
  await ask(stage.upstream, "hold")
  const load = { ...placeOf(road), stream: true }
  await ask(stage.load, "open", { load, count: OPEN_STREAMS })
  while ((await ask<number>(stage.upstream, "waiting")) < OPEN_STREAMS) await delay(50)
  await delay(SETTLE_MS)
  const during = await weigh()
  await ask(stage.upstream, "release")
  tally.errors.push(...(await ask<string[]>(stage.load, "finish")))
  tally.calls += OPEN_STREAMS
  return { residentBytes: during.residentBytes - before.residentBytes, liveBytes: during.liveBytes - before.liveBytes }
}
