/** The load generator, in a process of its own. Every answer is checked: status, and that it came to its end. */
import { Pool } from "undici"
import { answer } from "./child.ts"
import { type BenchDialect, exchanges } from "./exchange.ts"

export type Load = {
  readonly origin: string
  readonly path: string
  readonly key: string
  /** What the client speaks, and the model that it asks for. */
  readonly dialect: BenchDialect
  readonly model: string
  readonly stream: boolean
  readonly connections: number
  readonly durationMs: number
}
/** `latencies` in microseconds, one per call, and `firstBytes` until the first piece of each answer's body. */
export type LoadResult = { readonly calls: number; readonly errors: readonly string[]; readonly elapsedMs: number; readonly latencies: readonly number[]; readonly firstBytes: readonly number[] }

const ERRORS_KEPT_MAX = 5
const pools = new Map<string, Pool>()
const JSON_END = Buffer.from("}")
const bodies = new Map<string, string>()

function bodyFor({ dialect, model, stream }: Pick<Load, "dialect" | "model" | "stream">): string {
  const name = `${dialect} ${model} ${stream}`
  const body = bodies.get(name) ?? exchanges[dialect].requestBody(model, stream)
  bodies.set(name, body)
  return body
}

function poolFor(origin: string, connections: number): Pool {
  const name = `${origin} ${connections}`
  const pool = pools.get(name) ?? new Pool(origin, { connections, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 })
  pools.set(name, pool)
  return pool
}

type Called = { readonly error: string | null; readonly firstByteAt: number }

/** One call; `error` null, or what was wrong. */
function call(pool: Pool, load: Load): Promise<Called> {
  const { path, key, dialect, stream } = load
  const end = stream ? exchanges[dialect].streamEnd : JSON_END
  return new Promise((resolve) => {
    let status = 0
    let last: Buffer = Buffer.alloc(0)
    let firstByteAt = 0
    const finish = (error: string | null) => resolve({ error, firstByteAt })
    pool.dispatch(
      { method: "POST", path, headers: { "content-type": "application/json", authorization: `Bearer ${key}` }, body: bodyFor(load) },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode
        },
        onResponseData(_controller, chunk) {
          if (firstByteAt === 0) firstByteAt = performance.now()
          last = chunk.length >= end.length ? chunk : Buffer.concat([last, chunk])
        },
        onResponseEnd() {
          const complete = last.subarray(-end.length).equals(end)
          finish(status === 200 && complete ? null : `${status} ${last.toString("utf8").slice(-300)}`)
        },
        onResponseError(_controller, error) {
          finish(error.message)
        },
      },
    )
  })
}

async function run(load: Load): Promise<LoadResult> {
  const pool = poolFor(load.origin, load.connections)
  const latencies: number[] = []
  const firstBytes: number[] = []
  const errors: string[] = []
  const startedAt = performance.now()
  const worker = async () => {
    while (performance.now() - startedAt < load.durationMs) {
      const since = performance.now()
      const { error, firstByteAt } = await call(pool, load)
      firstBytes.push(Math.round((firstByteAt - since) * 1000))
      latencies.push(Math.round((performance.now() - since) * 1000))
      if (error !== null) errors.push(error)
    }
  }
  await Promise.all(Array.from({ length: load.connections }, worker))
  return { calls: latencies.length, errors: errors.slice(0, ERRORS_KEPT_MAX), elapsedMs: performance.now() - startedAt, latencies, firstBytes }
}

/** Streams that were opened and not yet read to their end. */
let opened: Promise<Called[]> | undefined

answer({
  run,
  /** Opens streams that the upstream holds; `finish` waits for all of them. */
  open: ({ load, count }: { load: Load; count: number }) => {
    const pool = poolFor(load.origin, count)
    opened = Promise.all(Array.from({ length: count }, () => call(pool, load)))
  },
  finish: async () => (await opened)!.flatMap(({ error }) => (error === null ? [] : [error])).slice(0, ERRORS_KEPT_MAX),
  /** Closes idle connections, so that they are not counted to the next measurement. */
  close: async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()))
    pools.clear()
  },
})
process.channel?.ref()
process.once("SIGTERM", () => process.exit(0))
