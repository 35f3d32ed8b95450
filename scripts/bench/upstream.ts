/**
 * The provider of the benchmark, in a process of its own: as cheap as Node can be, so that it is not what is measured. The chunks of a
 * stream leave one by one, `CHUNK_EVERY_MS` apart, as a model's do: written at once they would arrive as one segment. While `held`,
 * a stream stops after its first chunk until it is released.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { answer } from "./child.ts"
import { streamedAnswer, unstreamedAnswer } from "./exchange.ts"

const CHUNK_EVERY_MS = 1

let answered = 0
let held = false
const waiting = new Set<ServerResponse>()

/** Streams in progress; one timer serves them all. */
const running = new Map<ServerResponse, number>()
let timer: NodeJS.Timeout | undefined

function tick(): void {
  for (const [response, next] of running) {
    const piece = streamedAnswer[next]
    if (piece === undefined) {
      running.delete(response)
      response.end()
      answered++
    } else {
      running.set(response, next + 1)
      response.write(piece)
    }
  }
  if (running.size === 0) {
    clearInterval(timer)
    timer = undefined
  }
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.on("close", () => running.delete(response))
  if (held) {
    response.write(streamedAnswer[0])
    waiting.add(response)
  } else resume(response, 0)
}

function resume(response: ServerResponse, from: number): void {
  running.set(response, from)
  timer ??= setInterval(tick, CHUNK_EVERY_MS)
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    if (request.url !== "/v1/chat/completions" || request.headers.authorization !== "Bearer bench-upstream-key") {
      response.writeHead(400).end()
      return
    }
    if (Buffer.concat(chunks).includes('"stream":true')) return startStream(response)
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
    for (const response of waiting) resume(response, 1)
    waiting.clear()
  },
})
process.channel?.ref()
process.once("SIGTERM", () => process.exit(0))
