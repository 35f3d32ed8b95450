import http from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import type { UpstreamRequest } from "#lib/gateway/ports.ts"
import { createDirectUpstream } from "./direct-upstream.ts"

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return (server.address() as AddressInfo).port
}

/** What a sink was told, in order, as text. */
function call(url: string, more: Partial<UpstreamRequest> = {}, upstream = createDirectUpstream()): Promise<readonly string[]> {
  const told: string[] = []
  return new Promise((resolve) => {
    upstream.call(
      { url, headers: { "x-test": "yes" }, body: Buffer.from("question"), allowPrivateNetwork: true, ...more },
      {
        onHead: (status) => told.push(`head ${status}`),
        onData: (chunk) => (told.push(`data ${chunk.toString()}`), true),
        onEnd: () => resolve([...told, "end"]),
        onFailure: ({ kind }) => resolve([...told, `failure ${kind}`]),
      },
    )
  })
}

test("a question is posted and the answer handed on, whatever its status", async () => {
  const port = await serve((request, response) => {
    let body = ""
    request.on("data", (chunk: Buffer) => (body += chunk.toString()))
    request.on("end", () => response.writeHead(418).end(`${request.method} ${request.headers["x-test"]} ${body}`))
  })
  expect(await call(`http://127.0.0.1:${port}/v1`)).toEqual(["head 418", "data POST yes question", "end"])
})

test("a private address is not dialled unless the channel may, by number or by name", async () => {
  let calls = 0
  const port = await serve((_request, response) => {
    calls++
    response.end("ok")
  })
  expect(await call(`http://127.0.0.1:${port}/`, { allowPrivateNetwork: false })).toEqual(["failure refusedAddress"])
  expect(await call(`http://localhost:${port}/`, { allowPrivateNetwork: false })).toEqual(["failure refusedAddress"])
  expect(calls).toBe(0)
  expect((await call(`http://localhost:${port}/`)).at(-1)).toBe("end")
})

test("a metadata address is never dialled", async () => {
  expect(await call("http://169.254.169.254/latest/meta-data")).toEqual(["failure refusedAddress"])
  expect(await call("http://[::ffff:169.254.169.254]/")).toEqual(["failure refusedAddress"])
})

test("offline, nothing but loopback is dialled", async () => {
  const offline = createDirectUpstream({ loopbackOnly: true })
  const port = await serve((_request, response) => void response.end("ok"))
  expect((await call(`http://127.0.0.1:${port}/`, {}, offline)).at(-1)).toBe("end")
  expect(await call("http://10.0.0.1/", {}, offline)).toEqual(["failure refusedAddress"])
  expect(await call("http://8.8.8.8/", {}, offline)).toEqual(["failure refusedAddress"])
})

test("a redirect is an answer, not a new address", async () => {
  const port = await serve((_request, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end())
  expect(await call(`http://127.0.0.1:${port}/`)).toEqual(["head 302", "end"])
})

test("nobody listening is a failure to connect, a broken answer is a closed connection", async () => {
  const port = await serve((_request, response) => {
    response.writeHead(200, { "content-length": "100" })
    response.write("half")
    setTimeout(() => response.destroy(), 10)
  })
  expect((await call(`http://127.0.0.1:${port}/`)).at(-1)).toBe("failure closed")
  const [server] = servers.splice(0)
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
  expect(await call(`http://127.0.0.1:${port}/`)).toEqual(["failure connect"])
})

test("after an abort the sink hears nothing more", async () => {
  const port = await serve((_request, response) => void response.write("first"))
  const told: string[] = []
  const begun = Promise.withResolvers<void>()
  const running = createDirectUpstream().call(
    { url: `http://127.0.0.1:${port}/`, headers: {}, body: Buffer.alloc(0), allowPrivateNetwork: true },
    {
      onHead: () => {},
      onData: () => (begun.resolve(), true),
      onEnd: () => told.push("end"),
      onFailure: () => told.push("failure"),
    },
  )
  await begun.promise
  running.abort()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(told).toEqual([])
})
