import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import { createDirectUpstream } from "./direct-upstream.ts"
import { createWebhookPost } from "./webhook-post.ts"

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const TOTAL_MS_MAX = 200
const post = (url: string, allowPrivateNetwork = true) => createWebhookPost(createDirectUpstream(), allowPrivateNetwork, TOTAL_MS_MAX)(url, {}, "{}")

test("a receiver that sends a byte now and then holds a message up no longer than its bound", async () => {
  const drips: NodeJS.Timeout[] = []
  const taken = await receiver((_, response) => {
    response.write("{")
    drips.push(setInterval(() => response.write(" "), 20))
  })
  // The head alone says that it was taken.
  await expect(post(taken)).resolves.toBeUndefined()
  const headless = await receiver((request) => {
    request.socket.write("HTTP/1.1 200 OK\r\n")
    drips.push(setInterval(() => request.socket.write("x-more: 1\r\n"), 20))
  })
  await expect(post(headless)).rejects.toThrow("did not answer in time")
  for (const drip of drips) clearInterval(drip)
})

test("whatever else a receiver does, its message is taken or refused in words for its owner", async () => {
  await expect(post(await receiver((_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end()))).rejects.toThrow("answered 302")
  await expect(post(await receiver((_, response) => response.writeHead(204).end()))).resolves.toBeUndefined()
  await expect(post(await receiver((_, response) => void response.end("x".repeat(1024 * 1024))))).resolves.toBeUndefined()
  await expect(post(await receiver((request) => void request.socket.destroy()))).rejects.toThrow("closed the connection")
  await expect(post("http://127.0.0.1:1/", false)).rejects.toThrow("private network")
})
