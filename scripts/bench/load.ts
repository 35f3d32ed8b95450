/** The load generator, in a process of its own. Every answer is checked: status, and that it came to its end. */
import { Pool } from "undici"
import { answer } from "./child.ts"
import { requestBody } from "./exchange.ts"

export type Load = {
  readonly origin: string
  readonly path: string
  readonly key: string
  readonly stream: boolean
  readonly connections: number
  readonly durationMs: number
}
/** `latencies` in microseconds, one per call. */
export type LoadResult = { readonly calls: number; readonly errors: readonly string[]; readonly elapsedMs: number; readonly latencies: readonly number[] }

const ERRORS_KEPT_MAX = 5
const pools = new Map<string, Pool>()
const end = { true: Buffer.from("data: [DONE]\n\n"), false: Buffer.from("}") }
const body = { true: requestBody(true), false: requestBody(false) }

function poolFor(origin: string, connections: number): Pool {
  const name = `${origin} ${connections}`
  const pool = pools.get(name) ?? new Pool(origin, { connections, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 })
  pools.set(name, pool)
  return pool
}

/** One call; resolves with null, or with what was wrong. */
function call(pool: Pool, { path, key, stream }: Load): Promise<string | null> {
  return new Promise((resolve) => {
    let status = 0
    let last: Buffer = Buffer.alloc(0)
    pool.dispatch(
      { method: "POST", path, headers: { "content-type": "application/json", authorization: `Bearer ${key}` }, body: body[`${stream}`] },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode
        },
        onResponseData(_controller, chunk) {
          last = chunk.length >= 16 ? chunk : Buffer.concat([last, chunk])
        },
        onResponseEnd() {
          const complete = last.subarray(-end[`${stream}`].length).equals(end[`${stream}`])
          resolve(status === 200 && complete ? null : `${status} ${last.toString("utf8").slice(-300)}`)
        },
        onResponseError(_controller, error) {
          resolve(error.message)
        },
      },
    )
  })
}

async function run(load: Load): Promise<LoadResult> {
  const pool = poolFor(load.origin, load.connections)
  const latencies: number[] = []
  const errors: string[] = []
  const startedAt = performance.now()
  const worker = async () => {
    while (performance.now() - startedAt < load.durationMs) {
      const since = performance.now()
      const error = await call(pool, load)
      latencies.push(Math.round((performance.now() - since) * 1000))
      if (error !== null) errors.push(error)
    }
  }
  await Promise.all(Array.from({ length: load.connections }, worker))
  return { calls: latencies.length, errors: errors.slice(0, ERRORS_KEPT_MAX), elapsedMs: performance.now() - startedAt, latencies }
}

/** Streams that were opened and not yet read to their end. */
let opened: Promise<(string | null)[]> | undefined

answer({
  run,
  /** Opens streams that the upstream holds; `finish` waits for all of them. */
  open: ({ load, count }: { load: Load; count: number }) => {
    const pool = poolFor(load.origin, count)
    opened = Promise.all(Array.from({ length: count }, () => call(pool, load)))
  },
  finish: async () => (await opened)!.filter((error) => error !== null).slice(0, ERRORS_KEPT_MAX),
  /** Closes idle connections, so that they are not counted to the next measurement. */
  close: async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()))
    pools.clear()
  },
})
process.channel?.ref()
process.once("SIGTERM", () => process.exit(0))
