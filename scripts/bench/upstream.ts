/**
 * The provider of the benchmark, in a process of its own: as cheap as Node can be, so that it is not what is measured. The chunks of a
 * stream leave one by one, `CHUNK_EVERY_MS` apart, as a model's do: written at once they would arrive as one segment. While `held`,
 * a stream stops after its first chunk until it is released.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { answer } from "./child.ts"
import { type BenchDialect, dialects, exchanges } from "./exchange.ts"

const CHUNK_EVERY_MS = 1

let answered = 0
let held = false
const waiting = new Map<ServerResponse, BenchDialect>()

type Progress = { readonly dialect: BenchDialect; next: number }

/** Streams in progress; one timer serves them all. */
const running = new Map<ServerResponse, Progress>()
let timer: NodeJS.Timeout | undefined

function tick(): void {
  for (const [response, progress] of running) {
    const piece = exchanges[progress.dialect].streamedAnswer[progress.next]
    if (piece === undefined) {
      running.delete(response)
      response.end()
      answered++
    } else {
      progress.next++
      response.write(piece)
    }
  }
  if (running.size === 0) {
    clearInterval(timer)
    timer = undefined
  }
}

function startStream(response: ServerResponse, dialect: BenchDialect): void {
  const { streamedAnswer, prelude } = exchanges[dialect]
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.on("close", () => running.delete(response))
  if (held) {
    for (const piece of streamedAnswer.slice(0, prelude + 1)) response.write(piece)
    waiting.set(response, dialect)
  } else resume(response, dialect, 0)
}

function resume(response: ServerResponse, dialect: BenchDialect, next: number): void {
  running.set(response, { dialect, next })
  timer ??= setInterval(tick, CHUNK_EVERY_MS)
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const dialect = dialects.find((one) => request.url === `/v1${exchanges[one].path}`)
    const key = request.headers.authorization?.slice("Bearer ".length) ?? request.headers["x-api-key"]
    if (dialect === undefined || key !== "bench-upstream-key") {
      response.writeHead(400).end()
      return
    }
    if (Buffer.concat(chunks).includes('"stream":true')) return startStream(response, dialect)
    const { unstreamedAnswer } = exchanges[dialect]
    response.writeHead(200, { "content-type": "application/json", "content-length": unstreamedAnswer.length }).end(unstreamedAnswer)
    answered++
  })
})
server.keepAliveTimeout = 60_000
const listening = new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve))

answer({
  port: async () => {
    await listening
    return (server.address() as AddressInfo).port
  },
  answered: () => answered,
  hold: () => {
    held = true
  },
  waiting: () => waiting.size,
  release: () => {
    held = false
    for (const [response, dialect] of waiting) resume(response, dialect, exchanges[dialect].prelude + 1)
    waiting.clear()
  },
})
process.channel?.ref()
process.once("SIGTERM", () => process.exit(0))
