import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** Everything beyond this machine, for a program that is told to go there through a proxy: nothing is let through, and who asked is remembered. */
export type Outside = {
  /** The proxy's URL on loopback. */
  readonly url: string
  /** What was asked for since the last reset, as `CONNECT example.com:443` or `GET http://example.com/`. */
  readonly asked: readonly string[]
  reset(): void
  close(): Promise<void>
}

export async function startOutside(): Promise<Outside> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(403).end()
  })
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.on("error", () => socket.destroy())
    socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n")
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    reset() {
      asked.length = 0
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
