/**
 * What Turnpike is compared with: the least that forwards a call in Node. It reads the body, sends it on with undici's `dispatch` and
 * pipes the answer back, with back-pressure, and does nothing else.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Pool } from "undici"
import { answer } from "./child.ts"

const upstream = new URL(process.argv[2]!)
const pool = new Pool(upstream.origin, { connections: 4096, pipelining: 1 })

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    pool.dispatch(
      {
        method: request.method as "POST",
        path: `${upstream.pathname}${request.url!}`,
        headers: { "content-type": "application/json", authorization: request.headers.authorization! },
        body: Buffer.concat(chunks),
      },
      {
        onRequestStart(controller) {
          response.on("close", () => {
            if (!response.writableFinished) controller.abort(new Error("the client is gone"))
          })
          response.on("drain", () => controller.resume())
        },
        onResponseStart(_controller, status, headers) {
          response.writeHead(status, { "content-type": headers["content-type"] as string })
        },
        onResponseData(controller, chunk) {
          if (!response.write(chunk)) controller.pause()
        },
        onResponseEnd() {
          response.end()
        },
        onResponseError() {
          response.destroy()
        },
      },
    )
  })
})
server.keepAliveTimeout = 60_000
const listening = new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve))

answer({
  port: async () => {
    await listening
    return (server.address() as AddressInfo).port
  },
})
process.channel?.ref()
process.once("SIGTERM", () => process.exit(0))
