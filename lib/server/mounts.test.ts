import { createServer, request as httpRequest } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { Gateway, Reply } from "#lib/gateway/exchange.ts"
import { createFastMount } from "./fast-mount.ts"
import { answerWithGateway } from "./next-mount.ts"

vi.mock("./container.ts", () => ({ container: () => ({ gateway: delegate }) }))

/** What the test lets the gateway do. */
let handle: Gateway["handle"] = () => Promise.resolve()
const delegate: Gateway = { handle: (request, reply) => handle(request, reply), inFlight: () => 0, abortAll() {} }

/** Next's part: a web Request from Node's, and Node's answer from a web Response, as its server does. */
const server = createServer((request, response) => {
  if (request.headers["x-mount"] === "fast") {
    if (!createFastMount(delegate).handleNodeRequest(request, response)) response.writeHead(418).end()
    return
  }
  const leaving = new AbortController()
  response.on("close", () => leaving.abort())
  const { host: _, ...headers } = request.headers
  const body = request.method === "GET" ? undefined : Readable.toWeb(request)
  const web = new Request(`http://127.0.0.1${request.url}`, { method: request.method ?? "GET", headers: headers as Record<string, string>, signal: leaving.signal, ...(body !== undefined && { body, duplex: "half" }) } as RequestInit)
  void answerWithGateway(delegate, web).then(async (answer) => {
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    const reader = answer.body?.getReader()
    response.on("close", () => void reader?.cancel().catch(() => {}))
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      if (!response.write(next.value)) await new Promise((resolve) => response.once("drain", resolve))
    }
    response.end()
  })
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => void (handle = () => Promise.resolve()))

describe.each(["fast", "next"])("the %s mount", (mount) => {
  const call = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { "x-mount": mount, ...(init.headers as Record<string, string>) } })

  test("an answer that has ended stays as it is, whatever is said behind it", async () => {
    handle = (_request, reply) => {
      reply.head(200, { "content-type": "text/plain" })
      reply.end(Buffer.from("whole"))
      try {
        reply.head(500, { "content-type": "application/json" })
      } catch {
        // The fast mount says so; Next's answer was handed over already.
      }
      reply.end(Buffer.from("something else"))
      return Promise.resolve()
    }
    const answer = await call("/api/v1/chat/completions")
    expect([answer.status, await answer.text()]).toEqual([200, "whole"])
  })

  test("hands over the method, the path with its query, the headers and the body, and answers what it is told", async () => {
    const seen: unknown[] = []
    handle = async (request, reply) => {
      seen.push(request.method, request.path, request.headers["authorization"], (await request.body(100)).ok)
      reply.head(201, { "x-turnpike-request-id": "req_1" })
      reply.write(Buffer.from("工").toString("latin1"))
      reply.end(Buffer.from("!"))
    }
    const answer = await call("/api/v1/models/a%2Fb?key=1", { method: "POST", body: "hello", headers: { authorization: "Bearer x" } })
    expect([answer.status, answer.headers.get("x-turnpike-request-id"), await answer.text()]).toEqual([201, "req_1", "工!"])
    expect(seen).toEqual(["POST", "/api/v1/models/a%2Fb?key=1", "Bearer x", true])
  })

  test("reads a body no further than its bound, whether its length was announced or not", async () => {
    const results: unknown[] = []
    handle = async (request, reply) => {
      results.push(await request.body(1_000))
      reply.head(413, {})
      reply.end()
    }
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(500)) })
    expect((await call("/v1/x", { method: "POST", body: "x".repeat(1_001) })).status).toBe(413)
    await call("/v1/x", { method: "POST", body: endless(), duplex: "half" } as RequestInit).catch(() => {})
    await expect.poll(() => results).toEqual([{ ok: false, error: "tooLarge" }, { ok: false, error: "tooLarge" }])
  })

  test("a body for which there is no room is kept no further", async () => {
    const asked: number[] = []
    handle = async (request, reply) => {
      const body = await request.body(1_000_000, (bytes) => (asked.push(bytes), false))
      reply.head(body.ok ? 200 : 503, {})
      reply.end()
    }
    expect((await call("/v1/x", { method: "POST", body: "x" })).status).toBe(503)
    expect(asked).toHaveLength(1)
  })

  test("an answer without a body has none", async () => {
    handle = (_, reply) => {
      reply.head(204, {})
      reply.end()
      return Promise.resolve()
    }
    const answer = await call("/v1/x", { method: "OPTIONS" })
    expect([answer.status, await answer.text()]).toEqual([204, ""])
  })

  test("says within a second that the client has gone, and not where it has not", async () => {
    let left = 0
    const begun = new Promise<Reply>((resolve) => {
      handle = (_, reply) => {
        reply.onClose(() => left++)
        reply.head(200, {})
        reply.write("first")
        resolve(reply)
        return Promise.resolve()
      }
    })
    const abort = new AbortController()
    const answer = await call("/v1/x", { signal: abort.signal })
    await begun
    await answer.body?.getReader().read()
    abort.abort()
    await expect.poll(() => left, { timeout: 1_000 }).toBe(1)
    handle = (_, reply) => {
      reply.onClose(() => left++)
      reply.head(200, {})
      reply.end("all")
      return Promise.resolve()
    }
    await (await call("/v1/x")).text()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(left).toBe(1)
  })

  test("asks for a pause when the client reads no further, and says when to go on", async () => {
    let written = 0
    let drained = 0
    const piece = Buffer.alloc(64 * 1024)
    handle = (_, reply) => {
      const more = () => {
        while (written < 400) {
          written++
          if (!reply.write(piece)) return
        }
        reply.end()
      }
      reply.onDrain(() => (drained++, more()))
      reply.head(200, {})
      more()
      return Promise.resolve()
    }
    const bytes = await new Promise<number>((resolve, reject) => {
      httpRequest({ host: "127.0.0.1", port, path: "/v1/x", headers: { "x-mount": mount } }, (answer) => {
        let count = 0
        setTimeout(() => {
          expect(written).toBeLessThan(400)
          answer.on("data", (chunk: Buffer) => (count += chunk.length)).on("end", () => resolve(count))
        }, 300)
      })
        .on("error", reject)
        .end()
    })
    expect(bytes).toBe(400 * piece.length)
    expect(drained).toBeGreaterThan(0)
  })
})

test("the fast mount leaves the portal's paths alone", async () => {
  expect((await fetch(`http://127.0.0.1:${port}/o/acme`, { headers: { "x-mount": "fast" } })).status).toBe(418)
})
