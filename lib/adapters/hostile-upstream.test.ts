import { createServer, type AddressInfo, type Socket } from "node:net"
import { gzipSync } from "node:zlib"
import { afterEach, expect, test } from "vitest"
import { createUpstream } from "./upstream.ts"

/*
 * Upstreams that speak no proper HTTP, on purpose: each ends in a failure or in an answer as it was sent, within the call's own times, and
 * leaves the next call alone.
 */

const HEAD_MS_MAX = 2_000
const TOTAL_MS_MAX = 60_000
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Answers each request as the test says, with the socket in its hands. */
async function serve(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {}).on("close", () => sockets.delete(socket))
    socket.on("data", () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

function ask(url: string): Promise<{ readonly heads: readonly number[]; readonly bytes: number; readonly end: string; readonly ms: number }> {
  const upstream = createUpstream({ headMsMax: HEAD_MS_MAX, idleMsMax: HEAD_MS_MAX, totalMsMax: TOTAL_MS_MAX })
  closers.push(() => upstream.close())
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const heads: number[] = []
    let bytes = 0
    const over = (end: string) => resolve({ heads, bytes, end, ms: performance.now() - startedMs })
    upstream.call({ url, headers: {}, body: Buffer.from("{}"), allowPrivateNetwork: true }, {
      onHead: (status) => void heads.push(status),
      onData: (chunk) => ((bytes += chunk.length), true),
      onEnd: () => over("end"),
      onFailure: ({ kind }) => over(kind),
    })
  })
}

/** Writes a piece again and again until nobody listens any more. */
function endlessly(socket: Socket, piece: string, everyMs: number): void {
  const timer = setInterval(() => socket.write(piece), everyMs)
  socket.on("close", () => clearInterval(timer))
}

test.each([
  ["interim answers without end", (socket: Socket) => endlessly(socket, "HTTP/1.1 102 Processing\r\n\r\n", 20)],
  ["headers without end, one by one", (socket: Socket) => (socket.write("HTTP/1.1 200 OK\r\n"), endlessly(socket, "x-more: 1\r\n", 20))],
  ["a header of a megabyte", (socket: Socket) => void socket.write(`HTTP/1.1 200 OK\r\nx-large: ${"x".repeat(1024 * 1024)}\r\n\r\n`)],
  ["no HTTP at all", (socket: Socket) => void socket.write("220 mail.example ESMTP\r\n")],
  ["two lengths", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc")],
  ["a length and chunks", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")],
  ["less than it announced", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nhello")],
  ["chunks that break off", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhello")],
  ["an upgrade that nobody asked for", (socket: Socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")],
])("%s is a failure long before the call's whole time is over", async (_, answer) => {
  const { end, ms } = await ask(await serve(answer))
  expect(["closed", "timeout"]).toContain(end)
  // undici looks at its own deadlines once a second.
  expect(ms).toBeLessThan(2 * HEAD_MS_MAX + 2_000)
})

test("what is compressed without having been asked for is handed on as it came, and never inflated", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const answer = await ask(await serve((socket) => (socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`), socket.write(bomb))))
  expect([answer.end, answer.bytes]).toEqual(["end", bomb.length])
})

test("a redirect is an answer like any other, and what an answer says behind its end reaches no other call", async () => {
  let connections = 0
  const url = await serve((socket) => {
    connections++
    socket.write("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged")
  })
  expect(await ask(url)).toMatchObject({ heads: [302], bytes: 0, end: "end" })
  expect(await ask(url)).toMatchObject({ heads: [302], bytes: 0, end: "end" })
  expect(connections).toBe(2)
})
